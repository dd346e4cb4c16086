"""Training and validation rows that share no group, and test files that stay closed until a model is finished."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqmodels.data.errors import Place, TestIsClosed, UnsuitableData
from seqmodels.data.tables import LabelledSequences, Targets, read_sequences

Data = TypeVar("Data")


@dataclass(frozen=True)
class Split:
    """Row numbers to train on and to choose models by, int64, each in ascending order; `seed` made them."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    seed: int


@dataclass(frozen=True)
class FinishedModel:
    """Weights that are written and will not change: what a test may be opened for."""

    weights: Path
    sha256: str

    @classmethod
    def of(cls, weights: Path | str) -> "FinishedModel":
        """Take the weights of a finished training run.

        Raises:
            TestIsClosed: there is no such file yet.
        """
        path = Path(weights)
        if not path.is_file():
            remedy = "Finish training and save the model first; the test comes last."
            raise TestIsClosed("there are no finished weights here", remedy, Place(path))
        return cls(path, _sha256(path))


@dataclass(frozen=True)
class TestFile:
    """A test file by its path alone: no container, so that nothing which trains or chooses models can take its rows."""

    __test__ = False  # no test case of pytest's

    path: Path

    def open(self, read: Callable[[Path], Data], finished: FinishedModel) -> Data:
        """Read the rows, for the final judgement of a finished model.

        Args:
            read: reader of this kind of file, such as `functools.partial(read_labelled, classes=...)`.
            finished: the weights to be judged.

        Raises:
            TestIsClosed: the weights have changed since they were called finished.
            DataError: as `read`.
        """
        if not finished.weights.is_file() or _sha256(finished.weights) != finished.sha256:
            remedy = "Judge the model that was chosen on validation rows, as it was saved."
            raise TestIsClosed("the weights have changed since they were finished", remedy, Place(finished.weights))
        return read(self.path)

    def sequences(self, sequence: str = "sequence") -> LabelledSequences:
        """Its DNA without labels, to count what it shares with the training rows."""
        return read_sequences(self.path, sequence=sequence)


def strata_of(targets: Targets | None, bins: int = 10) -> NDArray[np.int64]:
    """A number for each row, by which splits are balanced: class, pattern of flags, or which tenth of the first value.

    Returns:
        int64 (n,); rows without a value have a number of their own.
    """
    if targets is None:
        return np.zeros(0, dtype=np.int64)
    if targets.kind == "classes":
        return np.asarray(targets.values, dtype=np.int64)
    if targets.kind == "flags":
        pattern = np.nan_to_num(targets.values, nan=2)
        return np.asarray(np.unique(pattern, axis=0, return_inverse=True)[1], dtype=np.int64).reshape(-1)
    first = np.asarray(targets.values[:, 0], dtype=np.float64)
    edges = np.nanquantile(first, np.linspace(0, 1, bins + 1)[1:-1]) if np.isfinite(first).any() else np.empty(0)
    return np.where(np.isnan(first), bins, np.searchsorted(edges, first)).astype(np.int64)


def split(groups: ArrayLike, strata: ArrayLike | None = None, validation: float = 0.1, seed: int = 0) -> Split:
    """Set rows aside for validation, whole groups at a time, every stratum in its share.

    Args:
        groups: (n,) numbers; rows of one number stay together.
        strata: (n,) numbers to balance, such as `strata_of(targets)`.
        validation: share of the rows, between 0 and 1.
        seed: the same seed and data give the same split.

    Raises:
        UnsuitableData: fewer than two groups, or groups so large that neither side comes near its share.
    """
    if not 0 < validation < 1:
        raise ValueError(f"the validation share lies between 0 and 1; got {validation}")
    numbers = _numbers(groups)
    part = _assigned(numbers, strata, np.array([validation, 1 - validation]), seed)
    chosen = part == 0
    _refuse_lopsided(numbers, chosen, validation)
    return Split(np.flatnonzero(~chosen), np.flatnonzero(chosen), seed)


