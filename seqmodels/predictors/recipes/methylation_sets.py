"""The methylation sets as one table of windows, and folds that no near-duplicate crosses."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqmodels.data.duplicates import near_groups
from seqmodels.data.errors import UnsuitableData
from seqmodels.data.splits import Split, folds
from seqmodels.data.tables import LabelledSequences, Targets, read_labelled
from seqmodels.predictors.domains import DOMAINS
from seqmodels.train.sequences import SequenceRows

FOLDS = 5
# What is left of the largest set: more of it would make the joint model's other species rare.
MOST_OF_A_SET = 30_000
DOMAIN_IDS = "domain_ids"
_SEED = 0


@dataclass(frozen=True)
class Windows:
    """All windows, their labels and domains, and the folds that they are judged in."""

    rows: SequenceRows
    labels: NDArray[np.int64]
    domains: NDArray[np.int64]
    folds: tuple[Split, ...]

    def take(self, rows: NDArray[np.int64]) -> SequenceRows:
        """Some of the rows, as training takes them."""
        return SequenceRows(self.rows.data.take(rows), "dna", {DOMAIN_IDS: self.domains[rows]})


def read_windows(folder: Path) -> Windows:
    """The training windows of every set in a folder, each in `SET/train.csv.gz`; test files are not opened.

    Raises DataError where a set is missing or malformed.
    """
    sets = [_read_set(folder / domain.name / "train.csv.gz") for domain in DOMAINS]
    sequences = tuple(sequence for data in sets for sequence in data.sequences)
    labels = np.concatenate([labels_of(data) for data in sets])
    domains = np.repeat(np.arange(len(sets)), [len(data) for data in sets])
    data = LabelledSequences(
        tuple(f"{DOMAINS[domain].name}:{row}" for row, domain in enumerate(domains)),
        sequences,
        Targets("classes", ("label",), ("0", "1"), labels),
        np.arange(len(sequences), dtype=np.int64),
        folder,
    )
    groups = near_groups(sequences)
    rows = SequenceRows(data, "dna", {DOMAIN_IDS: domains})
    return Windows(rows, labels, domains, folds(groups, 2 * domains + labels, FOLDS, _SEED))


def _read_set(path: Path) -> LabelledSequences:
    data = read_labelled(path, kind="classes", length=41)
    if len(data) <= MOST_OF_A_SET:
        return data
    kept = np.random.default_rng(_SEED).permutation(len(data))[:MOST_OF_A_SET]
    return data.take(np.sort(kept))


def labels_of(data: LabelledSequences) -> NDArray[np.int64]:
    """Labels (n,) of 0 and 1; raises UnsuitableData for others."""
    assert data.targets is not None
    if set(data.targets.classes) != {"0", "1"}:
        raise UnsuitableData(f"the labels are {data.targets.classes}", "Give 1 for methylated and 0 for not.")
    return np.array([int(data.targets.classes[value]) for value in data.targets.values], np.int64)
