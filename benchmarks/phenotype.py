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

from benchmarks.shared import DATA, ROOT
from benchmarks.wheat import KEPT as WHEAT
from seqmodels.breeding.comparison import corrected_interval
from seqmodels.breeding.folds import folds
from seqmodels.predictors.recipes.phenotype import FOLDS, REPEATS, TRAITS, judge_fold, read_lines

KEPT = ROOT / "benchmarks" / "results" / "phenotype.jsonl"
_MEASURES = ("correlation", "half", "coverage", "width", "reliability")


def main() -> None:
    """Judge the folds that are missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--anew", action="store_true", help="measure all folds again")
    options = parser.parse_args()
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
