"""A run from a table to a finished folder."""

import csv
import hashlib
import json
import re

import numpy as np
import pytest
import torch
from torch.nn import Dropout

from seqmodels.data.errors import DataError
from seqmodels.train.errors import ConfigError, RunError
from seqmodels.train.journal import read_figures
from seqmodels.train.module import Training
from seqmodels.train.saved import load_trained

CLASSIFY = ("model=dnabert2", "model.size=tiny", "task=classify", "data=csv")


def test_a_classifier_learns_and_its_folder_says_all_about_it(classifier, windows):
    assert classifier.scores["accuracy"] > 0.8
    names = {path.name for path in classifier.folder.iterdir()}
    assert names == {
        "audit.json", "card.json", "checkpoints", "config.yaml", "data.sha256", "fitted.json", "forecast.json",
        "metrics.csv", "model", "model.md", "plots", "split.json", "split.npz", "tensorboard",
    }  # fmt: skip
    card = classifier.card
    assert card["data"]["files"] == [str(windows)]
    assert {"accuracy", "mcc", "f1", "auroc", "auprc", "ece", "loss"} == set(card["scores"])
    assert card["split"]["train"] + card["split"]["validation"] == 96
    weights = (classifier.model / "model.safetensors").read_bytes()
    assert card["weights"] == {"model.safetensors": hashlib.sha256(weights).hexdigest()}
    assert card["versions"]["torch"] == torch.__version__
    words = (classifier.folder / "model.md").read_text(encoding="utf-8")
    assert f"| accuracy | {card['scores']['accuracy']:.4f} |" in words


def test_the_saved_model_says_what_the_best_checkpoint_said(classifier, windows):
    from transformers import PreTrainedTokenizerFast

    from seqmodels.dnabert2 import DNABert2ForSequenceClassification

    with windows.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    chosen = np.load(classifier.folder / "split.npz")["validation"]
    model = DNABert2ForSequenceClassification.from_pretrained(classifier.model).eval()
    tokenizer = PreTrainedTokenizerFast.from_pretrained(classifier.model)
    with torch.inference_mode():
        logits = model(**tokenizer([rows[row]["sequence"] for row in chosen], padding=True, return_tensors="pt")).logits
    said = [model.config.id2label[int(number)] for number in logits.argmax(1)]
    right = [rows[row]["label"] for row in chosen]
    assert np.mean([a == b for a, b in zip(said, right, strict=True)]) == pytest.approx(classifier.scores["accuracy"])
    assert load_trained(str(classifier.folder)).head.names == ("other", "promoter")


def test_the_best_weights_are_kept_and_the_figures_tell_their_story(classifier):
    figures = read_figures(classifier.folder)
    assert [step for step, _ in figures["train/loss"]] == list(range(1, classifier.card["steps"] + 1))
    scores = dict(figures["validation/mcc"])
    assert scores[classifier.card["step"]] == max(scores.values())
    assert classifier.scores["mcc"] == pytest.approx(max(scores.values()))
    assert list((classifier.folder / "tensorboard").glob("events.*"))


def test_plots_load_nothing_from_elsewhere(classifier):
    pages = {page.name: page.read_text(encoding="utf-8") for page in (classifier.folder / "plots").glob("*.html")}
    assert set(pages) == {"curves.html", "confusion.html", "calibration.html"}
    for page in pages.values():
        assert re.findall(r'(?:src|href)="([^"]*)"', page) == ["plotly.min.js"]
    assert (classifier.folder / "plots" / "plotly.min.js").is_file()


def test_a_finished_run_is_left_as_it_is(own_classifier, run, classify):
    before = {path: path.stat().st_mtime_ns for path in own_classifier.folder.rglob("*")}
    assert run(*classify, folder="own") == own_classifier
    assert {path: path.stat().st_mtime_ns for path in own_classifier.folder.rglob("*")} == before


def test_another_configuration_or_other_data_is_not_mixed_into_a_run(own_classifier, run, classify, windows, tmp_path):
    with pytest.raises(RunError, match=re.escape("holds a run with fit.epochs=12, not 1")):
        run(*classify, "fit.epochs=1", folder="own")
    (own_classifier.folder / "data.sha256").write_text("0")
    with pytest.raises(RunError, match="The data has changed"):
        run(*classify, folder="own")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "note.txt").write_text("mine")
    with pytest.raises(RunError, match="is not empty, and is no training run"):
        run(*CLASSIFY, f"data.path={windows}", folder="letters")


def test_near_duplicates_and_reverse_complements_stay_on_one_side(run, tmp_path, table):
    letters = "ACGT"
    other = str.maketrans(letters, "TGCA")
    random = np.random.default_rng(0)
    windows = ["".join(random.choice(list(letters), 41)) for _ in range(40)]
    twins = [window.translate(other)[::-1] for window in windows]
    rows = [(window, at % 2) for at, window in enumerate(windows)] + [(twin, at % 2) for at, twin in enumerate(twins)]
    done = run(*CLASSIFY, f"data.path={table('twins.csv', rows)}", "fit.steps=1", "split.similar=near")
    side = np.load(done.folder / "split.npz")
    assert {row % 40 for row in side["train"]}.isdisjoint({row % 40 for row in side["validation"]})
    assert json.loads((done.folder / "audit.json").read_text())["reverse_duplicates"] == 40


