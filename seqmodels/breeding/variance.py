"""Variance components of a mixed model, from one eigen-decomposition of its kernel."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh
from scipy.optimize import minimize_scalar

from seqmodels.breeding.kinship import Array
from seqmodels.errors import ModelError

# Of the ratio of residual to genetic variance; the kernels are of unit scale.
_LOG_RATIOS = (-8.0, 8.0)
_FEWEST_LINES = 3


@dataclass(frozen=True)
class Spectrum:
    """Eigen-decomposition of a kernel that is centred on the lines it is of.

    With an intercept in the model, adding a constant to a kernel's rows and columns changes neither the restricted
    likelihood nor a prediction; centred, the intercept is the plain mean and every solution a sum over eigenvalues.
    `values`: (lines - 1,), `vectors`: (lines, lines - 1), `row_means`: (lines,).
    """

    values: Array
    vectors: Array
    row_means: Array
    mean: float

    @classmethod
    def of(cls, kernel: Array) -> "Spectrum":
        """Decompose a kernel (lines, lines); raises ModelError below three lines."""
        if len(kernel) < _FEWEST_LINES:
            raise ModelError(f"There are {len(kernel)} lines to learn from", "Give three or more with phenotypes.")
        row_means, mean = kernel.mean(axis=1), float(kernel.mean())
        centred = kernel - row_means[:, None] - row_means[None] + mean
        # The constant vector is the intercept's, which is not random. Its eigenvalue, 0, may be one of many; lifted
        # above all others it is the last one.
        lift = (2 * np.trace(centred) + 1) / len(kernel)
        values, vectors = eigh(centred + lift, driver="evd")
        return cls(np.maximum(values[:-1], 0.0), vectors[:, :-1], row_means, mean)

    def centred(self, kernel: Array) -> Array:
        """A kernel of new lines with these, (new lines, lines), centred as this one is."""
        centred: Array = kernel - kernel.mean(axis=1, keepdims=True) - self.row_means[None] + self.mean
        return centred

    def centred_diagonal(self, diagonal: Array, kernel: Array) -> Array:
        """The new lines' kernel with themselves, (new lines,), centred as this one is."""
        centred: Array = diagonal - 2 * kernel.mean(axis=1) + self.mean
        return centred


@dataclass(frozen=True)
class VarianceComponents:
    """Genetic variance (for a kernel of unit scale), residual variance, and their restricted log-likelihood."""

    genetic: float
    residual: float
    log_likelihood: float

    @property
    def ratio(self) -> float:
        """Residual over genetic variance: the ridge."""
        return self.residual / self.genetic


def restricted_maximum_likelihood(spectrum: Spectrum, phenotypes: Array) -> VarianceComponents:
    """Variance components that make the restricted likelihood greatest.

    Patterson & Thompson 1971, doi:10.1093/biomet/58.3.545; by one eigen-decomposition as in Kang et al. 2008, Genetics
    178:1709, doi:10.1534/genetics.107.080101.

    Args:
        spectrum: of the kernel of the lines.
        phenotypes: (lines,), none missing.

    Raises:
        ModelError: all lines have the same phenotype.
    """
    squares = np.square(spectrum.vectors.T @ (phenotypes - phenotypes.mean()))
    freedom = len(squares)
    if squares.sum() <= 1e-12 * max(1.0, float(np.square(phenotypes).sum())):
        raise ModelError("All lines have the same phenotype", "Give a trait in which the lines differ.")

    def minus_log_likelihood(log_ratio: float) -> float:
        variances = spectrum.values + np.exp(log_ratio)
        genetic = (squares / variances).mean()
        return float(freedom * np.log(2 * np.pi * genetic) + np.log(variances).sum() + freedom) / 2

    best = minimize_scalar(minus_log_likelihood, bounds=_LOG_RATIOS, method="bounded", options={"xatol": 1e-6})
    ratio = float(np.exp(best.x))
    genetic = float((squares / (spectrum.values + ratio)).mean())
    return VarianceComponents(genetic, ratio * genetic, -float(best.fun))
