"""The judged folds put together: a threshold for each, chosen on the others, and the counts of all documents."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqmodels.tagger.scoring import MEASURES

EVENTS = MEASURES[2:]
Row = dict[str, Any]


@dataclass(frozen=True)
class Pooled:
    """The held-out documents of all folds.

    `counts` (documents with any, measures, 3) are hits, gold and predicted of `EVENTS`; `abstracts` how many documents
    were read; `thresholds` those of the folds.
    """

    counts: NDArray[np.int64]
    abstracts: int
    thresholds: tuple[float, ...]

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
    """The counts of folds of one model and setting, each by the threshold that is best on the others.

    The threshold is the one with the highest pooled F1 of events; with a single fold it is 0.5.
    """
    chosen = tuple(_threshold([other for other in rows if other is not row]) for row in rows)
    counts = [_documents(row, threshold) for row, threshold in zip(rows, chosen, strict=True)]
    return Pooled(np.concatenate(counts), sum(row["abstracts"] for row in rows), tuple(map(float, chosen)))


def best_threshold(rows: Sequence[Row]) -> float:
    """The threshold with the highest pooled F1 of events."""
    return float(_threshold(rows))


def _threshold(rows: Sequence[Row]) -> str:
    if not rows:
        return "0.5"
    known: list[str] = list(rows[0]["events"])
    return max(known, key=lambda threshold: _f1([_documents(row, threshold) for row in rows]))


def _documents(row: Row, threshold: str) -> NDArray[np.int64]:
    return np.array(list(row["events"][threshold].values()), np.int64).reshape(-1, len(EVENTS), 3)


def _f1(counts: Sequence[NDArray[np.int64]]) -> float:
    hits, gold, predicted = np.concatenate(counts)[:, 0].sum(0).tolist()
    return float(2 * hits / max(1, gold + predicted))
