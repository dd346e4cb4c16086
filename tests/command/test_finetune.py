"""`epicite finetune`: what a person types, and what they are told."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_help_shows_verbs_choices_and_keys(epicite):
    outcome = epicite("finetune", "--help")
    assert outcome.code == 0
    assert outcome.out.startswith("usage: epicite finetune ")
    for word in ("recipe=", "quantized", "sharegpt", "fsdp", "packing: false", "smoke", "merge ADAPTER OUT"):
        assert word in outcome.out
    assert epicite("finetune").code == 2


def test_help_loads_nothing_heavy():
    program = """
import sys
from app import main
main(["finetune", "--help"])
heavy = ("torch", "transformers", "trl", "peft", "datasets", "numpy", "pydantic", "hydra")
sys.exit(str([name for name in heavy if name in sys.modules] or ""))
"""
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert run.stderr.strip() == ""


def test_the_module_is_the_same_application():
    run = subprocess.run(
        [sys.executable, "-m", "finetune", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.startswith("usage: epicite finetune ")


def test_data_is_written_with_the_schemas_of_its_tools(epicite, tmp_path):
    out = tmp_path / "tools.jsonl"
    outcome = epicite("finetune", "data", "tool_use", out, "--count", "5")
    assert (outcome.code, outcome.out) == (0, f"{out}: 5 rows\n")
    assert len(out.read_text(encoding="utf-8").splitlines()) == 5
    names = {tool["function"]["name"] for tool in json.loads((tmp_path / "tools.json").read_text(encoding="utf-8"))}
    assert "predict_promoter" in names


def test_the_configuration_can_be_seen(epicite):
    outcome = epicite("finetune", "data=tool_use", "model.name=somewhere", "--cfg", "job")
    assert outcome.code == 0
    assert "learning_rate: 0.0002" in outcome.out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("data=tool_use",), "model.name must be given. Add model.name=VALUE."),
        (("data=tool_use", "model.name=nowhere/at/all"), "nowhere/at/all"),
        (("data.path=nothing.jsonl", "model.name=x"), "nothing.jsonl cannot be read"),
        (("data=toys", "model.name=x"), "Could not find 'data/toys'"),
        (("recipe=quick",), "There is no recipe 'quick'. There are full, smoke."),
        (("merge", "nothing", "out"), "There is no folder nothing"),
        (("data", "extraction", "out.jsonl"), "Give --source"),
        (("mask", "task=base"), "Name a model with model.name=."),
    ],
)
def test_what_is_wrong_is_one_message_without_a_traceback(epicite, tmp_path, monkeypatch, words, complaint):
    monkeypatch.chdir(tmp_path)
    outcome = epicite("finetune", *words)
    assert outcome.code == 1
    assert complaint in outcome.err
    assert "Traceback" not in outcome.err
