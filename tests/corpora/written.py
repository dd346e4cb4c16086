"""Papers of known text, for the tests of every format that writes them down and reads them back."""

from dataclasses import dataclass

from hypothesis import strategies as st

from corpora.failure import Failure
from corpora.paper import Paper
from corpora.withdrawal import Withdrawn

_LETTERS = st.text(
    st.characters(codec="utf-8", categories=("Lu", "Ll", "Lo", "Nd", "Po", "Sm"), exclude_characters="\\{}|$~"),
    min_size=1,
)
PROSE = st.lists(_LETTERS, min_size=1, max_size=8).map(" ".join)
CELL = st.one_of(st.just(""), PROSE)
HEADING = st.lists(st.text("abcdefghijklmnop 方法结果", min_size=1), min_size=1, max_size=3).map(
    lambda words: " ".join(" ".join(words).split())
)
ROWS = (
    st.integers(1, 4)
    .flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=4))
    .filter(lambda rows: all(any(row) for row in rows))
)


@dataclass(frozen=True)
class Chapter:
    """A heading, what stands under it, and the headings below it."""

    heading: str
    blocks: list[str | list[list[str]]]
    below: list["Chapter"]


def _chapters(depth: int) -> st.SearchStrategy[list[Chapter]]:
    below = _chapters(depth - 1) if depth else st.just([])
    chapter = st.builds(Chapter, HEADING.filter(bool), st.lists(st.one_of(PROSE, ROWS), max_size=3), below)
    return st.lists(chapter, max_size=2)


CHAPTERS = _chapters(2)


def expected(chapters: list[Chapter], above: str = "") -> list[tuple[str, str, str]]:
    """The sections (name, kind, text) that these become: the paragraphs of one heading together, each table alone."""
    sections: list[tuple[str, str, str]] = []
    for chapter in chapters:
        name = f"{above} / {chapter.heading}" if above else chapter.heading
        for block in chapter.blocks:
            if isinstance(block, str):
                add(sections, name, "prose", block)
            else:
                add(sections, name, "table", "\n".join("\t".join(row) for row in block))
        for below in expected(chapter.below, name):
            add(sections, *below)
    return sections


def add(sections: list[tuple[str, str, str]], name: str, kind: str, text: str) -> None:
    """Another section, or another paragraph of the last one."""
    if kind == "prose" and sections and sections[-1][:2] == (name, kind):
        text = f"{sections.pop()[2]}\n\n{text}"
    sections.append((name, kind, text))


def sections(paper: Paper) -> list[tuple[str | None, str, str]]:
    """Name, kind and text of each section."""
    return [(part.name, part.kind, paper.text[part.start : part.end]) for part in paper.sections]


def only_paper(found: list[Paper | Failure | Withdrawn]) -> Paper:
    """The one paper that was read."""
    (paper,) = found
    assert isinstance(paper, Paper), paper
    return paper


def only_failure(found: list[Paper | Failure | Withdrawn]) -> Failure:
    """The one failure that was handed out."""
    (failure,) = found
    assert isinstance(failure, Failure), failure
    return failure
