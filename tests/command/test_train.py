"""`epicite train`: what a person types, and what they are told."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRAIN = ("model=dnabert2", "model.size=tiny", "task=classify", "data=csv")


@pytest.fixture
def table(tmp_path) -> Path:
    path = tmp_path / "windows.csv"
    letters = "ACGTTGCAAGCTTACGGATC"
    rows = [f"{letters[at % 20 :] + letters[: at % 20]}{letters[at // 20 :]},{at % 2}" for at in range(40)]
    path.write_text("\n".join(["sequence,label", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def train(epicite, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *words: epicite("train", *TRAIN, "plots=false", "fit.epochs=1", "split.similar=exact", *words)


def test_a_run_is_trained_and_the_same_command_finds_it_again(train, table, tmp_path):
    outcome = train(f"data.path={table.name}")
    assert outcome.code == 0
    [folder] = (tmp_path / "runs").iterdir()
    assert outcome.out.startswith(f"runs/{folder.name}: loss ")
    assert folder.name.startswith("dnabert2-classify-")
    assert "audit: 40 sequences" in outcome.err
    assert "forecast: " in outcome.err
    again = train(f"data.path={table.name}")
    assert again.out == outcome.out
    assert "has finished before" in again.err
    assert not list(tmp_path.glob("outputs"))


def test_a_changed_command_is_another_run(train, table, tmp_path):
    train(f"data.path={table.name}")
    train(f"data.path={table.name}", "seed=1")
    assert len(list((tmp_path / "runs").iterdir())) == 2


def test_a_finished_run_is_scored_on_a_test_file(train, epicite, table):
    train(f"data.path={table.name}", "run=mine")
    outcome = epicite("train", "evaluate", "mine", table.name)
    assert outcome.code == 0
    assert "accuracy\t" in outcome.out
    assert "all of these rows are training rows too" in outcome.out
    assert "scored 2 times" in epicite("train", "evaluate", "mine", table.name).out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), "data.path must be given. Add data.path=VALUE."),
        (("data.path=nothing.csv",), "nothing.csv: there is no such file"),
        (("fit.epoch=1", "data.path=windows.csv"), "Could not override 'fit.epoch'"),
        (("task=guess", "data.path=windows.csv"), "Could not find 'task/guess'"),
        (("model.size=huge", "data.path=windows.csv"), "dnabert2 has no size 'huge'"),
    ],
)
def test_what_is_wrong_is_one_message_without_a_traceback(train, table, words, complaint):
    outcome = train(*words)
    assert outcome.code == 1
    assert complaint in outcome.err
    assert "Traceback" not in outcome.err


def test_an_unfinished_or_absent_run_is_named(epicite, tmp_path, table):
    outcome = epicite("train", "evaluate", tmp_path, table)
    assert (outcome.code, outcome.out) == (1, "")
    assert f"{tmp_path} is no training run" in outcome.err


def test_the_configuration_can_be_seen(train):
    outcome = train("data.path=a.csv", "--cfg", "job")
    assert outcome.code == 0
    assert "learning_rate: 5.0e-05" in outcome.out


def test_help_shows_choices_and_keys(epicite):
    outcome = epicite("train", "--help")
    assert outcome.code == 0
    assert outcome.out.startswith("usage: epicite train ")
    for word in ("hyenadna", "token_label", "conll", "fsdp", "reverse_complement: false"):
        assert word in outcome.out
    assert epicite("train").code == 2


def test_help_loads_nothing_heavy_and_answers_at_once():
    program = """
import sys
from app import main
main(["train", "--help"])
heavy = ("torch", "transformers", "lightning", "peft", "numpy", "pydantic", "hydra")
sys.exit(str([name for name in heavy if name in sys.modules] or ""))
"""
    start = time.perf_counter()
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert run.stderr.strip() == ""
    assert time.perf_counter() - start < 5


def test_the_module_is_the_same_application():
    run = subprocess.run(
        [sys.executable, "-m", "seqmodels.train", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.startswith("usage: epicite train ")
