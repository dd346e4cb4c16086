"""Several named parts laid out as the one text of a paper."""

from collections.abc import Iterable

from corpora.paper import Section


def lay_out(parts: Iterable[tuple[str | None, str | None]]) -> tuple[str, tuple[Section, ...]]:
    """The parts (name, text) joined by newlines, and the section that each became.

    Space around a part is stripped and an empty part left out; nothing else is changed.
    """
    texts: list[str] = []
    sections: list[Section] = []
    start = 0
    for name, part in parts:
        stripped = (part or "").strip()
        if stripped:
            texts.append(stripped)
            sections.append(Section(name=name, start=start, end=start + len(stripped)))
            start += len(stripped) + 1
    return "\n".join(texts), tuple(sections)
