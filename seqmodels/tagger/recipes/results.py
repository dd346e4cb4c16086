"""The judged folds put together: pairs of each weighed by what the others teach, and all documents' counts."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqmodels.tagger.pairs import PairWeights
from seqmodels.tagger.recipes.weighing import Scale, fitted
from seqmodels.tagger.scoring import MEASURES, Said, event_counts

EVENTS = MEASURES[2:]
PENALTIES = (30.0, 100.0, 300.0)
LEASTS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
"""Least probabilities of an event that is told; both are chosen on other folds than those that are judged."""
TIMES = (1, 3, 10)
"""How many pairs of the folds one judged pair counts for; chosen in the same way."""
_MODEL_ALONE = PairWeights(("model",), np.ones(1), 0.0)
Row = dict[str, Any]


class Choice(NamedTuple):
    """What other folds have chosen: a penalty, a least probability, and how often a judged pair counts."""

    penalty: float
    least: float
    times: int = 0


_USUAL = Choice(100.0, 0.3, TIMES[0])


@dataclass(frozen=True)
class Judged:
    """Pairs that people judged: `features` (pairs, features) float64 as the folds name them, `right` (pairs,) bool."""

    features: NDArray[np.float64]
    right: NDArray[np.bool_]


@dataclass(frozen=True)
class Pooled:
    """The held-out documents of all folds.

    `counts` (documents with any, measures, 3) are hits, gold and predicted of `EVENTS`; `abstracts` how many documents
    were read; `chosen` the penalties and least probabilities of the folds.
    """

    counts: NDArray[np.int64]
    abstracts: int
    chosen: tuple[Choice, ...]

    @property
    def false_events(self) -> float:
        """Events found in a hundred abstracts that have none."""
        negative = self.counts[self.counts[:, 0, 1] == 0]
        without = self.abstracts - int((self.counts[:, 0, 1] > 0).sum())
        return float(100 * negative[:, 0, 2].sum() / max(1, without))


def read_results(path: Path) -> Iterator[Row]:
    """The records of a file of judged folds; none where it is absent."""
    if path.is_file():
        yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def pooled(rows: Sequence[Row], judged: Judged | None = None) -> Pooled:
    """The counts of folds of one model and setting, each weighed and chosen for by the others alone.

    Args:
        rows: the folds.
        judged: further pairs to learn from, of no paper that a fold has.
    """
    counts, chosen = [], []
    for row in rows:
        others = [other for other in rows if other is not row]
        choice = choice_of(others, judged)
        chosen.append(choice)
        counts.append(_counts(row, _weighed(row, weights_of(others, choice, judged)), choice.least))
    return Pooled(np.concatenate(counts), sum(row["abstracts"] for row in rows), tuple(chosen))


def learnt(rows: Sequence[Row], judged: Judged | None = None) -> tuple[PairWeights, float]:
    """The weights that all folds teach, and the least probability that is best when each is held out in turn."""
    choice = choice_of(rows, judged)
    return weights_of(rows, choice, judged), choice.least


def choice_of(rows: Sequence[Row], judged: Judged | None = None) -> Choice:
    """What has the highest sum of F1 over rows that are held out in turn; `judged` teaches and is never held out."""
    if len(rows) < 2:
        return _USUAL
    best: dict[Choice, float] = {}
    for penalty, times in product(PENALTIES, TIMES if judged else (0,)):
        tried = Choice(penalty, 0.0, times)
        weighed = [_weighed(row, weights_of([each for each in rows if each is not row], tried, judged)) for row in rows]
        for least in LEASTS:
            counts = [_counts(row, shares, least) for row, shares in zip(rows, weighed, strict=True)]
            hits, gold, predicted = np.concatenate(counts).sum(0).T
            best[tried._replace(least=least)] = float((2 * hits / np.maximum(1, gold + predicted)).sum())
    return max(best, key=lambda choice: best[choice])


def weights_of(rows: Sequence[Row], choice: Choice, judged: Judged | None = None) -> PairWeights:
    """The weights that folds and judged pairs teach; of neither the model's own probability."""
    if not rows:
        return _MODEL_ALONE
    papers = [paper for row in rows for paper in row["papers"].values()]
    features = np.array([pair[4] for paper in papers for pair in paper["said"]], np.float64)
    right = np.array([_is_right(pair, paper) for paper in papers for pair in paper["said"]])
    scale = Scale.of(rows[0]["features"], features)
    if judged is not None:
        features = np.concatenate([features, np.repeat(judged.features, choice.times, axis=0)])
        right = np.concatenate([right, np.repeat(judged.right, choice.times)])
    return fitted(scale, features, right, choice.penalty)


def _is_right(pair: Sequence[Any], paper: Row) -> bool:
    return any(start < pair[1] and pair[0] < end and cluster == pair[2] for start, end, cluster, _ in paper["gold"])


def _weighed(row: Row, weights: PairWeights) -> NDArray[np.float64]:
    names = row["features"]
    said = [dict(zip(names, pair[4], strict=True)) for paper in row["papers"].values() for pair in paper["said"]]
    return weights.probabilities(said)


def _counts(row: Row, shares: NDArray[np.float64], least: float) -> NDArray[np.int64]:
    """Hits, gold and predicted of each document at a least probability."""
    counts = []
    told = iter(shares >= least)
    for paper in row["papers"].values():
        gold: set[Said] = {(start, end, cluster, status) for start, end, cluster, status in paper["gold"]}
        said: set[Said] = {(*pair[:4],) for pair in paper["said"] if next(told)}
        of_paper = event_counts(gold, said)
        counts.append([[of_paper.hits[each], of_paper.gold[each], of_paper.predicted[each]] for each in EVENTS])
    return np.array(counts, np.int64).reshape(-1, len(EVENTS), 3)
