"""Plain text and Markdown files: the whole file is one paper."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from corpora.encoding import MARKS
from corpora.failure import Failure
from corpora.paper import Paper, Section, Source
from corpora.streams import MIB, TEXT_LIMIT
from corpora.unreadable import Unreadable, not_encoded, refused

TITLE_LENGTH = 200
"""Longest first line, in characters, that is taken for the title of a plain text."""


def read_text(path: Path) -> Iterator[Paper | Failure]:
    """The paper of a plain text file. Raises Unreadable where it is none, and OSError."""
    text = _text(path)
    yield _paper(path, text, *_plain(text))


def read_markdown(path: Path) -> Iterator[Paper | Failure]:
    """The paper of a Markdown file, its headings as sections. Raises Unreadable where it is none, and OSError."""
    text = _text(path)
    yield _paper(path, text, *_markdown(text))


def _paper(path: Path, text: str, title: str | None, sections: list[Section]) -> Paper:
    try:
        return Paper(text=text, kind="full text", title=title, sections=tuple(sections), source=Source(path=path))
    except ValidationError as error:
        raise refused(error) from error


def _text(path: Path) -> str:
    """The file's characters, each line end as one newline."""
    with path.open("rb") as stream:
        content = stream.read(TEXT_LIMIT + 1)
    if len(content) > TEXT_LIMIT:
        raise Unreadable(f"is larger than {TEXT_LIMIT // MIB} MiB, the limit for one text", "Split the file.")
    text = _decoded(content)
    if not text.strip():
        raise Unreadable("is empty", "Give a file with text in it.")
    if "\0" in text:
        raise Unreadable(
            f"is not text: it holds a NUL character at position {text.index(chr(0)) + 1}",
            "Give a text file in UTF-8, or give the file the suffix of its real format.",
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decoded(content: bytes) -> str:
    encoding = next((name for mark, name in MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise not_encoded(error, content, "file") from error


def _plain(text: str) -> tuple[str | None, list[Section]]:
    """Title and sections: the first line is the title where it is short and a blank line follows it."""
    start = len(text) - len(text.lstrip())
    first, _, rest = text[start:].partition("\n")
    title = first.rstrip()
    if not rest.strip() or rest.partition("\n")[0].strip() or len(title) > TITLE_LENGTH:
        return None, _trimmed(text, None, 0, len(text))
    end = start + len(title)
    return title, [Section(name="title", start=start, end=end), *_trimmed(text, None, end, len(text))]


def _markdown(text: str) -> tuple[str | None, list[Section]]:
    """Title and sections: the title is the first heading of level 1, each other heading begins a section.

    Text before the first heading, and between the title and the next heading, is a section without name.
    """
    title: str | None = None
    sections: list[Section] = []
    name, start = None, 0
    for level, heading, line_start, line_end in _headings(text):
        sections += _trimmed(text, name, start, line_start)
        if level == 1 and title is None:
            title, at = heading, text.index(heading, line_start)
            sections.append(Section(name="title", start=at, end=at + len(heading)))
            name, start = None, line_end
        else:
            name, start = heading, line_start
    return title, sections + _trimmed(text, name, start, len(text))


def _trimmed(text: str, name: str | None, start: int, end: int) -> list[Section]:
    """The section without the space around it; none where nothing is left."""
    part = text[start:end]
    if not part.strip():
        return []
    return [Section(name=name, start=end - len(part.lstrip()), end=start + len(part.rstrip()))]


def _headings(text: str) -> Iterator[tuple[int, str, int, int]]:
    """Level, name, start and end of the line of each ATX heading outside code (CommonMark 0.31, 4.2 and 4.5)."""
    start = 0
    fence = ""
    for line in text.split("\n"):
        bare = line.strip()
        if fence:
            fence = "" if bare.startswith(fence) else fence
        elif bare.startswith(("```", "~~~")):
            opening = bare[: len(bare) - len(bare.lstrip(bare[0]))]
            fence = "" if "`" in bare.removeprefix(opening) else opening
        elif heading := _heading(line):
            yield *heading, start, start + len(line)
        start += len(line) + 1


def _heading(line: str) -> tuple[int, str] | None:
    """Level and name, without the number signs that may close it."""
    bare = line.lstrip(" ")
    content = bare.lstrip("#")
    level = len(bare) - len(content)
    if len(line) - len(bare) > 3 or not 1 <= level <= 6 or not content.startswith((" ", "\t")):
        return None
    name = content.strip()
    opened = name.rstrip("#")
    if not opened or opened[-1].isspace():
        name = opened.rstrip()
    return (level, name) if name else None
