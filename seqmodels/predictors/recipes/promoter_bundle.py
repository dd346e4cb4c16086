"""Make a promoter predictor of trained folds, and judge it on GUE's dev rows: once, when its weights are finished.

`python -m seqmodels.predictors.recipes.promoter_bundle DATA RUNS FOLDER --model core` averages the networks in RUNS,
calibrates them on the rows that each has not seen, and writes weights and calibration into FOLDER; only then are the
dev rows opened, and the card written.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import numpy as np

from seqmodels.data.splits import FinishedModel
from seqmodels.predictors.calibration import calibrate
from seqmodels.predictors.card import WEIGHTS, Card, Score, weights_hash, write_card
from seqmodels.predictors.ensemble import save_ensemble
from seqmodels.predictors.promoter import CALIBRATION, PromoterPredictor
from seqmodels.predictors.recipes.measured import measured
from seqmodels.predictors.recipes.promoter import (
    HELD_OUT,
    TRAINED_FOLDS,
    command,
    folds_of,
    run_of_fold,
    trained_on,
)
from seqmodels.predictors.recipes.promoter_sets import (
    FOLDS,
    LENGTHS,
    SETS,
    Name,
    alike,
    dev_file,
    read,
    read_training,
)
from seqmodels.sitenet import SiteNetForSequenceClassification

_WHAT: dict[Name, str] = {
    "core": "a core promoter: from 33 bases before a transcription start to 36 behind it.",
    "tata300": "a promoter with a TATA box: from 249 bases before a transcription start to 50 behind it.",
}
_SPLIT: dict[Name, str] = {
    "core": "Near-duplicates of the TATA set's dev rows were left out. Settings were chosen on the first fold.",
    "tata300": "Each started from the core network of its fold, which has seen none of its held-out rows, nor of the "
    "dev rows, in part.",
}
_LIMITS = (
    "Human sequences. Half of the rows are promoters, of a genome very few are: in a scan most places above a half are "
    "none, unless the prevalence is given. How the score does on DNA unlike GUE's negative rows is not known; windows "
    "beside a start of transcription are none of them, so that a scan finds promoter-like stretches and not the start: "
    "in 60 TATA promoters of 300 bases the best core window lay within ten bases of the true one in 25 %. A "
    "promoter stands on one strand, and the score is of the strand given: on the first fold networks trained on it "
    "alone had a Matthews correlation of 0.686, networks trained on both strands and averaged over them 0.662."
)


def main() -> None:
    """Read the arguments, write the predictor and judge it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("data", type=Path, metavar="DATA", help="folder with one folder a set of GUE")
    parser.add_argument("runs", type=Path, metavar="RUNS", help="folder of the trained folds")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the predictor is written")
    parser.add_argument("--model", choices=get_args(Name), default="core", help="which predictor (default: core)")
    arguments = parser.parse_args()
    write(arguments.model, arguments.data, arguments.runs, arguments.folder)
    finish(arguments.model, arguments.data, arguments.folder)


def write(name: Name, data: Path, runs: Path, folder: Path) -> None:
    """Weights of the folds' networks, and the calibration of what they say of rows that they have not seen."""
    promoters = trained_on(data, name)
    folds = folds_of(data, name, promoters)[: TRAINED_FOLDS[name]]
    places = [run_of_fold(name, fold, runs) for fold in range(len(folds))]
    networks = [SiteNetForSequenceClassification.from_pretrained(place / "model").train(False) for place in places]
    save_ensemble(folder, [network.half() if name == "tata300" else network for network in networks])
    logits = np.concatenate([np.load(place / HELD_OUT) for place in places], axis=1)
    labels = np.concatenate([promoters.labels[fold.validation] for fold in folds])
    line = calibrate(logits[0], labels)
    (folder / CALIBRATION).write_text(json.dumps([line.slope, line.shift]) + "\n", encoding="utf-8")


def finish(name: Name, data: Path, folder: Path) -> None:
    """Open the dev rows, judge the finished weights and write their card."""
    card = _card(name, len(trained_on(data, name).labels), weights_hash(folder))
    write_card(folder, card)
    scores = tuple(judge_dev(PromoterPredictor(folder), name, data))
    write_card(folder, card.model_copy(update={"scores": scores}))


def judge_dev(predictor: PromoterPredictor, name: Name, data: Path) -> Iterator[Score]:
    """Scores of dev rows, of all and of those unlike all training rows, with bootstrap intervals of 95 %."""
    dev = dev_file(data, name).open(read, FinishedModel.of(predictor.folder / WEIGHTS))
    probabilities = predictor.windows(dev.data.sequences).probabilities
    new = ~alike(dev.data.sequences, read_training(data, name).data.sequences)
    yield from measured("dev", probabilities, dev.labels)
    yield from measured("dev, without near-duplicates", probabilities[new], dev.labels[new])


def _card(name: Name, rows: int, sha256: str) -> Card:
    return Card(
        name=f"promoter {name}",
        predicts=f"Whether {LENGTHS[name]} bases of human DNA are {_WHAT[name]}",
        data=f"{SETS[name]} of the GUE benchmark (Zhou et al. 2024, arXiv:2306.15006), {rows:,} training rows",
        licence="Apache-2.0",
        split=f"{TRAINED_FOLDS[name]} networks, each trained without one of {FOLDS} folds that no near-duplicate "
        f"crosses; a twentieth of its own rows chose its weights. {_SPLIT[name]} GUE's dev rows were judged when the "
        "weights were finished; those that resemble a training row are left out of the second four scores.",
        seeds=tuple(range(TRAINED_FOLDS[name])),
        command=command(name),
        scores=(),
        calibration="A line on the logits (Platt 1999), fitted on the fold that each network has not seen.",
        limits=_LIMITS,
        sha256=sha256,
    )


if __name__ == "__main__":
    main()
