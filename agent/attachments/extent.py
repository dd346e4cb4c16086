"""What a content is, and how much there is of it."""

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from agent.attachments.attachment import is_gzip
from agent.attachments.lifting import pasted
from agent.attachments.pasted import SEQUENCES, Kind

_PREVIEW = 30
# How much of a file tells what it is, in bytes, and how much of that must be of one kind.
_HEAD = 1 << 20
_NEARLY_ALL = 0.9
_NO_LETTERS = re.compile(r"[^A-Za-z]+")


class Extent(NamedTuple):
    """How much a content holds; the fields are those of `Attachment`."""

    length: int | None = None
    parts: int = 0
    alphabet: str = ""
    preview: str = ""


def measure(kind: Kind, lines: Iterable[str]) -> Extent:
    """How much the lines of a content of a kind hold."""
    if kind == "file":
        return Extent()
    given = (stripped for line in lines if (stripped := line.strip()))
    return _of_sequences(kind, given) if kind == "fasta" or kind in SEQUENCES else _of_rows(kind, given)


def _of_sequences(kind: Kind, lines: Iterator[str]) -> Extent:
    length = headers = bodies = 0
    alphabet: set[str] = set()
    preview = ""
    for line in lines:
        if line.startswith(">"):
            headers += 1
            continue
        letters = _NO_LETTERS.sub("", line)
        bodies += 1
        length += len(letters)
        alphabet.update(letters.upper())
        if len(preview) < _PREVIEW and headers < 2:
            preview = (preview + letters[:_PREVIEW])[:_PREVIEW]
    return Extent(length, headers if kind == "fasta" else bodies, "".join(sorted(alphabet)), preview)


def _of_rows(kind: Kind, lines: Iterator[str]) -> Extent:
    first = next(lines, "")
    is_row = (kind == "table" or not line.startswith("#") for line in lines)
    return Extent(sum(is_row), preview=first[:_PREVIEW])


def kind_of_file(path: Path) -> Kind:
    """What a file holds, by how it begins: one sequence, FASTA, table or VCF, else just a file."""
    text = _head(path)
    found = next(pasted(text), None)
    if found is None or text[: found.start].strip() or found.end - found.start < _NEARLY_ALL * len(text.strip()):
        return "file"
    return found.kind


def _head(path: Path) -> str:
    """The first lines of a text file, compressed or not; nothing of one that is no text."""
    try:
        with gzip.open(path) if is_gzip(path) else path.open("rb") as file:
            content = file.read(_HEAD)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return ""
    if b"\0" in content:
        return ""
    text = content.decode("utf-8-sig", errors="replace")
    return text.rpartition("\n")[0] or text if len(content) == _HEAD else text
