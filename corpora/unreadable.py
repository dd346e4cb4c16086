"""The exception by which a reader gives up a file or a record."""

from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from corpora.failure import Failure
from corpora.paper import Paper, Source

REASON_LENGTH = 300


class Unreadable(Exception):
    """A file or record that cannot become a paper: what was found and what to do about it."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy

    def at(self, path: Path, place: str | None = None) -> Failure:
        """The failure to hand out, for the place where this was raised."""
        return Failure(Source(path=_printable(path), place=place), _one_line(self.reason), self.remedy)


def attempted(make: Callable[[], Paper], source: Source) -> Paper | Failure:
    """What is made of a record, or why it is no paper."""
    try:
        return make()
    except Unreadable as found:
        return found.at(source.path, source.place)


def refused(error: ValidationError) -> Unreadable:
    """A validation error of pydantic as one line that names each field and what is wrong with it."""
    complaints = []
    for detail in error.errors(include_url=False, include_input=False):
        field = ".".join(str(step) for step in detail["loc"])
        message = detail["msg"].removeprefix("Value error, ")
        complaints.append(f"{field}: {message}" if field else message)
    return Unreadable("; ".join(complaints), "Correct the record and read the file again.")


def not_encoded(error: UnicodeDecodeError, content: bytes, whole: str, before: int = 0) -> Unreadable:
    """A decoding error with the encoding, the byte and its place in the whole ("file", "line"), from 1.

    `before` counts the bytes of the whole that stand before the content.
    """
    # The utf-8-sig codec counts from behind the byte order mark.
    at = len(content) - len(error.object) + error.start
    encoding = error.encoding.upper().removesuffix("-SIG").removesuffix("LE").removesuffix("BE").rstrip("-")
    return Unreadable(
        f"is not {encoding}: byte 0x{content[at]:02x} at byte {before + at + 1} of the {whole}",
        "Convert the file to UTF-8, for example with: iconv -f LATIN1 -t UTF-8.",
    )


def _one_line(reason: str) -> str:
    line = " ".join(reason.split())
    return line if len(line) <= REASON_LENGTH else f"{line[:REASON_LENGTH]}…"


def _printable(path: Path) -> Path:
    """The path with bytes that are no UTF-8 shown as U+FFFD: Python keeps them as surrogates (PEP 383)."""
    return Path(str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
