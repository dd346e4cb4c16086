"""What repeated cross-validation says: correlations, and intervals that know that the folds share their lines."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from seqmodels.breeding.kinship import Array


@dataclass(frozen=True)
class Interval:
    """A mean over folds and the ends of its interval."""

    mean: float
    low: float
    high: float


def correlations(predicted: Array, measured: Array) -> Array:
    """Pearson correlation of each trait, (traits,), of tables (lines, traits); lines with NaN are left out.

    0 where nothing was told apart: a constant prediction orders no lines.
    """
    return np.array([_correlation(x, y) for x, y in zip(predicted.T, measured.T, strict=True)])


def _correlation(predicted: Array, measured: Array) -> float:
    known = ~np.isnan(measured)
    x, y = predicted[known] - predicted[known].mean(), measured[known] - measured[known].mean()
    scale = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / scale) if scale > 0 else 0.0


def corrected_interval(scores: Array, test_share: float, level: float = 0.95) -> Interval:
    """Mean of scores of repeated folds, with the corrected resampled t interval.

    Nadeau & Bengio 2003, Mach. Learn. 52:239, doi:10.1023/A:1024068626366: training sets overlap, so that the variance
    of the mean is (1 / n + test / training) of that of a score, and not 1 / n.

    Args:
        scores: (folds,), one a fold of every repeat; of differences for a paired comparison.
        test_share: test lines over training lines, 1/9 for ten folds.
        level: between 0 and 1.
    """
    mean, count = float(scores.mean()), len(scores)
    reach = float(t.ppf((1 + level) / 2, count - 1)) * np.sqrt((1 / count + test_share) * scores.var(ddof=1))
    return Interval(mean, mean - float(reach), mean + float(reach))
