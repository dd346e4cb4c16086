"""How well an encoder finds papers, before and after it was tuned."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finetune.embedding.questions import Question

RESAMPLES = 10_000


@dataclass(frozen=True)
class Ranks:
    """The rank of the first right paper of each question, from 1 on, before and after; shape (questions,), int64."""

    before: NDArray[np.int64]
    after: NDArray[np.int64]


@dataclass(frozen=True)
class Change:
    """A measure before and after, and their difference with its 95 % interval."""

    before: float
    after: float
    low: float
    high: float


def ranks(questions: Sequence[Question], cosines: Iterable[NDArray[np.float32]]) -> NDArray[np.int64]:
    """The rank of the first paper that answers each question; of equals the worst is told.

    Args:
        questions: with their answers.
        cosines: (questions, papers).
    """
    wrong = []
    for question, row in zip(questions, cosines, strict=True):
        right = sorted(question.answers)
        wrong.append(np.count_nonzero(np.delete(row, right) >= row[right].max()))
    return np.array(wrong, np.int64) + 1


def changes(found: Ranks, resamples: int = RESAMPLES) -> dict[str, Change]:
    """Recall@1 and the mean reciprocal rank, with percentile intervals of a paired bootstrap over questions."""
    measured = {"Recall@1": (found.before == 1, found.after == 1), "MRR": (1 / found.before, 1 / found.after)}
    chosen = np.random.default_rng(0).integers(len(found.before), size=(resamples, len(found.before)))
    told = {}
    for name, (before, after) in measured.items():
        apart = after.astype(np.float64) - before
        low, high = np.percentile(apart[chosen].mean(axis=1), [2.5, 97.5])
        told[name] = Change(float(before.mean()), float(after.mean()), float(low), float(high))
    return told


def table(found: dict[str, Ranks]) -> list[str]:
    """Lines for each set of questions."""
    lines = [f"{'':<44}{'':<10}{'before':>8}{'after':>8}   change [95 %]"]
    for name, measured in found.items():
        heading = f"{name} ({len(measured.before)})"
        for measure, change in changes(measured).items():
            apart = f"{change.after - change.before:+.4f} [{change.low:+.4f}, {change.high:+.4f}]"
            lines.append(f"{heading:<44}{measure:<10}{change.before:>8.4f}{change.after:>8.4f}   {apart}")
    return lines
