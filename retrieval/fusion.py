"""How a passage's likenesses to a question become one score."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Likenesses = NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """What each likeness counts; chosen on EPI and CG abstracts by `benchmarks/fusion.py`.

    `words`: BM25 of the passage's context, as a share of the most that the question could reach. `context`,
    `passage`, `sentence`: cosines to the passage with its neighbours, to the passage, to its best sentence.
    """

    words: float
    context: float
    passage: float
    sentence: float


WEIGHTS = Weights(words=1.0, context=0.33, passage=0.44, sentence=0.49)


def fuse(
    words: Likenesses, context: Likenesses, passage: Likenesses, sentence: Likenesses, weights: Weights = WEIGHTS
) -> Likenesses:
    """Weighted sum, by passage; likenesses have shape (passages,), NaN where a passage has no vectors yet.

    A passage without vectors is taken to be as near as the average of the others, so that a paper is found by
    its words as soon as it is stored.
    """
    by_meaning = [
        weight * _imputed(likeness)
        for weight, likeness in (
            (weights.context, context),
            (weights.passage, passage),
            (weights.sentence, sentence),
        )
    ]
    return weights.words * words + sum(by_meaning, np.zeros(len(words)))


def _imputed(likeness: Likenesses) -> Likenesses:
    unknown = np.isnan(likeness)
    average = likeness[~unknown].mean() if not unknown.all() else 0.0
    return np.where(unknown, average, likeness)
