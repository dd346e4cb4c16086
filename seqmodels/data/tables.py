"""CSV and TSV tables: rows as they stand, and sequences with classes or measured values."""

import csv
import difflib
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqmodels.data.alphabet import as_dna, kind_of
from seqmodels.data.errors import (
    EmptyData,
    MalformedLine,
    Place,
    RepeatedName,
    UnsuitableData,
    WrongColumns,
    WrongValue,
)
from seqmodels.data.fasta import read_fasta, starts_like_fasta
from seqmodels.data.formats import format_of
from seqmodels.data.streams import open_text

TargetKind = Literal["classes", "flags", "values"]

MISSING = frozenset({"", "na", "n/a", "nan", "null", "."})
"""Spellings of a missing value, in lower case."""


@dataclass(frozen=True)
class Row:
    """One row of a table: `line` counts from 1 and is the file's line on which the row ends."""

    line: int
    values: tuple[str, ...]


@dataclass(frozen=True)
class Rows:
    """A table being read: the header, then its rows one at a time."""

    path: Path
    header: tuple[str, ...]
    rows: Iterator[Row]

    def column(self, name: str) -> int:
        """Where a column stands (case does not matter); the error names what is there and the nearest name."""
        folded = [column.casefold() for column in self.header]
        matches = [i for i, column in enumerate(self.header) if column == name] or [
            i for i, column in enumerate(folded) if column == name.casefold()
        ]
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise WrongColumns(f"the column {name!r} is there {len(matches)} times", "Rename one.", Place(self.path, 1))
        if any((len(cell) >= 10 and kind_of(cell) == "dna") or _is_number(cell) for cell in self.header):
            remedy = "Write a first line that names the columns."
            raise WrongColumns(
                f"the first line holds data ({', '.join(self.header)[:40]})", remedy, Place(self.path, 1)
            )
        near = difflib.get_close_matches(name.casefold(), folded, n=1)
        hint = f"Did you mean {self.header[folded.index(near[0])]!r}?" if near else "Name the column to use."
        shown = ", ".join(self.header[:12]) + (f", ... ({len(self.header)} columns)" if len(self.header) > 12 else "")
        raise WrongColumns(f"there is no column {name!r}; the columns are {shown}", hint, Place(self.path, 1))


@dataclass(frozen=True)
class Targets:
    """What is to be predicted, one row each.

    - kind "classes": `values` int64 (n,), indices into `classes`; -100 where the label is missing and was kept.
    - kind "flags": several yes/no columns, float32 (n, columns) of 0 and 1, NaN missing.
    - kind "values": measurements, float32 (n, columns), NaN missing.
    """

    kind: TargetKind
    columns: tuple[str, ...]
    classes: tuple[str, ...]
    values: NDArray[np.int64] | NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: ArrayLike) -> Self:
        """The same targets for these rows."""
        return replace(self, values=self.values[np.asarray(rows, dtype=np.int64)])


@dataclass(frozen=True)
class LabelledSequences:
    """DNA in file order with its targets (None: not labelled); `lines` int64 (n,) are the file's line numbers."""

    names: tuple[str, ...]
    sequences: tuple[str, ...]
    targets: Targets | None
    lines: NDArray[np.int64]
    path: Path

    def __len__(self) -> int:
        return len(self.sequences)

    def take(self, rows: ArrayLike) -> Self:
        """These rows, in this order."""
        chosen = np.asarray(rows, dtype=np.int64)
        return replace(
            self,
            names=tuple(self.names[i] for i in chosen),
            sequences=tuple(self.sequences[i] for i in chosen),
            targets=None if self.targets is None else self.targets.take(chosen),
            lines=self.lines[chosen],
        )


def read_rows(path: Path | str, *, delimiter: str | None = None) -> Rows:
    """Read a CSV or TSV file row by row (.gz too).

    Args:
        path: the file; its first line is the header.
        delimiter: by default the most frequent of tab, comma and semicolon in the header, or the blank without them.

    Raises:
        UnreadableFile, EmptyData, MalformedLine: a row with another number of cells than the header, an unclosed quote.
    """
    path = Path(path)
    rows = _cells(path, delimiter)
    header = next(rows, None)
    if header is None:
        raise EmptyData("the file is empty", "The first line names the columns, the others hold the rows.", Place(path))
    return Rows(path, tuple(name.strip() for name in header.values), rows)


