"""The promoter predictors: held-out folds of GUE's training rows, and its dev rows by the weights that ship.

The folds' scores come from `python -m seqmodels.predictors.recipes.promoter ../shared/data/gue RUNS`; `--keep RUNS`
takes them over into benchmarks/results/promoter.jsonl. Dev rows are judged here, by the shipped networks alone, on the
strand given: all of them, and those that are no near-duplicate of a training row. Published figures are of GUE's test
rows, which are not here.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.shared import DATA, ROOT
from seqmodels.predictors.promoter import NAMES, Name, bundled
from seqmodels.predictors.recipes.promoter import SCORES
from seqmodels.predictors.recipes.promoter_bundle import judge_dev

KEPT = ROOT / "benchmarks" / "results" / "promoter.jsonl"
_WANTED: dict[Name, float] = {"core": 0.70, "tata300": 0.72}
# Zhou et al. 2024, arXiv:2306.15006, table of GUE.
_PUBLISHED: dict[Name, str] = {
    "core": "DNABERT-2 .694",
    "tata300": "DNABERT-2 .716, Nucleotide Transformer 2500M .794",
}


def main() -> None:
    """Judge the dev rows, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, metavar="RUNS", help="take over the folds' scores from their runs")
    options = parser.parse_args()
    KEPT.parent.mkdir(exist_ok=True)
    if options.keep:
        _keep([{"rows_of": f"fold {row.pop('fold')}", **row} for row in _read(options.keep / SCORES)])
    if DATA.is_dir():
        for name in NAMES:
            scores = judge_dev(bundled(name), name, DATA / "gue")
            _keep([{"rows_of": "dev", "model": name, **score.model_dump()} for score in scores])
    else:
        print(f"{DATA} is not here; these are the results in {KEPT.relative_to(ROOT)}")
    results = list(_read(KEPT))
    for name in NAMES:
        _print([row for row in results if row["model"] == name], name)


def _read(path: Path) -> Iterator[dict[str, Any]]:
    if path.is_file():
        yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def _keep(rows: list[dict[str, Any]]) -> None:
    """Add results, those of the same rows and kind in the place of older ones."""
    kept = {(row["model"], row["rows_of"], row.get("name", "")): row for row in [*_read(KEPT), *rows]}
    KEPT.write_text("".join(json.dumps(kept[key]) + "\n" for key in sorted(kept)), encoding="utf-8")


def _print(results: list[dict[str, Any]], name: Name) -> None:
    print(f"\n{name}: wanted on dev, Matthews correlation {_WANTED[name]:.2f}; published, of test: {_PUBLISHED[name]}")
    for row in results:
        if row["rows_of"] == "dev":
            print(f"{row['name']:60} {row['value']:.4f} [{row['low']:.4f}, {row['high']:.4f}] of {row['rows']:,}")
        else:
            figures = ", ".join(f"{measure} {row[measure]:.4f}" for measure in ("mcc", "accuracy", "auroc"))
            print(f"one network on {row['rows_of']}, of {row['rows']:,} training rows held out: {figures}")


if __name__ == "__main__":
    main()
