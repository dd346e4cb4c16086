"""Train the promoter predictors: networks of several folds of GUE's training rows.

`python -m seqmodels.predictors.recipes.promoter DATA RUNS --model core` trains what is missing in RUNS, a fold at a
time, and appends its scores to RUNS/scores.jsonl. A run that was interrupted goes on. A twentieth of a fold's own
training rows chooses the weights; the rows of the fold are judged once, by the weights so chosen. The dev rows are not
opened here: `recipes.promoter_bundle` does that, once.

There are few windows of 300 bases, and most hold a core window. So their networks start as those of the core folds,
which read the middle of the longer window alone; what lies around it is learnt then. Their folds are those of the core
windows in them, so that a held-out row is new to the network that it started from too. Train the core folds first.
"""

import argparse
import json
import logging
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import torch
from numpy.typing import NDArray

from seqmodels.data.alphabet import codes_of
from seqmodels.data.splits import Split
from seqmodels.predictors.methylation import window_logits
from seqmodels.predictors.recipes.promoter_sets import (
    CORE_AT,
    LENGTHS,
    Name,
    Promoters,
    alike,
    dev_file,
    parted,
    parted_along,
    read_training,
)
from seqmodels.sitenet import SiteNetConfig, SiteNetForSequenceClassification
from seqmodels.train.config import Config, compose
from seqmodels.train.run import Run
from seqmodels.train.training import train

log = logging.getLogger(__name__)

SCORES = "scores.jsonl"
HELD_OUT = "held_out.npy"
# How many of the ten folds have a network of their own in the predictor.
TRAINED_FOLDS: dict[Name, int] = {"core": 3, "tata300": 2}
_FIT = (
    "model=sitenet",
    "task=classify",
    "data=csv",
    "split.validation=0.05",
    "fit.batch_size=256",
    "fit.learning_rate=2e-3",
    "fit.weight_decay=0.05",
    "fit.warmup=0.15",
    "fit.schedule=cosine",
    "fit.patience=null",
    "fit.monitor=mcc",
    "plots=false",
)
_OF_MODEL: dict[Name, tuple[str, ...]] = {
    "core": ("model.settings={window:70}", "fit.epochs=8"),
    "tata300": ("fit.epochs=4", "fit.learning_rate=5e-4", "fit.batch_size=64"),
}


@dataclass(frozen=True)
class Judgement:
    """What the held-out rows of one fold said of one run, of the strand as given."""

    model: str
    fold: int
    rows: int
    accuracy: float
    auroc: float
    mcc: float


def main() -> None:
    """Read the arguments and train."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("data", type=Path, metavar="DATA", help="folder with one folder a set of GUE")
    parser.add_argument("runs", type=Path, metavar="RUNS", help="folder of the runs, made where absent")
    parser.add_argument("--model", choices=get_args(Name), default="core", help="which predictor (default: core)")
    parser.add_argument("--folds", type=int, nargs="+", default=[0, 1, 2], help="folds to train")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="settings of training, as in epicite train")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    promoters = trained_on(arguments.data, arguments.model)
    folds = folds_of(arguments.data, arguments.model, promoters)
    for fold in arguments.folds:
        train_fold(arguments.model, promoters, folds[fold], fold, arguments.runs, arguments.overrides)


def start(fold: int, runs: Path) -> Path:
    """The network of 300 bases that says what a core fold's does: a folder in `runs`, made where absent."""
    folder = runs / f"start-fold{fold}"
    if not folder.is_dir():
        model = run_of_fold("core", fold, runs) / "model"
        unfinished = shutil.copytree(model, folder.with_name(f".{folder.name}.tmp"), dirs_exist_ok=True)
        widened(SiteNetForSequenceClassification.from_pretrained(model)).save_pretrained(unfinished)
        unfinished.replace(folder)
    return folder


