"""Proteins and texts: what is read where the letters are no DNA."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from Bio.SeqIO.FastaIO import SimpleFastaParser

from seqmodels.data.errors import EmptyData, Place, WrongAlphabet, WrongValue
from seqmodels.data.streams import open_text
from seqmodels.data.tables import LabelledSequences, TargetKind, Targets, parse_number, read_rows
from seqmodels.families import Reads

_RESIDUES = set("ACDEFGHIKLMNPQRSTVWYXBZJUO*-.")


def read_proteins(path: Path) -> LabelledSequences:
    """The proteins of a FASTA file; raises DataError with the record, and where it holds DNA."""
    with open_text(path) as text:
        records = list(SimpleFastaParser(text))  # type: ignore[no-untyped-call]
    names = [title.split(None, 1)[0] if title.strip() else str(number) for number, (title, _) in enumerate(records, 1)]
    sequences = [
        _residues(letters, Place(path, record=name)) for name, (_, letters) in zip(names, records, strict=True)
    ]
    return LabelledSequences(tuple(names), tuple(sequences), None, np.arange(len(names)), path)


def _residues(text: str, place: Place) -> str:
    letters = "".join(text.split()).upper()
    wrong = sorted(set(letters) - _RESIDUES)
    if not letters:
        raise EmptyData("the sequence is empty", "Remove the record, or give its sequence.", place)
    if wrong:
        raise WrongAlphabet(f"{wrong[0]!r} is no amino acid", "Write amino acids in one-letter codes.", place)
    if len(letters) > 30 and set(letters) <= set("ACGTUN"):
        raise WrongAlphabet(
            f"this is DNA ({letters[:12]}...)", "Translate it, or take a DNA model (dnabert2, hyenadna).", place
        )
    return letters


def read_letters(
    path: Path,
    reads: Reads,
    kind: TargetKind | None,
    sequence: str,
    columns: tuple[str, ...],
    classes: Sequence[str] | None = None,
    missing: str = "refuse",
) -> LabelledSequences:
    """Proteins or texts of a table, with their targets.

    Args:
        path: CSV or TSV.
        reads: which of the two.
        kind: of the targets; None reads letters alone.
        sequence: their column.
        columns: those of the targets.
        classes: those already known, in their order.
        missing: what to do with rows without any target: refuse or skip.

    Raises:
        DataError: with file and line.
    """
    table = read_rows(path)
    at, targets_at = table.column(sequence), [table.column(column) for column in columns]
    letters, lines, cells = [], [], []
    for row in table.rows:
        place = Place(path, row.line, column=sequence)
        found = [row.values[number].strip() for number in targets_at]
        if columns and not any(found):
            if missing == "skip":
                continue
            raise WrongValue("the row has no target", "Fill it in, remove the row, or say data.missing=skip.", place)
        letters.append(_residues(row.values[at], place) if reads == "protein" else row.values[at])
        lines.append(row.line)
        cells.append(found)
    if not letters:
        raise EmptyData("there are no rows", "Give at least one row below the header.", Place(path))
    names = tuple(str(number) for number in range(1, len(letters) + 1))
    found_targets = _targets(path, kind, columns, cells, lines, classes) if kind else None
    return LabelledSequences(names, tuple(letters), found_targets, np.array(lines, np.int64), path)


def _targets(
    path: Path,
    kind: TargetKind,
    columns: tuple[str, ...],
    cells: list[list[str]],
    lines: list[int],
    classes: Sequence[str] | None,
) -> Targets:
    if kind == "classes":
        known = tuple(classes) if classes is not None else tuple(sorted({row[0] for row in cells}))
        index = {name: number for number, name in enumerate(known)}
        for row, line in zip(cells, lines, strict=True):
            if row[0] not in index:
                reason = f"the class {row[0]!r} is none of {', '.join(known)}"
                raise WrongValue(reason, "Use the training file's classes.", Place(path, line, column=columns[0]))
        return Targets("classes", columns, known, np.array([index[row[0]] for row in cells], np.int64))
    values = [
        [parse_number(cell, Place(path, line, column=column)) for cell, column in zip(row, columns, strict=True)]
        for row, line in zip(cells, lines, strict=True)
    ]
    return Targets(kind, columns, (), np.array(values, np.float32))
