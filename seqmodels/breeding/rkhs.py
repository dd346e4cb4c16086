"""RKHS regression: breeding values from Gaussian kernels, which take in what markers do together.

Gianola et al. 2006, Genetics 173:1761, doi:10.1534/genetics.105.049510; de los Campos et al. 2010, Genet. Res. 92:295,
doi:10.1017/S0016672310000285.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqmodels.breeding.kinship import SCALINGS, Array, MarkerScale, Rows, Scaling, gaussian_kernel, squared_distances
from seqmodels.breeding.prediction import FittedTrait, Prediction, rows_by_trait
from seqmodels.breeding.variance import Spectrum
from seqmodels.errors import ModelError

BANDWIDTHS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Those that are tried, in units of one over the median squared distance between training lines."""


# Squared distances are of the order of 1; rounding leaves this much between equal lines.
_SAME = 1e-9


@dataclass(frozen=True)
class KernelTrait:
    """One trait's kernel and its solved model: `bandwidth` is per unit of squared distance of coordinates."""

    scale: MarkerScale
    coordinates: Array
    bandwidth: float
    fit: FittedTrait


@dataclass(frozen=True)
class RKHS:
    """A fitted model; each trait has the kernel of the greatest restricted likelihood."""

    rows: list[Rows]
    traits: list[KernelTrait]

    @classmethod
    def fit(
        cls,
        genotypes: Array,
        phenotypes: Array,
        scalings: Sequence[Scaling] = SCALINGS,
        bandwidths: Sequence[float] = BANDWIDTHS,
    ) -> "RKHS":
        """Fit every trait by itself; scaling, bandwidth and variance components by restricted maximum likelihood.

        Args:
            genotypes: (lines, markers), 0, 1, 2 or presence 0, 1; NaN or negative is missing.
            phenotypes: (lines, traits), NaN missing.
            scalings: of the markers, those to try.
            bandwidths: those to try, in units of one over the median squared distance between training lines.

        Raises:
            ModelError: the tables do not fit each other, or lines, markers or phenotypes do not differ.
        """
        rows = rows_by_trait(phenotypes, len(genotypes))
        best: list[KernelTrait | None] = [None] * len(rows)
        for scaling in scalings:
            scale = MarkerScale.of(genotypes, scaling)
            coordinates = scale.coordinates(genotypes)
            distances = squared_distances(coordinates, coordinates)
            unit = _median_distance(distances)
            for bandwidth in (factor / unit for factor in bandwidths):
                kernel = gaussian_kernel(distances, bandwidth)
                spectra: dict[bytes, Spectrum] = {}
                for trait, lines in enumerate(rows):
                    if lines.tobytes() not in spectra:
                        spectra[lines.tobytes()] = Spectrum.of(kernel[np.ix_(lines, lines)])
                    fit = FittedTrait.of(spectra[lines.tobytes()], phenotypes[lines, trait])
                    rival = best[trait]
                    if rival is None or fit.components.log_likelihood > rival.fit.components.log_likelihood:
                        best[trait] = KernelTrait(scale, coordinates[lines], bandwidth, fit)
        return cls(rows, [trait for trait in best if trait is not None])

    def predict(self, genotypes: Array) -> Prediction:
        """Values of new lines (lines, markers), with their uncertainty; raises ModelError on other markers."""
        columns = [_predict(trait, genotypes) for trait in self.traits]
        values, errors, reliabilities = (np.stack(parts, axis=1) for parts in zip(*columns, strict=True))
        return Prediction(values, errors, reliabilities, np.array([t.fit.components.residual for t in self.traits]))

    def leave_one_out(self, lines: int) -> Array:
        """Each training line as predicted without it, (lines, traits); NaN where it has no phenotype."""
        values = np.full((lines, len(self.traits)), np.nan)
        for column, (own, trait) in enumerate(zip(self.rows, self.traits, strict=True)):
            values[own, column] = trait.fit.leave_one_out()
        return values


def _predict(trait: KernelTrait, genotypes: Array) -> tuple[Array, Array, Array]:
    new = trait.scale.coordinates(genotypes)
    kernel = gaussian_kernel(squared_distances(new, trait.coordinates), trait.bandwidth)
    return trait.fit.predict(kernel, np.ones(len(new)))


def _median_distance(distances: Array) -> float:
    median = float(np.median(distances[np.triu_indices(len(distances), 1)])) if len(distances) > 1 else 0.0
    if median <= _SAME:
        raise ModelError("Most training lines have the same genotypes", "Leave duplicates out.")
    return median
