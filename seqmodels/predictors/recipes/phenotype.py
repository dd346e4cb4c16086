"""Fit the phenotype predictor: effects of kernel features on the yield of wheat lines in four environments.

`python -m seqmodels.predictors.recipes.phenotype DATA FOLDER` judges it in ten folds, ten times over, then fits all
lines and writes weights, markers and card into FOLDER. Everything that is chosen from data (the scale of the kernel,
variance components) is chosen inside each fold's training lines; bandwidths, features and loadings are constants, set
beforehand on folds of other seeds.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqmodels.breeding.comparison import Interval, corrected_interval, correlations
from seqmodels.breeding.folds import folds
from seqmodels.breeding.kinship import Array
from seqmodels.data.markers import Joined, join, read_markers, read_phenotypes
from seqmodels.predictors.card import WEIGHTS, Card, Score, weights_hash, write_card
from seqmodels.predictors.phenotype import LEVEL, SETTINGS, Typical
from seqmodels.predictors.phenotype_axes import AXES, FAMILY
from seqmodels.predictors.phenotype_model import PhenotypeModel

FOLDS = 10
REPEATS = 10
TRAITS = ("env1", "env2", "env3", "env4")
_HALF = 0.5
_TYPICAL_SHARE = 0.99


@dataclass(frozen=True)
class Judgement:
    """What the held-out lines of one fold said, one entry a trait; `half` with half of the markers imputed."""

    repeat: int
    fold: int
    correlation: tuple[float, ...]
    coverage: tuple[float, ...]
    width: tuple[float, ...]
    reliability: tuple[float, ...]
    half: tuple[float, ...]


@dataclass(frozen=True)
class HeldOut:
    """Lines of one fold: how far each lies from the mean of the others, and which share of that along their axes."""

    distance: Array
    share: Array


def main() -> None:
    """Read the arguments, judge, fit and write."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("data", type=Path, metavar="DATA", help="folder with markers.csv.gz and yield.csv.gz")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where weights, markers and card are written")
    parser.add_argument("--scores", type=Path, metavar="JSONL", help="of all folds, as benchmarks.phenotype keeps them")
    arguments = parser.parse_args()
    lines = read_lines(arguments.data)
    kept = (
        [Judgement(**json.loads(line)) for line in arguments.scores.open(encoding="utf-8")] if arguments.scores else []
    )
    repeats = 1 if kept else REPEATS
    judged = [each for repeat in range(repeats) for each in judge_repeat(lines, repeat)]
    judgements = kept or [judgement for judgement, _ in judged]
    write(arguments.folder, lines, judgements, [held for _, held in judged])


def read_lines(folder: Path) -> Joined:
    """Markers and yields of the lines that have both; raises DataError where a table is missing or malformed."""
    return join(read_markers(folder / "markers.csv.gz"), read_phenotypes(folder / "yield.csv.gz", traits=TRAITS))


def judge_repeat(lines: Joined, repeat: int) -> Iterator[tuple[Judgement, HeldOut]]:
    """Judge each of ten folds once, by a model of the other nine."""
    assigned = folds(len(lines.markers), FOLDS, repeat)
    for fold in range(FOLDS):
        yield judge_fold(lines, assigned, repeat, fold)


def judge_fold(lines: Joined, assigned: NDArray[np.int64], repeat: int, fold: int) -> tuple[Judgement, HeldOut]:
    """Judge one fold of `assigned` (lines,) by a model of the others."""
    genotypes, phenotypes = tables(lines)
    training, test = assigned != fold, assigned == fold
    model = PhenotypeModel.fit(genotypes[training], phenotypes[training])
    new, measured = genotypes[test], phenotypes[test]
    predicted = model.predict(new)
    low, high = predicted.interval(LEVEL)
    gaps = np.random.default_rng([repeat, fold]).random(new.shape[1]) < _HALF
    partly = model.predict(np.where(gaps, np.nan, new)).values
    judgement = Judgement(
        repeat,
        fold,
        _rounded(correlations(predicted.values, measured)),
        _rounded(((low <= measured) & (measured <= high)).mean(axis=0)),
        _rounded((high - low).mean(axis=0)),
        _rounded(predicted.reliability.mean(axis=0)),
        _rounded(correlations(partly, measured)),
    )
    return judgement, HeldOut(model.axes.distance(new), model.axes.share(new))


