"""Marker effects: GBLUP in numbers from which no training line can be read back.

They say the same as GBLUP does (Strandén & Garrick 2009, J. Dairy Sci. 92:2971, doi:10.3168/jds.2008-1929).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqmodels.breeding.kinship import Array, MarkerScale, Rows
from seqmodels.breeding.prediction import FittedTrait, Prediction, uncertainty
from seqmodels.breeding.variance import VarianceComponents


@dataclass(frozen=True)
class TraitEffects:
    """One trait: its mean, its effects on coordinates (markers,), and what its error variance is made of.

    `centre`: (markers,), mean coordinates of the lines with this trait; `loadings`: (markers, directions), orthonormal;
    `spread`: (directions,), eigenvalues of the genomic relationship along them.
    """

    mean: float
    mean_variance: float
    components: VarianceComponents
    effects: Array
    centre: Array
    loadings: Array
    spread: Array


@dataclass(frozen=True)
class MarkerEffects:
    """Means and weights of the markers, and each trait's effects."""

    scale: MarkerScale
    traits: list[TraitEffects]

    @classmethod
    def of(
        cls,
        scale: MarkerScale,
        coordinates: Array,
        rows: Sequence[Rows],
        fits: Sequence[FittedTrait],
        loadings: int | None = None,
    ) -> "MarkerEffects":
        """Of solved models on coordinates (lines, markers), with as many loadings as asked for, or all."""
        return cls(scale, [_effects(coordinates[r], fit, loadings) for r, fit in zip(rows, fits, strict=True)])

    @property
    def effects(self) -> Array:
        """What one copy more of the counted allele adds to each trait, (markers, traits)."""
        return np.stack([trait.effects * self.scale.weight for trait in self.traits], axis=1)

    def predict(self, genotypes: Array) -> Prediction:
        """Values of new lines (lines, markers), with their uncertainty; raises ModelError on other markers."""
        new = self.scale.coordinates(genotypes)
        columns = [_predict(trait, new - trait.centre) for trait in self.traits]
        values, errors, reliabilities = (np.stack(parts, axis=1) for parts in zip(*columns, strict=True))
        return Prediction(values, errors, reliabilities, np.array([trait.components.residual for trait in self.traits]))


def _effects(coordinates: Array, fit: FittedTrait, loadings: int | None) -> TraitEffects:
    centre = coordinates.mean(axis=0)
    spread, vectors = fit.spectrum.values[::-1], fit.spectrum.vectors[:, ::-1]
    kept = int((spread > spread[0] * 1e-10).sum())
    kept = kept if loadings is None else min(kept, loadings)
    directions = (coordinates - centre).T @ vectors[:, :kept] / np.sqrt(spread[:kept])
    return TraitEffects(
        fit.mean, fit.mean_variance, fit.components, coordinates.T @ fit.dual, centre, directions, spread[:kept]
    )


def _predict(trait: TraitEffects, centred: Array) -> tuple[Array, Array, Array]:
    prior = np.square(centred).sum(axis=1)
    explained = np.square(centred @ trait.loadings) @ (trait.spread / (trait.spread + trait.components.ratio))
    error, reliability = uncertainty(trait.components, trait.mean_variance, prior, explained)
    return trait.mean + centred @ trait.effects, error, reliability
