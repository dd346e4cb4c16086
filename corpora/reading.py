"""Reads papers from files and folders, whatever their format."""

import os
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator
from gzip import BadGzipFile
from pathlib import Path

from corpora.failure import Failure
from corpora.jsonl import read_jsonl
from corpora.paper import Paper
from corpora.pdf import read_pdf
from corpora.prose import read_markdown, read_text
from corpora.pubmed import read_pubmed
from corpora.unreadable import Unreadable
from corpora.withdrawal import Withdrawn

Reader = Callable[[Path], Iterator[Paper | Failure | Withdrawn]]

READERS: dict[str, Reader] = {
    ".jsonl": read_jsonl,
    ".jsonl.gz": read_jsonl,
    ".ndjson": read_jsonl,
    ".xml": read_pubmed,
    ".xml.gz": read_pubmed,
    ".txt": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".pdf": read_pdf,
}
FORMATS = f"Formats that are read: {', '.join(READERS)} (XML from PubMed)."


def read(path: Path) -> Iterator[Paper | Failure | Withdrawn]:
    """The papers of one file, read as they are asked for, and a failure for each record that is none.

    A file of updates also says which papers its source takes back, in its order.

    The suffix of the file, in upper or lower case, says how it is read. Nothing in the file raises.
    """
    try:
        if stat.S_ISDIR(_status(path).st_mode):
            raise Unreadable("is a folder", "Name a file in it.")
        yield from _reader(path)(path)
    except Unreadable as found:
        yield found.at(path)
    except (EOFError, zlib.error, BadGzipFile) as error:
        yield Unreadable(f"is damaged gzip: {error}", "Download or compress the file again.").at(path)
    except OSError as error:
        yield _unopened(error).at(path)


def sources(paths: Iterable[Path]) -> Iterator[Path | Failure]:
    """The files to read under files and folders, in the order given, folders sorted by name.

    Hidden files in folders are passed over, links followed, and no folder is entered twice. What is missing,
    closed to us or of no format that is read comes as a failure.
    """
    entered: set[tuple[int, int]] = set()
    for path in paths:
        waiting = [path]
        while waiting:
            following = waiting.pop()
            try:
                status = _status(following)
                if stat.S_ISDIR(status.st_mode):
                    identity = (status.st_dev, status.st_ino)
                    waiting += [] if identity in entered else _children(following)
                    entered.add(identity)
                else:
                    _reader(following)
                    yield following
            except Unreadable as found:
                yield found.at(following)


def _children(folder: Path) -> list[Path]:
    """The entries of a folder that are not hidden, last name first."""
    try:
        entries = sorted(folder.iterdir(), reverse=True)
    except OSError as error:
        raise _unopened(error) from error
    return [entry for entry in entries if not entry.name.startswith(".")]


def _status(path: Path) -> os.stat_result:
    """What kind of thing lies there. Raises Unreadable where that is neither a folder nor a file to open."""
    try:
        str(path).encode()
        status = path.stat()
    except UnicodeEncodeError as error:
        raise Unreadable("has a name that is not UTF-8", "Rename it.") from error
    except FileNotFoundError as error:
        reason = "is a link to a file that is missing" if path.is_symlink() else "does not exist"
        raise Unreadable(reason, "Check the path.") from error
    except OSError as error:
        raise _unopened(error) from error
    except ValueError as error:
        raise Unreadable(f"is no path: {error}", "Check the path.") from error
    if not (stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode)):
        raise Unreadable("is neither a file nor a folder", "Give a regular file.")
    if not os.access(path, os.R_OK):
        raise Unreadable("may not be read", "Allow it, for example with: chmod u+r.")
    return status


def _unopened(error: OSError) -> Unreadable:
    return Unreadable(f"cannot be read: {error.strerror or error}", "Check the path, its permissions and its disk.")


def _reader(path: Path) -> Reader:
    """The reader for the longest suffix that fits. Raises Unreadable where none does."""
    name = path.name.lower()
    suffix = max((suffix for suffix in READERS if name.endswith(suffix)), key=len, default=None)
    if suffix is None:
        given = "".join(path.suffixes[-2:]) if path.suffix.lower() == ".gz" else path.suffix
        raise Unreadable(f"has a format that is not read ({given or 'no suffix'})", FORMATS)
    return READERS[suffix]
