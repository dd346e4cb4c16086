"""Likeness: inputs that are unlike the training data are told, with the nearest species and how well the model does."""

import gzip
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqmodels.data.strands import reverse_complement
from seqmodels.errors import ModelError
from seqmodels.predictors.domains import DOMAINS
from seqmodels.predictors.likeness import Likeness, Tally, TrainingSet, read_likeness, warnings, write_likeness
from seqmodels.predictors.recipes import likeness as recipe
from seqmodels.predictors.recipes import transfer as transfer_recipe
from seqmodels.predictors.recipes.methylation_sets import read_windows
from seqmodels.predictors.transfer import Transfer, Transfers, read_transfers, write_transfers
from seqmodels.sitenet import SiteNetConfig, SiteNetForSequenceClassification
from tests.seqmodels.predictors.tiny import dna

LETTERS = {"rich": "ACGGCCGT", "poor": "AATTATCG", "other": "CATCATGT"}
SETS = {
    "rich": TrainingSet("6mA_rich", "6mA", "Species rich"),
    "poor": TrainingSet("6mA_poor", "6mA", "Species poor"),
    "other": TrainingSet("4mC_other", "4mC", "Species other"),
}


@pytest.fixture(scope="module")
def likeness() -> Likeness:
    windows = {SETS[name]: [dna(41, seed, letters) for seed in range(600)] for name, letters in LETTERS.items()}
    return recipe.learn(windows, centre=20, word=3)


