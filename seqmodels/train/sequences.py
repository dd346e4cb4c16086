"""Sequences with one target each, or none: DNA, proteins and texts."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from seqmodels.backbones import Backbone
from seqmodels.data.audit import audit, conflicting_groups
from seqmodels.data.duplicates import exact_groups, near_groups
from seqmodels.data.errors import EmptyData, Place, WrongColumns, WrongValue
from seqmodels.data.fasta import Record, starts_like_fasta
from seqmodels.data.splits import strata_of
from seqmodels.data.strands import reverse_complement
from seqmodels.data.tables import (
    LabelledSequences,
    TargetKind,
    Targets,
    read_labelled,
    read_rows,
    read_sequences,
)
from seqmodels.data.windows import cut
from seqmodels.families import Reads
from seqmodels.tokens import token_ids
from seqmodels.train.errors import ConfigError
from seqmodels.train.examples import Examples, Strand
from seqmodels.train.head import Head
from seqmodels.train.letters import read_letters, read_proteins
from seqmodels.train.rows import Findings, Groups, Rows, refuse_strands

_MOST_UNKNOWN = 0.5


@dataclass(frozen=True)
class SequenceRows(Rows):
    """Sequences with their targets; `inputs` is what else a model takes, int64 (rows,) each."""

    data: LabelledSequences
    reads: Reads = "dna"
    inputs: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.data)

    def groups(self, similar: str) -> Groups:
        """Near-duplicates and reverse complements of DNA together; of other letters, equal ones."""
        if self.reads == "dna":
            return near_groups(self.data.sequences) if similar == "near" else exact_groups(self.data.sequences)
        numbers: dict[str, int] = {}
        return np.array([numbers.setdefault(sequence, len(numbers)) for sequence in self.data.sequences], np.int64)

    def strata(self) -> Groups | None:
        """By target, and by what else the model takes, so that each has its share."""
        columns = [strata_of(self.data.targets)] if self.data.targets else []
        columns += list(self.inputs.values())
        return np.unique(np.stack(columns), axis=1, return_inverse=True)[1].reshape(-1) if columns else None

    def audit(self) -> Findings:
        """Copies, contradictions, imbalance; of DNA on both strands."""
        if self.reads == "dna":
            found = audit(self.data)
            return Findings(str(found), json.loads(found.to_json()), found.refusals)
        return _audit_letters(self)

    def head(self, rows: ArrayLike, /) -> Head:
        """Classes, flags or values as the targets are; the vocabulary where there are none."""
        targets = self.data.targets
        if targets is None:
            return Head("tokens")
        if targets.kind == "values":
            return Head.of_values(targets.columns, np.asarray(targets.values[np.asarray(rows)], np.float32))
        return Head(targets.kind, targets.classes if targets.kind == "classes" else targets.columns)

    def examples(self, backbone: Backbone, head: Head, /, *, both_strands: bool) -> Examples:
        """Token ids of each sequence, of the other strand too where asked for."""
        if self.reads != "dna":
            refuse_strands({"protein": "proteins"}.get(self.reads, "texts"), both_strands)
        assert backbone.tokenizer is not None
        other = [reverse_complement(sequence) for sequence in self.data.sequences] if both_strands else None
        return Examples(
            forward=Strand(token_ids(backbone, self.data.sequences)),
            reverse=None if other is None else Strand(token_ids(backbone, other)),
            labels=_labels(self.data.targets, head),
            inputs={name: torch.from_numpy(values) for name, values in self.inputs.items()},
            pad=backbone.pad,
        )

    def letters(self, rows: ArrayLike, /) -> Sequence[str]:
        """The sequences of some rows."""
        return [self.data.sequences[row] for row in np.asarray(rows)]

    def hashes(self) -> list[str]:
        """Of the letters, either strand of DNA giving the same."""
        strands = self.data.sequences
        if self.reads == "dna":
            strands = tuple(min(sequence, reverse_complement(sequence)) for sequence in strands)
        return [hashlib.sha256(sequence.encode()).hexdigest() for sequence in strands]


def read_table(
    path: Path,
    reads: Reads,
    kind: TargetKind | None,
    *,
    sequence: str,
    targets: Sequence[str],
    classes: Sequence[str] | None = None,
    missing: Literal["refuse", "skip"] = "refuse",
    inputs: Mapping[str, str] | None = None,
) -> SequenceRows:
    """Sequences of a table.

    Args:
        path: CSV or TSV.
        reads: what its letters are.
        kind: of the targets; None reads sequences alone.
        sequence: the column of sequences.
        targets: the columns of targets.
        classes: those already known, in their order.
        missing: what to do with rows without a target.
        inputs: what else the model takes, and the column of whole numbers that it stands in.

    Raises:
        DataError: with file and line.
    """
    columns = tuple(targets) if kind else ()
    if reads == "dna":
        data = read_labelled(
            path, sequence=sequence, targets=columns, kind=kind or "auto", classes=classes, missing=missing
        )
    else:
        data = read_letters(path, reads, kind, sequence, columns, classes, missing)
    return SequenceRows(data, reads, {name: _numbers(data, column) for name, column in (inputs or {}).items()})


def read_windows(path: Path, reads: Reads, window: int, stride: int | None) -> SequenceRows:
    """Windows of the sequences of a FASTA file; those of which more than half is unknown (N) are left out.

    Raises:
        DataError: with file, line and record.
    """
    if reads not in ("dna", "protein"):
        raise ConfigError(f"FASTA holds DNA or proteins, the model reads {reads}", "Say data=csv, or another model.")
    if not starts_like_fasta(path):
        raise WrongColumns("this is no FASTA file: no line begins with >", "Say data=csv for a table.", Place(path))
    whole = read_sequences(path) if reads == "dna" else read_proteins(path)
    return in_windows(SequenceRows(whole, reads), window, stride)


def in_windows(rows: SequenceRows, window: int, stride: int | None = None) -> SequenceRows:
    """Sequences without targets, cut into windows; DNA of which more than half is unknown (N) is left out."""
    parts = [
        (row, part)
        for row, sequence in enumerate(rows.data.sequences)
        for part in cut(Record(rows.data.names[row], "", sequence, 0), window, stride)
        if rows.reads != "dna" or part.sequence.count("N") <= _MOST_UNKNOWN * len(part.sequence)
    ]
    if not parts:
        reason = "more than half of every window is N"
        raise EmptyData(reason, "Give sequences with known bases.", Place(rows.data.path))
    data = replace(
        rows.data.take([row for row, _ in parts]),
        names=tuple(f"{part.name}:{part.start + 1}-{part.start + len(part.sequence)}" for _, part in parts),
        sequences=tuple(part.sequence for _, part in parts),
    )
    return SequenceRows(data, rows.reads)


def _labels(targets: Targets | None, head: Head) -> torch.Tensor | None:
    if targets is None:
        return None
    values = torch.from_numpy(np.ascontiguousarray(targets.values))
    return head.scaled(values) if head.kind == "values" else values


def _numbers(data: LabelledSequences, column: str) -> NDArray[np.int64]:
    """A column of whole numbers, for the rows that were kept."""
    table = read_rows(data.path)
    at = table.column(column)
    kept = set(data.lines.tolist())
    values = []
    for row in table.rows:
        if row.line in kept:
            cell = row.values[at].strip()
            if not cell.isdecimal():
                place = Place(data.path, row.line, column=column)
                raise WrongValue(f"{cell!r} is no whole number from 0 up", "Number what the model tells apart.", place)
            values.append(int(cell))
    return np.array(values, np.int64)


def _audit_letters(rows: SequenceRows) -> Findings:
    """What can be said of proteins and texts: equal rows, and equal rows with different targets."""
    groups = rows.groups("exact")
    copies = len(rows) - len(set(groups.tolist()))
    contradictions = len(conflicting_groups(groups, rows.data.targets))
    targets = rows.data.targets
    classes = (
        dict(Counter(targets.classes[number] for number in targets.values.tolist()))
        if targets is not None and targets.kind == "classes"
        else {}
    )
    refusals = (f"all rows have the same class ({next(iter(classes))})",) if len(classes) == 1 else ()
    record = {
        "rows": len(rows),
        "classes": classes,
        "exact_duplicates": copies,
        "conflicting_sequences": contradictions,
        "refusals": list(refusals),
        "recommendations": [f"near-duplicates of {rows.reads} are not looked for: cluster the rows beforehand"],
    }
    report = f"{len(rows)} rows, {copies} of them copies; {contradictions} with more than one target"
    return Findings(report, record, refusals)
