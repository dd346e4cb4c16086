"""Make the methylation predictor of trained folds, and judge it on the test windows: once, when it is finished.

`python -m seqmodels.predictors.recipes.methylation_bundle DATA RUNS [FOLDER]` puts the networks of RUNS into one file,
calibrates them for each species and mark on the windows that each network has not seen, and only then opens the test
files that DATA has, and writes the card.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqmodels.breeding.comparison import corrected_interval
from seqmodels.data.duplicates import near_groups
from seqmodels.data.splits import FinishedModel, TestFile
from seqmodels.data.tables import LabelledSequences, read_labelled
from seqmodels.errors import ModelError
from seqmodels.predictors.calibration import calibrate, calibration_error
from seqmodels.predictors.card import WEIGHTS, Card, Score, weights_hash, write_card
from seqmodels.predictors.domains import DOMAINS, Domain
from seqmodels.predictors.ensemble import save_ensemble
from seqmodels.predictors.methylation import BUNDLED, CALIBRATIONS, WINDOW, MethylationPredictor
from seqmodels.predictors.recipes.measured import measured
from seqmodels.predictors.recipes.methylation import HELD_OUT, run_of_fold
from seqmodels.predictors.recipes.methylation_sets import FOLDS, Windows, labels_of, read_windows
from seqmodels.sitenet import SiteNetForSequenceClassification

_SEED = 0
_LIMITS = (
    "Windows of the sets are half methylated and half not, chosen as their authors describe; of a genome far fewer "
    "candidates are methylated, so that a scan needs the prevalence. Methylation depends on tissue and condition, of "
    "which a sequence tells nothing. A model is silent on species or marks that it was not trained for; transfer.json "
    "has what was measured between species."
)


def main() -> None:
    """Read the arguments, write the predictor and judge it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("data", type=Path, metavar="DATA", help="folder with one folder a set")
    parser.add_argument("runs", type=Path, metavar="RUNS", help="folder of the trained folds")
    parser.add_argument("folder", type=Path, nargs="?", default=BUNDLED, metavar="FOLDER", help="where it is written")
    arguments = parser.parse_args()
    windows = read_windows(arguments.data)
    write(windows, arguments.runs, arguments.folder)
    finish(windows, arguments.data, arguments.runs, arguments.folder)


def write(windows: Windows, runs: Path, folder: Path) -> None:
    """The folds' networks, and for each domain the line of what they say of windows that they have not seen.

    Raises ModelError where a fold is not finished.
    """
    places = [run_of_fold(fold, _SEED, runs) for fold in range(FOLDS)]
    missing = [place.name for place in places if not (place / HELD_OUT).is_file()]
    if missing:
        raise ModelError(f"{runs} lacks {', '.join(missing)}", "Train all folds with recipes.methylation.")
    networks = [SiteNetForSequenceClassification.from_pretrained(place / "model").train(False) for place in places]
    save_ensemble(folder, networks)
    rows = np.concatenate([split.validation for split in windows.folds])
    logits = np.concatenate([np.load(place / HELD_OUT) for place in places])
    lines = {}
    for number, domain in enumerate(DOMAINS):
        own = windows.domains[rows] == number
        line = calibrate(logits[own], windows.labels[rows][own])
        lines[domain.name] = [line.slope, line.shift]
    (folder / CALIBRATIONS).write_text(json.dumps(lines, indent=1) + "\n", encoding="utf-8")


def finish(windows: Windows, data: Path, runs: Path, folder: Path) -> None:
    """Open the test files, judge the finished weights and write their card."""
    held_out = (*_held_out_scores(runs), *_held_out_errors(windows, runs))
    card = _card(len(windows.labels), weights_hash(folder), held_out)
    write_card(folder, card)
    predictor = MethylationPredictor(folder)
    tests = (score for domain in DOMAINS for score in _test_scores(predictor, domain, data, folder))
    write_card(folder, card.model_copy(update={"scores": (*card.scores, *tests)}))


