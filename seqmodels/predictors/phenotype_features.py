"""A Gaussian kernel in numbers that hold no line.

An RKHS regression predicts better than marker effects, but keeps the genotypes of every training line. Cosines and
sines of the markers along random directions stand for its kernel (Rahimi & Recht 2007, Advances in Neural Information
Processing Systems 20:1177); effects on them are all that is left of the lines. Over a thousand markers a direction of
random signs is as good as one of normal numbers, and takes a bit a marker.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqmodels.breeding.kinship import Array, MarkerScale, squared_distances

BANDWIDTH = 2.0
"""In units of one over the median squared distance between training lines."""


@dataclass(frozen=True)
class KernelFeatures:
    """Means and weights of the markers, random `signs` bool (markers, count), and the `frequency` of the waves."""

    scale: MarkerScale
    signs: NDArray[np.bool_]
    frequency: float

    @classmethod
    def of(cls, genotypes: Array, count: int, seed: int = 0, bandwidth: float = BANDWIDTH) -> "KernelFeatures":
        """Draw directions for lines (lines, markers); of the lines only markers' means and one distance are kept.

        Raises ModelError where no marker differs between the lines.
        """
        scale = MarkerScale.of(genotypes, "common")
        coordinates = scale.coordinates(genotypes)
        distances = squared_distances(coordinates, coordinates)
        unit = float(np.median(distances[np.triu_indices(len(distances), 1)]))
        signs = np.random.default_rng(seed).random((len(scale.mean), count), np.float32) < 0.5
        return cls(scale, signs, float(np.sqrt(2 * bandwidth / unit)))

    def of_lines(self, genotypes: Array) -> Array:
        """Features (lines, 2 * count) of lines (lines, markers), whose inner products are about the kernel.

        A missing genotype is taken for the training mean. Raises ModelError on another number of markers.
        """
        coordinates = (self.scale.coordinates(genotypes) * self.frequency).astype(np.float32)
        phases = 2 * (coordinates @ self.signs.astype(np.float32)) - coordinates.sum(axis=1, keepdims=True)
        waves = np.concatenate([np.cos(phases), np.sin(phases)], axis=1)
        return np.asarray(waves.astype(np.float64) / np.sqrt(self.signs.shape[1]))
