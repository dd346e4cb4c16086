"""Books (.epub): the chapters in the order in which they are read.

The format: EPUB 3.3, https://www.w3.org/TR/epub-33/
"""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pydantic import ValidationError

from corpora.dates import dated, year_of
from corpora.elements import bare, string
from corpora.failure import Failure
from corpora.languages import language
from corpora.names import inverted
from corpora.outline import Outline, flat
from corpora.package import DOCUMENT, REPAIR, opened
from corpora.paper import Paper, Source, bare_doi
from corpora.sections import Part, lay_out
from corpora.streams import MIB, RECORD_LIMIT, TEXT_LIMIT
from corpora.unreadable import Unreadable, refused
from corpora.web_page import parsed, read_page

if TYPE_CHECKING:
    from zipfile import ZipFile

    from lxml.etree import _Element

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_FONTS = re.compile(r"\.(?:otf|ttf|woff2?)$", re.IGNORECASE)


def read_epub(path: Path) -> Iterator[Paper | Failure]:
    """The paper of a book. Raises Unreadable where it is none, damaged, encrypted or without text."""
    with opened(path, DOCUMENT) as package:
        place, described = _described(package)
        _refuse_encrypted(package)
        outline = Outline()
        size = 0
        for chapter in _chapters(described, place):
            content = _part(package, chapter)
            size += len(content)
            if size > TEXT_LIMIT:
                raise Unreadable(f"has more than {TEXT_LIMIT // MIB} MiB of text, the limit for one book", "Split it.")
            page = parsed(content) if content.strip() else None
            if page is not None:
                read_page(page, outline)
                outline.close(1)
    yield _paper(described, outline, path)


def _described(package: "ZipFile") -> tuple[str, "_Element"]:
    """Where the description of the book lies, and its root."""
    if _CONTAINER not in package.namelist():
        raise Unreadable(f"is no EPUB (it has no {_CONTAINER})", REPAIR)
    container = _tree(_part(package, _CONTAINER))
    named = next((file.get("full-path") for file in container.iter("rootfile")), None)
    if not named:
        raise Unreadable("is no EPUB (its container names no book)", REPAIR)
    return named, _tree(_part(package, named))


def _tree(content: bytes) -> "_Element":
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"is damaged: {error.msg}", REPAIR) from error
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise Unreadable("declares entities in its DOCTYPE, which is unsafe and not read", REPAIR)
    return bare(root)


def _part(package: "ZipFile", name: str) -> bytes:
    if name not in package.NameToInfo:
        raise Unreadable(f"is damaged: it names {name!r} and does not hold it", REPAIR)
    if package.getinfo(name).file_size > RECORD_LIMIT:
        raise Unreadable(f"has a chapter larger than {RECORD_LIMIT // MIB} MiB", "Split it.")
    return package.read(name)


def _refuse_encrypted(package: "ZipFile") -> None:
    """Fonts may be scrambled; where chapters are, nothing can be read."""
    if _ENCRYPTION in package.namelist():
        locked = [found.get("URI", "") for found in _tree(_part(package, _ENCRYPTION)).iter("CipherReference")]
        if any(not _FONTS.search(name) for name in locked):
            raise Unreadable("is encrypted (it is protected against copying)", "Give a copy without protection.")


def _chapters(described: "_Element", place: str) -> Iterator[str]:
    """The names of the parts in the order of the spine, the table of contents left out."""
    items = {item.get("id"): item for item in described.iterfind("manifest/item")}
    seen: set[str] = set()
    for reference in described.iterfind("spine/itemref"):
        item = items.get(reference.get("idref"))
        if item is None or "nav" in item.get("properties", "").split() or "html" not in item.get("media-type", "html"):
            continue
        name = posixpath.normpath(posixpath.join(posixpath.dirname(place), unquote(item.get("href", ""))))
        if name not in seen:
            seen.add(name)
            yield name


def _paper(described: "_Element", outline: Outline, path: Path) -> Paper:
    parts = outline.parts()
    if not parts:
        raise Unreadable("has no text", "Give a book with text in it; pictures of pages are not read.")
    title = next(iter(_metadata(described, "title")), None)
    text, sections = lay_out([Part("title", title), *parts])
    published = dated(next(iter(_metadata(described, "date")), None))
    try:
        return Paper(
            text=text,
            kind="full text",
            title=title,
            doi=_doi(described),
            year=year_of(published),
            published=published,
            language=language(next(iter(_metadata(described, "language")), None)),
            authors=tuple(filter(None, map(inverted, _metadata(described, "creator")))),
            keywords=tuple(_metadata(described, "subject")),
            sections=sections,
            source=Source(path=path),
        )
    except ValidationError as error:
        raise refused(error) from error


def _metadata(described: "_Element", name: str) -> list[str]:
    return [text for found in described.iterfind(f"metadata/{name}") if (text := flat(string(found)))]


def _doi(described: "_Element") -> str | None:
    for given in _metadata(described, "identifier"):
        try:
            return bare_doi(given.removeprefix("urn:doi:"))
        except ValueError:
            continue
    return None
