"""Train the methylation predictor: one network for all species and marks, judged in five folds.

`python -m seqmodels.predictors.recipes.methylation DATA RUNS` trains what is missing in RUNS, a fold and seed at a
time, and appends the scores of each to RUNS/scores.jsonl. A run that was interrupted goes on. Weights are chosen on a
tenth of each fold's own training rows; the rows of the fold are judged once, by the weights so chosen. With
`--separate` every set gets a network of its own instead, by the same recipe, under RUNS/separate.
"""

import argparse
import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqmodels.data.alphabet import codes_of
from seqmodels.predictors.calibration import calibrate, calibration_error
from seqmodels.predictors.domains import DOMAINS, Domain
from seqmodels.predictors.methylation import window_logits
from seqmodels.predictors.recipes.methylation_sets import FOLDS, Windows, read_windows
from seqmodels.train.config import Config, compose
from seqmodels.train.run import Run
from seqmodels.train.training import train

log = logging.getLogger(__name__)

HELD_OUT = "held_out.npy"
SEPARATE = "separate"
_FIT = (
    "model=sitenet",
    f"model.settings={{domains:{len(DOMAINS)}}}",
    "task=classify",
    "data=csv",
    "data.inputs={domain_ids:domain}",
    "fit.epochs=12",
    "fit.batch_size=256",
    "fit.learning_rate=2e-3",
    "fit.weight_decay=0.05",
    "fit.warmup=0.15",
    "fit.schedule=cosine",
    "fit.reverse_complement=true",
    "fit.patience=null",
    "fit.monitor=auroc",
    "plots=false",
)


@dataclass(frozen=True)
class Judgement:
    """What a set's held-out rows of one fold said of one run."""

    domain: str
    fold: int
    seed: int
    rows: int
    accuracy: float
    auroc: float
    mcc: float
    calibration_error: float


def main() -> None:
    """Read the arguments and train."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("data", type=Path, metavar="DATA", help="folder with one folder a set")
    parser.add_argument("runs", type=Path, metavar="RUNS", help="folder of the runs, made where absent")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="seeds to train with")
    parser.add_argument("--folds", type=int, nargs="+", default=list(range(FOLDS)), help="folds to train")
    parser.add_argument("--separate", action="store_true", help="a network for every set alone")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="settings of training, as in epicite train")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    windows = read_windows(arguments.data)
    for seed in arguments.seeds:
        for fold in arguments.folds:
            for domain in range(len(DOMAINS)) if arguments.separate else ():
                train_alone(windows, domain, fold, seed, arguments.runs / SEPARATE, arguments.overrides)
            if not arguments.separate:
                train_fold(windows, fold, seed, arguments.runs, arguments.overrides)


def train_fold(windows: Windows, fold: int, seed: int, runs: Path, overrides: list[str] | None = None) -> Run:
    """Train one fold's network and judge it, unless that is done; its logits are kept as HELD_OUT."""
    split = windows.folds[fold]
    run = train(_config(run_of_fold(fold, seed, runs), seed, overrides or []), windows.take(split.train), _command())
    if not (run.folder / HELD_OUT).is_file():
        logits = logits_of(run, windows, split.validation)
        _keep(run, logits, judged(windows, fold, seed, logits))
    return run


def train_alone(
    windows: Windows, domain: int, fold: int, seed: int, runs: Path, overrides: list[str] | None = None
) -> Run:
    """Train one fold's network of one set alone and judge it, unless that is done."""
    split = windows.folds[fold]
    train_rows, held_out = (rows[windows.domains[rows] == domain] for rows in (split.train, split.validation))
    folder = runs / f"{DOMAINS[domain].name}-fold{fold}-seed{seed}"
    run = train(_config(folder, seed, overrides or []), windows.take(train_rows), _command())
    if not (run.folder / HELD_OUT).is_file():
        logits = logits_of(run, windows, held_out)
        _keep(run, logits, [judgement(DOMAINS[domain], fold, seed, logits, windows.labels[held_out])])
    return run


def _keep(run: Run, logits: NDArray[np.float64], judgements: Iterable[Judgement]) -> None:
    """Keep what a run said of its held-out rows, and how it was judged beside the other runs'."""
    with (run.folder.parent / "scores.jsonl").open("a", encoding="utf-8") as scores:
        scores.writelines(json.dumps(each.__dict__) + "\n" for each in judgements)
    np.save(run.folder / HELD_OUT, logits)


def run_of_fold(fold: int, seed: int, runs: Path) -> Path:
    """Where a fold is trained."""
    return runs / f"fold{fold}-seed{seed}"


def logits_of(run: Run, windows: Windows, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Logits (n,) of rows by a run's best weights, the two strands' views averaged."""
    from seqmodels.sitenet import SiteNetForSequenceClassification

    network = SiteNetForSequenceClassification.from_pretrained(run.model).train(False)
    codes = np.stack([codes_of(windows.rows.data.sequences[row]) for row in rows])
    forward, reverse = window_logits([network], codes, windows.domains[rows])
    return (forward + reverse) / 2


def judged(windows: Windows, fold: int, seed: int, logits: NDArray[np.float64]) -> Iterator[Judgement]:
    """The scores of each set on the held-out rows of a fold."""
    rows = windows.folds[fold].validation
    for number, domain in enumerate(DOMAINS):
        own = windows.domains[rows] == number
        yield judgement(domain, fold, seed, logits[own], windows.labels[rows][own])


def judgement(
    domain: Domain, fold: int, seed: int, logits: NDArray[np.float64], labels: NDArray[np.int64]
) -> Judgement:
    """The scores of one set's logits (n,) on labels (n,) of 0 and 1."""
    from sklearn.metrics import matthews_corrcoef, roc_auc_score

    return Judgement(
        domain.name,
        fold,
        seed,
        len(labels),
        float(np.mean((logits > 0) == labels)),
        float(roc_auc_score(labels, logits)),
        float(matthews_corrcoef(labels, logits > 0)),
        cross_fitted_error(logits, labels),
    )


def cross_fitted_error(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Calibration error of probabilities whose line was fitted on the other half of the rows."""
    halves = np.random.default_rng(0).permutation(len(labels)) % 2
    probabilities = np.empty(len(labels))
    for half in (0, 1):
        line = calibrate(logits[halves != half], labels[halves != half])
        probabilities[halves == half] = line.probability(logits[halves == half])
    return calibration_error(probabilities, labels)


def _config(folder: Path, seed: int, overrides: list[str]) -> Config:
    own = [f"data.path={folder.parent / 'windows.csv'}", f"run={folder}", f"seed={seed}"]
    return compose([*_FIT, *own, *overrides])


def _command() -> str:
    return "python -m seqmodels.predictors.recipes.methylation DATA RUNS"


if __name__ == "__main__":
    main()
