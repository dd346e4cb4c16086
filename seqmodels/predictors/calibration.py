"""Probabilities that mean what they say."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit

Floats = NDArray[np.float64]
# Probabilities of exactly 0 and 1 have no logit.
_LEAST = 1e-12


@dataclass(frozen=True)
class Calibration:
    """A line from a model's logits to calibrated ones (Platt 1999, Advances in Large Margin Classifiers, 61-74)."""

    slope: float = 1.0
    shift: float = 0.0

    def probability(self, logits: Floats) -> Floats:
        """Calibrated probabilities of logits, each (n,)."""
        return np.asarray(expit(self.slope * logits + self.shift), dtype=np.float64)


def calibrate(logits: Floats, labels: NDArray[np.int64]) -> Calibration:
    """The line under which labels (n,) of 0 and 1 are likeliest, given logits (n,) of rows not trained on."""
    signs = 2.0 * labels - 1.0

    def loss(line: Floats) -> tuple[float, Floats]:
        margins = signs * (line[0] * logits + line[1])
        slopes = -signs * expit(-margins)
        return float(np.logaddexp(0, -margins).mean()), np.array([(slopes * logits).mean(), slopes.mean()])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B")
    return Calibration(float(found.x[0]), float(found.x[1]))


def calibration_error(probabilities: Floats, labels: NDArray[np.int64], bins: int = 15) -> float:
    """Expected calibration error: how far shares of label 1 lie from the probabilities given, weighted by rows.

    Bins of equal width between 0 and 1, as in Guo et al. 2017, arXiv:1706.04599.
    """
    numbers = np.minimum((probabilities * bins).astype(np.int64), bins - 1)
    rows = np.bincount(numbers, minlength=bins)
    given = np.bincount(numbers, probabilities, bins)
    seen = np.bincount(numbers, labels.astype(np.float64), bins)
    return float(np.abs(given - seen).sum() / rows.sum())


def at_prevalence(probabilities: Floats, prevalence: float, trained: float = 0.5) -> Floats:
    """Probabilities for a genome where a share `prevalence` of candidates is positive, of a model trained on `trained`.

    The odds are multiplied by the ratio of the prior odds (Saerens et al. 2002, doi:10.1162/089976602753284446).
    Raises ValueError for a prevalence that is not between 0 and 1.
    """
    if not 0 < prevalence < 1:
        raise ValueError(f"a prevalence lies between 0 and 1; got {prevalence}")
    odds = logit(np.clip(probabilities, _LEAST, 1 - _LEAST)) + logit(prevalence) - logit(trained)
    return np.asarray(expit(odds), dtype=np.float64)
