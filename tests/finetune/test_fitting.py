"""A run makes an adapter that can be served, and an interrupted one ends where it would have ended."""

import json

import pytest
import torch
from safetensors.torch import load_file
from transformers import TrainerCallback

from agent.serving.acceptance import objections
from agent.serving.base import Base
from agent.serving.card import read_card, text_sha256, weights_sha256
from finetune.config import compose
from finetune.errors import FinetuneError, NothingToLearn
from finetune.fitting import fit
from finetune.merging import MOST_APART, merge


class Killed(Exception):
    pass


class Killing(TrainerCallback):
    """Ends a run after its third step, as a power cut would."""

    def on_step_end(self, args, state, control, **given):
        if state.global_step == 3:
            raise Killed


@pytest.fixture(scope="module")
def run(overrides, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "whole"
    return fit(compose([*overrides, f"run={folder}", "evaluation.rows=2", "evaluation.tokens=8"]), "epicite finetune x")


def weights(folder):
    return load_file(folder / "adapter_model.safetensors")


def test_a_killed_run_goes_on_to_the_very_weights_of_one_that_never_stopped(run, overrides, tmp_path):
    config = compose([*overrides, f"run={tmp_path}"])
    with pytest.raises(Killed):
        fit(config, callbacks=[Killing()])
    assert [path.name for path in (tmp_path / "checkpoints").glob("checkpoint-*")] == ["checkpoint-2"]
    resumed = weights(fit(config).folder)
    whole = weights(run.folder)
    assert resumed.keys() == whole.keys()
    assert all(torch.equal(resumed[name], whole[name]) for name in whole)
    assert any(tensor.abs().sum() > 0 for name, tensor in whole.items() if "lora_B" in name)


def test_checkpoints_hold_the_adapter_alone(run):
    saved = list((run.folder.parent / "checkpoints").glob("checkpoint-*/*.safetensors"))
    assert {path.name for path in saved} == {"adapter_model.safetensors"}
    assert all("lora_" in name for name in weights(run.folder))


def test_the_card_names_base_template_data_and_commit(run, small, tokenizer):
    card = read_card(run.folder)
    assert card.base == str(small)
    assert card.base_sha256 == weights_sha256(small)
    assert card.template_sha256 == text_sha256(tokenizer.chat_template)
    assert len(card.data_sha256) == 64
    told = json.loads((run.folder / "card.json").read_text())
    assert told["weights_sha256"] == weights_sha256(run.folder)
    assert told["scores"].keys() == {"loss", "tool", "exact", "valid"}
    assert (told["steps"], told["rows"], told["command"]) == (4, 24, "epicite finetune x")


def test_vllm_would_take_the_adapter(run, small):
    assert [one for one in objections(run.folder, Base.find(str(small))) if one.kind != "note"] == []


def test_what_the_model_writes_is_measured_while_it_is_trained(run):
    lines = [json.loads(line) for line in (run.folder.parent / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "eval_exact" in line] == [2, 4]
    assert all(0 <= line[name] <= 1 for line in lines for name in ("eval_tool", "eval_valid") if name in line)


def test_a_finished_run_is_left_as_it_is(run, overrides):
    before = (run.folder / "adapter_model.safetensors").stat().st_mtime_ns
    folder = run.folder.parent
    again = fit(compose([*overrides, f"run={folder}", "evaluation.rows=2", "evaluation.tokens=8"]))
    assert (run.folder / "adapter_model.safetensors").stat().st_mtime_ns == before
    assert again.scores.keys() == run.scores.keys()


def test_the_folder_of_another_run_is_not_overwritten(run, overrides):
    with pytest.raises(FinetuneError, match="is a run of another configuration"):
        fit(compose([*overrides, f"run={run.folder.parent}", "fit.steps=5"]))


def test_nothing_is_trained_where_nothing_can_be_learnt(overrides, tmp_path):
    with pytest.raises(NothingToLearn, match="24 of 24 rows"):
        fit(compose([*overrides, f"run={tmp_path}", "data.max_length=20"]))
    assert not (tmp_path / "checkpoints").exists()


def test_a_machine_without_a_gpu_is_told_apart(overrides, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(FinetuneError, match="no GPU"):
        fit(compose([*overrides, "trainer=gpu", f"run={tmp_path}"]))


def test_a_packed_run_makes_an_adapter_too(overrides, tmp_path):
    packed = ["fit.packing=true", "fit.batch_size=1", "fit.steps=2", "evaluation.every=null", "data.count=12"]
    outcome = fit(compose([*overrides, *packed, f"run={tmp_path}"]))
    assert outcome.scores["loss"] > 0


def test_a_merged_model_scores_as_base_and_adapter_did(run, tmp_path):
    merged = merge(run.folder, tmp_path / "merged")
    assert merged.apart <= MOST_APART
    assert json.loads((tmp_path / "merged" / "card.json").read_text())["merged"]["most_apart"] == merged.apart
    assert (tmp_path / "merged" / "chat_template.jinja").is_file()
    with pytest.raises(FinetuneError, match="has something in it"):
        merge(run.folder, tmp_path / "merged")


def test_an_adapter_is_merged_into_no_other_base(run, tmp_path, tokenizer, small):
    from transformers import AutoModelForCausalLM

    other = AutoModelForCausalLM.from_pretrained(small)
    with torch.no_grad():
        other.model.norm.weight.mul_(1.5)
    other.save_pretrained(tmp_path / "other")
    tokenizer.save_pretrained(tmp_path / "other")
    with pytest.raises(FinetuneError, match="other weights than the base"):
        merge(run.folder, tmp_path / "out", str(tmp_path / "other"))