@pytest.fixture(scope="module")
def folder(likeness: Likeness, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("predictor")
    write_likeness(folder, likeness)
    pairs = [("6mA_rich", "6mA_rich", 0.9), ("6mA_rich", "6mA_poor", 0.6), ("6mA_poor", "6mA_poor", 0.8)]
    write_transfers(folder, Transfers(tuple(Transfer(*pair, 100) for pair in pairs)))
    return folder


def test_what_was_learnt_is_read_as_it_was_written(likeness: Likeness, folder: Path) -> None:
    found = read_likeness(folder)
    assert (found.sets, found.word, found.window, found.steps) == (likeness.sets, 3, 41, likeness.steps)
    np.testing.assert_allclose(found.logs, likeness.logs, rtol=1e-6)
    np.testing.assert_allclose(found.bounds, likeness.bounds, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", LETTERS)
@pytest.mark.parametrize("length", [41, 200, 2_000])
def test_new_sequences_of_a_training_species_are_like_it(likeness: Likeness, name: str, length: int) -> None:
    sequences = [dna(length, 10_000 + seed, LETTERS[name]) for seed in range(200)]
    unlike = [likeness.judge(likeness.count(sequence), SETS[name].name).reason for sequence in sequences]
    assert sum(reason is not None for reason in unlike) <= 8  # one in a hundred is meant


def test_an_unlike_sequence_is_told_with_the_nearest_species_and_the_measured_transfer(folder: Path) -> None:
    [warning] = warnings(folder, "6mA_rich", [dna(2_000, 1, LETTERS["poor"])])
    assert warning == (
        "The input is unlike the training data of 6mA_rich (Species rich): the 3-base words of Species poor explain"
        " it better. The nearest training species is Species poor (6mA_poor), where this model's AUC is 0.600. The"
        " model of that species has 0.800 there. On held-out windows of its own species this model has 0.900."
    )
    assert warnings(folder, "6mA_poor", [dna(2_000, 1, LETTERS["poor"])]) == []


def test_random_letters_and_repeats_are_unlike_any_species(folder: Path, likeness: Likeness) -> None:
    assert likeness.judge(likeness.count(dna(2_000, 1)), "6mA_poor").reason == "random letters"
    assert likeness.judge(likeness.count("A" * 2_000), "6mA_poor").reason == "common words"
    [warning] = warnings(folder, "6mA_poor", ["A" * 2_000])
    assert "knows no species nearer to it" in warning


def test_a_species_of_another_mark_is_no_nearest_one(likeness: Likeness) -> None:
    verdict = likeness.judge(likeness.count(dna(2_000, 1, LETTERS["other"])), "6mA_rich")
    assert verdict.reason == "another species"
    assert verdict.nearest.group == "6mA"


def test_a_sequence_shorter_than_a_window_is_not_judged(likeness: Likeness) -> None:
    assert likeness.judge(likeness.count("A" * 30), "6mA_rich").reason is None
    assert likeness.judge(likeness.count("N" * 300), "6mA_rich").reason is None


@given(sequence=st.text("ACGTN", min_size=41, max_size=90), cut=st.integers(0, 90))
def test_words_of_the_whole_are_those_of_its_parts_and_of_the_other_strand(
    likeness: Likeness, sequence: str, cut: int
) -> None:
    counts = likeness.count(sequence)
    assert counts.sum() == sum("N" not in sequence[at : at + 3] for at in range(len(sequence) - 2))
    np.testing.assert_array_equal(
        likeness.count(sequence[:cut]) + likeness.count(sequence[max(cut - 2, 0) :]) if cut >= 2 else counts, counts
    )
    other = likeness.count(reverse_complement(sequence))
    for name in ("6mA_rich", "6mA_poor"):
        assert likeness.judge(counts, name).reason == likeness.judge(other, name).reason


def test_records_that_stand_out_are_named(folder: Path) -> None:
    tally = Tally(folder, "6mA_rich")
    for number in range(20):
        tally.add(dna(500, number, LETTERS["rich"]), f"contig{number}")
    tally.add(dna(500, 99, LETTERS["poor"]), "contaminant")
    assert tally.warnings() == ["1 of 21 records are unlike the training data: contaminant."]


def test_windows_are_flagged_each_and_judged_together(folder: Path) -> None:
    tally = Tally(folder, "6mA_rich")
    assert tally.flags([dna(41, 3, LETTERS["rich"]), "A" * 41]) == ["", "unlike the training data"]
    whole = Tally(folder, "6mA_rich")
    whole.flags([dna(41, seed, LETTERS["poor"]) for seed in range(100)])
    assert len(whole.warnings()) == 1


def test_a_predictor_that_keeps_no_likeness_warns_of_nothing(tmp_path: Path) -> None:
    assert warnings(tmp_path, "6mA_rich", ["A" * 500]) == []
    assert Tally(tmp_path, "6mA_rich").flags(["A" * 41]) == [""]
    assert read_transfers(tmp_path) == Transfers()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seventeen sets with a few windows each."""
    folder = tmp_path_factory.mktemp("data")
    for number, domain in enumerate(DOMAINS):
        rows = [
            f"{dna(20, 2 * (100 * number + row))}{domain.base}{dna(20, 7 * (100 * number + row))},{row % 2}"
            for row in range(20)
        ]
        (folder / domain.name).mkdir()
        (folder / domain.name / "train.csv.gz").write_bytes(
            gzip.compress("\n".join(["sequence,label", *rows]).encode())
        )
    return folder


def test_the_recipe_learns_every_domain(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["likeness", str(data), "--output", str(tmp_path)])
    recipe.main()
    found = read_likeness(tmp_path)
    assert [(each.name, each.group, each.species) for each in found.sets] == [
        (domain.name, domain.mark, domain.species) for domain in DOMAINS
    ]
    assert np.exp(found.logs).sum(1) == pytest.approx(1, abs=1e-4)
    assert found.bounds.shape == (17, len(found.steps), 3)
    assert (found.bounds[:, :, 0] <= found.bounds[:, :, 1]).all()


def test_the_recipe_learns_a_predictor_of_one_set_from_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "train.csv"
    table.write_text("\n".join(["sequence,label", *(f"{dna(70, seed, 'ACGTAT')},0" for seed in range(80))]))
    monkeypatch.setattr("sys.argv", ["likeness", str(table), "--name", "core", "--output", str(tmp_path)])
    recipe.main()
    assert read_likeness(tmp_path).sets == (TrainingSet("core", "core", "Homo sapiens"),)
    assert warnings(tmp_path, "core", [dna(700, 5, "ACGTAT")]) == []
    [warning] = warnings(tmp_path, "core", [dna(700, 5, "GC")])
    assert "unlike the training data of core (Homo sapiens)" in warning


def test_a_predictor_of_one_species_is_told_from_those_of_another_predictor(likeness: Likeness) -> None:
    own = TrainingSet("core", "core", "Species own")
    found = recipe.learn({own: [dna(70, seed, "ACGT") for seed in range(300)]}, others=likeness, word=3)
    verdict = found.judge(found.count(dna(3_000, 1, LETTERS["poor"])), "core")
    assert (verdict.reason, verdict.nearest, verdict.rival) == ("another species", own, SETS["poor"])
    assert found.judge(found.count(dna(3_000, 1)), "core").reason is None


def test_transfer_is_measured_between_species_of_one_mark_on_what_each_fold_held_out(
    data: Path, tmp_path: Path
) -> None:
    windows = read_windows(data)
    for fold in range(5):
        torch.manual_seed(fold)
        shape = SiteNetConfig(channels=4, hidden=4, blocks=1, domains=len(DOMAINS))
        SiteNetForSequenceClassification(shape).save_pretrained(tmp_path / f"fold{fold}-seed0" / "model")
    found = transfer_recipe.measure(windows, tmp_path, most=4)
    assert len(found.measured) == 4**2 + 2**2 + 11**2
    assert {each.model[:3] for each in found.measured if each.windows_of.startswith("5hm")} == {"5hm"}
    assert all(0 <= each.auroc <= 1 and each.rows <= 20 for each in found.measured)
    write_transfers(tmp_path, found)
    assert read_transfers(tmp_path) == found
    with pytest.raises(ModelError, match="no finished run"):
        transfer_recipe.measure(windows, tmp_path / "elsewhere")
