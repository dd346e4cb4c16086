"""A FASTA file looked over before hours are spent on it: its errors, its size and what it is made of."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from seqmodels.data.fasta import Record, parse_fasta
from seqmodels.data.streams import read_lines


@dataclass(frozen=True)
class Survey:
    """Records of a file, their bases, those of the longest, and whether some are spelt with U."""

    records: int
    bases: int
    longest: int
    has_uracil: bool


def survey(path: Path, see: Callable[[Record], None] = lambda _: None) -> Survey:
    """Read a whole FASTA file once, a record at a time.

    Args:
        path: the file, gzip or not.
        see: is shown every record.

    Raises:
        DataError: what `fasta.read_fasta` would raise in the middle of the work.
    """
    records = bases = longest = 0
    lines = _Watched(read_lines(path))
    for record in parse_fasta(lines, path):
        records += 1
        bases += len(record.sequence)
        longest = max(longest, len(record.sequence))
        see(record)
    return Survey(records, bases, longest, lines.has_uracil)


class _Watched:
    """Lines on their way to a reader that spells U as T."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines
        self.has_uracil = False

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            if not self.has_uracil and not line.startswith(">") and ("U" in line or "u" in line):
                self.has_uracil = True
            yield line
