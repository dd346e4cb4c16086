"""PDF files: the text of each page, so that a quote can name its page."""

import errno
import logging
import re
import struct
import zlib
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from corpora.characters import storable
from corpora.failure import Failure
from corpora.paper import Paper, Source
from corpora.streams import MIB, TEXT_LIMIT
from corpora.unreadable import Unreadable, refused

if TYPE_CHECKING:
    from pypdf import PdfReader

# Without a handler of its own, Python prints a library's warnings to stderr.
logging.getLogger("pypdf").addHandler(logging.NullHandler())

MARK = b"%PDF-"
MARK_WITHIN = 1024
"""Bytes at the beginning of a file within which the mark must stand (PDF 1.7 reference, appendix H, note 13)."""

TITLE_LENGTH = 500
"""Longest title, in characters, that is taken from the metadata."""

# Besides its own PyPdfError, pypdf lets these through where it meets rubbish ("broken PDF files might cause
# other Exceptions", pypdf/errors.py): bad numbers and encodings (ValueError, ArithmeticError), objects of
# another type than expected (TypeError, AttributeError, AssertionError), missing ones (LookupError), unknown
# filters and endless nesting (RuntimeError), and broken streams (zlib.error, struct.error, EOFError).
_RUBBISH = (
    ValueError,
    ArithmeticError,
    TypeError,
    AttributeError,
    AssertionError,
    LookupError,
    RuntimeError,
    zlib.error,
    struct.error,
    EOFError,
)
_REPAIR = "Download it again, or mend it, for example with: qpdf broken.pdf mended.pdf."
_DECRYPT = "Save it without a password, for example with: qpdf --decrypt locked.pdf open.pdf."
_OCR = "Recognise its text first, for example with: ocrmypdf scanned.pdf readable.pdf."


def read_pdf(path: Path) -> Iterator[Paper | Failure]:
    """The paper of a PDF file.

    Raises Unreadable where it is encrypted, damaged, without text or too long, and OSError.
    """
    title, pages = _content(path)
    if not pages:
        raise Unreadable("has no pages", _REPAIR)
    if not any(page.strip() for page in pages):
        raise Unreadable(f"has no text on its {len(pages)} pages; it is probably a scan", _OCR)
    page_starts = accumulate((len(page) + 1 for page in pages[:-1]), initial=0)
    try:
        yield Paper(
            text="\n".join(pages),
            kind="full text",
            title=title,
            page_starts=tuple(page_starts),
            source=Source(path=path),
        )
    except ValidationError as error:
        raise refused(error) from error


def _content(path: Path) -> tuple[str | None, list[str]]:
    """Title and page texts."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, DeprecationError, FileNotDecryptedError, PyPdfError

    with path.open("rb") as stream:
        _refuse_others(stream.read(MARK_WITHIN))
        stream.seek(0)
        try:
            reader = PdfReader(stream)
            return _title(reader), _pages(reader)
        except (FileNotDecryptedError, DependencyError) as error:
            raise Unreadable("is encrypted", _DECRYPT) from error
        except (PyPdfError, DeprecationError, *_RUBBISH) as error:
            raise _damaged(error) from error
        except OSError as error:
            # A wrong offset in the file makes pypdf seek to before its beginning.
            if error.errno != errno.EINVAL:
                raise
            raise _damaged(error) from error


def _damaged(error: Exception) -> Unreadable:
    return Unreadable(f"is damaged: {str(error) or type(error).__name__}", _REPAIR)


def _refuse_others(head: bytes) -> None:
    if not head:
        raise Unreadable("is empty", _REPAIR)
    if MARK not in head:
        raise Unreadable(
            f"is not a PDF: it begins with {head[:20]!r}",
            "Download it again: where a login is needed, a web page is often saved in its place.",
        )


def _pages(reader: "PdfReader") -> list[str]:
    pages: list[str] = []
    length = 0
    for page in reader.pages:
        text = storable(page.extract_text()).strip()
        length += len(text.encode())
        if length > TEXT_LIMIT:
            raise Unreadable(
                f"has more than {TEXT_LIMIT // MIB} MiB of text, the limit for one text", "Split the file."
            )
        pages.append(text)
    _refuse_missing(reader, len(pages))
    return pages


def _refuse_missing(reader: "PdfReader", found: int) -> None:
    """Raise Unreadable where pypdf passed over pages that it could not find: the paper would mislead."""
    tree = reader.root_object["/Pages"]
    declared = tree["/Count"] if isinstance(tree, dict) and "/Count" in tree else 0
    if isinstance(declared, int) and declared > found:
        raise Unreadable(f"is damaged: only {found} of its {declared} pages are there", _REPAIR)


def _title(reader: "PdfReader") -> str | None:
    metadata = reader.metadata
    given = metadata.title if metadata else None
    title = " ".join(storable(given).split()) if isinstance(given, str) else ""
    return title if _is_title(title) else None


def _is_title(text: str) -> bool:
    """Whether the title field holds a title, rather than what a program put there: a file name, a number."""
    worded = sum(any(map(str.isalpha, word)) for word in text.split()) >= 2
    # Chinese and Japanese put no spaces between words.
    unspaced = re.search(r"[\u3040-\u30ff\u4e00-\u9fff]{4}", text)
    is_file = re.search(r"\.[A-Za-z]{2,5}\d?$", text) or text.startswith("Microsoft ")
    is_number = re.match(r"(doi\s*:|pii\s*:|10\.\d{4,9}/|untitled)", text, re.IGNORECASE)
    return bool(worded or unspaced) and not is_file and not is_number and len(text) <= TITLE_LENGTH
