"""The phenotype predictor: wheat yield of held-out lines, ten times ten folds, and what it costs to ship no line.

Folds are those of `benchmarks.wheat`, whose GBLUP and RKHS (which needs the training lines to predict) are printed
beside it. Coverage is the share of held-out measurements inside the 95 % interval; `half` the correlation where half of
the markers are unknown. A fold is appended to benchmarks/results/phenotype.jsonl as soon as it is done.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks.shared import DATA, ROOT, require_data
from benchmarks.wheat import KEPT as WHEAT
from seqmodels.breeding.comparison import corrected_interval
from seqmodels.breeding.folds import folds
from seqmodels.predictors.card import WEIGHTS
from seqmodels.predictors.phenotype import BUNDLED
from seqmodels.predictors.phenotype_model import PhenotypeModel
from seqmodels.predictors.recipes.phenotype import FOLDS, REPEATS, TRAITS, judge_fold, read_lines, tables
from seqmodels.predictors.recipes.phenotype_search import nearness

KEPT = ROOT / "benchmarks" / "results" / "phenotype.jsonl"
_MEASURES = ("correlation", "half", "coverage", "width", "reliability")


def main() -> None:
    """Judge the folds that are missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--anew", action="store_true", help="measure all folds again")
    parser.add_argument("--search", action="store_true", help="search the shipped file for training lines (minutes)")
    options = parser.parse_args()
    if options.search:
        _search()
        return
    if options.anew:
        KEPT.unlink(missing_ok=True)
    if DATA.is_dir():
        _judge()
    else:
        print(f"{DATA} is not here; these are the results in {KEPT.relative_to(ROOT)}")
    _print(list(_read()))


def _judge() -> None:
    lines = read_lines(DATA / "wheat")
    done = {(result["repeat"], result["fold"]) for result in _read()}
    pending = [(repeat, fold) for repeat in range(REPEATS) for fold in range(FOLDS) if (repeat, fold) not in done]
    for repeat, fold in tqdm(pending, desc="folds", disable=not pending):
        judgement, _ = judge_fold(lines, folds(len(lines.markers), FOLDS, repeat), repeat, fold)
        with KEPT.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps(asdict(judgement)) + "\n")


def _search() -> None:
    require_data()
    genotypes, _ = tables(read_lines(DATA / "wheat"))
    found = nearness(PhenotypeModel.load(BUNDLED / WEIGHTS), genotypes)
    same = genotypes @ genotypes.T + (1 - genotypes) @ (1 - genotypes).T
    np.fill_diagonal(same, 0)
    print("share of markers equal in the nearest training line")
    print(f"{'of a line with the commoner allele everywhere':60} {found.commonest:.3f}")
    print(f"{'of the best line that is found by the predicted values':60} {found.by_values:.3f}")
    print(f"{'of the best line that is found by the axes':60} {found.by_axes:.3f}")
    print(f"{'of a training line, itself left out: median':60} {np.median(same.max(axis=1)) / genotypes.shape[1]:.3f}")


def _read() -> Iterator[dict[str, Any]]:
    if KEPT.is_file():
        yield from map(json.loads, KEPT.read_text(encoding="utf-8").splitlines())


def _print(results: list[dict[str, Any]]) -> None:
    print(f"{len(results)} folds: means [95 % interval]")
    print(f"{'':34}" + "".join(f"{trait:>25}" for trait in TRAITS))
    for name in _MEASURES:
        _print_row(name, [[result[name][at] for result in results] for at in range(len(TRAITS))])
    rivals = {
        (row["repeat"], row["fold"]): row
        for row in map(json.loads, WHEAT.read_text(encoding="utf-8").splitlines())
        if row["repeat"] >= 0
    }
    both = [(result, rivals[key]) for result in results if (key := (result["repeat"], result["fold"])) in rivals]
    for rival in ("gblup", "rkhs"):
        _print_row(
            f"correlation - {rival}",
            [[own["correlation"][at] - other[rival][at] for own, other in both] for at in range(len(TRAITS))],
            "+",
        )


def _print_row(name: str, traits: list[list[float]], sign: str = "") -> None:
    intervals = [corrected_interval(np.array(values), 1 / (FOLDS - 1)) for values in traits]
    cells = [f"{own.mean:{sign}.3f} [{own.low:{sign}.3f}, {own.high:{sign}.3f}]" for own in intervals]
    print(f"{name:34}" + "".join(f"{cell:>25}" for cell in cells))


if __name__ == "__main__":
    main()