def read_labelled(
    path: Path | str,
    *,
    sequence: str = "sequence",
    targets: Sequence[str] = ("label",),
    name: str | None = None,
    kind: TargetKind | Literal["auto"] = "auto",
    classes: Sequence[str] | None = None,
    length: int | None = None,
    missing: Literal["refuse", "skip", "keep"] = "refuse",
) -> LabelledSequences:
    """Read DNA sequences with their labels or measurements from a CSV or TSV file.

    Args:
        path: the file.
        sequence: column of the DNA.
        targets: columns to predict; none reads the sequences alone.
        name: column of names; by default the row's number, from 1.
        kind: "classes" (one column of names or integers), "flags" (yes/no columns), "values" (numbers);
            "auto" takes one column of names or a few integers as classes, everything else as numbers.
        classes: the classes already known, in their order: a validation file must use those of its training file.
        length: refuse sequences of any other length.
        missing: what to do with rows without any target: refuse, skip, or keep (-100 or NaN). A row of several
            columns with some of them missing is always kept, with NaN.

    Raises:
        DataError: of any kind, with file and line.
    """
    table = read_rows(path)
    place_of = table.column(sequence)
    columns = tuple(table.header[table.column(target)] for target in targets)
    cells_at = [table.column(target) for target in targets]
    name_at = None if name is None else table.column(name)
    names: list[str] = []
    sequences: list[str] = []
    lines: list[int] = []
    cells: list[tuple[str, ...]] = []
    for number, row in enumerate(table.rows, 1):
        target = tuple("" if is_missing(row.values[at]) else row.values[at].strip() for at in cells_at)
        if targets and not any(target) and missing != "keep":
            if missing == "skip":
                continue
            remedy = "Fill it in, remove the row, or read with missing='skip'."
            raise WrongValue("the row has no target", remedy, Place(table.path, row.line, column=", ".join(columns)))
        dna = as_dna(row.values[place_of], Place(table.path, row.line, column=table.header[place_of]))
        if length is not None and len(dna) != length:
            reason = f"the sequence has {len(dna)} bases, {length} are needed"
            raise WrongValue(reason, f"Cut the windows to {length} bases.", Place(table.path, row.line))
        names.append(str(number) if name_at is None else row.values[name_at])
        sequences.append(dna)
        lines.append(row.line)
        cells.append(target)
    if not sequences:
        raise EmptyData("there are no rows", "Give at least one row below the header.", Place(table.path))
    found = _targets(table.path, columns, cells, lines, kind, classes) if targets else None
    return LabelledSequences(tuple(names), tuple(sequences), found, np.array(lines, dtype=np.int64), table.path)


def read_sequences(path: Path | str, *, sequence: str = "sequence", length: int | None = None) -> LabelledSequences:
    """Read DNA without labels from a FASTA file or from a table's `sequence` column, whichever the file is.

    Raises:
        DataError: of any kind, with file and line.
    """
    if not starts_like_fasta(path):
        return read_labelled(path, sequence=sequence, targets=(), length=length)
    records = list(read_fasta(path))
    wrong = next((record for record in records if length is not None and len(record.sequence) != length), None)
    if wrong is not None:
        reason = f"the sequence has {len(wrong.sequence)} bases, {length} are needed"
        raise WrongValue(reason, f"Cut the windows to {length} bases.", Place(path, wrong.line, wrong.name))
    return LabelledSequences(
        tuple(record.name for record in records),
        tuple(record.sequence for record in records),
        None,
        np.array([record.line for record in records], dtype=np.int64),
        Path(path),
    )


def write_labelled(path: Path | str, data: LabelledSequences, sequence: str = "sequence") -> None:
    """Write sequences and targets as CSV that `read_labelled` reads back."""
    columns = () if data.targets is None else data.targets.columns
    with Path(path).open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([sequence, *columns])
        for row, dna in enumerate(data.sequences):
            writer.writerow([dna, *_spelt(data.targets, row)])


def parse_number(cell: str, place: Place) -> float:
    """A cell's number; NaN where it is missing.

    Raises:
        WrongValue: not a number, or infinite.
    """
    if is_missing(cell):
        return math.nan
    try:
        number = float(cell)
    except ValueError:
        comma = (
            "Write decimals with a point."
            if "," in cell
            else "Write a number, or leave the cell empty (NA) where it is missing."
        )
        raise WrongValue(f"{cell.strip()!r} is not a number", comma, place) from None
    if math.isinf(number):
        raise WrongValue(f"{cell.strip()!r} is not a finite number", "Leave the cell empty where it is missing.", place)
    return number


def is_missing(cell: str) -> bool:
    """Whether a cell spells a missing value (see `MISSING`)."""
    return cell.strip().lower() in MISSING


