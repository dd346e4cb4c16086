"""Predicted phenotypes as a table: a row a line, in the order of the input."""

import csv
from collections.abc import Iterator
from typing import TextIO

from seqmodels.predictors.phenotype import Kinship, Predicted

_OF_TRAIT = ("", "_low", "_high", "_reliability")
_OF_KINSHIP = ("nearest_line", "relationship", "identical", "mean_relationship")


def header(predicted: Predicted, related: Kinship | None = None) -> tuple[str, ...]:
    """Names of the columns: the line, four a trait, what was imputed, kinship where there is one, the flag."""
    traits = (f"{trait}{part}" for trait in predicted.traits for part in _OF_TRAIT)
    return ("line", *traits, "imputed", *(_OF_KINSHIP if related else ()), "flag")


def rows(predicted: Predicted, related: Kinship | None = None) -> Iterator[tuple[str, ...]]:
    """The cells of each line."""
    for at, line in enumerate(predicted.lines):
        parts = (predicted.values, predicted.low, predicted.high, predicted.reliability)
        traits = (f"{part[at, trait]:.3f}" for trait in range(len(predicted.traits)) for part in parts)
        kin = _kin(related, at) if related else ()
        yield (line, *traits, f"{predicted.imputed[at]:.3f}", *kin, predicted.flags[at])


def write_phenotypes(file: TextIO, predicted: Predicted, related: Kinship | None = None) -> None:
    """Write the table as CSV."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header(predicted, related))
    writer.writerows(rows(predicted, related))


def _kin(related: Kinship, at: int) -> tuple[str, ...]:
    numbers = (related.relationship[at], related.identical[at], related.mean[at])
    return (related.nearest[at], *(f"{number:.3f}" for number in numbers))
