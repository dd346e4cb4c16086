"""GBLUP: breeding values from genomic relationships, and the marker effects that they amount to.

VanRaden 2008, J. Dairy Sci. 91:4414, doi:10.3168/jds.2007-0980.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqmodels.breeding.kinship import SCALINGS, Array, MarkerScale, Rows, Scaling
from seqmodels.breeding.marker_effects import MarkerEffects
from seqmodels.breeding.prediction import FittedTrait, Prediction, rows_by_trait
from seqmodels.breeding.variance import Spectrum, VarianceComponents


@dataclass(frozen=True)
class GBLUP:
    """A fitted model; `coordinates` are those of the training lines, `rows` the lines that have each trait."""

    scaling: Scaling
    scale: MarkerScale
    coordinates: Array
    rows: list[Rows]
    traits: list[FittedTrait]

    @classmethod
    def fit(cls, genotypes: Array, phenotypes: Array, scalings: Sequence[Scaling] = SCALINGS) -> "GBLUP":
        """Fit every trait by itself, with variance components by restricted maximum likelihood.

        Args:
            genotypes: (lines, markers), 0, 1, 2 or presence 0, 1; NaN or negative is missing.
            phenotypes: (lines, traits), NaN missing.
            scalings: of the markers; of several, the one of the greatest restricted likelihood over all traits.

        Raises:
            ModelError: the tables do not fit each other, or lines, markers or phenotypes do not differ.
        """
        fits = [cls._fit(genotypes, phenotypes, scaling) for scaling in scalings]
        return max(fits, key=lambda fit: sum(trait.components.log_likelihood for trait in fit.traits))

    @classmethod
    def _fit(cls, genotypes: Array, phenotypes: Array, scaling: Scaling) -> "GBLUP":
        scale = MarkerScale.of(genotypes, scaling)
        coordinates, rows = scale.coordinates(genotypes), rows_by_trait(phenotypes, len(genotypes))
        spectra: dict[bytes, Spectrum] = {}
        traits = []
        for trait, lines in enumerate(rows):
            if lines.tobytes() not in spectra:
                spectra[lines.tobytes()] = Spectrum.of(coordinates[lines] @ coordinates[lines].T)
            traits.append(FittedTrait.of(spectra[lines.tobytes()], phenotypes[lines, trait]))
        return cls(scaling, scale, coordinates, rows, traits)

    @property
    def components(self) -> list[VarianceComponents]:
        """Variance components of each trait."""
        return [trait.components for trait in self.traits]

    @property
    def heritability(self) -> Array:
        """Genomic heritability of each trait, (traits,): for a line of average relationship to itself."""
        own = [np.square(self.coordinates[lines]).sum(axis=1).mean() for lines in self.rows]
        genetic = np.array([trait.components.genetic for trait in self.traits]) * own
        residual = np.array([trait.components.residual for trait in self.traits])
        share: Array = genetic / (genetic + residual)
        return share

    def predict(self, genotypes: Array) -> Prediction:
        """Values of new lines (lines, markers), with their uncertainty; raises ModelError on other markers."""
        new = self.scale.coordinates(genotypes)
        own = np.square(new).sum(axis=1)
        columns = [
            trait.predict(new @ self.coordinates[lines].T, own)
            for trait, lines in zip(self.traits, self.rows, strict=True)
        ]
        values, errors, reliabilities = (np.stack(parts, axis=1) for parts in zip(*columns, strict=True))
        return Prediction(values, errors, reliabilities, np.array([fit.components.residual for fit in self.traits]))

    def marker_effects(self, loadings: int | None = None) -> MarkerEffects:
        """What predicts the same without the training lines.

        Args:
            loadings: how many directions of the training lines to keep for the error variance; with fewer than all it
                is stated too large, never too small, and the values are the same.
        """
        return MarkerEffects.of(self.scale, self.coordinates, self.rows, self.traits, loadings)
