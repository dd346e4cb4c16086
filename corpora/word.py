"""Word documents (.docx): headings, paragraphs, tables and captions in their order."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from pydantic import ValidationError

from corpora.failure import Failure
from corpora.languages import language
from corpora.outline import Outline, flat
from corpora.package import DOCUMENT, REPAIR, check_office, opened
from corpora.paper import Paper, Source
from corpora.sections import Part, lay_out
from corpora.unreadable import Unreadable, refused

if TYPE_CHECKING:
    from docx.document import Document
    from lxml.etree import _Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HEADING = re.compile(r"(?:heading|标题|überschrift|titre|título|заголовок|見出し)\s*([1-9])", re.IGNORECASE)
_CAPTIONS = frozenset({"caption", "题注", "beschriftung", "légende"})
_TITLES = frozenset({"title", "标题", "titel", "titre"})
_SPACES = {f"{_W}tab": " ", f"{_W}br": " ", f"{_W}cr": " ", f"{_W}noBreakHyphen": "-"}
_WRAPPERS = frozenset({f"{_W}{name}" for name in ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo")})
_BODY_LEVEL = 9
_MOST_COLUMNS = 1000
_MOST_CELLS = 2_000_000


def read_docx(path: Path) -> Iterator[Paper | Failure]:
    """The paper of a Word document. Raises Unreadable where it is none, damaged, encrypted or without text."""
    with opened(path, DOCUMENT) as package:
        check_office(package, "word/document.xml")
    document = _opened(path)
    outline = Outline()
    title = _Reader(document).read(document.element.body, outline)
    properties = document.core_properties
    title = title or flat(properties.title or "") or None
    text, sections = lay_out([Part("title", title), *outline.parts()])
    if not outline.parts():
        raise Unreadable("has no text", "Give a document with text in it; pictures of text are not read.")
    try:
        yield Paper(
            text=text,
            kind="full text",
            title=title,
            authors=tuple(filter(None, map(flat, re.split(r"[;；]", properties.author or "")))),
            keywords=tuple(filter(None, map(flat, re.split(r"[;,；，]", properties.keywords or "")))),
            language=language(properties.language),
            sections=sections,
            source=Source(path=path),
        )
    except ValidationError as error:
        raise refused(error) from error


def _opened(path: Path) -> "Document":
    from docx import Document
    from docx.opc.exceptions import OpcError
    from lxml.etree import XMLSyntaxError

    try:
        with path.open("rb") as stream:
            document = Document(stream)
            # These are made from the XML only when they are asked for.
            _ = (document.styles, document.core_properties.title, document.element.body)
    except (OpcError, BadZipFile, XMLSyntaxError, KeyError, ValueError, AttributeError, TypeError) as error:
        raise Unreadable(f"is damaged or no Word document: {error}", REPAIR) from error
    return document


class _Reader:
    """The blocks of a document, told by their styles."""

    def __init__(self, document: "Document") -> None:
        styles = document.styles.element.iterchildren(f"{_W}style")
        self._styles = {style.get(f"{_W}styleId", ""): style for style in styles}
        self._title: str | None = None

    def read(self, body: "_Element", outline: Outline) -> str | None:
        """Write the blocks into an outline; the paragraph in the style of titles is returned and left out."""
        for block in body:
            if block.tag in _WRAPPERS:
                self.read(block, outline)
            elif block.tag == f"{_W}tbl":
                outline.table(self._rows(block))
            elif block.tag == f"{_W}p":
                self._paragraph(block, outline)
        return self._title

    def _paragraph(self, paragraph: "_Element", outline: Outline) -> None:
        text = _text(paragraph)
        names = list(self._names(paragraph))
        level = self._level(paragraph)
        if self._title is None and text and not outline.parts() and names and names[0].lower() in _TITLES:
            self._title = flat(text)
        elif level is not None and text:
            outline.heading(level, text)
        elif any(name.lower() in _CAPTIONS for name in names):
            outline.caption(text)
        else:
            outline.prose(text)
        for box in paragraph.iter(f"{_W}txbxContent"):
            if not any(above.tag == _FALLBACK for above in box.iterancestors()):
                self.read(box, outline)

    def _chain(self, paragraph: "_Element") -> Iterator["_Element"]:
        """The style of a paragraph and those on which it is based."""
        named = paragraph.find(f"{_W}pPr/{_W}pStyle")
        seen: set[str] = set()
        while named is not None and (key := named.get(f"{_W}val", "")) in self._styles and key not in seen:
            seen.add(key)
            yield self._styles[key]
            named = self._styles[key].find(f"{_W}basedOn")

    def _names(self, paragraph: "_Element") -> Iterator[str]:
        for style in self._chain(paragraph):
            name = style.find(f"{_W}name")
            yield name.get(f"{_W}val", "") if name is not None else ""

    def _level(self, paragraph: "_Element") -> int | None:
        """The level of a heading, from 1; None for what is no heading."""
        for element in (paragraph, *self._chain(paragraph)):
            level = element.find(f"{_W}pPr/{_W}outlineLvl")
            value = level.get(f"{_W}val", "") if level is not None else ""
            if value.isdecimal():
                return int(value) + 1 if int(value) < _BODY_LEVEL else None
        found = next(filter(None, map(_HEADING.match, self._names(paragraph))), None)
        return int(found.group(1)) if found else None

    def _rows(self, table: "_Element") -> list[list[str]]:
        rows: list[list[str]] = []
        cells = 0
        for row in _within(table, f"{_W}tr"):
            line: list[str] = []
            for cell in _within(row, f"{_W}tc"):
                merged = cell.find(f"{_W}tcPr/{_W}vMerge")
                goes_on = merged is not None and merged.get(f"{_W}val", "continue") == "continue"
                above = rows[-1][len(line)] if goes_on and rows and len(line) < len(rows[-1]) else None
                text = " ".join(map(_text, cell.iter(f"{_W}p"))) if above is None else above
                line += [text] * _span(cell)
            cells += len(line)
            if cells > _MOST_CELLS:
                raise Unreadable(f"holds a table of more than {_MOST_CELLS} cells", "Leave the table out.")
            rows.append(line)
        return rows


def _within(element: "_Element", tag: str) -> Iterator["_Element"]:
    """The children of a name, also those in content controls and insertions."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _within(child, tag)


def _span(cell: "_Element") -> int:
    span = cell.find(f"{_W}tcPr/{_W}gridSpan")
    given = span.get(f"{_W}val", "1") if span is not None else "1"
    return min(max(1, int(given)), _MOST_COLUMNS) if given.isdecimal() and len(given) < 10 else 1


def _text(paragraph: "_Element") -> str:
    """The text of a paragraph as it reads now: insertions in, deletions, field codes and text boxes out."""
    return "".join(_pieces(paragraph)).strip()


_UNREAD = frozenset({f"{_W}{name}" for name in ("del", "moveFrom", "txbxContent", "pPr", "rPr", "instrText")})


def _pieces(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag in (f"{_W}t", f"{_MATH}t"):
            yield child.text or ""
        elif child.tag in _SPACES:
            yield _SPACES[child.tag]
        elif child.tag not in _UNREAD and child.tag != _FALLBACK:
            yield from _pieces(child)
