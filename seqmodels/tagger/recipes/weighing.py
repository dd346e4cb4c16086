"""Learning how the features of a pair weigh: logistic regression with a penalty on large weights."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqmodels.tagger.pairs import PairWeights


@dataclass(frozen=True)
class Scale:
    """The features by name with their means and spreads, (features,) float64."""

    names: tuple[str, ...]
    means: NDArray[np.float64]
    spreads: NDArray[np.float64]

    @classmethod
    def of(cls, names: Sequence[str], features: NDArray[np.float64]) -> "Scale":
        """The scale of (pairs, features)."""
        spreads = features.std(0)
        return cls(tuple(names), features.mean(0), np.where(spreads > 0, spreads, 1))


def fitted(scale: Scale, features: NDArray[np.float64], right: NDArray[np.bool_], penalty: float) -> PairWeights:
    """The weights of least penalised loss.

    Args:
        scale: by which features are brought to like size, so that one penalty fits all.
        features: (pairs, features) float64.
        right: (pairs,) bool.
        penalty: on the squares of the weights of scaled features.
    """
    from scipy.optimize import minimize

    scaled = (features - scale.means) / scale.spreads

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, bias = point[:-1], point[-1]
        odds = scaled @ weights + bias
        wrong = 1 / (1 + np.exp(-odds)) - right
        value = np.logaddexp(0, odds).sum() - odds[right].sum() + penalty * (weights**2).sum()
        return float(value), np.append(wrong @ scaled + 2 * penalty * weights, wrong.sum())

    point = minimize(loss, np.zeros(scaled.shape[1] + 1), jac=True, method="L-BFGS-B").x
    weights = point[:-1] / scale.spreads
    return PairWeights(scale.names, weights, float(point[-1] - weights @ scale.means))
