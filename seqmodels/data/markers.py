"""Marker tables and phenotypes of breeding lines: genotypes as numbers, joined by the lines' names."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqmodels.data.errors import EmptyData, Place, RepeatedName, UnknownName, UnsuitableData, WrongColumns
from seqmodels.data.genotypes import LetterCells, NumberCells, NumberCoding, count_alleles, is_absent
from seqmodels.data.tables import Row, Rows, parse_number, read_rows

Coding = Literal["auto", "letters"] | NumberCoding

_HAPMAP_COLUMNS = ("rs#", "alleles", "chrom")
_RAW_COLUMNS = ("FID", "IID", "PAT", "MAT", "SEX", "PHENOTYPE")


@dataclass(frozen=True)
class Markers:
    """Genotypes of lines.

    `dosages`: float32 (lines, markers), copies of the counted allele (0, 1, 2) or presence (0, 1), NaN missing.
    `counted`: the allele that is counted, one a marker; empty where the file has numbers and does not say.
    """

    lines: tuple[str, ...]
    markers: tuple[str, ...]
    dosages: NDArray[np.float32]
    counted: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.lines)

    def take(self, rows: ArrayLike) -> Self:
        """These lines, in this order."""
        chosen = np.asarray(rows, dtype=np.int64)
        return replace(self, lines=tuple(self.lines[i] for i in chosen), dosages=self.dosages[chosen])

    def select(self, markers: Sequence[str]) -> Self:
        """These markers, in this order; one that is not there is missing in every line.

        Raises:
            UnsuitableData: none of them is there.
        """
        index = {name: column for column, name in enumerate(self.markers)}
        columns = np.array([index.get(name, -1) for name in markers], dtype=np.int64)
        if not (columns >= 0).any():
            reason = f"none of the {len(markers)} markers is there ({', '.join(list(markers)[:3])}, ...)"
            raise UnsuitableData(reason, f"The table has {', '.join(self.markers[:3])}, ...: use the same names.")
        dosages = np.where(columns >= 0, self.dosages[:, columns], np.float32(np.nan))
        counted = tuple(self.counted[column] if column >= 0 else "" for column in columns)
        return replace(self, markers=tuple(markers), dosages=dosages, counted=counted)


@dataclass(frozen=True)
class Phenotypes:
    """Measured traits of lines: `values` float32 (lines, traits), NaN missing."""

    lines: tuple[str, ...]
    traits: tuple[str, ...]
    values: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.lines)

    def take(self, rows: ArrayLike) -> Self:
        """These lines, in this order."""
        chosen = np.asarray(rows, dtype=np.int64)
        return replace(self, lines=tuple(self.lines[i] for i in chosen), values=self.values[chosen])


@dataclass(frozen=True)
class Joined:
    """Lines that have both markers and phenotypes, in the order of the markers; and those that have only one."""

    markers: Markers
    phenotypes: Phenotypes
    without_phenotype: tuple[str, ...]
    without_markers: tuple[str, ...]


def read_markers(
    path: Path | str,
    *,
    id_column: str | None = None,
    coding: Coding = "auto",
    counted: Mapping[str, str] | None = None,
) -> Markers:
    """Read a table of lines by markers: CSV or TSV with a header, or PLINK's `.raw` (`--recode A`), or HapMap.

    Args:
        path: the file.
        id_column: column of the lines' names; by default the first (in `.raw` IID).
        coding: what cells may hold, beside a missing value (empty, NA, NN): "dosage" 0, 1, 2; "centred" -1, 0, 1 (read
            as 0, 1, 2); "minus_one_missing" 0, 1, 2 and -1 for missing; "imputed" any number from 0 to 2; "letters" AA,
            AG, A/G, A|G, or one IUPAC letter. "auto" tells numbers from letters and refuses -1, which has two meanings.
        counted: letters only: the allele to count, by marker; by default the rarer one (of equals the later letter).
            Give those of the training lines when reading others.

    Raises:
        DataError: of any kind, with line and column.
    """
    table = read_rows(path)
    if table.header[:3] == _HAPMAP_COLUMNS:
        return _from_hapmap(table, counted or {})
    raw = table.header[:6] == _RAW_COLUMNS
    id_at = table.column(id_column or ("IID" if raw else table.header[0]))
    columns = [at for at in range(6 if raw else 0, len(table.header)) if at != id_at]
    columns = [at for at in columns if not (raw and table.header[at].endswith("_HET"))]
    names = tuple(_raw_marker(table.header[at])[0] if raw else table.header[at] for at in columns)
    alleles = tuple(_raw_marker(table.header[at])[1] if raw else "" for at in columns)
    if not names:
        remedy = "One column names the lines, the others are markers, one each."
        raise WrongColumns("there are no markers", remedy, Place(table.path, 1))
    _refuse_repeats(names, "marker", table.path)
    rows, coding = _with_coding(table.rows, columns, coding)
    lines: list[str] = []
    numbers: list[int] = []
    reader = LetterCells() if coding == "letters" else NumberCells(coding)
    read = []
    for row in rows:
        lines.append(row.values[id_at].strip())
        numbers.append(row.line)
        read.append(reader.read([row.values[at] for at in columns], names, Place(table.path, row.line)))
    if not lines:
        raise EmptyData("there are no lines", "Give at least one row below the header.", Place(table.path))
    _refuse_repeats(lines, "line", table.path, numbers)
    if coding == "letters":
        dosages, alleles = count_alleles(np.stack(read), names, counted or {}, Place(table.path), numbers)
        return Markers(tuple(lines), names, dosages, alleles)
    return Markers(tuple(lines), names, np.stack(read), alleles)


def read_phenotypes(
    path: Path | str, *, id_column: str | None = None, traits: Sequence[str] | None = None
) -> Phenotypes:
    """Read a table of lines by traits (CSV or TSV with a header; empty or NA is missing).

    Args:
        path: the file.
        id_column: column of the lines' names; by default the first.
        traits: columns to read; by default all others, which must then hold numbers.

    Raises:
        DataError: of any kind, with line and column.
    """
    table = read_rows(path)
    id_at = table.column(id_column or table.header[0])
    columns = [
        at for at in ([table.column(trait) for trait in traits] if traits else range(len(table.header))) if at != id_at
    ]
    if not columns:
        remedy = "One column names the lines, the others are traits, one each."
        raise WrongColumns("there are no traits", remedy, Place(table.path, 1))
    names = tuple(table.header[at] for at in columns)
    _refuse_repeats(names, "trait", table.path)
    lines: list[str] = []
    numbers: list[int] = []
    values: list[list[float]] = []
    for row in table.rows:
        numbers.append(row.line)
        lines.append(row.values[id_at].strip())
        values.append(
            [parse_number(row.values[at], Place(table.path, row.line, column=table.header[at])) for at in columns]
        )
    if not lines:
        raise EmptyData("there are no lines", "Give at least one row below the header.", Place(table.path))
    _refuse_repeats(lines, "line", table.path, numbers)
    return Phenotypes(tuple(lines), names, np.array(values, dtype=np.float32))


def join(markers: Markers, phenotypes: Phenotypes) -> Joined:
    """Bring together the lines that both tables name.

    Raises:
        UnknownName: they have no line in common.
    """
    row_of = {line: row for row, line in enumerate(phenotypes.lines)}
    kept = [row for row, line in enumerate(markers.lines) if line in row_of]
    if not kept:
        reason = (
            f"no line has both markers and phenotypes: the markers are of {', '.join(markers.lines[:3])}, ..., the "
            f"phenotypes of {', '.join(phenotypes.lines[:3])}, ..."
        )
        raise UnknownName(reason, "Name the lines alike in both tables, or name the column that holds their names.")
    both = {markers.lines[row] for row in kept}
    return Joined(
        markers.take(kept),
        phenotypes.take([row_of[markers.lines[row]] for row in kept]),
        tuple(line for line in markers.lines if line not in both),
        tuple(line for line in phenotypes.lines if line not in both),
    )


def _from_hapmap(table: Rows, counted: Mapping[str, str]) -> Markers:
    """Read HapMap, which has a marker in every row and the lines from the twelfth column on."""
    lines = table.header[11:]
    reader = LetterCells()
    names: list[str] = []
    numbers: list[int] = []
    read: list[NDArray[np.uint8]] = []
    for row in table.rows:
        names.append(row.values[0].strip())
        numbers.append(row.line)
        read.append(reader.read(row.values[11:], lines, Place(table.path, row.line)))
    if not names or not lines:
        raise EmptyData("there are no genotypes", "HapMap has lines from column 12 on.", Place(table.path))
    _refuse_repeats(lines, "line", table.path)
    _refuse_repeats(names, "marker", table.path, numbers)
    alleles = np.stack(read).transpose(1, 0, 2)
    dosages, chosen = count_alleles(alleles, names, counted, Place(table.path), ())
    return Markers(lines, tuple(names), dosages, chosen)


def _raw_marker(column: str) -> tuple[str, str]:
    """Name and counted allele of a PLINK column such as `rs123_A` or `rs123_A(/G)`."""
    name, mark, allele = column.partition("(")[0].rpartition("_")
    return (name, allele) if mark else (column, "")


def _with_coding(
    rows: Iterator[Row], columns: Sequence[int], coding: Coding
) -> tuple[Iterable[Row], Literal["letters"] | NumberCoding]:
    """Tell numbers from letters by the first genotype that is not missing."""
    if coding != "auto":
        return rows, coding
    looked_at: list[Row] = []
    for row in rows:
        looked_at.append(row)
        first = next((row.values[at] for at in columns if not is_absent(row.values[at])), None)
        if first is not None:
            return chain(looked_at, rows), "letters" if first.strip()[0].isalpha() else "dosage"
    return looked_at, "dosage"


def _refuse_repeats(names: Sequence[str], kind: str, path: Path, lines: Sequence[int] | None = None) -> None:
    seen: set[str] = set()
    for at, name in enumerate(names):
        if name in seen:
            place = Place(path, lines[at] if lines else 1)
            raise RepeatedName(f"the {kind} {name!r} is there twice", f"Give every {kind} a name of its own.", place)
        seen.add(name)
