"""The judged folds put together: pairs of each weighed by what the others teach, and all documents' counts."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqmodels.tagger.pairs import PairWeights
from seqmodels.tagger.recipes.weighing import Scale, fitted
from seqmodels.tagger.scoring import MEASURES, Said, event_counts

EVENTS = MEASURES[2:]
PENALTIES = (30.0, 100.0, 300.0)
LEASTS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
"""Least probabilities of an event that is told; both are chosen on other folds than those that are judged."""
_USUAL = (100.0, 0.3)
_MODEL_ALONE = PairWeights(("model",), np.ones(1), 0.0)
Row = dict[str, Any]
Choice = tuple[float, float]


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


def pooled(rows: Sequence[Row]) -> Pooled:
    """The counts of folds of one model and setting, each weighed and chosen for by the others alone."""
    counts, chosen = [], []
    for row in rows:
        others = [other for other in rows if other is not row]
        choice = _choice(others)
        chosen.append(choice)
        counts.append(_counts(row, _weighed(row, _weights(others, choice[0])), choice[1]))
    return Pooled(np.concatenate(counts), sum(row["abstracts"] for row in rows), tuple(chosen))


def learnt(rows: Sequence[Row]) -> tuple[PairWeights, float]:
    """The weights that all folds teach, and the least probability that is best when each is held out in turn."""
    penalty, least = _choice(rows)
    return _weights(rows, penalty), least


def _choice(rows: Sequence[Row]) -> Choice:
    """The penalty and least probability with the highest sum of F1 over rows that are held out in turn."""
    if len(rows) < 2:
        return _USUAL
    best: dict[Choice, float] = {}
    for penalty in PENALTIES:
        weighed = [_weighed(row, _weights([each for each in rows if each is not row], penalty)) for row in rows]
        for least in LEASTS:
            counts = [_counts(row, shares, least) for row, shares in zip(rows, weighed, strict=True)]
            hits, gold, predicted = np.concatenate(counts).sum(0).T
            best[penalty, least] = float((2 * hits / np.maximum(1, gold + predicted)).sum())
    return max(best, key=lambda choice: best[choice])


def _weights(rows: Sequence[Row], penalty: float) -> PairWeights:
    if not rows:
        return _MODEL_ALONE
    given = [pair for row in rows for paper in row["papers"].values() for pair in paper["said"]]
    features = np.array([pair[4] for pair in given], np.float64)
    right = np.array(
        [_is_right(pair, paper) for row in rows for paper in row["papers"].values() for pair in paper["said"]]
    )
    return fitted(Scale.of(rows[0]["features"], features), features, right, penalty)


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
