"""Adapters: small, with their head, and the same when they are loaded or merged."""

import re
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from seqmodels.backbones import new_backbone
from seqmodels.embedding import load_embedder
from seqmodels.errors import ModelError
from seqmodels.families import FAMILIES
from seqmodels.train.adapters import WEIGHTS
from seqmodels.train.errors import RunError
from seqmodels.train.module import Training
from seqmodels.train.saved import load_trained

LORA = ("lora.rank=2", "fit.steps=4", "fit.validate_every=4", "fit.learning_rate=1e-2")


@pytest.fixture(scope="module")
def base(tmp_path_factory, windows, proteins, wheat, tagged):
    """The folder of a family's tiny model, and the overrides that train an adapter on it."""
    made = {}

    def make(name: str) -> tuple[Path, tuple[str, ...]]:
        family = FAMILIES[name]
        if name not in made:
            torch.manual_seed(0)
            task = next(task for task in ("classify", "regress", "token_label") if task in family.classes)
            settings = {"num_markers": 20} if family.reads == "genotypes" else {"num_labels": 2}
            backbone = new_backbone(family, task, "tiny", settings, ["ACGTTGCAAGCTTACGGATC" * 3])
            made[name] = tmp_path_factory.mktemp("models") / name
            backbone.model.save_pretrained(made[name])
            if backbone.tokenizer is not None:
                backbone.tokenizer.save_pretrained(made[name])
        data = {
            "dna": ("task=classify", "data=csv", f"data.path={windows}"),
            "protein": ("task=regress", "data=csv", f"data.path={proteins}"),
            "text": ("task=classify", "data=csv", f"data.path={proteins}", "data.targets=[kind]"),
            "genotypes": ("task=regress", "data=markers", *wheat),
            "tagged": ("task=token_label", "data=conll", f"data.path={tagged}"),
        }["tagged" if family.spelled else family.reads]
        return made[name], (f"model={name}", f"model.pretrained={made[name]}", "fit.batch_size=8", *data)

    return make


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_an_adapter_on_any_backbone_says_the_same_when_loaded_and_when_merged(
    name, base, train_in, tmp_path, monkeypatch
):
    _, data = base(name)
    last = {}
    step = Training.validation_step

    def kept(self, batch, index):
        step(self, batch, index)
        last["batch"], last["logits"] = batch, self.outputs(batch)[0].detach()

    monkeypatch.setattr(Training, "validation_step", kept)
    overrides = (*data, *LORA, "lora.merge=true")
    done = train_in(tmp_path / "adapter", *overrides)
    files = {path.name for path in done.model.iterdir()}
    assert WEIGHTS in files
    assert not files & {"model.safetensors", "pytorch_model.bin"}
    inputs = {key: values for key, values in last["batch"].items() if key not in ("labels", "rows")}
    for folder in (done.model, done.folder / "merged"):
        model = load_trained(str(folder)).backbone.model
        with torch.inference_mode():
            torch.testing.assert_close(model(**inputs).logits, last["logits"], atol=1e-5, rtol=1e-4)


@pytest.fixture(scope="module")
def adapter(base, train_in, tmp_path_factory):
    """A finished run of an adapter on DNABERT-2; not to be changed."""
    _, data = base("dnabert2")
    return train_in(tmp_path_factory.mktemp("adapter") / "run", *data, *LORA)


def test_an_adapters_files_hold_the_adapter_and_the_head_alone(adapter):
    weights = load_file(adapter.model / WEIGHTS)
    assert any("classifier" in name for name in weights)
    assert all("lora_" in name or "classifier" in name for name in weights)
    state = torch.load(adapter.last, weights_only=True)["state_dict"]
    assert all("lora_" in name or "modules_to_save" in name for name in state)
    for layer in ("Wqkv", "attention.output.dense", "mlp.gated_layers", "mlp.wo"):
        assert sum(f"{layer}.lora_A" in name for name in weights) == 2


def test_the_weights_that_an_adapter_is_on_stay_as_they_were(adapter, base):
    old = load_file(base("dnabert2")[0] / "model.safetensors")
    inner = load_trained(str(adapter.folder)).backbone.model.get_base_model()
    kept = [name for name, _ in inner.named_parameters() if "lora_" not in name and "modules_to_save" not in name]
    assert len(kept) > 20
    for name in kept:
        plain = name.replace(".base_layer", "").replace(".original_module", "")
        assert torch.equal(inner.get_parameter(name), old[plain]), name


@pytest.mark.parametrize("name", ["dnabert2", "hyenadna"])
def test_recomputed_states_train_the_same_weights(name, base, train_in, tmp_path):
    _, data = base(name)
    plain, recomputed = (
        load_file(train_in(tmp_path / choice, *data, *LORA, f"trainer.recompute={choice}").model / WEIGHTS)
        for choice in ("false", "true")
    )
    for weight in plain:
        torch.testing.assert_close(recomputed[weight], plain[weight])


def test_an_adapter_is_gone_on_with_as_if_it_had_never_stopped(adapter, base, train_in, tmp_path, monkeypatch):
    overrides = (*base("dnabert2")[1], *LORA, "fit.checkpoint_every=2")
    step = Training.training_step

    def dying(self, batch, index):
        if self.trainer.global_step == 3:
            raise KeyError
        return step(self, batch, index)

    with monkeypatch.context() as patch:
        patch.setattr(Training, "training_step", dying)
        with pytest.raises(KeyError):
            train_in(tmp_path / "run", *overrides)
    assert (tmp_path / "run" / "checkpoints" / "last.ckpt").is_file()
    again = train_in(tmp_path / "run", *overrides)
    one, other = (load_file(done.model / WEIGHTS) for done in (adapter, again))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_an_adapter_finds_its_base_where_both_moved_and_takes_no_other(base, train_in, tmp_path):
    folder, data = base("dnabert2")
    own = shutil.copytree(folder, tmp_path / "base")
    train_in(tmp_path / "adapter", *data, *LORA, f"model.pretrained={own}")
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("base", "adapter"):
        (tmp_path / name).rename(moved / name)
    assert load_embedder(str(moved / "adapter"), "cpu").embed(["ACGTACGT"]).shape == (1, 32)
    with pytest.raises(RunError, match=re.escape("is an adapter, which needs its base")):
        train_in(tmp_path / "third", *data, f"model.pretrained={moved / 'adapter'}")
    weights = load_file(moved / "base" / "model.safetensors")
    weights["bert.embeddings.word_embeddings.weight"][7] += 1e-3
    save_file(weights, moved / "base" / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match="was trained on other weights"):
        load_trained(str(moved / "adapter"))