def folds(groups: ArrayLike, strata: ArrayLike | None = None, k: int = 5, seed: int = 0) -> tuple[Split, ...]:
    """`k` splits whose validation rows together are all rows, each once; arguments and errors as `split`."""
    if k < 2:
        raise ValueError(f"cross-validation takes at least 2 folds; got {k}")
    numbers = _numbers(groups)
    part = _assigned(numbers, strata, np.full(k, 1 / k), seed)
    for fold in range(k):
        _refuse_lopsided(numbers, part == fold, 1 / k)
    return tuple(Split(np.flatnonzero(part != fold), np.flatnonzero(part == fold), seed) for fold in range(k))


def _numbers(groups: ArrayLike) -> NDArray[np.int64]:
    return np.unique(np.asarray(groups), return_inverse=True)[1].reshape(-1).astype(np.int64)


def _assigned(
    groups: NDArray[np.int64], strata: ArrayLike | None, shares: NDArray[np.float64], seed: int
) -> NDArray[np.int64]:
    """The part of every row, such that parts have their share of each stratum as nearly as whole groups allow."""
    random = np.random.default_rng(seed)
    stratum = np.zeros(len(groups), dtype=np.int64) if strata is None else _numbers(strata)
    if len(stratum) != len(groups):
        raise ValueError(f"{len(groups)} rows have groups, {len(stratum)} have strata")
    sizes = np.bincount(groups)
    room = np.outer(shares, np.bincount(stratum)).astype(np.float64)
    part_of_group = np.empty(len(sizes), dtype=np.int64)
    rows_by_group = np.argsort(groups, kind="stable")
    starts = np.concatenate([[0], np.cumsum(sizes)])
    shuffled = random.permutation(len(sizes))
    by_size = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    together = int((sizes > 1).sum())
    for group in by_size[:together]:
        counts = np.bincount(stratum[rows_by_group[starts[group] : starts[group + 1]]], minlength=room.shape[1])
        # the part where the group leaves the least overdrawn: relative to its share, so that small parts stay small
        overdrawn = (np.maximum(0, counts - room) ** 2).sum(axis=1) / shares
        best = np.lexsort((-(room @ counts) / shares, overdrawn))[0]
        part_of_group[group] = best
        room[best] -= counts
    alone = by_size[together:]
    of_stratum = stratum[rows_by_group[starts[alone]]]
    for number in range(room.shape[1]):
        members = alone[of_stratum == number]
        part_of_group[members] = _dealt(len(members), np.maximum(0, room[:, number]), shares, random)
    return part_of_group[groups]


def _dealt(
    count: int, room: NDArray[np.float64], shares: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.int64]:
    """Parts for `count` single rows in proportion to the room left; fractions of a row are drawn by lot."""
    weights = room if room.sum() > 0 else shares
    exact = count * weights / weights.sum()
    whole = np.floor(exact).astype(np.int64)
    left = count - int(whole.sum())
    lot = np.argsort(-(exact - whole) - 1e-9 * random.random(len(whole)), kind="stable")[:left]
    whole[lot] += 1
    return np.repeat(np.arange(len(whole)), whole)


def _refuse_lopsided(groups: NDArray[np.int64], chosen: NDArray[np.bool_], share: float) -> None:
    if not len(groups):
        raise UnsuitableData("there are no rows to split", "Give at least two rows.")
    largest = int(np.bincount(groups).max())
    wanted = share * len(groups)
    if not chosen.any() or chosen.all() or not 0.5 * wanted <= chosen.sum() <= max(2 * wanted, wanted + 1):
        reason = (
            f"{len(groups)} rows in {groups.max() + 1} groups of near-duplicates, the largest of {largest}, "
            f"cannot be split with {share:.0%} set aside: {chosen.sum()} rows would be"
        )
        raise UnsuitableData(reason, "Give a validation file of your own, more varied rows, or fewer folds.")


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
