"""What can be wrong with a file of data: every error names the place, what was found and the way out."""

from dataclasses import dataclass
from pathlib import Path

from seqmodels.errors import ModelError


@dataclass(frozen=True)
class Place:
    """Where in a file something was found: `line` counts from 1, `record` is a FASTA name, a variant or a row's id."""

    path: Path | str
    line: int | None = None
    record: str | None = None
    column: str | None = None

    def __str__(self) -> str:
        parts = [str(self.path)]
        if self.line is not None:
            parts.append(f"line {self.line}")
        if self.record is not None:
            parts.append(f"record {self.record!r}")
        if self.column is not None:
            parts.append(f"column {self.column!r}")
        return ", ".join(parts)


class DataError(ModelError):
    """Data cannot be used: `place` (where known), `reason` (what was found) and `remedy` (the way out)."""

    def __init__(self, reason: str, remedy: str, place: Place | None = None) -> None:
        super().__init__(f"{place}: {reason}" if place is not None else reason, remedy)
        self.place = place


class UnreadableFile(DataError):
    """The file is absent, cut short, not text, or of another kind than asked for."""


class MalformedLine(DataError):
    """A line does not follow its format."""


class EmptyData(DataError):
    """A file without rows, or a record without a sequence."""


class WrongAlphabet(DataError):
    """Letters that are no DNA: protein, digits, full-width letters, gaps."""


class WrongColumns(DataError):
    """A table lacks a column that was asked for, or has one twice."""


class WrongValue(DataError):
    """A cell holds a value outside what its column may hold."""


class RepeatedName(DataError):
    """Two records, lines or markers of one file have the same name."""


class UnknownName(DataError):
    """A name (contig, line, trait, class) that the other file does not have."""


class UnsuitableData(DataError):
    """Data from which nothing can be learnt or judged as asked: one class only, one group only, too few rows."""


class TestIsClosed(DataError):
    """A test file was opened before the model to be judged on it was finished."""
