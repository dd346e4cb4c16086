"""GUE's human promoter sets, and folds of their training rows that no near-duplicate crosses.

Zhou et al. 2024, DNABERT-2, arXiv:2306.15006; windows around the transcription starts of EPDnew (Dreos et al. 2013,
doi:10.1093/nar/gks1233). The sets overlap: most windows of the TATA set hold one of the core set.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seqmodels.data.duplicates import near_groups
from seqmodels.data.errors import UnsuitableData
from seqmodels.data.splits import Split, TestFile, folds
from seqmodels.data.tables import LabelledSequences, read_labelled
from seqmodels.train.sequences import SequenceRows

Name = Literal["core", "tata300"]

FOLDS = 10
SETS: dict[Name, str] = {"core": "prom_prom_core_all", "tata300": "prom_prom_300_tata"}
LENGTHS: dict[Name, int] = {"core": 70, "tata300": 300}
CORE_AT = 216
"""Where in a window of 300 bases that of 70 begins."""
_SEED = 0


@dataclass(frozen=True)
class Promoters:
    """Windows with their labels (n,) of 0 and 1."""

    data: LabelledSequences
    labels: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> "Promoters":
        """These rows, in this order."""
        return Promoters(self.data.take(rows), self.labels[rows])

    @property
    def rows(self) -> SequenceRows:
        """As training takes them."""
        return SequenceRows(self.data, "dna")


def read_training(folder: Path, name: Name) -> Promoters:
    """A set's training rows; raises DataError where it is missing or malformed."""
    return read(folder / SETS[name] / "train.csv.gz")


def dev_file(folder: Path, name: Name) -> TestFile:
    """The rows that a set's figures are of: opened with `read` when the weights are finished."""
    return TestFile(folder / SETS[name] / "dev.csv.gz")


def parted(promoters: Promoters) -> tuple[Split, ...]:
    """Ten folds of training rows, balanced by label."""
    return folds(near_groups(promoters.data.sequences), promoters.labels, FOLDS, _SEED)


def parted_along(promoters: Promoters, core: Promoters) -> tuple[Split, ...]:
    """Ten folds whose held-out rows are near-duplicates of no core row but of those that the same core fold holds out.

    Rows that resemble core rows of several folds are held out of none.
    """
    groups = near_groups([*core.data.sequences, *promoters.data.sequences])
    theirs, own = groups[: len(core.labels)], groups[len(core.labels) :]
    fold_of_row = np.empty(len(core.labels), np.int64)
    for fold, split in enumerate(parted(core)):
        fold_of_row[split.validation] = fold
    least, most = np.full(len(groups), FOLDS), np.full(len(groups), -1)
    np.minimum.at(least, theirs, fold_of_row)
    np.maximum.at(most, theirs, fold_of_row)
    fold_of_group = np.where(most < 0, np.arange(len(groups)) % FOLDS, np.where(least == most, most, -1))
    return tuple(
        Split(np.flatnonzero(fold_of_group[own] != fold), np.flatnonzero(fold_of_group[own] == fold), _SEED)
        for fold in range(FOLDS)
    )


def alike(sequences: Sequence[str], others: Sequence[str]) -> NDArray[np.bool_]:
    """Which sequences, bool (n,), are in one group of near-duplicates, on either strand, with any of the others."""
    groups = near_groups([*sequences, *others])
    return np.isin(groups[: len(sequences)], groups[len(sequences) :])


def read(path: Path) -> Promoters:
    """The rows of a file of GUE; raises DataError where it is missing or malformed."""
    data = read_labelled(path, kind="classes")
    assert data.targets is not None
    if set(data.targets.classes) != {"0", "1"}:
        raise UnsuitableData(f"the labels are {data.targets.classes}", "Give 1 for promoters and 0 for others.")
    return Promoters(data, np.array([int(data.targets.classes[value]) for value in data.targets.values], np.int64))
