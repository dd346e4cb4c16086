"""Phenotypes of breeding lines from their markers: values with intervals and reliabilities, and their kinship.

What ships are effects on features of the markers (`phenotype_features`), allele frequencies and axes between families
(`phenotype_axes`): numbers in which every training line has a share and none stands by itself.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqmodels.breeding.kinship import Array, MarkerScale
from seqmodels.data.errors import WrongColumns
from seqmodels.data.markers import Markers
from seqmodels.errors import ModelError
from seqmodels.predictors.card import WEIGHTS, Card, read_card
from seqmodels.predictors.phenotype_model import PhenotypeModel

BUNDLED = Path(__file__).parent / "weights" / "phenotype"
SETTINGS = "markers.json"
LEVEL = 0.95
# Of the model's markers; with fewer the rest would be guesswork.
FEWEST_MARKERS = 0.5
# A line with more imputed markers than this is flagged.
MANY_IMPUTED = 0.2
_SHOWN = 3


@dataclass(frozen=True)
class Typical:
    """Bounds of 99 % of held-out training lines: distance from the mean of the others, and share of it on the axes."""

    distance: float
    share: float


@dataclass(frozen=True)
class Predicted:
    """Predicted phenotypes, one row a line and one column a trait, in the order of the table.

    `values`, `low`, `high` (ends of the 95 % interval of a measurement), `reliability` (0 to 1): float64 (lines,
    traits). `imputed`: (lines,), share of the markers taken for their mean. `flags`: one a line, empty where there is
    nothing to say. `notes`: of the table.
    """

    lines: tuple[str, ...]
    traits: tuple[str, ...]
    values: Array
    low: Array
    high: Array
    reliability: Array
    imputed: Array
    flags: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Kinship:
    """How new lines are related to the lines of a table, one entry a new line.

    `nearest`: the most related line; `relationship` to it and `mean` relationship to all, (lines,), by the allele
    frequencies of the table (VanRaden 2008, doi:10.3168/jds.2007-0980: 0 is unrelated, 1 a line of average inbreeding
    with itself); `identical`: (lines,), share of the markers known in both that are equal in the nearest.
    """

    nearest: tuple[str, ...]
    relationship: Array
    mean: Array
    identical: Array


class PhenotypePredictor:
    """A model of several traits, and the markers that it reads."""

    def __init__(self, folder: Path = BUNDLED) -> None:
        """Open a predictor's folder; raises ModelError where it is not whole."""
        self.card: Card = read_card(folder)
        settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        self.markers: tuple[str, ...] = tuple(settings["markers"])
        self.traits: tuple[str, ...] = tuple(settings["traits"])
        self.typical = Typical(**settings["typical"])
        self._model = PhenotypeModel.load(folder / WEIGHTS)

    def predict(self, table: Markers) -> Predicted:
        """Predict every line of a marker table, whatever the order of its columns.

        Markers count presence (0, 1); in a table of allele copies (0, 1, 2) two copies are presence. One that is not
        known is imputed by its frequency in the training lines. Raises WrongColumns where fewer than half of the
        model's markers are there.
        """
        genotypes, notes = self._genotypes(table)
        predicted = self._model.predict(genotypes)
        low, high = predicted.interval(LEVEL)
        imputed = np.isnan(genotypes).mean(axis=1)
        unlike = self._unlike(genotypes)
        flags = tuple(_flag(bool(other), float(share)) for other, share in zip(unlike, imputed, strict=True))
        return Predicted(
            table.lines, self.traits, predicted.values, low, high, predicted.reliability, imputed, flags, notes
        )

    def _genotypes(self, table: Markers) -> tuple[Array, tuple[str, ...]]:
        """Presence of the model's markers (lines, markers), NaN missing, and what was done to have it."""
        found = set(table.markers)
        missing = [marker for marker in self.markers if marker not in found]
        if len(missing) > (1 - FEWEST_MARKERS) * len(self.markers):
            raise WrongColumns(
                f"{len(self.markers) - len(missing):,} of the model's {len(self.markers):,} markers are there; the "
                f"table has {len(table.markers):,}: {_listed(table.markers)}",
                f"Give at least {FEWEST_MARKERS:.0%} of them, named as in training: {_listed(missing)}.",
            )
        notes = []
        if missing:
            notes.append(
                f"{len(missing):,} of {len(self.markers):,} markers are not in the table and were imputed by their "
                f"frequency in the training lines: {_listed(missing)}"
            )
        chosen = table.select(self.markers).dosages.astype(np.float64)
        if any(table.counted):
            notes.append("Presence is taken to be the allele that the table counts, of a VCF the alternative one")
        if np.nanmax(table.dosages, initial=0) > 1:
            chosen /= 2
            notes.append("The table counts alleles (0, 1, 2); the model knows presence, so that two copies are 1")
        return chosen, tuple(notes)

    def _unlike(self, genotypes: Array) -> NDArray[np.bool_]:
        axes = self._model.axes
        far = axes.distance(genotypes) > self.typical.distance
        return np.asarray(far | (axes.share(genotypes) < self.typical.share))


def kinship(new: Markers, table: Markers) -> Kinship:
    """How lines are related to the lines of a table, by the markers that both have.

    Raises WrongColumns where they have none in common, ModelError where none of these differs between the table's
    lines.
    """
    found = set(new.markers)
    shared = [marker for marker in table.markers if marker in found]
    if not shared:
        raise WrongColumns(
            f"the tables have no marker in common: {_listed(new.markers)} and {_listed(table.markers)}",
            "Name the markers alike in both tables.",
        )
    ours, theirs = (lines.select(shared).dosages.astype(np.float64) for lines in (new, table))
    scale = MarkerScale.of(theirs)
    relationships = scale.coordinates(ours) @ scale.coordinates(theirs).T
    nearest = relationships.argmax(axis=1)
    known = ~np.isnan(ours) & ~np.isnan(theirs[nearest])
    equal = ((ours == theirs[nearest]) & known).sum(axis=1)
    identical = np.divide(equal, known.sum(axis=1), out=np.full(len(ours), np.nan), where=known.any(axis=1))
    rows = np.arange(len(ours))
    return Kinship(
        tuple(table.lines[at] for at in nearest),
        relationships[rows, nearest],
        relationships.mean(axis=1),
        identical,
    )


@cache
def bundled() -> PhenotypePredictor:
    """The predictor that ships: grain yield of wheat in four environments."""
    if not BUNDLED.is_dir():
        raise ModelError("The phenotype predictor is not installed", "Install Epicite again.")
    return PhenotypePredictor()


def _flag(unlike: bool, imputed: float) -> str:
    told = ["unlike the training lines"] if unlike else []
    if imputed > MANY_IMPUTED:
        told.append(f"{imputed:.0%} of the markers imputed")
    return "; ".join(told)


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
