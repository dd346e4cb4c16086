"""The judged folds put together: least probabilities of each, chosen on the others, and all documents' counts."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqmodels.tagger.scoring import MEASURES
from seqmodels.tagger.tagger import LEAST, Least

EVENTS = MEASURES[2:]
Row = dict[str, Any]


@dataclass(frozen=True)
class Pooled:
    """The held-out documents of all folds.

    `counts` (documents with any, measures, 3) are hits, gold and predicted of `EVENTS`; `abstracts` how many documents
    were read; `leasts` the least probabilities of the folds.
    """

    counts: NDArray[np.int64]
    abstracts: int
    leasts: tuple[Least, ...]

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
    """The counts of folds of one model and setting, each by the least probabilities that are best on the others.

    They are those with the highest sum of the pooled F1 of all measures of events; with a single fold `LEAST`.
    """
    chosen = [_least([other for other in rows if other is not row]) for row in rows]
    counts = [_documents(row, least) for row, least in zip(rows, chosen, strict=True)]
    return Pooled(np.concatenate(counts), sum(row["abstracts"] for row in rows), tuple(map(_read, chosen)))


def best_least(rows: Sequence[Row]) -> Least:
    """The least probabilities with the highest sum of the pooled F1 of all measures of events."""
    return _read(_least(rows))


def named(least: Least) -> str:
    """Least probabilities as a key of a record."""
    return f"{least[0]}/{least[1]}"


def _read(key: str) -> Least:
    of_any, _, of_plain = key.partition("/")
    return float(of_any), float(of_plain)


def _least(rows: Sequence[Row]) -> str:
    if not rows:
        return named(LEAST)
    known: list[str] = list(rows[0]["events"])
    return max(known, key=lambda least: _f1([_documents(row, least) for row in rows]))


def _documents(row: Row, least: str) -> NDArray[np.int64]:
    return np.array(list(row["events"][least].values()), np.int64).reshape(-1, len(EVENTS), 3)


def _f1(counts: Sequence[NDArray[np.int64]]) -> float:
    hits, gold, predicted = np.concatenate(counts).sum(0).T
    return float((2 * hits / np.maximum(1, gold + predicted)).sum())
