"""What is wrong with data before a model is trained on it: copies, leaks between files, contradictions, imbalance."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from seqmodels.data.annotations import LabelledBases
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
class Report:
    """What an audit ends with: `refusals` say why nothing can be learnt, `recommendations` what to do."""

    refusals: tuple[str, ...]
    recommendations: tuple[str, ...]

    def __str__(self) -> str:
        endings = [f"cannot train: {refusal}" for refusal in self.refusals]
        return "\n".join(self.findings() + endings + [f"advice: {advice}" for advice in self.recommendations])

    def findings(self) -> list[str]:
        """The counts, in lines for people."""
        raise NotImplementedError

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


@dataclass(frozen=True)
class Audit(Report):
    """Counts of what a model could learn from wrongly; `str()` is a short report.

    `exact_duplicates`, `reverse_duplicates`: rows that repeat an earlier row, or its other strand. `near_groups`:
    groups of two and more near-duplicates, `near_rows` the rows in them, `largest_group` the largest's.
    `conflicting_sequences`: distinct sequences (either strand) with more than one label, `conflicting_rows` their rows.
    `classes`: rows (or labelled bases) of each class, flag or value column. `lengths`: shortest, median and longest, in
    bases. `unknown_share` and `ambiguous_share`: of all bases N, and other IUPAC codes.
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

    def findings(self) -> list[str]:
        """The counts, in lines for people."""
        return [
            f"{self.rows} sequences of {self.lengths[0]} to {self.lengths[2]} bases (median {self.lengths[1]})",
            f"labels: {listed(self.classes)}",
            f"N {self.unknown_share:.2%} of the bases, other ambiguity codes {self.ambiguous_share:.2%}",
            f"repeated rows: {self.exact_duplicates} exact, {self.reverse_duplicates} as the other strand",
            f"near-duplicates: {self.near_rows} rows in {self.near_groups} groups (largest: {self.largest_group})",
            f"contradictions: {self.conflicting_sequences} sequences with two labels ({self.conflicting_rows} rows)",
            *(
                f"{overlap.name}: of {overlap.rows} rows the training file has {overlap.exact}, {overlap.reverse} more "
                f"as the other strand, and near-duplicates of {overlap.near}"
                for overlap in self.overlaps
            ),
        ]


def listed(counts: Mapping[str, int], most: int = 10) -> str:
    """Counts by name in one line."""
    shown = ", ".join(f"{name} {count}" for name, count in list(counts.items())[:most])
    return (shown + (", ..." if len(counts) > most else "")) or "none"


def audit(
    train: LabelledSequences | LabelledBases,
    validation: LabelledSequences | LabelledBases | None = None,
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
    targets = train.targets if isinstance(train, LabelledSequences) else None
    classes = class_counts(targets) if isinstance(train, LabelledSequences) else base_counts(train)
    strands = exact_groups(train.sequences)
    conflicting = conflicting_groups(strands, targets)
    near = np.bincount(near_groups(train.sequences))
    exact, reverse = _repeats(train.sequences)
    lengths = np.array([len(sequence) for sequence in train.sequences])
    bases = max(1, int(lengths.sum()))
    plain = sum(sequence.count(letter) for sequence in train.sequences for letter in "ACGT")
    unknown = sum(sequence.count("N") for sequence in train.sequences)
    found = Audit(
        rows=len(train),
        classes=classes,
        lengths=(int(lengths.min()), int(np.median(lengths)), int(lengths.max())) if len(train) else (0, 0, 0),
        unknown_share=unknown / bases,
        ambiguous_share=(int(lengths.sum()) - plain - unknown) / bases,
        exact_duplicates=exact,
        reverse_duplicates=reverse,
        near_groups=int((near > 1).sum()),
        near_rows=int(near[near > 1].sum()),
        largest_group=int(near.max(initial=0)),
        conflicting_sequences=len(conflicting),
        conflicting_rows=int(np.isin(strands, conflicting).sum()),
        overlaps=_overlaps(train.sequences, others),
        refusals=tuple(_refusals(len(train), targets, classes)),
        recommendations=(),
    )
    return replace(found, recommendations=tuple(_recommendations(found, targets)))


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


def base_counts(data: LabelledBases) -> dict[str, int]:
    """Bases of each class."""
    counts = np.zeros(len(data.classes), dtype=np.int64)
    for labels in data.labels:
        counts += np.bincount(labels[labels >= 0], minlength=len(data.classes))
    return {name: int(count) for name, count in zip(data.classes, counts, strict=True)}


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


def _overlaps(train: Sequence[str], others: Mapping[str, Sequence[str]]) -> tuple[Overlap, ...]:
    if not others:
        return ()
    everything = [*train, *(sequence for sequences in others.values() for sequence in sequences)]
    strands, near = exact_groups(everything), near_groups(everything)
    trained, rows = set(train), len(train)
    overlaps, start = [], rows
    for name, sequences in others.items():
        end = start + len(sequences)
        exact = np.array([sequence in trained for sequence in sequences], dtype=bool)
        either = np.isin(strands[start:end], strands[:rows])
        nearly = np.isin(near[start:end], near[:rows])
        reverse, only_near = either & ~exact, nearly & ~either
        overlaps.append(Overlap(name, len(sequences), int(exact.sum()), int(reverse.sum()), int(only_near.sum())))
        start = end
    return tuple(overlaps)


def _refusals(rows: int, targets: Targets | None, classes: Mapping[str, int]) -> list[str]:
    if not rows:
        return ["there are no rows"]
    if targets is not None and targets.kind != "classes":
        return [
            f"the column {column!r} has the same value in all rows"
            for number, column in enumerate(targets.columns)
            if len(np.unique(targets.values[~np.isnan(targets.values[:, number]), number])) < 2
        ]
    present = [name for name, count in classes.items() if count]
    return [f"all labels are the same ({', '.join(present) or 'none'})"] if classes and len(present) < 2 else []


def _recommendations(found: Audit, targets: Targets | None) -> list[str]:
    advice = [
        f"{overlap.name} shares {overlap.total} of its {overlap.rows} rows with the training file: take their like out "
        f"of training, or report the score without them too"
        for overlap in found.overlaps
        if overlap.total
    ]
    if found.conflicting_sequences:
        advice.append(
            f"check the {found.conflicting_sequences} sequences with two labels at their source, or leave them out"
        )
    if found.near_groups:
        advice.append("validate on whole groups of near-duplicates (splits.split keeps them together)")
    if found.largest_group > 0.2 * max(5, found.rows):
        share = found.largest_group / found.rows
        advice.append(f"one group of near-duplicates holds {share:.0%} of the rows: few others are judged")
    if targets is not None and targets.kind == "classes":
        advice += _advice_on_balance(found.classes)
    if found.unknown_share > 0.05:
        advice.append(f"{found.unknown_share:.0%} of the bases are N: leave out the sequences that are mostly unknown")
    if 0 < found.rows < 500:
        advice.append(f"{found.rows} rows are few: use cross-validation, and compare with boosted trees")
    return advice


def _advice_on_balance(classes: Mapping[str, int]) -> list[str]:
    present = [count for count in classes.values() if count]
    advice = []
    if present and max(present) > 10 * min(present):
        advice.append("the classes are far from balanced: judge by MCC or precision and recall, not by accuracy")
    rare = [name for name, count in classes.items() if 0 < count < 10]
    if rare:
        advice.append(f"fewer than 10 rows of {', '.join(rare[:5])}: join classes, or find more")
    return advice