def _held_out_scores(runs: Path) -> Iterator[Score]:
    """The means over folds, as the runs have written them down, with corrected resampled t intervals."""
    lines = [json.loads(line) for line in (runs / "scores.jsonl").read_text(encoding="utf-8").splitlines()]
    for domain in DOMAINS:
        own = [line for line in lines if line["domain"] == domain.name and line["seed"] == _SEED]
        for name, key in (("AUC", "auroc"), ("MCC", "mcc"), ("accuracy", "accuracy")):
            interval = corrected_interval(np.array([line[key] for line in own]), 1 / (FOLDS - 1))
            yield Score(
                name=f"{name} held out {domain.name}",
                value=interval.mean,
                low=interval.low,
                high=interval.high,
                rows=sum(line["rows"] for line in own),
            )


def _held_out_errors(windows: Windows, runs: Path) -> Iterator[Score]:
    """Calibration error of each set's windows, every fold's by the line that the other folds would give."""
    rows = np.concatenate([split.validation for split in windows.folds])
    fold = np.repeat(np.arange(FOLDS), [len(split.validation) for split in windows.folds])
    logits = np.concatenate([np.load(run_of_fold(number, _SEED, runs) / HELD_OUT) for number in range(FOLDS)])
    labels, domains = windows.labels[rows], windows.domains[rows]
    probabilities = np.empty(len(rows))
    for number in range(len(DOMAINS)):
        for held_out in range(FOLDS):
            own, others = ((domains == number) & (fold == held_out), (domains == number) & (fold != held_out))
            probabilities[own] = calibrate(logits[others], labels[others]).probability(logits[own])
    for number, domain in enumerate(DOMAINS):
        own = domains == number
        error = calibration_error(probabilities[own], labels[own])
        yield Score(name=f"ECE held out {domain.name}", value=error, rows=int(own.sum()))


def _test_scores(predictor: MethylationPredictor, domain: Domain, data: Path, folder: Path) -> Iterator[Score]:
    """Scores of a set's test windows, of all and of those that resemble no training window of theirs."""
    file = TestFile(data / domain.name / "test.csv.gz")
    if not file.path.is_file():
        return
    read = partial(read_labelled, kind="classes", length=WINDOW)
    test: LabelledSequences = file.open(read, FinishedModel.of(folder / WEIGHTS))
    labels, probabilities = labels_of(test), predictor.windows(test.sequences, domain).probabilities
    yield from measured(f"test {domain.name}", probabilities, labels)
    train = read_labelled(data / domain.name / "train.csv.gz", kind="classes", length=WINDOW)
    new = _unlike(test.sequences, train.sequences)
    yield from measured(f"test {domain.name}, without near-duplicates", probabilities[new], labels[new])


def _unlike(sequences: Sequence[str], others: Sequence[str]) -> NDArray[np.bool_]:
    """Which sequences share a group of near-duplicates with none of the others."""
    groups = near_groups((*sequences, *others))
    return ~np.isin(groups[: len(sequences)], groups[len(sequences) :])


def _card(rows: int, sha256: str, scores: tuple[Score, ...]) -> Card:
    return Card(
        name="methylation sites",
        predicts="Whether the base in the centre of 41 carries 4mC, 5hmC or 6mA, for 17 pairs of species and mark.",
        data=f"Training halves of the iDNA-MS benchmark (Lv et al. 2020, doi:10.1016/j.isci.2020.100991), {rows:,} "
        "windows; T.thermophile on a fixed 30,000 of its windows.",
        licence="Apache-2.0",
        split=f"{FOLDS} networks, each trained without one of {FOLDS} folds that no near-duplicate crosses; a tenth of "
        "its own rows chose its weights. Test files were opened once, after that.",
        seeds=(_SEED,),
        command="python -m seqmodels.predictors.recipes.methylation DATA RUNS, then "
        "python -m seqmodels.predictors.recipes.methylation_bundle DATA RUNS",
        scores=scores,
        calibration="For each species and mark a line on the logits (Platt 1999), fitted on the fold that each network "
        "has not seen.",
        limits=_LIMITS,
        sha256=sha256,
    )


if __name__ == "__main__":
    main()
