"""Cells of a marker table: numbers or letters to copies of an allele."""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seqmodels.data.errors import Place, UnsuitableData, WrongValue
from seqmodels.data.tables import is_missing

NumberCoding = Literal["dosage", "centred", "minus_one_missing", "imputed"]

_SHIFT = {"dosage": 0, "centred": 1, "minus_one_missing": 0, "imputed": 0}
_ALLOWED = {
    "dosage": "0, 1 or 2",
    "centred": "-1, 0 or 1",
    "minus_one_missing": "0, 1, 2, or -1 for missing",
    "imputed": "a number from 0 to 2",
}
# one letter for a genotype: the heterozygous IUPAC codes, and A, H, B of mapping populations
_ONE_LETTER = {"R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC", "H": "AB"}
_ABSENT = frozenset("N-.?*/|")
_NO_ALLELE = _ABSENT | {"0"}


def is_absent(cell: str) -> bool:
    """Whether a cell spells a missing genotype in numbers or letters alike (NA, -, ./., NN)."""
    return is_missing(cell) or set(cell.strip().upper()) <= _ABSENT


class NumberCells(dict[str, float]):
    """The dosage of each spelling of a number, remembered: a table has millions of cells and few spellings."""

    def __init__(self, coding: NumberCoding) -> None:
        super().__init__()
        self.coding = coding

    def __missing__(self, cell: str) -> float:
        self[cell] = dosage = self._dosage(cell)
        return dosage

    def read(self, cells: Sequence[str], markers: Sequence[str], place: Place) -> NDArray[np.float32]:
        """Dosages of one line, float32 (markers,), NaN missing.

        Raises:
            WrongValue: a value that the coding does not have, by line and marker.
        """
        try:
            return np.fromiter(map(self.__getitem__, cells), dtype=np.float32, count=len(cells))
        except ValueError:
            at = next(at for at, cell in enumerate(cells) if not self._fits(cell))
        remedy = "Leave missing genotypes empty (NA)."
        if self.coding == "dosage" and cells[at].strip() in ("-1", "-1.0"):
            remedy = "Say what -1 means: coding=centred (-1, 0, 1) or coding=minus_one_missing."
        elif self.coding == "dosage" and self._is_between(cells[at]):
            remedy = "Imputed genotypes with fractions are read with coding=imputed."
        reason = f"{cells[at].strip()!r} is not {_ALLOWED[self.coding]}"
        raise WrongValue(reason, remedy, Place(place.path, place.line, column=markers[at]))

    def _dosage(self, cell: str) -> float:
        if is_absent(cell) or cell.strip() == "-9":
            return math.nan
        number = float(cell)
        if self.coding == "minus_one_missing" and number == -1:
            return math.nan
        number += _SHIFT[self.coding]
        if not 0 <= number <= 2 or (self.coding != "imputed" and number != int(number)):
            raise ValueError(cell)
        return number

    def _fits(self, cell: str) -> bool:
        try:
            self[cell]
        except ValueError:
            return False
        return True

    def _is_between(self, cell: str) -> bool:
        try:
            return 0 < float(cell) < 2
        except ValueError:
            return False


class LetterCells(dict[str, bytes]):
    """The two alleles of each spelling of a genotype (AA, A/G, A|G, R); two zero bytes are missing."""

    def __missing__(self, cell: str) -> bytes:
        self[cell] = pair = self._pair(cell)
        return pair

    def read(self, cells: Sequence[str], markers: Sequence[str], place: Place) -> NDArray[np.uint8]:
        """Alleles of one line as character codes, uint8 (markers, 2), 0 missing.

        Raises:
            WrongValue: a cell that is no genotype, by line and marker.
        """
        try:
            return np.frombuffer(b"".join(map(self.__getitem__, cells)), dtype=np.uint8).reshape(-1, 2)
        except ValueError:
            at = next(at for at, cell in enumerate(cells) if not self._fits(cell))
        reason = f"{cells[at].strip()!r} is no genotype in letters"
        remedy = "Write AA, AG, GG (A/G and A|G are read too), and leave missing genotypes empty (NA or NN)."
        raise WrongValue(reason, remedy, Place(place.path, place.line, column=markers[at]))

    def _fits(self, cell: str) -> bool:
        try:
            self[cell]
        except ValueError:
            return False
        return True

    def _pair(self, cell: str) -> bytes:
        letters = cell.strip().upper().replace("/", "").replace("|", "")
        if is_missing(cell) or set(letters) <= _NO_ALLELE:
            return b"\0\0"
        if len(letters) == 1:
            letters = _ONE_LETTER.get(letters, letters * 2)
        if len(letters) != 2 or not letters.isascii() or not letters.isalpha() or "N" in letters:
            raise ValueError(cell)
        return letters.encode()


def count_alleles(
    alleles: NDArray[np.uint8],
    markers: Sequence[str],
    counted: Mapping[str, str],
    path: Place,
    lines: Sequence[int],
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Turn alleles into copies of one of them.

    Args:
        alleles: uint8 (lines, markers, 2), 0 missing.
        markers: their names.
        counted: allele to count, by marker; by default the rarer one, of equals the later letter.
        path: the file, for errors.
        lines: its line number of each row, or nothing where lines of the file are no rows.

    Returns:
        Dosages float32 (lines, markers), NaN missing, and the counted alleles.

    Raises:
        WrongValue: a marker with more than two alleles.
        UnsuitableData: an allele to count that is longer than a letter.
    """
    spelt = next((marker for marker in markers if len(counted.get(marker, "")) > 1), None)
    if spelt is not None:
        reason = f"the allele {counted[spelt]!r} of {spelt!r} is to be counted, and the table has single letters"
        raise UnsuitableData(reason, "Give these lines in the format of the training lines (VCF).", path)
    letters = np.setdiff1d(np.unique(alleles), [0])[::-1]  # later letters first: the rarest is the first of equals
    copies = np.stack([(alleles == letter).sum(axis=(0, 2)) for letter in letters] or [np.zeros(len(markers))])
    known = np.array([ord(counted.get(marker) or "\0") for marker in markers], dtype=np.uint8)
    others = (copies > 0) & (letters[:, None] != known) if len(letters) else copies > 0
    crowded = np.flatnonzero(others.sum(axis=0) > np.where(known > 0, 1, 2))
    if len(crowded):
        raise _too_many_alleles(alleles[:, crowded[0]], markers[crowded[0]], path, lines)
    if len(letters):
        rarest = letters[np.where(copies > 0, copies, np.inf).argmin(axis=0)]
        known = np.where((known == 0) & (copies > 0).any(axis=0), rarest, known).astype(np.uint8)
    dosages = (alleles == known[:, None]).sum(axis=2).astype(np.float32)
    dosages[(alleles == 0).any(axis=2)] = np.nan
    return dosages, tuple(chr(letter) if letter else "" for letter in known)


def _too_many_alleles(pairs: NDArray[np.uint8], marker: str, path: Place, lines: Sequence[int]) -> WrongValue:
    found, copies = np.unique(pairs[pairs > 0], return_counts=True)
    row = int(np.flatnonzero((pairs == found[copies.argmin()]).any(axis=1))[0])
    reason = f"the marker has alleles {', '.join(map(chr, found))} where there can be two"
    remedy = "Keep markers with two alleles, spelt on the same strand in all files."
    return WrongValue(reason, remedy, Place(path.path, lines[row] if lines else None, column=marker))