def test_nothing_is_trained_on_rows_of_one_class(run, table):
    rows = [("ACGTACGTAC"[at % 5 :] * 4, 1) for at in range(40)]
    with pytest.raises(DataError, match="all labels are the same"):
        run(*CLASSIFY, f"data.path={table('one.csv', rows)}")


def test_measured_values_come_back_in_their_own_units(run, proteins):
    done = run(
        "model=esm2", "model.size=tiny", "task=regress", "data=csv", f"data.path={proteins}", "fit.epochs=30",
        "split.validation=0.2",
    )  # fmt: skip
    assert done.scores["r"] > 0.7
    head = load_trained(str(done.folder)).head
    assert head.centre[0] == pytest.approx(105.5, abs=1)
    # Charges go from 0 to 11, the mean misses by 3.5.
    assert done.scores["rmse"] < 3.2


def test_dropout_is_on_in_training_and_off_in_validation(run, windows, classifier, monkeypatch):
    modes = {"training_step": set(), "validation_step": set()}
    for name, seen in modes.items():
        step = getattr(Training, name)

        def watched(self, batch, index, step=step, seen=seen):
            seen.update(module.training for module in self.modules() if isinstance(module, Dropout))
            return step(self, batch, index)

        monkeypatch.setattr(Training, name, watched)
    # A checkpoint is loaded in evaluation mode.
    source = f"model.pretrained={classifier.folder}"
    run(*CLASSIFY, f"data.path={windows}", "fit.steps=2", "fit.validate_every=1", source)
    assert modes == {"training_step": {True}, "validation_step": {False}}


def test_the_last_weights_are_validated_wherever_the_end_falls(run, windows):
    done = run(*CLASSIFY, f"data.path={windows}", "fit.steps=5", "fit.validate_every=2")
    assert [step for step, _ in read_figures(done.folder)["validation/loss"]] == [2, 4, 5]


def test_training_stops_when_validation_no_longer_improves(run, windows):
    done = run(*CLASSIFY, f"data.path={windows}", "fit.steps=60", "fit.validate_every=1", "fit.patience=2",
               "fit.learning_rate=1e-8", "fit.monitor=accuracy")  # fmt: skip
    assert done.card["steps"] < 60


def test_a_score_that_there_is_not_is_named_with_those_that_there_are(run, windows):
    with pytest.raises(ConfigError, match=re.escape("no score 'aucroc'")):
        run(*CLASSIFY, f"data.path={windows}", "fit.steps=1", "fit.monitor=aucroc")


def test_a_loss_that_is_no_number_ends_the_run(run, windows):
    with pytest.raises(RunError, match=re.escape("Say a smaller fit.learning_rate")):
        run(*CLASSIFY, f"data.path={windows}", "fit.steps=40", "fit.learning_rate=1e12", "fit.clip=null")


def test_accumulated_parts_train_as_one_batch(run, windows):
    overrides = (*CLASSIFY, f"data.path={windows}", "fit.steps=4", "+model.settings.hidden_dropout_prob=0.0")
    whole, parts = run(*overrides), run(*overrides, "fit.accumulate=4", folder="parts")
    for one, other in zip(weights_of(whole), weights_of(parts), strict=True):
        torch.testing.assert_close(one, other, atol=2e-4, rtol=1e-3)


def weights_of(done):
    return list(load_trained(str(done.folder)).backbone.model.parameters())


@pytest.mark.parametrize(
    ("overrides", "complaint"),
    [
        (("model=gmlp", "task=regress", "data=csv"), "gmlp reads genotypes, data=csv holds sequences"),
        (("model=dnabert2", "task=classify", "data=fasta"), "FASTA has no targets for task=classify"),
        (("model=dnabert2", "task=next_token", "data=fasta"), "dnabert2 has no head for task next_token"),
        (("model=bert", "task=classify", "data=conll"), "CoNLL files tag words, task=classify does not use them"),
        (("model=dnabert2", "task=classify", "data=csv", "model.size=huge"), "dnabert2 has no size 'huge'"),
        (("model=esm2", "task=classify", "data=csv"), "this is DNA"),
        (("model=dnabert2", "task=classify", "data=csv", "lora.rank=4", "model.size=tiny"), "dnabert2 is untrained"),
        (("model=dnabert2", "task=classify", "data=csv", "trainer=gpu", "model.size=tiny"), "torch sees no GPU"),
        (
            ("model=dnabert2", "task=classify", "data=csv", "model.size=tiny", "+model.settings.num_attention_heads=5"),
            "5 heads do not share 32 dimensions evenly",
        ),
    ],
)
def test_what_does_not_go_together_is_named(run, windows, overrides, complaint):
    if "trainer=gpu" in overrides and torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(Exception, match=re.escape(complaint)) as raised:
        run(*overrides, f"data.path={windows}")
    assert hasattr(raised.value, "remedy")
