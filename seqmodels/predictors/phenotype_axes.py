"""How well training lines cover a new one, from axes between their families.

The error variance of a mixed model takes the principal axes of its lines. They give lines away: where sister lines are
many, one of the first axes runs through them, and a search for the genotype that lies on the axes ends at a sister
(`recipes.phenotype_search`). So families count as one, by their mean, and only axes between families are kept; what
they say of a line is turned into a reliability by three numbers a trait, fitted to the model's own leave-one-out
reliabilities of training lines.
"""

from dataclasses import dataclass

import numpy as np

from seqmodels.breeding.kinship import Array, MarkerScale
from seqmodels.data.duplicates import line_groups

FAMILY = 0.8
"""Share of equal markers from which two training lines are of one family."""
AXES = 10


@dataclass(frozen=True)
class FamilyAxes:
    """Means and weights of the markers, and orthonormal axes (markers, axes) in coordinates."""

    scale: MarkerScale
    axes: Array

    @classmethod
    def of(cls, genotypes: Array) -> "FamilyAxes":
        """The first principal axes between the means of families of lines (lines, markers)."""
        scale = MarkerScale.of(genotypes)
        coordinates = scale.coordinates(genotypes)
        family = line_groups(genotypes, FAMILY)
        sums = np.zeros((int(family.max()) + 1, coordinates.shape[1]))
        np.add.at(sums, family, coordinates)
        means = sums / np.bincount(family)[:, None]
        axes = np.linalg.svd(means - means.mean(axis=0), full_matrices=False)[2]
        return cls(scale, axes[:AXES].T)

    def distance(self, genotypes: Array) -> Array:
        """Squared distance of lines (lines, markers) from the training mean, over known markers; (lines,)."""
        known = (~np.isnan(genotypes)).mean(axis=1)
        squares = np.square(self.scale.coordinates(genotypes)).sum(axis=1)
        return np.asarray(np.divide(squares, known, out=np.zeros_like(squares), where=known > 0))

    def share(self, genotypes: Array) -> Array:
        """Share of the distance of lines (lines, markers) from the training mean that lies along the axes; (lines,)."""
        coordinates = self.scale.coordinates(genotypes)
        along, whole = np.square(coordinates @ self.axes).sum(axis=1), np.square(coordinates).sum(axis=1)
        return np.asarray(np.divide(along, whole, out=np.zeros_like(whole), where=whole > 0))

    def describe(self, genotypes: Array) -> Array:
        """What reliability is read from, (lines, 3): a constant, the share along the axes, the distance."""
        return np.stack([np.ones(len(genotypes)), self.share(genotypes), self.distance(genotypes)], axis=1)
