"""What a mixed model says of new lines, and of the lines it learned from."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from seqmodels.breeding.kinship import Array, Rows
from seqmodels.breeding.variance import Spectrum, VarianceComponents, restricted_maximum_likelihood
from seqmodels.errors import ModelError


@dataclass(frozen=True)
class Prediction:
    """Predicted values of lines, one column a trait.

    `values`, `error_variance`, `reliability`: float64 (lines, traits), in units of the trait, of its square, and from 0
    to 1. The error variance is that of the line's genetic value, the trait's mean included; reliability is the share of
    the genetic variance that is explained, the squared correlation of predicted and true genetic value that the model
    expects. `residual_variance`: (traits,), of a measurement around the genetic value.
    """

    values: Array
    error_variance: Array
    reliability: Array
    residual_variance: Array

    def interval(self, level: float = 0.95, *, of: str = "phenotype") -> tuple[Array, Array]:
        """Lower and upper ends, (lines, traits) each, that hold with probability `level`.

        Args:
            level: between 0 and 1.
            of: "phenotype", a measurement of the line, or "genetic value".
        """
        if of not in ("phenotype", "genetic value"):
            raise ModelError(f"There is no interval of a {of!r}", "Choose phenotype or genetic value.")
        variance = self.error_variance + (self.residual_variance if of == "phenotype" else 0.0)
        reach = norm.ppf((1 + level) / 2) * np.sqrt(variance)
        return self.values - reach, self.values + reach


@dataclass(frozen=True)
class FittedTrait:
    """The mixed model of one trait, solved: `dual` is (lines,), what the centred kernel is multiplied by."""

    spectrum: Spectrum
    components: VarianceComponents
    mean: float
    dual: Array

    @classmethod
    def of(cls, spectrum: Spectrum, phenotypes: Array) -> "FittedTrait":
        """Solve it for phenotypes (lines,) with variance components by restricted maximum likelihood."""
        components, mean = restricted_maximum_likelihood(spectrum, phenotypes), float(phenotypes.mean())
        projected = spectrum.vectors.T @ (phenotypes - mean)
        dual = spectrum.vectors @ (projected / (spectrum.values + components.ratio))
        return cls(spectrum, components, mean, dual)

    @property
    def mean_variance(self) -> float:
        """Variance of the estimated mean."""
        return self.components.residual / len(self.dual)

    def predict(self, kernel: Array, diagonal: Array) -> tuple[Array, Array, Array]:
        """Value, error variance and reliability of new lines, (new lines,) each.

        Args:
            kernel: of the new lines with the training lines, (new lines, lines).
            diagonal: of the new lines with themselves, (new lines,).
        """
        centred, prior = self.spectrum.centred(kernel), self.spectrum.centred_diagonal(diagonal, kernel)
        projected = np.square(centred @ self.spectrum.vectors)
        explained = projected @ (1 / (self.spectrum.values + self.components.ratio))
        error, reliability = uncertainty(self.components, self.mean_variance, prior, explained)
        return self.mean + centred @ self.dual, error, reliability

    def leave_one_out(self) -> Array:
        """Each training line's value as predicted without it, (lines,), at these variance components.

        One division a line: Cook's identity for the residual of a deleted row.
        """
        leverage = np.square(self.spectrum.vectors) @ (1 / (self.spectrum.values + self.components.ratio))
        return self.phenotypes() - self.dual / leverage

    def phenotypes(self) -> Array:
        """The phenotypes that it was solved for, (lines,)."""
        projected = self.spectrum.vectors.T @ self.dual
        centred: Array = self.spectrum.vectors @ (projected * (self.spectrum.values + self.components.ratio))
        return self.mean + centred


def uncertainty(
    components: VarianceComponents, mean_variance: float, prior: Array, explained: Array
) -> tuple[Array, Array]:
    """Error variance and reliability, (lines,) each, of genetic values.

    Args:
        components: of the trait.
        mean_variance: of the trait's estimated mean.
        prior: variance of each line's genetic value in units of the genetic variance, (lines,).
        explained: the part of it that the training lines explain, (lines,).
    """
    explained = np.clip(explained, 0.0, prior)
    error = components.genetic * (prior - explained) + mean_variance
    return error, np.divide(explained, prior, out=np.zeros_like(prior), where=prior > 1e-12)


def rows_by_trait(phenotypes: Array, lines: int) -> list[Rows]:
    """Indices of the lines that have a phenotype, one array a trait; raises ModelError where the table does not fit."""
    table = np.asarray(phenotypes, dtype=np.float64)
    if table.ndim != 2 or len(table) != lines:
        raise ModelError(
            f"Phenotypes have the shape {table.shape}, genotypes {lines:,} lines",
            "Give one row a line and one column a trait; one that is not known is NaN.",
        )
    return [np.flatnonzero(~np.isnan(column)) for column in table.T]
