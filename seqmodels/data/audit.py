"""What is wrong with data before a model is trained on it: copies, leaks between files, contradictions, imbalance."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from seqmodels.data.duplicates import exact_groups, near_groups
from seqmodels.data.errors import UnsuitableData
from seqmodels.data.splits import TestFile
from seqmodels.data.strands import reverse_complement
from seqmodels.data.tables import LabelledSequences, Targets


@dataclass(frozen=True)
class Overlap:
    """Rows of another file that are also in the training file.

    `exact` on the same strand, `reverse` as reverse complements only, `near` only as near-duplicates.
    """

    name: str
    rows: int
    exact: int
    reverse: int
    near: int

    @property
    def total(self) -> int:
        """Rows that training has seen in one form or another."""
        return self.exact + self.reverse + self.near


@dataclass(frozen=True)
class Audit:
    """Counts of what a model could learn from wrongly; `str()` is a short report.

    `exact_duplicates`, `reverse_duplicates`: rows that repeat an earlier row, or its other strand. `near_groups`:
    groups of two and more near-duplicates, `near_rows` the rows in them, `largest_group` the largest's.
    `conflicting_sequences`: distinct sequences (either strand) with more than one label, `conflicting_rows` their rows.
    `classes`: rows of each class, flag or value column. `lengths`: shortest, median, longest, in bases. `unknown_share`
    and `ambiguous_share`: of all bases N, and other IUPAC codes. `refusals` say why nothing can be learnt.
    """

    rows: int
    classes: dict[str, int]
    lengths: tuple[int, int, int]
    unknown_share: float
    ambiguous_share: float
    exact_duplicates: int
    reverse_duplicates: int
    near_groups: int
    near_rows: int
    largest_group: int
    conflicting_sequences: int
    conflicting_rows: int
    overlaps: tuple[Overlap, ...]
    refusals: tuple[str, ...]
    recommendations: tuple[str, ...]

    def __str__(self) -> str:
        shown = list(self.classes.items())
        classes = ", ".join(f"{name} {count}" for name, count in shown[:10]) + (", ..." if len(shown) > 10 else "")
        lines = [
            f"{self.rows} sequences of {self.lengths[0]} to {self.lengths[2]} bases (median {self.lengths[1]})",
            f"labels: {classes or 'none'}",
            f"N {self.unknown_share:.2%} of the bases, other ambiguity codes {self.ambiguous_share:.2%}",
            f"repeated rows: {self.exact_duplicates} exact, {self.reverse_duplicates} as the other strand",
            f"near-duplicates: {self.near_rows} rows in {self.near_groups} groups (largest: {self.largest_group})",
            f"contradictions: {self.conflicting_sequences} sequences with two labels ({self.conflicting_rows} rows)",
        ]
        lines += [
            f"{overlap.name}: of {overlap.rows} rows the training file has {overlap.exact}, {overlap.reverse} more as "
            f"the other strand, and near-duplicates of {overlap.near}"
            for overlap in self.overlaps
        ]
        lines += [f"cannot train: {refusal}" for refusal in self.refusals]
        lines += [f"advice: {recommendation}" for recommendation in self.recommendations]
        return "\n".join(lines)

    def to_json(self) -> str:
        """All fields as a JSON object."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)

    def raise_if_unfit(self) -> None:
        """Stop before training where nothing could be learnt.

        Raises:
            UnsuitableData: with the refusals.
        """
        if self.refusals:
            raise UnsuitableData("; ".join(self.refusals), "Mend the training file, then run the audit again.")


def audit(
    train: LabelledSequences,
    validation: LabelledSequences | None = None,
    tests: Mapping[str, TestFile] | None = None,
) -> Audit:
    """Look through a training file, and for its rows in the files that judge the model.

    Args:
        train: rows to train on.
        validation: rows to choose models by, where the user gave a file of their own.
        tests: test files by name; their sequences are read, their labels are not.
    """
    others = {} if validation is None else {"validation": validation.sequences}
    others |= {name: test.sequences().sequences for name, test in (tests or {}).items()}
    names = [None, *others]
    everything = list(train.sequences) + [sequence for sequences in others.values() for sequence in sequences]
    file_of = np.repeat(np.arange(len(names)), [len(train), *(len(sequences) for sequences in others.values())])
    strands = exact_groups(everything)
    near = near_groups(everything)
    # through rows of another file, training rows would be held together that alone are not
    sizes = np.bincount(near if not others else near_groups(train.sequences))
    conflicting = conflicting_groups(strands[: len(train)], train.targets)
    overlaps = tuple(
        _overlap(name, everything, strands, near, file_of == 0, file_of == number)
        for number, name in enumerate(names)
        if name is not None
    )
    exact, reverse = _repeats(train.sequences)
    lengths = np.array([len(sequence) for sequence in train.sequences])
    bases = max(1, int(lengths.sum()))
    plain = sum(sequence.count(letter) for sequence in train.sequences for letter in "ACGT")
    unknown = sum(sequence.count("N") for sequence in train.sequences)
    classes = class_counts(train.targets)
    conflicting_rows = int(np.isin(strands[: len(train)], conflicting).sum())
    return Audit(
        rows=len(train),
        classes=classes,
        lengths=(int(lengths.min()), int(np.median(lengths)), int(lengths.max())) if len(train) else (0, 0, 0),
        unknown_share=unknown / bases,
        ambiguous_share=(bases - plain - unknown) / bases if len(train) else 0.0,
        exact_duplicates=exact,
        reverse_duplicates=reverse,
        near_groups=int((sizes > 1).sum()),
        near_rows=int(sizes[sizes > 1].sum()),
        largest_group=int(sizes.max(initial=0)),
        conflicting_sequences=len(conflicting),
        conflicting_rows=conflicting_rows,
        overlaps=overlaps,
        refusals=tuple(_refusals(train)),
        recommendations=tuple(
            _recommendations(len(train), classes, train.targets, sizes, len(conflicting), unknown / bases, overlaps)
        ),
    )


