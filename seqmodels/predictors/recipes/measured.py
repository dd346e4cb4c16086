"""Scores of calibrated probabilities, with bootstrap intervals."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from seqmodels.predictors.calibration import calibration_error
from seqmodels.predictors.card import Score

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

_RESAMPLED = 1_000
_TAILS = (2.5, 97.5)


def measured(label: str, probabilities: Floats, labels: Labels, seed: int = 0) -> Iterator[Score]:
    """Matthews correlation, accuracy, AUC and calibration error, each with its interval of 95 % over resampled rows.

    Args:
        label: what the scores' names end with.
        probabilities: (n,) of label 1.
        labels: (n,) of 0 and 1.
        seed: of the resampling.
    """
    random = np.random.default_rng(seed)
    samples = [random.integers(0, len(labels), len(labels)) for _ in range(_RESAMPLED)]
    for name, score in (("MCC", mcc), ("accuracy", accuracy), ("AUC", auroc), ("ECE", calibration_error)):
        low, high = np.percentile([score(probabilities[rows], labels[rows]) for rows in samples], _TAILS).tolist()
        value = score(probabilities, labels)
        yield Score(name=f"{name} {label}", value=value, low=low, high=high, rows=len(labels))


def mcc(probabilities: Floats, labels: Labels) -> float:
    """Matthews correlation of labels 1 where the probability is a half and more; 0 where all are called alike."""
    called, true = probabilities >= 0.5, labels == 1
    if called.all() or not called.any() or true.all() or not true.any():
        return 0.0
    return float(np.corrcoef(called, true)[0, 1])


def accuracy(probabilities: Floats, labels: Labels) -> float:
    """Share of right labels."""
    return float(np.mean((probabilities >= 0.5) == labels))


def auroc(probabilities: Floats, labels: Labels) -> float:
    """Area under the curve of the receiver operating characteristic; a half where one label is missing."""
    from scipy.stats import rankdata

    positive = int(labels.sum())
    if positive in (0, len(labels)):
        return 0.5
    above = rankdata(probabilities)[labels == 1].sum() - positive * (positive + 1) / 2
    return float(above / (positive * (len(labels) - positive)))
