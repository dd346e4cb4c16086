"""Tables of windows: the same rows come back, in their order and with all their columns, and predictions beside."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from seqmodels.data.alphabet import as_dna
from seqmodels.data.errors import EmptyData, Place, WrongValue
from seqmodels.data.tables import read_rows
from seqmodels.predictors.methylation import DISAGREEMENT, Judged

ADDED = ("score", "label", "strand_disagreement", "flag")
UNKNOWN_BASES = "unknown bases"
Fault = Callable[[str], tuple[str, str] | None]


@dataclass(frozen=True)
class WindowTable:
    """A table that was read once and found whole: how many windows it has, and whether some are spelt with U."""

    path: Path
    header: tuple[str, ...]
    column: int
    windows: int
    has_uracil: bool

    def batches(self, size: int) -> Iterator[tuple[list[tuple[str, ...]], list[str]]]:
        """Rows as they stand, and their windows as upper-case DNA, so many at a time."""
        rows = read_rows(self.path).rows
        while batch := list(islice(rows, size)):
            yield [row.values for row in batch], [as_dna(row.values[self.column]) for row in batch]

    def renamed(self) -> tuple[str, ...]:
        """The header, where columns that have the name of an added one are called `input_` and that name."""
        return tuple(f"input_{name}" if name in ADDED else name for name in self.header)


def open_windows(path: Path, fault: Fault, column: str = "sequence") -> WindowTable:
    """Read a table of windows once from end to end.

    Args:
        path: CSV or TSV, gzip or not.
        fault: what is wrong with a window and the way out, or None.
        column: of the windows.

    Raises:
        DataError: with file and line: no such column, no DNA, a window that cannot be judged, no rows.
    """
    table = read_rows(path)
    at = table.column(column)
    windows, has_uracil = 0, False
    for row in table.rows:
        place = Place(path, row.line, column=table.header[at])
        window = as_dna(row.values[at], place)
        if wrong := fault(window):
            raise WrongValue(f"the window {wrong[0]}", wrong[1], place)
        windows += 1
        has_uracil = has_uracil or "U" in row.values[at].upper()
    if not windows:
        raise EmptyData("there are no rows", "Give at least one window below the header.", Place(path))
    return WindowTable(path, table.header, at, windows, has_uracil)


def is_whole(window: str) -> bool:
    """Whether all bases of a window are known."""
    return set(window) <= set("ACGT")


def write_windows(
    file: IO[str],
    table: WindowTable,
    judge: Callable[[Sequence[str]], Judged],
    threshold: float,
    size: int,
    flags: Callable[[Sequence[str]], Iterable[str]] = lambda windows: [""] * len(windows),
    done: Callable[[int], None] = lambda _: None,
) -> None:
    """Write the table's rows with a score, a label (1 at or above the threshold), and flags.

    Windows with unknown bases are not judged, and say so.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*table.renamed(), *ADDED])
    written = 0
    for rows, windows in table.batches(size):
        whole = [window for window in windows if is_whole(window)]
        judgements = _cells(judge(whole), flags(whole), threshold) if whole else iter(())
        for row, window in zip(rows, windows, strict=True):
            writer.writerow([*row, *(next(judgements) if is_whole(window) else ("", "", "", UNKNOWN_BASES))])
        written += len(rows)
        done(written)


def _cells(judged: Judged, flags: Iterable[str], threshold: float) -> Iterator[tuple[str, ...]]:
    columns = (judged.probabilities.tolist(), judged.disagreements.tolist(), flags)
    for probability, apart, flag in zip(*columns, strict=True):
        flagged = [*(["strands disagree"] if apart > DISAGREEMENT else []), *([flag] if flag else [])]
        yield f"{probability:.6g}", str(int(probability >= threshold)), f"{apart:.4f}", "; ".join(flagged)