def tables(lines: Joined) -> tuple[Array, Array]:
    """Genotypes (lines, markers) and phenotypes (lines, traits) in double precision."""
    return lines.markers.dosages.astype(np.float64), lines.phenotypes.values.astype(np.float64)


def write(folder: Path, lines: Joined, judgements: list[Judgement], held_out: list[HeldOut]) -> None:
    """Fit all lines, and write weights, markers and card."""
    folder.mkdir(parents=True, exist_ok=True)
    PhenotypeModel.fit(*tables(lines)).save(folder / WEIGHTS)
    typical = Typical(
        float(np.quantile(np.concatenate([held.distance for held in held_out]), _TYPICAL_SHARE)),
        float(np.quantile(np.concatenate([held.share for held in held_out]), 1 - _TYPICAL_SHARE)),
    )
    settings = {"markers": lines.markers.markers, "traits": TRAITS, "typical": typical.__dict__}
    (folder / SETTINGS).write_text(json.dumps(settings) + "\n", encoding="utf-8")
    write_card(folder, card_of(lines, judgements, weights_hash(folder)))


def card_of(lines: Joined, judgements: list[Judgement], sha256: str) -> Card:
    """The card of a predictor that was judged so."""
    return Card(
        name="phenotype",
        predicts="Grain yield of wheat lines in four environments, from 1,279 DArT markers: each environment in units "
        "of its standard deviation among the training lines, around their mean.",
        data=f"{len(lines.markers)} CIMMYT wheat lines (Crossa et al. 2010, doi:10.1534/genetics.110.118521; the "
        "wheat set of the R package BGLR)",
        licence="The data's package is under GPL-3; what ships are estimates from it, under Apache-2.0.",
        split=f"{FOLDS} folds of the lines, {len({j.repeat for j in judgements})} times over; every choice inside the "
        "training lines of a fold",
        seeds=tuple(sorted({judgement.repeat for judgement in judgements})),
        command="python -m seqmodels.predictors.recipes.phenotype DATA FOLDER",
        scores=tuple(_scores(judgements, len(lines.markers))),
        calibration=f"Intervals are meant to hold {LEVEL:.0%} of measurements; what held-out lines had is "
        "among the scores.",
        limits="Lines related to these, in these four environments and no others. Reliability is what the model has "
        f"for training lines left out, read from two figures of a line: the share of its markers that {AXES} axes "
        "between families explain, and its distance from the mean. It is right on average and rough for one line. No "
        "training line is in the file: effects are sums over all lines, and in the axes lines that have "
        f"{FAMILY:.0%} of their markers in common count as one. Principal axes of the lines themselves would give "
        "sister lines away, and are left out.",
        sha256=sha256,
    )


def _scores(judgements: list[Judgement], rows: int) -> Iterator[Score]:
    for at, trait in enumerate(TRAITS):
        for name in ("correlation", "coverage", "width", "reliability", "half"):
            interval = interval_of(judgements, name, at)
            told = "correlation with half of the markers" if name == "half" else name
            yield Score(name=f"{trait} {told}", value=interval.mean, low=interval.low, high=interval.high, rows=rows)


def interval_of(judgements: list[Judgement], name: str, trait: int) -> Interval:
    """Mean and 95 % interval of a measure of one trait over folds."""
    values = np.array([getattr(judgement, name)[trait] for judgement in judgements])
    return corrected_interval(values, 1 / (FOLDS - 1))


def _rounded(values: Array) -> tuple[float, ...]:
    return tuple(values.round(4).tolist())


if __name__ == "__main__":
    main()
