"""Answers in XML: whole, of the kind that was asked for, from servers that nobody vouches for."""

from typing import TYPE_CHECKING

from corpora.feeds.client import Damaged

if TYPE_CHECKING:
    from lxml.etree import _Element

_SHOWN = 200


def parse(body: bytes, *roots: str) -> "_Element":
    """The root element of an answer.

    Raises Damaged where it is cut off, no XML, or has another root: pages about maintenance come with HTTP 200.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise Damaged(f"the answer is cut off or no XML: {error.msg} ({_beginning(body)})") from error
    if root.tag not in roots:
        raise Damaged(f"the answer is <{root.tag}>, not <{roots[0]}> ({_beginning(body)})")
    return root


def text_of(element: "_Element", path: str) -> str:
    """The text at a path, stripped; empty where there is none."""
    return (element.findtext(path) or "").strip()


def _beginning(body: bytes) -> str:
    line = " ".join(body[: 4 * _SHOWN].decode("utf-8", "replace").split())
    return repr(line[:_SHOWN]) if line else "it is empty"
