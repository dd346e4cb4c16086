"""How much of a typeset paper comes back."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from corpora.paper import Paper
from tests.corpora.typeset import Typeset


class Recovery(NamedTuple):
    """Sentences of the paper and of its captions and notes, those that came back, and what else did or did not."""

    sentences: int
    found: int
    rows: int
    found_rows: int
    headings: int
    found_headings: int
    furniture: int

    @property
    def share(self) -> float:
        """Share of the sentences that came back whole, those of the body also in order."""
        return self.found / self.sentences


def in_order(text: str, sentences: Sequence[str]) -> int:
    """How many sentences stand whole in a text, in their order: the longest rising sequence of their places."""
    rising: list[int] = []
    for place in (text.find(sentence) for sentence in sentences):
        if place >= 0:
            index = bisect_left(rising, place)
            rising[index : index + 1] = [place]
    return len(rising)


def recovery(made: Typeset, text: str, paper: Paper | None = None) -> Recovery:
    """What of a typeset paper stands in a text; headings and rows are looked for in the paper that was read."""
    rows = ["\t".join(row) for table in made.tables for row in table]
    names = {(section.name or "").rpartition(" / ")[2].lower() for section in paper.sections} if paper else set()
    return Recovery(
        sentences=len(made.sentences) + len(made.aside),
        found=in_order(text, made.sentences) + sum(sentence in text for sentence in made.aside),
        rows=len(rows),
        found_rows=sum(row in text for row in rows),
        headings=len(made.headings),
        found_headings=sum(heading.lower() in names for heading in made.headings),
        furniture=sum(line in text for line in set(made.furniture)),
    )


def total(recoveries: Sequence[Recovery]) -> Recovery:
    """All of them together."""
    return Recovery(*map(sum, zip(*recoveries, strict=True)))
