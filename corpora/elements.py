"""XML read element by element, from files that nobody vouches for: no entities, no network, bounded memory."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import IO, TYPE_CHECKING

from corpora.streams import MIB, RECORD_LIMIT, Stream, open_stream
from corpora.unreadable import Unreadable

if TYPE_CHECKING:
    from lxml.etree import XMLPullParser, _Element

BLOCK = 1 << 16
NOTHING = "holds no article or record (its root element is <{root}>)"
REPAIR = "Download the file again, or export it again from where it came."


def root_of(path: Path) -> str:
    """The name of the root element of an XML file; raises what `root_in` raises, and what `open_stream` raises."""
    with open_stream(path) as stream:
        return root_in(stream)


def root_in(stream: Stream | IO[bytes]) -> str:
    """The name of the root element of an XML stream, without its namespace.

    Raises Unreadable where the stream is empty, damaged before it, or declares entities.
    """
    parser = _parser(("start",), None)
    held = 0
    while block := stream.read(BLOCK):
        held += len(block)
        flaw = _feed(parser, block)
        for _, element in parser.read_events():
            _refuse_entities(element)
            return local(element)
        if flaw is not None or held > MIB:
            raise _damaged(flaw or "no element within 1 MiB")
    if not held:
        raise Unreadable("is empty", REPAIR)
    # The parser waits for more before it reads a text of a few characters.
    if flaw := _flaw_at_end(parser):
        raise _damaged(flaw)
    for _, element in parser.read_events():
        _refuse_entities(element)
        return local(element)
    raise _damaged("it ends before its first element")


def elements(stream: Stream, tags: tuple[str, ...], nothing: str = NOTHING) -> Iterator["_Element"]:
    """Each element of these names when it is complete; it is emptied when the next one is asked for.

    Names may be "{*}name", of any namespace or none; `nothing` is what is said, with the `{root}`, where there is no
    such element. Raises Unreadable where the XML is damaged, after the complete
    elements before that place, where it declares entities, holds no such element, or one beyond the limit.
    """
    parser = _parser(("start", "end"), tags)
    empty, found, held, flaw = True, False, 0, None
    depth = 0
    while flaw is None and (block := stream.read1(BLOCK)):
        empty = False
        held += len(block)
        flaw = _feed(parser, block)
        for event, element in parser.read_events():
            depth += 1 if event == "start" else -1
            if event == "start":
                _refuse_entities(element)
            # An element within another one belongs to that one.
            elif not depth:
                found, held = True, 0
                yield element
                _forget(element)
        if held > RECORD_LIMIT:
            raise Unreadable(
                f"goes on for {RECORD_LIMIT // MIB} MiB, the limit for one record, without the end of an article",
                REPAIR,
            )
    if empty:
        raise Unreadable("is empty", REPAIR)
    _check_end(parser, flaw, found, nothing)


def local(element: "_Element") -> str:
    """The name of an element without its namespace; empty for comments and instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def bare(element: "_Element") -> "_Element":
    """The element with all namespaces taken from the names of elements under it."""
    for below in element.iter():
        if isinstance(below.tag, str) and "}" in below.tag:
            below.tag = local(below)
    return element


def entity(element: "_Element") -> str:
    """The character of an entity that HTML names ("&beta;"), which a DTD that is not read would declare."""
    from lxml import etree

    return unescape(element.text or "") if element.tag is etree.Entity else ""


def string(element: "_Element | None") -> str:
    """All text under an element, named characters included, comments and instructions left out."""
    if element is None:
        return ""
    if not len(element):
        return element.text or ""
    below = ((string(child) if isinstance(child.tag, str) else entity(child)) + (child.tail or "") for child in element)
    return (element.text or "") + "".join(below)


def _parser(events: tuple[str, ...], tags: tuple[str, ...] | None) -> "XMLPullParser":
    from lxml import etree

    return etree.XMLPullParser(
        events=events, tag=tags, resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
    )


def _feed(parser: "XMLPullParser", block: bytes) -> str | None:
    """What is wrong with the XML, if anything: the elements before that place are still to be read."""
    from lxml import etree

    try:
        parser.feed(block)
    except etree.XMLSyntaxError as error:
        return str(error.msg)
    return None


def _check_end(parser: "XMLPullParser", flaw: str | None, found: bool, nothing: str) -> None:
    from lxml import etree

    if flaw is None:
        try:
            root = parser.close()
        except etree.XMLSyntaxError as error:
            flaw = str(error.msg)
    if flaw is not None:
        raise _damaged(flaw)
    if not found:
        raise Unreadable(
            nothing.format(root=local(root)),
            "Export it again from where it came; other papers can be given as PDF, text or JSONL.",
        )


def _flaw_at_end(parser: "XMLPullParser") -> str | None:
    from lxml import etree

    try:
        parser.close()
    except etree.XMLSyntaxError as error:
        return str(error.msg)
    return None


def _damaged(flaw: str) -> Unreadable:
    return Unreadable(f"is damaged or no XML: {flaw}", REPAIR)


def _refuse_entities(element: "_Element") -> None:
    """Raise Unreadable for a file that declares entities, which files of the formats that are read do not need.

    They are the way to read other files or to fill the memory (CWE-611, CWE-776).
    """
    declarations = element.getroottree().docinfo.internalDTD
    if declarations is not None and any(True for _ in declarations.iterentities()):
        raise Unreadable(
            "declares entities in its DOCTYPE, which is unsafe and not read",
            "Remove the declarations, or export the articles again from where they came.",
        )


def _forget(element: "_Element") -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and (before := element.getprevious()) is not None:
        parent.remove(before)
