"""Reads papers from files and folders, whatever their format."""

import os
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from gzip import BadGzipFile
from pathlib import Path
from tempfile import TemporaryDirectory

from corpora.abstract_table import read_abstract_table, read_data_table
from corpora.archive import SUFFIXES as ARCHIVES
from corpora.archive import is_archive, unpack
from corpora.bibtex import read_bibtex
from corpora.book import read_epub
from corpora.failure import Failure
from corpora.json_files import read_json
from corpora.jsonl import read_jsonl
from corpora.paper import Paper, Source
from corpora.pdf import read_pdf
from corpora.prose import read_markdown
from corpora.pubtator import read_pubtator
from corpora.ris import read_ris
from corpora.supplements import is_told_elsewhere, parent_of, supplement
from corpora.txt_files import read_txt
from corpora.unreadable import Unreadable
from corpora.web_page import read_html
from corpora.withdrawal import Withdrawn
from corpora.word import read_docx
from corpora.workbook import read_xlsx
from corpora.xml_files import read_xml

Reader = Callable[[Path], Iterator[Paper | Failure | Withdrawn]]


def read_archive(path: Path) -> Iterator[Paper | Failure | Withdrawn]:
    """What the files of an archive hold.

    Raises Unreadable where it is damaged, beyond the limits, or holds no file that is read.
    """
    yield from _read_archive(path, within=0)


READERS: dict[str, Reader] = {
    ".jsonl": read_jsonl,
    ".jsonl.gz": read_jsonl,
    ".ndjson": read_jsonl,
    ".json": read_json,
    ".json.gz": read_json,
    ".xml": read_xml,
    ".xml.gz": read_xml,
    ".nxml": read_xml,
    ".nxml.gz": read_xml,
    ".pubtator": read_pubtator,
    ".pubtator.gz": read_pubtator,
    ".ris": read_ris,
    ".bib": read_bibtex,
    ".txt": read_txt,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".docx": read_docx,
    ".epub": read_epub,
    ".xlsx": read_xlsx,
    ".pdf": read_pdf,
    **dict.fromkeys(ARCHIVES, read_archive),
}
"""Formats whose files always hold papers, and how each is read."""

TABLES: dict[str, Reader] = dict.fromkeys((".csv", ".csv.gz", ".tsv", ".tsv.gz"), read_abstract_table)
"""Formats whose files hold papers where their columns say so, and measurements otherwise."""

_ALL = READERS | TABLES
FORMATS = (
    f"Formats that are read: {', '.join(_ALL)} (XML from PubMed, JATS, BioC and EndNote; JSON from BioC "
    "and CSL; tables of abstracts)."
)


def read(path: Path) -> Iterator[Paper | Failure | Withdrawn]:
    """The papers of one file, read as they are asked for, and a failure for each record that is none.

    A file of updates also says which papers its source takes back, in its order.

    The suffix of the file, in upper or lower case, says how it is read. Nothing in the file raises.
    """
    yield from _read(path, within=0)


def _read(path: Path, within: int) -> Iterator[Paper | Failure | Withdrawn]:
    """Like `read`, for a file that lies in so many archives."""
    try:
        if stat.S_ISDIR(_status(path).st_mode):
            raise Unreadable("is a folder", "Name a file in it.")
        if is_archive(path):
            yield from _read_archive(path, within)
        elif parent := parent_of(path):
            yield from _read_supplement(path, parent)
        else:
            yield from _reader(path)(path)
    except Unreadable as found:
        yield found.at(path)
    except (EOFError, zlib.error, BadGzipFile) as error:
        yield Unreadable(f"is damaged gzip: {error}", "Download or compress the file again.").at(path)
    except OSError as error:
        yield _unopened(error).at(path)


def _read_supplement(path: Path, parent: Paper) -> Iterator[Paper | Failure | Withdrawn]:
    """What a file of its article holds; a table is one whatever its columns are."""
    reader = _reader(path)
    for item in read_data_table(path) if reader is read_abstract_table else reader(path):
        yield supplement(item, parent, path.name) if isinstance(item, Paper) else item


def _read_archive(path: Path, within: int) -> Iterator[Paper | Failure | Withdrawn]:
    """What the files of an archive hold, each with its place in it; an archive may hold archives, but no deeper."""
    if within > 1:
        raise Unreadable("lies in an archive within an archive", "Unpack the outer one and give what it holds.")
    with TemporaryDirectory(prefix="epicite-") as unpacked:
        folder = Path(unpacked)
        flaw = None
        try:
            yield from unpack(path, folder)
        except Unreadable as found:
            flaw = found
        empty = True
        for member in sources([folder]):
            empty = False
            for item in [member] if isinstance(member, Failure) else _read(member, within + 1):
                yield _placed(item, path, folder)
    if flaw is not None:
        raise flaw
    if empty:
        raise Unreadable("holds no file that is read", FORMATS)


def _placed(item: Paper | Failure | Withdrawn, archive: Path, folder: Path) -> Paper | Failure | Withdrawn:
    """An item read from a file of an archive, as one of the archive."""
    source = item.source
    assert source is not None, "every reader says where it read"
    place = ", ".join(filter(None, (source.path.relative_to(folder).as_posix(), source.place)))
    placed = Source(path=archive, place=place)
    return item.model_copy(update={"source": placed}) if isinstance(item, Paper) else replace(item, source=placed)


def sources(paths: Iterable[Path]) -> Iterator[Path | Failure]:
    """The files to read under files and folders, in the order given, folders sorted by name.

    Hidden files in folders are passed over, links followed, and no folder is entered twice. What is missing,
    closed to us or of no format that is read comes as a failure. Pictures and the PDF of an article that lies in JATS
    in the same folder are passed over: the article is read from that.
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
                elif following == path or not is_told_elsewhere(following):
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
    suffix = max((suffix for suffix in _ALL if name.endswith(suffix)), key=len, default=None)
    if suffix is None:
        given = "".join(path.suffixes[-2:]) if path.suffix.lower() == ".gz" else path.suffix
        raise Unreadable(f"has a format that is not read ({given or 'no suffix'})", FORMATS)
    return _ALL[suffix]