def conflicting_groups(groups: np.ndarray, targets: Targets | None) -> np.ndarray:
    """Numbers of the groups whose rows do not all have the same target; missing targets contradict nothing."""
    if targets is None or not len(groups):
        return np.empty(0, dtype=np.int64)
    values = np.asarray(targets.values, dtype=np.float64).reshape(len(groups), -1).copy()
    if targets.kind == "classes":
        values[values < 0] = np.nan
    count = int(groups.max()) + 1
    lowest = np.full((count, values.shape[1]), np.inf)
    highest = np.full((count, values.shape[1]), -np.inf)
    np.minimum.at(lowest, groups, np.where(np.isnan(values), np.inf, values))
    np.maximum.at(highest, groups, np.where(np.isnan(values), -np.inf, values))
    return np.flatnonzero((lowest < highest).any(axis=1))


def class_counts(targets: Targets | None) -> dict[str, int]:
    """Rows of each class; of each flag that is 1; of each value column that is not missing."""
    if targets is None:
        return {}
    if targets.kind == "classes":
        counts = Counter(int(value) for value in targets.values)
        return {name: counts[number] for number, name in enumerate(targets.classes)}
    counted = targets.values == 1 if targets.kind == "flags" else ~np.isnan(targets.values)
    return {column: int(counted[:, number].sum()) for number, column in enumerate(targets.columns)}


def _repeats(sequences: Sequence[str]) -> tuple[int, int]:
    """Rows equal to an earlier one, and rows whose other strand, but not they themselves, came earlier."""
    seen: set[str] = set()
    exact = reverse = 0
    for sequence in sequences:
        if sequence in seen:
            exact += 1
        elif reverse_complement(sequence) in seen:
            reverse += 1
        seen.add(sequence)
    return exact, reverse


def _overlap(
    name: str,
    everything: list[str],
    strands: np.ndarray,
    near: np.ndarray,
    in_train: np.ndarray,
    in_other: np.ndarray,
) -> Overlap:
    trained = {everything[row] for row in np.flatnonzero(in_train)}
    exact = np.array([everything[row] in trained for row in np.flatnonzero(in_other)], dtype=bool)
    either = np.isin(strands[in_other], strands[in_train])
    nearly = np.isin(near[in_other], near[in_train])
    return Overlap(
        name, int(in_other.sum()), int(exact.sum()), int((either & ~exact).sum()), int((nearly & ~either).sum())
    )


def _refusals(train: LabelledSequences) -> list[str]:
    if not len(train):
        return ["there are no rows"]
    targets = train.targets
    if targets is None:
        return []
    if targets.kind == "classes":
        present = [name for name, count in class_counts(targets).items() if count]
        return [] if len(present) > 1 else [f"all rows have the same class ({', '.join(present) or 'none'})"]
    return [
        f"the column {column!r} has the same value in all rows"
        for number, column in enumerate(targets.columns)
        if len(np.unique(targets.values[~np.isnan(targets.values[:, number]), number])) < 2
    ]


def _recommendations(
    rows: int,
    classes: dict[str, int],
    targets: Targets | None,
    sizes: np.ndarray,
    conflicting: int,
    unknown: float,
    overlaps: tuple[Overlap, ...],
) -> list[str]:
    advice = []
    for overlap in overlaps:
        if overlap.total:
            advice.append(
                f"{overlap.name} shares {overlap.total} of its {overlap.rows} rows with the training file: take their "
                f"like out of training, or report the score without them too"
            )
    if conflicting:
        advice.append(f"check the {conflicting} sequences with two labels at their source, or leave their rows out")
    if (sizes > 1).any():
        advice.append("validate on whole groups of near-duplicates (splits.split keeps them together)")
    if rows and sizes.max(initial=0) > 0.2 * rows:
        advice.append(f"one group of near-duplicates holds {sizes.max() / rows:.0%} of the rows: few others are judged")
    present = [count for count in classes.values() if count]
    if targets is not None and targets.kind == "classes" and present:
        if max(present) > 10 * min(present):
            advice.append("the classes are far from balanced: judge by MCC or precision and recall, not by accuracy")
        rare = [name for name, count in classes.items() if 0 < count < 10]
        if rare:
            advice.append(f"fewer than 10 rows of {', '.join(rare[:5])}: join classes, or find more")
    if unknown > 0.05:
        advice.append(f"{unknown:.0%} of the bases are N: leave out the sequences that are mostly unknown")
    if 0 < rows < 500:
        advice.append(f"{rows} rows are few: use cross-validation, and compare with boosted trees")
    return advice
