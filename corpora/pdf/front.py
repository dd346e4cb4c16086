"""What a PDF says about its paper: title, DOI and date, each only where that is plain."""

import re
from collections.abc import Iterable, Sequence
from html import unescape
from pathlib import Path

from corpora.dates import dated
from corpora.paper import bare_doi
from corpora.pdf.blocks import Block, Print, is_references
from corpora.streams import MIB

TITLE_LENGTH = 500
"""Longest title, in characters."""
_LARGER = 1.12
_TITLE_WITHIN = 0.6
"""Share of the first page's height in which its title stands."""
_DOI = re.compile(r"(?:doi:?\s*|https?://(?:dx\.)?doi\.org/)(10\.\d{4,9}/[^\s\"<>]+[^\s\"<>.,;:)\]])", re.IGNORECASE)
_PACKET = re.compile(rb"<x:xmpmeta.{0,200000}?</x:xmpmeta>", re.DOTALL)
_PACKETS_WITHIN = 64 * MIB


def is_title(text: str) -> bool:
    """Whether a title field holds a title, rather than what a program put there: a file name, a number."""
    worded = sum(any(map(str.isalpha, word)) for word in text.split()) >= 2
    # Chinese and Japanese put no spaces between words.
    unspaced = re.search(r"[\u3040-\u30ff\u4e00-\u9fff]{4}", text)
    is_file = re.search(r"\.[A-Za-z]{2,5}\d?$", text) or text.startswith("Microsoft ")
    is_number = re.match(r"(doi\s*:|pii\s*:|10\.\d{4,9}/|untitled)", text, re.IGNORECASE)
    return bool(worded or unspaced) and not is_file and not is_number and len(text) <= TITLE_LENGTH


def with_title(blocks: Sequence[Block], usual: Print, height: float) -> list[Block]:
    """The blocks, first of them the title: the largest print at the top of page 1 that says something."""
    candidates = [
        block
        for block in blocks
        if block.kind in ("heading", "prose")
        and block.first.page == 1
        and block.first.size > _LARGER * usual.size
        and block.first.top < _TITLE_WITHIN * height
        and is_title(" ".join(line.text for line in block.lines))
        and not is_references(block.first.text)
    ]
    largest = max((block.first.size for block in candidates), default=0.0)
    title = [block for block in candidates if block.first.size > 0.97 * largest][:1]
    # Its lines may stand in several blocks; headings in the same print stand further down.
    for block in blocks[blocks.index(title[0]) + 1 :] if title else ():
        near = 0 < block.first.baseline - title[-1].last.baseline < 2 * largest
        if not near or abs(block.first.size - largest) > 0.03 * largest:
            break
        title.append(block)
    if not title:
        return list(blocks)
    merged = Block("title", [line for block in title for line in block.lines])
    return [merged, *(block for block in blocks if block not in title)]


def doi_of(metadata: dict[str, str], packet: str, first_page: Iterable[str]) -> str | None:
    """The paper's own DOI: that of the metadata, or the only one that page 1 prints with its label."""
    given = [metadata.get(key, "") for key in ("doi", "DOI", "WPS-ARTICLEDOI")]
    given += re.findall(r"prism:doi(?:>|=\")\s*([^<\"]+)", packet)
    given += re.findall(r"dc:identifier(?:>|=\")\s*(?:doi:)\s*([^<\"]+)", packet)
    named = {doi for text in given if text and (doi := _bare(text))}
    named = named or {doi for found in _DOI.finditer(metadata.get("Subject", "")) if (doi := _bare(found[1]))}
    if not named:
        lines = list(first_page)
        stop = next((index for index, line in enumerate(lines) if is_references(line)), len(lines))
        named = {doi for line in lines[:stop] for found in _DOI.finditer(line) if (doi := _bare(found[1]))}
    return named.pop() if len(named) == 1 else None


def published_of(packet: str) -> str | None:
    """The date that the publisher's metadata (PRISM) give; when the file was made says nothing about the paper."""
    for name in ("publicationDate", "coverDate"):
        if found := re.search(rf"prism:{name}(?:>|=\")\s*([^<\"]+)", packet):
            return dated(found[1])
    return None


def packet_of(path: Path) -> str:
    """The XMP metadata, where they stand uncompressed, as their specification asks for (ISO 16684-1); else empty."""
    if path.stat().st_size > _PACKETS_WITHIN:
        return ""
    found = _PACKET.findall(path.read_bytes())
    # The last one is that of the document as it is now; pictures carry packets of their own.
    about = [packet for packet in found if b"prism:" in packet or b"dc:identifier" in packet]
    return unescape(about[-1].decode("utf-8", "replace")) if about else ""


def _bare(text: str) -> str | None:
    try:
        return bare_doi(text)
    except ValueError:
        return None
