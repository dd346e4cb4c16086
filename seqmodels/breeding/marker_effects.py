"""Marker effects: GBLUP in numbers from which no training line can be read back.

They say the same as GBLUP does (Strandén & Garrick 2009, J. Dairy Sci. 92:2971, doi:10.3168/jds.2008-1929).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, takewhile
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from seqmodels.breeding.kinship import Array, MarkerScale, Rows
from seqmodels.breeding.prediction import FittedTrait, Prediction, uncertainty
from seqmodels.breeding.variance import VarianceComponents
from seqmodels.errors import ModelError


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

    def save(self, path: Path | str) -> None:
        """Write them as safetensors: `mean` and `weight` of the markers, and what each trait is made of."""
        tensors = {"mean": self.scale.mean, "weight": self.scale.weight}
        for number, trait in enumerate(self.traits):
            components = trait.components
            figures = (trait.mean, trait.mean_variance, components.genetic, components.residual)
            parts = {"figures": np.array([*figures, components.log_likelihood])}
            parts |= {name: getattr(trait, name) for name in _TABLES}
            tensors |= {f"trait{number}.{name}": np.ascontiguousarray(part) for name, part in parts.items()}
        save_file(tensors, path)

    @classmethod
    def load(cls, path: Path | str) -> "MarkerEffects":
        """Read what `save` wrote.

        Raises:
            ModelError: it is no such file.
            OSError: there is none.
        """
        try:
            tensors = load_file(path)
            numbers = takewhile(lambda number: f"trait{number}.figures" in tensors, count())
            traits = [_trait(tensors, f"trait{number}.") for number in numbers]
            return cls(MarkerScale(tensors["mean"], tensors["weight"]), traits)
        except (SafetensorError, KeyError) as error:
            raise ModelError(
                f"{path} holds no marker effects ({error})", "Name what MarkerEffects.save wrote."
            ) from error

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


_TABLES = ("effects", "centre", "loadings", "spread")


def _trait(tensors: dict[str, Array], prefix: str) -> TraitEffects:
    mean, mean_variance, *components = tensors[f"{prefix}figures"].tolist()
    tables = {name: tensors[f"{prefix}{name}"] for name in _TABLES}
    return TraitEffects(mean, mean_variance, VarianceComponents(*components), **tables)


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
