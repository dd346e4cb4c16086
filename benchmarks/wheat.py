"""Wheat yield from markers: gMLP, RKHS and GBLUP on the same folds (599 CIMMYT lines, 1,279 markers, 4 environments).

Ten times ten folds of our own, and the ten published folds of BGLR's `wheat` (Crossa et al. 2010, Genetics 186:713,
doi:10.1534/genetics.110.118521). Every model sees the training lines of a fold only, also for what it chooses: kernels
and variance components by restricted maximum likelihood, and the share of gMLP and RKHS in each trait by lines inside
the training fold that a member has not seen (seqmodels.breeding.ensemble). The shape and the training of the gMLP were
chosen beforehand on lines held out *inside* training folds of other repeats (seeds 9001 and 9002); all the same, these
are lines of the same 599.

Three rows for the gMLP: `gmlp` is the whole model, gMLPs that carry an RKHS value; `gmlp alone` the same networks
without that value; the difference to `rkhs` is what the networks add.

A fold's scores are appended as soon as it is done, to .benchmarks/wheat.jsonl, and a run that was stopped goes on
there. `--repeats 3 4` runs these only, so that processes may share the work; `--keep` writes what is there to
benchmarks/results/wheat.jsonl; without data the printed table is that of the kept results.
"""

import argparse
import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.shared import DATA, ROOT, WORK, require_data
from seqmodels.breeding.comparison import corrected_interval, correlations
from seqmodels.breeding.ensemble import Recipe, fit_ensemble
from seqmodels.breeding.folds import folds
from seqmodels.breeding.gblup import GBLUP

RESULTS = WORK / "wheat.jsonl"
KEPT = ROOT / "benchmarks" / "results" / "wheat.jsonl"
RECIPE = Recipe()
ENVIRONMENTS = ("env1", "env2", "env3", "env4")
MODELS = ("gmlp", "gmlp alone", "rkhs", "gblup")
# The folds that came with the data stand beside the repeats 0 to 9.
SHIPPED = -1
_REPEATS = range(10)
_FOLDS = 10
_PUBLISHED = {
    "RKHS, Crossa et al. 2010, other folds": (0.601, 0.494, 0.445, 0.524),
    "RKHS, shipped folds, reference run": (0.596, 0.485, 0.458, 0.531),
    "GBLUP, shipped folds, reference run": (0.530, 0.482, 0.399, 0.472),
}


@dataclass(frozen=True)
class Wheat:
    """Genotypes (599, 1279), yields (599, 4) and the published fold of each line."""

    genotypes: NDArray[np.float64]
    yields: NDArray[np.float64]
    shipped: NDArray[np.int64]


def read_wheat(folder: Path) -> Wheat:
    """Read markers.csv.gz and yield.csv.gz, whose lines stand in the same order."""
    with gzip.open(folder / "markers.csv.gz", "rt", encoding="utf-8") as file:
        marker_rows = list(csv.reader(file))[1:]
    with gzip.open(folder / "yield.csv.gz", "rt", encoding="utf-8") as file:
        yield_rows = list(csv.DictReader(file))
    assert [row[0] for row in marker_rows] == [row["line"] for row in yield_rows]
    return Wheat(
        np.array([row[1:] for row in marker_rows], dtype=np.float64),
        np.array([[row[name] for name in ENVIRONMENTS] for row in yield_rows], dtype=np.float64),
        np.array([row["fold"] for row in yield_rows], dtype=np.int64) - 1,
    )


