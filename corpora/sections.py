"""Several named parts laid out as the one text of a paper."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from corpora.paper import Section, SectionKind


class Part(NamedTuple):
    """A stretch of text, the heading that it stands under, and what it is."""

    name: str | None
    text: str | None
    kind: SectionKind = "prose"


def lay_out(parts: Iterable[Part | tuple[str | None, str | None]]) -> tuple[str, tuple[Section, ...]]:
    """The parts (name, text, kind) joined by newlines, and the section that each became.

    Space around a part is stripped and an empty part left out; nothing else is changed. A table keeps the tabs
    around it: they stand for empty cells.
    """
    texts: list[str] = []
    sections: list[Section] = []
    start = 0
    for name, part, kind in (Part(*part) for part in parts):
        stripped = (part or "").strip()
        if stripped:
            laid = (part or "").strip("\n") if kind == "table" else stripped
            texts.append(laid)
            sections.append(Section(name=name, start=start, end=start + len(laid), kind=kind))
            start += len(laid) + 1
    return "\n".join(texts), tuple(sections)


def rows_of(table: Iterable[Sequence[str]]) -> str:
    """The text of a table: a row a line, cells apart by tabs, single spaces within them; empty rows are left out."""
    rows = ([" ".join(cell.split()) for cell in row] for row in table)
    return "\n".join("\t".join(row) for row in rows if any(row))