def widened(network: SiteNetForSequenceClassification) -> SiteNetForSequenceClassification:
    """A network of 300 bases that says of each window what one of 70 says of its middle."""
    config = SiteNetConfig(**{**network.config.to_dict(), "window": LENGTHS["tata300"]})
    wide = SiteNetForSequenceClassification(config)
    weights = network.state_dict()
    middle = weights["hidden.weight"].unflatten(1, (config.channels, network.config.positions))
    hidden = torch.zeros(config.hidden, config.channels, config.positions)
    hidden[:, :, CORE_AT : CORE_AT + network.config.positions] = middle
    wide.load_state_dict({**weights, "hidden.weight": hidden.flatten(1)})
    wide.train(False)
    return wide


def trained_on(data: Path, name: Name) -> Promoters:
    """The training rows of a predictor: of the core set, those that are unlike the dev rows of the TATA set too.

    The dev rows of the set itself are not looked at: what they share with its training rows is counted when they are
    judged.
    """
    promoters = read_training(data, name)
    if name != "core":
        return promoters
    others = dev_file(data, "tata300").sequences().sequences
    return promoters.take(np.flatnonzero(~alike(promoters.data.sequences, others)))


def folds_of(data: Path, name: Name, promoters: Promoters) -> tuple[Split, ...]:
    """Ten folds of a predictor's training rows; those of the TATA set follow the core set's."""
    return parted(promoters) if name == "core" else parted_along(promoters, trained_on(data, "core"))


def train_fold(
    name: Name, promoters: Promoters, split: Split, fold: int, runs: Path, overrides: Sequence[str] = ()
) -> Run:
    """Train one fold's network and judge it, unless that is done; its logits (2, rows) are kept as `held_out.npy`.

    They are those of the strand as given and of the other one.
    """
    config = _config(name, fold, runs, overrides)
    run = train(config, promoters.take(split.train).rows, command(name))
    kept = run.folder / HELD_OUT
    if not kept.is_file():
        held_out = promoters.take(split.validation)
        logits = logits_of(run, held_out)
        np.save(kept, logits)
        judgement = judged(name, fold, logits[0], held_out.labels)
        log.info("%s", judgement)
        with (runs / SCORES).open("a", encoding="utf-8") as scores:
            scores.write(json.dumps(asdict(judgement)) + "\n")
    return run


def logits_of(run: Run, promoters: Promoters) -> NDArray[np.float64]:
    """Logits (2, n) of either strand of rows by a run's best weights."""
    network = SiteNetForSequenceClassification.from_pretrained(run.model).train(False)
    codes = np.stack([codes_of(sequence) for sequence in promoters.data.sequences])
    return np.stack(window_logits([network], codes, np.zeros(len(codes), np.int64)))


def judged(name: Name, fold: int, logits: NDArray[np.float64], labels: NDArray[np.int64]) -> Judgement:
    """The scores of logits (n,) on labels (n,) of 0 and 1."""
    from sklearn.metrics import matthews_corrcoef, roc_auc_score

    return Judgement(
        name,
        fold,
        len(labels),
        float(np.mean((logits > 0) == labels)),
        float(roc_auc_score(labels, logits)),
        float(matthews_corrcoef(labels, logits > 0)),
    )


def command(name: Name) -> str:
    """What trains a predictor."""
    return f"python -m seqmodels.predictors.recipes.promoter DATA RUNS --model {name}"


def run_of_fold(name: Name, fold: int, runs: Path) -> Path:
    """The folder of a fold's run."""
    return runs / f"{name}-fold{fold}"


def _config(name: Name, fold: int, runs: Path, overrides: Sequence[str]) -> Config:
    started = [f"model.pretrained={start(fold, runs)}"] if name == "tata300" else []
    own = [
        *started,
        f"data.path={runs / name}.csv",
        f"run={run_of_fold(name, fold, runs)}",
        f"seed={fold}",
    ]
    return compose([*_FIT, *_OF_MODEL[name], *own, *overrides])


if __name__ == "__main__":
    main()