def main() -> None:
    """Run the folds that are not done yet, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, nargs="*", default=[SHIPPED, *_REPEATS], help="-1 is the shipped folds")
    parser.add_argument("--keep", action="store_true", help=f"write the results to {KEPT.relative_to(ROOT)}")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if not DATA.is_dir() and KEPT.is_file():
        print(f"{DATA} is not here; these are the results in {KEPT.relative_to(ROOT)}")
        _print_tables(list(_read(KEPT)))
        return
    require_data()
    _run(read_wheat(DATA / "wheat"), options.repeats)
    results = sorted(_read(RESULTS), key=lambda result: (result["repeat"], result["fold"]))
    if options.keep:
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text("".join(json.dumps(result) + "\n" for result in results), encoding="utf-8")
    _print_tables(results)


def _run(wheat: Wheat, repeats: list[int]) -> None:
    WORK.mkdir(exist_ok=True)
    done = {(result["repeat"], result["fold"]) for result in _read(RESULTS)}
    pending = [(repeat, fold) for repeat in repeats for fold in range(_FOLDS) if (repeat, fold) not in done]
    for repeat, fold in tqdm(pending, desc="folds", disable=not pending):
        result = score(wheat, repeat, fold)
        with FileLock(RESULTS.with_suffix(".lock")), RESULTS.open("a", encoding="utf-8") as file:
            file.write(json.dumps(result) + "\n")


def score(wheat: Wheat, repeat: int, fold: int) -> dict[str, Any]:
    """Within-fold correlations of the models on one fold of one repeat, by environment."""
    assigned = wheat.shipped if repeat == SHIPPED else folds(len(wheat.yields), _FOLDS, repeat)
    training, test = assigned != fold, assigned == fold
    known, yields = wheat.genotypes[training], wheat.yields[training]
    ensemble = fit_ensemble(known, yields, [repeat + 1, fold], RECIPE)
    new = wheat.genotypes[test]
    values = {
        "gmlp": ensemble.predict(new),
        "gmlp alone": ensemble.predict_alone(new),
        "rkhs": ensemble.rkhs.predict(new).values,
        "gblup": GBLUP.fit(known, yields).predict(new).values,
    }
    scores = {model: correlations(value, wheat.yields[test]).round(4).tolist() for model, value in values.items()}
    return {"repeat": repeat, "fold": fold, "carry": ensemble.carry.round(3).tolist(), **scores}


def _read(path: Path) -> Iterator[dict[str, Any]]:
    if path.is_file():
        yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def _print_tables(results: list[dict[str, Any]]) -> None:
    own = [result for result in results if result["repeat"] != SHIPPED]
    shipped = [result for result in results if result["repeat"] == SHIPPED]
    if own:
        repeats = {result["repeat"] for result in own}
        print(f"\n{len(own)} folds of {len(repeats)} repeats: mean within-fold correlation [95 % interval]")
        _print_means(own)
        print("\npaired differences [95 % interval]")
        for model, rival in (("gmlp", "rkhs"), ("gmlp", "gblup"), ("gmlp alone", "gblup"), ("rkhs", "gblup")):
            cells = [_interval(_scores(own, model)[:, at] - _scores(own, rival)[:, at], "+") for at in range(4)]
            _print_row(f"{model} - {rival}", cells)
    if shipped:
        print(f"\nthe published folds ({len(shipped)} of {_FOLDS}): mean within-fold correlation")
        for model in MODELS:
            _print_row(model, [f"{mean:.3f}" for mean in _scores(shipped, model).mean(axis=0)])
    print("\nprinted elsewhere")
    for name, values in _PUBLISHED.items():
        _print_row(name, [f"{value:.3f}" for value in values])


def _print_means(results: list[dict[str, Any]]) -> None:
    _print_row("", list(ENVIRONMENTS))
    for model in MODELS:
        _print_row(model, [_interval(_scores(results, model)[:, at]) for at in range(len(ENVIRONMENTS))])
    carry = np.mean([result["carry"] for result in results], axis=0)
    _print_row("share carried from RKHS", [f"{share:.2f}" for share in carry])


def _scores(results: list[dict[str, Any]], model: str) -> NDArray[np.float64]:
    return np.array([result[model] for result in results])


def _interval(scores: NDArray[np.float64], sign: str = "") -> str:
    interval = corrected_interval(scores, 1 / (_FOLDS - 1))
    return f"{interval.mean:{sign}.3f} [{interval.low:{sign}.3f}, {interval.high:{sign}.3f}]"


def _print_row(name: str, cells: list[str]) -> None:
    print(f"{name:38}" + "".join(f"{cell:>25}" for cell in cells))


if __name__ == "__main__":
    main()
