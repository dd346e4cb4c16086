"""The methylation predictor from its data to its card, on few windows and a small network."""

import csv
import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import matthews_corrcoef, roc_auc_score

from seqmodels.errors import ModelError
from seqmodels.predictors.card import read_card
from seqmodels.predictors.domains import DOMAINS, Domain
from seqmodels.predictors.methylation import CENTRE, WINDOW, MethylationPredictor
from seqmodels.predictors.recipes import methylation_bundle
from seqmodels.predictors.recipes.measured import auroc, mcc
from seqmodels.predictors.recipes.methylation import train_alone, train_fold
from seqmodels.predictors.recipes.methylation_sets import FOLDS, read_windows
from seqmodels.predictors.recipes.transfer import measure

TESTED = DOMAINS[6]
_SMALL = [
    *("+model.settings.channels=8", "+model.settings.blocks=1", "+model.settings.hidden=8"),
    "fit.epochs=1",
    "trainer.progress=false",
]


def windows(domain: Domain, rows: int, seed: int) -> Iterator[tuple[str, int]]:
    """Windows whose label is whether a G follows the site."""
    drawn = random.Random(f"{domain.name} {seed}")
    for row in range(rows):
        bases = drawn.choices("ACGT", k=WINDOW)
        bases[CENTRE], bases[CENTRE + 1] = domain.base, "G" if row % 2 else "T"
        yield "".join(bases), row % 2


def write(path: Path, rows: Iterator[tuple[str, int]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("sequence", "label"), *rows])


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("methylation")
    for domain in DOMAINS:
        write(folder / domain.name / "train.csv.gz", windows(domain, 24, seed=0))
    write(folder / TESTED.name / "test.csv.gz", windows(TESTED, 24, seed=1))
    return folder


@pytest.fixture(scope="module")
def runs(data, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    read = read_windows(data)
    for fold in range(FOLDS):
        train_fold(read, fold, 0, folder, _SMALL)
    return folder


def test_a_finished_fold_is_not_trained_or_written_down_again(data, runs):
    before = (runs / "scores.jsonl").read_text()
    train_fold(read_windows(data), 0, 0, runs, _SMALL)
    assert (runs / "scores.jsonl").read_text() == before
    assert len(before.splitlines()) == FOLDS * len(DOMAINS)


def test_a_network_of_one_set_is_judged_on_the_rows_that_the_joint_one_is_judged_on(data, runs, tmp_path):
    read = read_windows(data)
    for _ in range(2):
        train_alone(read, DOMAINS.index(TESTED), 1, 0, tmp_path, _SMALL)
    [own] = [json.loads(line) for line in (tmp_path / "scores.jsonl").read_text().splitlines()]
    [joint] = [
        row
        for row in map(json.loads, (runs / "scores.jsonl").read_text().splitlines())
        if (row["domain"], row["fold"]) == (TESTED.name, 1)
    ]
    assert (own["domain"], own["fold"], own["rows"]) == (joint["domain"], joint["fold"], joint["rows"])


def test_the_folds_become_a_predictor_whose_card_has_held_out_and_test_scores(data, runs, tmp_path):
    read = read_windows(data)
    methylation_bundle.write(read, runs, tmp_path)
    methylation_bundle.finish(read, data, runs, tmp_path)
    card = read_card(tmp_path)
    held_out, test = card.score(f"AUC held out {TESTED.name}"), card.score(f"AUC test {TESTED.name}")
    assert held_out is not None
    assert held_out.rows == 24
    own = [json.loads(line) for line in (runs / "scores.jsonl").read_text().splitlines()]
    assert held_out.value == pytest.approx(np.mean([row["auroc"] for row in own if row["domain"] == TESTED.name]))
    assert test is not None
    rows = list(windows(TESTED, 24, seed=1))
    judged = MethylationPredictor(tmp_path).windows([sequence for sequence, _ in rows], TESTED)
    assert test.value == pytest.approx(roc_auc_score([label for _, label in rows], judged.probabilities))
    assert card.score(f"AUC test {DOMAINS[0].name}") is None
    transfers = measure(read, runs)
    assert transfers.auroc(TESTED.name, DOMAINS[7].name) is not None
    assert transfers.auroc(TESTED.name, DOMAINS[0].name) is None


def test_an_unfinished_fold_is_named(data, runs, tmp_path):
    with pytest.raises(ModelError, match="fold0-seed0"):
        methylation_bundle.write(read_windows(data), tmp_path, tmp_path / "predictor")


@given(st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=2, max_size=40))
def test_scores_are_those_of_scikit_learn(rows):
    probabilities = np.array([number / 8 for number, _ in rows])
    labels = np.array([int(label) for _, label in rows])
    if len({*labels}) == 1 or len({*(probabilities >= 0.5)}) == 1:
        assert mcc(probabilities, labels) == 0
        return
    assert mcc(probabilities, labels) == pytest.approx(matthews_corrcoef(labels, probabilities >= 0.5))
    if 0 < labels.sum() < len(labels):
        assert auroc(probabilities, labels) == pytest.approx(roc_auc_score(labels, probabilities))
