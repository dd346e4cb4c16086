"""The body of a JATS article: its sections, paragraphs, tables and captions in the order of the source.

References, footnotes and lists of supplements are left out. Elements: https://jats.nlm.nih.gov/archiving/
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from corpora.elements import local
from corpora.grid import grid
from corpora.jats_text import FLOATS, text_of
from corpora.outline import Outline

if TYPE_CHECKING:
    from lxml.etree import _Element

_LEFT_OUT = frozenset(
    "ref-list fn-group fn supplementary-material inline-supplementary-material media graphic sec-meta title label "
    "object-id permissions attrib alternatives-meta kwd-group subtitle table-wrap-foot".split()
)
_SUPPLEMENTS = frozenset({"supplementary-material", "supplementary material", "supplementary"})
_TEXTS = frozenset("p disp-formula code speech verse-line".split())
# These part the paragraph in which they stand; tables and figures follow it.
_PARTING = frozenset("list def-list disp-quote verse-group preformat".split())
# Parts of the back matter that are sections by their nature, with the heading where the source prints none.
_NAMED = {"ack": "Acknowledgments", "glossary": "Glossary", "app": "Appendix", "notes": None, "app-group": None}


def read_body(blocks: Iterable["_Element"], outline: Outline, level: int = 1) -> None:
    """Write the blocks under an element into an outline, its sections as headings of this level and deeper."""
    for child in blocks:
        name = local(child)
        if name == "sec" or name in _NAMED or name in ("boxed-text", "statement", "abstract"):
            _section(child, outline, level)
        elif name in _TEXTS:
            _paragraph(child, outline, level)
        elif name in FLOATS:
            _float(child, outline, level)
        elif name and name not in _LEFT_OUT:
            read_body(child, outline, level)


def _section(section: "_Element", outline: Outline, level: int) -> None:
    if section.get("sec-type", "").lower() in _SUPPLEMENTS:
        return
    title = text_of(section.find("title")) or text_of(section.find("caption/title"))
    outline.heading(level, title or _NAMED.get(local(section)) or "")
    for caption in section.iterfind("caption"):
        read_body(caption, outline, level + 1)
    read_body((child for child in section if local(child) != "caption"), outline, level + 1)
    outline.close(level)


def _paragraph(paragraph: "_Element", outline: Outline, level: int) -> None:
    """A paragraph whole, then the tables and figures that stand in it; a list parts it."""
    waiting: list[_Element] = []
    for piece in _parted(paragraph):
        if local(piece) in _PARTING:
            _float(piece, outline, level)
        else:
            outline.prose(text_of(piece))
            waiting += _floats(piece)
    for child in waiting:
        _float(child, outline, level)


def _parted(paragraph: "_Element") -> Iterator["_Element"]:
    """The paragraph, or where lists stand in it, the stretches of text and the lists in their order."""
    if not any(local(child) in _PARTING for child in paragraph):
        yield paragraph
        return
    part = paragraph.makeelement(paragraph.tag)
    part.text = paragraph.text
    for child in list(paragraph):
        if local(child) in _PARTING:
            yield part
            part = paragraph.makeelement(paragraph.tag)
            part.text, child.tail = child.tail, None
            yield child
        else:
            part.append(child)
    yield part


def _floats(element: "_Element") -> Iterator["_Element"]:
    for child in element:
        if local(child) in FLOATS:
            yield child
        elif local(child):
            yield from _floats(child)


def _float(element: "_Element", outline: Outline, level: int) -> None:
    name = local(element)
    if name == "table-wrap":
        _table(element, outline)
    elif name == "fig":
        _caption(element, outline)
    elif name == "array":
        for rows in element.iter("tbody"):
            outline.table(grid(rows, text_of))
    elif name == "boxed-text":
        _section(element, outline, level)
    elif name == "def-list":
        _definitions(element, outline)
    elif name == "list":
        for item in element.iterfind("list-item"):
            read_body(item, outline, level)
    elif name == "preformat":
        outline.prose(text_of(element))
    elif name not in _LEFT_OUT:
        read_body(element, outline, level)


def _definitions(element: "_Element", outline: Outline) -> None:
    for item in element.iterfind("def-item"):
        meanings = (text_of(paragraph) for paragraph in item.iterfind("def/p"))
        outline.prose(": ".join(filter(None, (text_of(item.find("term")), " ".join(meanings)))))
    for below in element.iterfind("def-list"):
        _definitions(below, outline)


def _table(element: "_Element", outline: Outline) -> None:
    """The caption, the table, and its footnotes as a caption."""
    label = _caption(element, outline)
    for table in element.iter("table"):
        outline.table(grid(table, text_of), label)
    for foot in element.iterfind("table-wrap-foot"):
        outline.caption(" ".join(_footnotes(foot)), label)


def _footnotes(foot: "_Element") -> Iterator[str]:
    for element in foot.iter("p", "attrib"):
        note = element.getparent()
        mark = text_of(note.find("label")) if note is not None and local(note) == "fn" else ""
        yield " ".join(filter(None, (mark, text_of(element))))


def _caption(element: "_Element", outline: Outline) -> str | None:
    """Write label, title and paragraphs of a caption; the label ("Table 1")."""
    label = text_of(element.find("label"))
    texts = [text_of(part) for caption in element.iterfind("caption") for part in caption if local(part)]
    title = _ended(label) if any(texts) else label
    name = label.rstrip(".:") or None
    outline.caption(" ".join(filter(None, (title, *texts))), name)
    return name


def _ended(label: str) -> str:
    return label if not label or label.endswith((".", ":", "。", "：")) else f"{label}."