def _cells(path: Path, delimiter: str | None) -> Iterator[Row]:
    # a window of a million bases is one cell: the module's limit of 131,072 letters is for untrusted web forms
    csv.field_size_limit(sys.maxsize)
    with open_text(path) as text:
        first = text.readline()
        while first and not first.strip():
            first = text.readline()
        if not first:
            return
        name, remedy = format_of(first)
        if name:
            raise MalformedLine(f"this is {name}, not a table", remedy, Place(path, 1))
        text.seek(0)
        mark = delimiter or max("\t,; ", key=lambda each: (each != " " and first.count(each), first.count(each)))
        reader = csv.reader(text, delimiter=mark, strict=True)
        width = 0
        try:
            for values in reader:
                if not any(value.strip() for value in values):
                    continue
                width = width or len(values)
                if len(values) != width:
                    reason = f"the row has {len(values)} cells, the header {width}"
                    remedy = f"Check the separators ({mark!r} is used) and put quotes around cells that contain one."
                    if len(values) == width + 1:
                        remedy = "R's write.table leaves the row names without a header: write with col.names=NA."
                    raise MalformedLine(reason, remedy, Place(path, reader.line_num))
                yield Row(reader.line_num, tuple(values))
        except csv.Error as error:
            remedy = "Close the quotes, and double those that stand inside a cell."
            raise MalformedLine(f"the row cannot be read ({error})", remedy, Place(path, reader.line_num)) from error


def _targets(
    path: Path,
    columns: tuple[str, ...],
    cells: list[tuple[str, ...]],
    lines: list[int],
    kind: TargetKind | Literal["auto"],
    classes: Sequence[str] | None,
) -> Targets:
    if kind == "auto":
        kind = "classes" if classes is not None else _guess_kind(path, columns, cells)
    if kind == "classes":
        return _class_targets(path, columns, [row[0] for row in cells], lines, classes)
    values = np.full((len(cells), len(columns)), np.nan, dtype=np.float32)
    for i, row in enumerate(cells):
        for j, cell in enumerate(row):
            place = Place(path, lines[i], column=columns[j])
            values[i, j] = parse_number(cell, place)
            if kind == "flags" and values[i, j] not in (0, 1) and cell:
                raise WrongValue(f"{cell!r} is neither 0 nor 1", "Yes/no columns hold 0 and 1.", place)
    return Targets(kind, columns, (), values)


def _guess_kind(path: Path, columns: tuple[str, ...], cells: list[tuple[str, ...]]) -> TargetKind:
    if len(columns) > 1:
        return "flags" if all(cell in ("", "0", "1") for row in cells for cell in row) else "values"
    distinct = {row[0] for row in cells if row[0]}
    if all(_is_integer(cell) for cell in distinct):
        if len(distinct) > 50 or (len(cells) > 20 and len(distinct) > len(cells) / 2):
            reason = f"the column {columns[0]!r} holds {len(distinct)} different integers: classes, or measurements"
            raise UnsuitableData(reason, "Say which: kind=classes or kind=values.", Place(path))
        return "classes"
    return "values" if all(_is_number(cell) for cell in distinct) else "classes"


def _class_targets(
    path: Path, columns: tuple[str, ...], labels: list[str], lines: list[int], classes: Sequence[str] | None
) -> Targets:
    if len(columns) != 1:
        reason = f"classes stand in one column, {len(columns)} were named"
        raise WrongColumns(reason, "Use kind=flags for several yes/no columns.", Place(path))
    if classes is None:
        found = {label for label in labels if label}
        classes = sorted(found, key=int) if all(_is_integer(label) for label in found) else sorted(found)
    if len(set(classes)) != len(classes):
        raise RepeatedName(f"a class is named twice in {', '.join(classes)}", "Name every class once.", Place(path))
    index = {label: number for number, label in enumerate(classes)}
    index[""] = -100
    values = np.empty(len(labels), dtype=np.int64)
    for i, label in enumerate(labels):
        if label not in index:
            reason = f"the class {label!r} is none of {', '.join(classes)}"
            raise WrongValue(reason, "Use the training file's classes.", Place(path, lines[i], column=columns[0]))
        values[i] = index[label]
    return Targets("classes", columns, tuple(classes), values)


def _spelt(targets: Targets | None, row: int) -> list[str]:
    if targets is None:
        return []
    if targets.kind == "classes":
        number = int(targets.values[row])
        return [targets.classes[number] if number >= 0 else ""]
    return ["" if np.isnan(value) else repr(float(value)) for value in targets.values[row]]


def _is_integer(cell: str) -> bool:
    return cell.lstrip("+-").isdecimal() and cell.isascii()


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
