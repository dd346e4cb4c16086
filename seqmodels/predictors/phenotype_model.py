"""A mixed model of kernel features, fitted, saved and predicting without its lines."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from seqmodels.breeding.folds import folds
from seqmodels.breeding.kinship import Array, MarkerScale
from seqmodels.breeding.prediction import FittedTrait, Prediction, rows_by_trait
from seqmodels.breeding.variance import Spectrum
from seqmodels.errors import ModelError
from seqmodels.predictors.phenotype_axes import FamilyAxes
from seqmodels.predictors.phenotype_features import KernelFeatures

DIRECTIONS = 8192
_INNER_FOLDS = 10
# No line is known for certain, and none tells nothing.
_LEAST, _MOST = 0.02, 0.98


@dataclass(frozen=True)
class PhenotypeModel:
    """Features and axes of the markers; of each trait its effects and variances.

    `effects`: (features, traits); `constants`, `genetic`, `residual`: (traits,), the value where all features are 0,
    the variance of genetic values of lines, and that of a measurement around them; `slopes`: (3, traits), from what
    `FamilyAxes.describe` gives to a reliability.
    """

    features: KernelFeatures
    axes: FamilyAxes
    effects: Array
    constants: Array
    genetic: Array
    residual: Array
    slopes: Array

    @classmethod
    def fit(cls, genotypes: Array, phenotypes: Array, directions: int = DIRECTIONS) -> "PhenotypeModel":
        """Fit every trait by itself, variance components by restricted maximum likelihood.

        Args:
            genotypes: (lines, markers), presence 0 or 1; NaN is missing.
            phenotypes: (lines, traits), NaN missing.
            directions: random directions, half as many as features.

        Raises:
            ModelError: the tables do not fit each other, or lines, markers or phenotypes do not differ.
        """
        features = KernelFeatures.of(genotypes, directions)
        table, described = features.of_lines(genotypes), _described(genotypes)
        spectra: dict[bytes, Spectrum] = {}
        traits = []
        for trait, rows in enumerate(rows_by_trait(phenotypes, len(genotypes))):
            known = table[rows]
            if rows.tobytes() not in spectra:
                spectra[rows.tobytes()] = Spectrum.of(known @ known.T)
            fit = FittedTrait.of(spectra[rows.tobytes()], phenotypes[rows, trait])
            traits.append(_parts(fit, known, described[rows]))
        columns = (np.stack(column, axis=-1) for column in zip(*traits, strict=True))
        return cls(features, FamilyAxes.of(genotypes), *columns)

    def predict(self, genotypes: Array) -> Prediction:
        """Values of new lines (lines, markers), with their uncertainty; raises ModelError on other markers."""
        values = self.constants + self.features.of_lines(genotypes) @ self.effects
        reliability = np.clip(self.axes.describe(genotypes) @ self.slopes, _LEAST, _MOST)
        return Prediction(values, self.genetic * (1 - reliability), reliability, self.residual)

    def save(self, path: Path | str) -> None:
        """Write it as safetensors, in single precision."""
        tables = {
            "mean": self.features.scale.mean,
            "weight": self.features.scale.weight,
            "frequency": np.array([self.features.frequency]),
            "axes": self.axes.axes,
            **{name: getattr(self, name) for name in _TABLES},
        }
        tensors = {name: np.ascontiguousarray(table, np.float32) for name, table in tables.items()}
        save_file({**tensors, "signs": np.packbits(self.features.signs, axis=1)}, path)

    @classmethod
    def load(cls, path: Path | str) -> "PhenotypeModel":
        """Read what `save` wrote; raises ModelError where it is no such file, OSError where there is none."""
        try:
            stored = load_file(path)
            tables = {name: stored[name].astype(np.float64) for name in _TABLES}
            scale = MarkerScale(stored["mean"].astype(np.float64), stored["weight"].astype(np.float64))
            axes = FamilyAxes(scale, stored["axes"].astype(np.float64))
            signs = np.unpackbits(stored["signs"], axis=1, count=len(tables["effects"]) // 2).astype(bool)
            features = KernelFeatures(scale, signs, float(stored["frequency"][0]))
        except (SafetensorError, KeyError) as error:
            raise ModelError(f"{path} is no phenotype model ({error})", "Install Epicite again.") from error
        return cls(features, axes, **tables)


_TABLES = ("effects", "constants", "genetic", "residual", "slopes")


def _described(genotypes: Array) -> Array:
    """What axes of nine tenths of the lines say of the others."""
    described = np.zeros((len(genotypes), 3))
    assigned = folds(len(genotypes), _INNER_FOLDS, 0)
    for fold in range(_INNER_FOLDS):
        inside = assigned == fold
        described[inside] = FamilyAxes.of(genotypes[~inside]).describe(genotypes[inside])
    return described


def _parts(fit: FittedTrait, table: Array, described: Array) -> tuple[Array, ...]:
    """Effects, constant, variances and slopes of one trait, from features and descriptions of its lines."""
    effects = table.T @ fit.dual
    prior, reliability = _left_out(fit)
    slopes = np.linalg.lstsq(described, reliability, rcond=None)[0]
    constant = fit.mean - fit.spectrum.row_means @ fit.dual
    variances = fit.components.genetic * prior.mean(), fit.components.residual + fit.mean_variance
    return effects, np.array(constant), *(np.array(variance) for variance in variances), slopes


def _left_out(fit: FittedTrait) -> tuple[Array, Array]:
    """Prior variance of each line's genetic value in units of the genetic variance, and its reliability left out.

    A measurement that is left out has the variance of a residual over a leverage (Cook's identity).
    """
    squares = np.square(fit.spectrum.vectors)
    prior = squares @ fit.spectrum.values
    error = 1 / (squares @ (1 / (fit.spectrum.values + fit.components.ratio))) - fit.components.ratio
    return prior, np.clip(1 - error / prior, 0.0, 1.0)
