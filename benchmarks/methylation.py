"""Methylated bases in 17 species and marks: the shipped networks and boosted trees on the same five folds.

The networks' scores come from `python -m seqmodels.predictors.recipes.methylation ../shared/data/dna_methylation RUNS`;
`--keep RUNS` takes them over into benchmarks/results/methylation.jsonl. The trees (position by position, and counts of
4-mers; one configuration) are trained here, a fold at a time, and kept in the same file. No near-duplicate crosses a
fold. Published figures are of the official split, whose training half is what is divided here.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.shared import DATA, ROOT
from seqmodels.breeding.comparison import corrected_interval
from seqmodels.data.alphabet import codes_of
from seqmodels.predictors.card import CARD, read_card
from seqmodels.predictors.domains import DOMAINS
from seqmodels.predictors.methylation import BUNDLED
from seqmodels.predictors.recipes.methylation import SEPARATE, judgement
from seqmodels.predictors.recipes.methylation_sets import Windows, read_windows

KEPT = ROOT / "benchmarks" / "results" / "methylation.jsonl"
_MEASURES = ("accuracy", "auroc", "mcc", "calibration_error")
_CALIBRATED_ABOVE = 5_000
_PUBLISHED = (("two fused DNABERTs, selected on test", 0.8615, 0.9196), ("boosted trees", 0.8575, 0.9172))


def main() -> None:
    """Train the trees that are missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, metavar="RUNS", help="take over the networks' scores from their runs")
    options = parser.parse_args()
    KEPT.parent.mkdir(exist_ok=True)
    if options.keep:
        _keep([{"model": "network", **row} for row in _read(options.keep / "scores.jsonl")])
        _keep([{"model": "alone", **row} for row in _read(options.keep / SEPARATE / "scores.jsonl")])
    if DATA.is_dir():
        _train_trees(read_windows(DATA / "dna_methylation"))
    else:
        print(f"{DATA} is not here; these are the results in {KEPT.relative_to(ROOT)}")
    _print_tables(list(_read(KEPT)))


def _read(path: Path) -> Iterator[dict[str, Any]]:
    if path.is_file():
        yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def _keep(rows: list[dict[str, Any]]) -> None:
    """Add results that are not there yet."""
    kept = {_key(row): row for row in [*_read(KEPT), *rows]}
    lines = (json.dumps(kept[key]) + "\n" for key in sorted(kept))
    KEPT.write_text("".join(lines), encoding="utf-8")


def _key(row: dict[str, Any]) -> tuple[str, str, int, int]:
    return row["model"], row["domain"], row["seed"], row["fold"]


def _train_trees(windows: Windows) -> None:
    done = {(row["domain"], row["fold"]) for row in _read(KEPT) if row["model"] == "trees"}
    codes = np.stack([codes_of(sequence) for sequence in windows.rows.data.sequences]).astype(np.int64)
    pending = [
        (fold, number)
        for fold in range(len(windows.folds))
        for number, domain in enumerate(DOMAINS)
        if (domain.name, fold) not in done
    ]
    for fold, number in tqdm(pending, desc="trees", disable=not pending):
        _keep([{"model": "trees", **_judged_trees(windows, codes, fold, number)}])


def _judged_trees(windows: Windows, codes: NDArray[np.int64], fold: int, number: int) -> dict[str, Any]:
    from sklearn.ensemble import HistGradientBoostingClassifier

    split = windows.folds[fold]
    train, held_out = (rows[windows.domains[rows] == number] for rows in (split.train, split.validation))
    trees = HistGradientBoostingClassifier(
        max_iter=300, learning_rate=0.06, l2_regularization=1.0, early_stopping=True, random_state=0
    )
    trees.fit(_features(codes[train]), windows.labels[train])
    logits = trees.decision_function(_features(codes[held_out]))
    return asdict(judgement(DOMAINS[number], fold, 0, logits, windows.labels[held_out]))


def _features(codes: NDArray[np.int64]) -> NDArray[np.float32]:
    """One column a base and position, and one a 4-mer: how often it occurs."""
    rows, length = codes.shape
    positions = (codes[:, :, None] == np.arange(4)).reshape(rows, -1)
    words = codes[:, :-3] * 64 + codes[:, 1:-2] * 16 + codes[:, 2:-1] * 4 + codes[:, 3:]
    counts = np.zeros((rows, 256))
    for place in range(length - 3):
        np.add.at(counts, (np.arange(rows), words[:, place]), 1)
    return np.concatenate([positions, counts], axis=1).astype(np.float32)


