"""Markers as coordinates, and kinship as their inner products and distances."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seqmodels.errors import ModelError

Array = NDArray[np.float64]
Rows = NDArray[np.intp]
Scaling = Literal["common", "standardised"]
SCALINGS: tuple[Scaling, ...] = ("common", "standardised")


@dataclass(frozen=True)
class MarkerScale:
    """How genotypes become coordinates whose inner products are genomic relationships.

    VanRaden 2008, J. Dairy Sci. 91:4414, doi:10.3168/jds.2007-0980: "common" is his first method, which divides all
    markers by one number, and "standardised" his second, which divides each by its own expected variance. `mean`:
    float64 (markers,), mean genotype of the training lines; `weight`: float64 (markers,), 0 where all lines are alike.
    """

    mean: Array
    weight: Array

    @classmethod
    def of(cls, genotypes: Array, scaling: Scaling = "common") -> "MarkerScale":
        """Learn it from training lines.

        Args:
            genotypes: (lines, markers), copies of an allele (0, 1, 2) or presence (0, 1); NaN or negative is missing.
            scaling: the method.

        Raises:
            ModelError: no marker differs between the lines.
        """
        known = with_missing(genotypes)
        # Presence (0, 1) is one copy of one; its variance is p(1 - p) and not 2p(1 - p).
        copies = 2.0 if np.nanmax(known, initial=0.0) > 1 else 1.0
        counts = (~np.isnan(known)).sum(axis=0)
        mean = np.nansum(known, axis=0) / np.maximum(counts, 1)
        variance = mean * (1 - mean / copies)
        # All heterozygous is no difference either.
        varies = (np.nanmax(known, axis=0, initial=-1.0) > np.nanmin(known, axis=0, initial=3.0)) & (variance > 0)
        if not varies.any():
            raise ModelError(
                f"None of {known.shape[1]:,} markers differs between {len(known):,} lines",
                "Give markers that segregate in the training lines.",
            )
        if scaling == "common":
            weight = np.where(varies, variance[varies].sum() ** -0.5, 0.0)
        else:
            weight = np.where(varies, (np.where(varies, variance, 1.0) * varies.sum()) ** -0.5, 0.0)
        return cls(mean, weight)

    def coordinates(self, genotypes: Array) -> Array:
        """Centred and weighted genotypes (lines, markers); a missing one is taken for the training mean.

        Raises:
            ModelError: another number of markers than the training lines have.
        """
        known = with_missing(genotypes)
        if known.shape[1] != len(self.mean):
            raise ModelError(
                f"The lines have {known.shape[1]:,} markers, the training lines {len(self.mean):,}",
                "Give the same markers in the same order; one that is not known is NaN.",
            )
        return np.where(np.isnan(known), 0.0, known - self.mean) * self.weight


def with_missing(genotypes: Array) -> Array:
    """Genotypes (lines, markers) with NaN for what is missing; raises ModelError where it is no such table."""
    table = np.asarray(genotypes, dtype=np.float64)
    if table.ndim != 2 or table.size == 0:
        raise ModelError(f"Genotypes have the shape {table.shape}", "Give a table of lines by markers.")
    if np.isinf(table).any() or np.nanmax(table, initial=0.0) > 2:
        raise ModelError(
            f"A genotype is {np.nanmax(table)}", "Genotypes are copies of an allele (0, 1, 2) or presence (0, 1)."
        )
    return np.where(table < 0, np.nan, table)


def squared_distances(left: Array, right: Array) -> Array:
    """Squared Euclidean distances (left lines, right lines) of coordinates (lines, markers)."""
    norms = np.square(left).sum(axis=1)[:, None] + np.square(right).sum(axis=1)[None]
    squares: Array = np.maximum(norms - 2 * left @ right.T, 0.0)
    return squares


def gaussian_kernel(distances: Array, bandwidth: float) -> Array:
    """exp(-bandwidth * distances), elementwise (de los Campos et al. 2010, doi:10.1017/S0016672310000285)."""
    kernel: Array = np.exp(-bandwidth * distances)
    return kernel
