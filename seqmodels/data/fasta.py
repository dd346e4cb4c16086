"""FASTA: records one after the other, written back, and random access to a reference genome."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pyfaidx

from seqmodels.data.alphabet import as_dna
from seqmodels.data.errors import DataError, EmptyData, MalformedLine, Place, RepeatedName, UnknownName, WrongValue
from seqmodels.data.formats import format_of
from seqmodels.data.streams import is_gzip, open_text, read_lines


@dataclass(frozen=True)
class Record:
    """One FASTA record: `name` is the header's first word, `line` the header's line, counted from 1."""

    name: str
    description: str
    sequence: str
    line: int


def read_fasta(
    path: Path | str, *, unique_names: bool = True, skip_empty: bool = False, keep_case: bool = False
) -> Iterator[Record]:
    """Read the DNA records of a FASTA file one at a time (.gz too; wrapped lines, CRLF and byte-order marks are fine).

    Args:
        path: the file.
        unique_names: refuse a name that came before; the names are then held in memory.
        skip_empty: pass over headers without a sequence instead of refusing them.
        keep_case: leave soft-masked letters in lower case; otherwise upper.

    Raises:
        UnreadableFile, MalformedLine, EmptyData, WrongAlphabet, RepeatedName: with file, line and record.
    """
    return parse_fasta(
        read_lines(Path(path)), path, unique_names=unique_names, skip_empty=skip_empty, keep_case=keep_case
    )


def parse_fasta(
    lines: Iterable[str],
    path: Path | str = "pasted text",
    *,
    unique_names: bool = True,
    skip_empty: bool = False,
    keep_case: bool = False,
) -> Iterator[Record]:
    """Read the DNA records of FASTA lines; arguments and errors as `read_fasta`."""
    seen: set[str] = set()
    found = False
    for header, line, parts in _raw_records(lines, path):
        found = True
        name, *description = header.split(None, 1)
        place = Place(path, line, name)
        if unique_names and name in seen:
            remedy = "Give every record its own name, as results are reported by name."
            raise RepeatedName(f"the name {name!r} was used before", remedy, place)
        if unique_names:
            seen.add(name)
        try:
            sequence = as_dna("".join(parts), place, keep_case=keep_case)
        except EmptyData:
            if skip_empty:
                continue
            raise
        yield Record(name, "".join(description), sequence, line)
    if not found:
        raise EmptyData(
            "there are no records", "A FASTA record is a line `>name` followed by lines of DNA.", Place(path)
        )


def write_fasta(path: Path | str, records: Iterable[Record], width: int = 60) -> None:
    """Write records as FASTA with lines of `width` letters."""
    with Path(path).open("w", encoding="utf-8", newline="\n") as out:
        for record in records:
            out.write(f">{record.name} {record.description}".rstrip() + "\n")
            for start in range(0, len(record.sequence), width):
                out.write(record.sequence[start : start + width] + "\n")


def starts_like_fasta(path: Path | str) -> bool:
    """Whether the first line that is not blank begins with `>`."""
    with open_text(Path(path)) as text:
        return next((line for line in text if line.strip()), "").startswith(">")


class Reference:
    """A FASTA file opened for random access by region; a context manager.

    The index (`.fai`) is kept beside the file where that folder can be written. A file that cannot be indexed as it is
    (compressed, a byte-order mark, lines of uneven length) is first copied to a temporary folder in regular form.

    Args:
        path: FASTA, plain, bgzip or gzip.

    Raises:
        DataError: as `read_fasta`.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._fasta = self._open()
        self.lengths: dict[str, int] = {name: len(self._fasta[name]) for name in self._fasta.keys()}  # noqa: SIM118 -- iterating gives records, not names

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file and of the temporary copy."""
        self._fasta.close()
        self._remove_temporary()

    def find(self, name: str) -> str | None:
        """The contig's name in this file, if it has it: `chr1` and `1`, `chrM` and `MT` are the same contig."""
        bare = name.removeprefix("chr")
        spellings = [name, bare, f"chr{bare}", *(["chrM", "MT", "M"] if bare in ("M", "MT") else [])]
        return next((spelling for spelling in spellings if spelling in self.lengths), None)

    def fetch(self, name: str, start: int, end: int) -> str:
        """Bases `start` to `end` of a contig, upper case; `start` counts from 0, `end` is not included.

        Raises:
            UnknownName: no such contig.
            WrongValue: the region is not inside it.
        """
        contig = self.find(name)
        if contig is None:
            some = ", ".join(list(self.lengths)[:5]) + (", ..." if len(self.lengths) > 5 else "")
            reason = f"there is no contig {name!r}; it has {len(self.lengths)}: {some}"
            raise UnknownName(reason, "Use the reference that the file was made with.", Place(self.path))
        if not 0 <= start <= end <= self.lengths[contig]:
            reason = f"{contig}:{start}-{end} is not inside the contig, which has {self.lengths[contig]} bases"
            raise WrongValue(reason, "Check the coordinates and the version of the reference.", Place(self.path))
        return as_dna(self._fasta[contig][start:end], Place(self.path, record=contig)) if end > start else ""

    def _open(self) -> pyfaidx.Fasta:
        with open_text(self.path) as text:
            regular = text.readline().startswith(">") and not is_gzip(self.path)
        if not regular:
            return self._open_copy()
        index = Path(f"{self.path}.fai")
        if not _index_fits(index, self.path):
            if os.access(self.path.parent, os.W_OK):
                index.unlink(missing_ok=True)
            else:
                index = self._temporary() / index.name
        try:
            fasta = pyfaidx.Fasta(str(self.path), as_raw=True, indexname=str(index))
        except (pyfaidx.FastaIndexingError, RuntimeError, ValueError):  # uneven or blank lines, repeated names
            index.unlink(missing_ok=True)
            return self._open_copy()
        if _index_fits(index, self.path):
            return fasta
        fasta.close()
        index.unlink()
        return self._open_copy()

    def _open_copy(self) -> pyfaidx.Fasta:
        copy = self._temporary() / "reference.fa"
        try:
            write_fasta(copy, read_fasta(self.path, skip_empty=True))
        except DataError:
            self._remove_temporary()
            raise
        return pyfaidx.Fasta(str(copy), as_raw=True)

    def _temporary(self) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="epicite-")
        return Path(self._folder.name)

    def _remove_temporary(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()


def _index_fits(index: Path, fasta: Path) -> bool:
    """Whether by the index every record ends where the next begins.

    pyfaidx trusts any index that is younger than its file, and indexes records whose last line is the longest; both
    would give wrong bases.
    """
    if not index.is_file():
        return False
    with index.open(encoding="utf-8") as rows, fasta.open("rb") as content:
        end = 0
        for row in rows:
            length, offset, bases, width = (int(field) for field in row.rstrip("\n").split("\t")[1:5])
            content.seek(end)
            header = content.read(offset - end) if offset > end else b""
            if not header.lstrip().startswith(b">") or header.strip().count(b"\n"):
                return False
            end = offset + (length // bases * width + length % bases if bases else 0)
        content.seek(0, os.SEEK_END)
        beyond = content.tell() - end
        content.seek(end)
        return -2 <= beyond < 1024 and not content.read().strip()


def _raw_records(lines: Iterable[str], path: Path | str) -> Iterator[tuple[str, int, list[str]]]:
    header: str | None = None
    start = 0
    parts: list[str] = []
    for number, line in enumerate(lines, 1):
        if line.startswith(">"):
            if header is not None:
                yield header, start, parts
            header, start, parts = line[1:].strip(), number, []
            if not header:
                raise MalformedLine("a record has no name", "Write a name after `>`.", Place(path, number))
        elif header is not None:
            parts.append(line)
        elif line.strip() and not line.startswith(";"):
            raise _no_fasta(line, Place(path, number))
    if header is not None:
        yield header, start, parts


def _no_fasta(line: str, place: Place) -> MalformedLine:
    name, remedy = format_of(line)
    if name:
        return MalformedLine(f"this is {name}, not FASTA", remedy, place)
    shown = line if len(line) <= 40 else line[:40] + "..."
    return MalformedLine(
        f"a FASTA file begins with `>`, found {shown!r}", "Put a line `>name` before the sequence.", place
    )