def _print_tables(results: list[dict[str, Any]]) -> None:
    network, trees = (_means(results, model) for model in ("network", "trees"))
    print(f"{'set':20} {'ACC':>13} {'AUC':>13} {'MCC':>13} {'ECE':>6}   trees ACC / AUC   paired AUC")
    wins = 0
    for domain in DOMAINS:
        own, others = network.get(domain.name), trees.get(domain.name)
        if own is None or others is None:
            print(f"{domain.name:20} not done")
            continue
        paired = _interval(own["auroc"] - others["auroc"])
        wins += paired[0] > 0
        shown = " ".join("{:.4f} ±{:.4f}".format(*_interval(own[name])) for name in _MEASURES[:3])
        print(
            f"{domain.name:20} {shown} {own['calibration_error'].mean():.3f}   "
            f"{others['accuracy'].mean():.4f} / {others['auroc'].mean():.4f}   {paired[0]:+.4f} ±{paired[1]:.4f}"
        )
    both = [name for name in network if name in trees]
    for label, scores in (("networks", network), ("trees", trees)):
        means = [np.mean([scores[name][measure].mean() for name in both]) for measure in _MEASURES[:3]]
        print(f"mean of {len(both)}, {label}: ACC {means[0]:.4f}, AUC {means[1]:.4f}, MCC {means[2]:.4f}")
    print(f"above the trees in {wins} of {len(both)} sets by AUC, paired by fold")
    _print_alone(results)
    for label, accuracy, auroc in _PUBLISHED:
        print(f"published, other split, mean of 16: {label}: ACC {accuracy}, AUC {auroc}")
    large = [name for name in both if _rows(results, name) > _CALIBRATED_ABOVE]
    if large:
        worst = max(large, key=lambda name: float(network[name]["calibration_error"].mean()))
        error = network[worst]["calibration_error"].mean()
        print(
            f"calibration error a fold, worst of {len(large)} sets above {_CALIBRATED_ABOVE:,}: {error:.3f} ({worst})"
        )
        _print_card(large)


def _print_alone(results: list[dict[str, Any]]) -> None:
    """The joint network beside networks of one set each, on the folds that have both."""
    together, alone = (
        {(row["domain"], row["fold"]): row["auroc"] for row in results if row["model"] == model and row["seed"] == 0}
        for model in ("network", "alone")
    )
    if both := sorted(together.keys() & alone.keys()):
        gains = [together[key] - alone[key] for key in both]
        print(
            f"one network for all beside one a set, {len(both)} sets and folds: mean AUC "
            f"{np.mean([together[key] for key in both]):.4f} and {np.mean([alone[key] for key in both]):.4f}, "
            f"ahead in {sum(gain > 0 for gain in gains)}"
        )


def _print_card(large: list[str]) -> None:
    """What the shipped predictor's card has: calibration over all folds, and the test files."""
    if not (BUNDLED / CARD).is_file():
        return
    card = read_card(BUNDLED)
    errors = [score for score in card.scores if score.name in {f"ECE held out {name}" for name in large}]
    if errors:
        worst = max(errors, key=lambda score: score.value)
        print(f"the same over all folds' rows at once: at most {worst.value:.3f} ({worst.name.rpartition(' ')[2]})")
    for score in card.scores:
        if score.name.startswith("AUC test"):
            print(f"{score.name}: {score.value:.4f} [{score.low:.4f}, {score.high:.4f}] of {score.rows:,}")


def _means(results: list[dict[str, Any]], model: str) -> dict[str, dict[str, NDArray[np.float64]]]:
    """For each set and measure the scores of the folds, (folds,), each the mean of its seeds."""
    found: dict[str, dict[str, NDArray[np.float64]]] = {}
    for domain in DOMAINS:
        rows = [row for row in results if row["model"] == model and row["domain"] == domain.name]
        folds = sorted({row["fold"] for row in rows})
        if folds:
            found[domain.name] = {
                measure: np.array([np.mean([row[measure] for row in rows if row["fold"] == fold]) for fold in folds])
                for measure in _MEASURES
            }
    return found


def _rows(results: list[dict[str, Any]], name: str) -> int:
    return sum(row["rows"] for row in results if row["model"] == "trees" and row["domain"] == name)


def _interval(scores: NDArray[np.float64]) -> tuple[float, float]:
    """Mean, and half the width of its corrected resampled t interval."""
    interval = corrected_interval(scores, 1 / (len(scores) - 1))
    return interval.mean, interval.high - interval.mean


if __name__ == "__main__":
    main()
