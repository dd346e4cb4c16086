"""How near to a training line somebody comes who has a phenotype predictor's file alone.

Two searches climb from random lines of the population, marker by marker: to the line whose predictions lie farthest
from the means, and to the line that lies on the axes as far as a line can. Principal axes of all lines give sister
lines away to the second search; axes between families should lead no nearer than what the allele frequencies say, the
line that has everywhere the commoner allele.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqmodels.breeding.kinship import Array
from seqmodels.predictors.phenotype_axes import FamilyAxes
from seqmodels.predictors.phenotype_model import PhenotypeModel

Worth = Callable[[Array], Array]

_TRIED = 200
_TOGETHER = 12
_FAILURES = 15
_STEPS = 400


@dataclass(frozen=True)
class Nearness:
    """Share of markers equal in the nearest training line, at best: of the commonest alleles, and of what is found."""

    commonest: float
    by_values: float
    by_axes: float


def nearness(model: PhenotypeModel, genotypes: Array, starts: int = 5, seed: int = 0) -> Nearness:
    """Search with a model for the lines (lines, markers) that it was trained on, from several starts."""
    frequencies = model.features.scale.mean
    means = model.predict(frequencies[None]).values
    deviation = np.sqrt(model.genetic)

    def far(lines: Array) -> Array:
        return np.asarray(np.square((model.predict(lines).values - means) / deviation).sum(axis=1))

    found = {
        name: max(_identity(_climbed(worth, frequencies, seed + start), genotypes) for start in range(starts))
        for name, worth in (("by_values", far), ("by_axes", on_axes(model.axes)))
    }
    return Nearness(commonest=_identity(np.round(frequencies), genotypes), **found)


def on_axes(axes: FamilyAxes) -> Worth:
    """How much more of the distance of lines from the mean lies on axes than beside them."""

    def worth(lines: Array) -> Array:
        coordinates = axes.scale.coordinates(lines)
        return np.asarray(np.square(coordinates @ axes.axes).sum(axis=1) - np.square(coordinates).sum(axis=1))

    return worth


def _identity(line: Array, genotypes: Array) -> float:
    return float((line == genotypes).mean(axis=1).max())


def _climbed(worth: Worth, frequencies: Array, seed: int) -> Array:
    """A line that no change of one marker among those tried makes worth more."""
    random = np.random.default_rng(seed)
    line = (random.random(len(frequencies)) < frequencies).astype(np.float64)
    best, failures = float(worth(line[None])[0]), 0
    for _ in range(_STEPS):
        tried = random.choice(len(line), min(_TRIED, len(line)), replace=False)
        values = worth(_changed(line, list(tried[:, None])))
        good = tried[np.argsort(-values)[:_TOGETHER]][: int((values > best).sum())]
        together = [good[:count] for count in (len(good), max(1, len(good) // 3), 1)] if len(good) else []
        climbed = [(changed, float(worth(changed)[0])) for changed in (_changed(line, [some]) for some in together)]
        step = next(((changed[0], value) for changed, value in climbed if value > best), None)
        failures = 0 if step else failures + 1
        if step:
            line, best = step
        elif failures > _FAILURES:
            break
    return line


def _changed(line: Array, markers: Sequence[NDArray[np.int64]]) -> Array:
    """Copies of a line, each with some markers changed."""
    lines = np.repeat(line[None], len(markers), axis=0)
    for row, some in enumerate(markers):
        lines[row, some] = 1 - lines[row, some]
    return lines
