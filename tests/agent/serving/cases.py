"""Adapters that vLLM refuses, or serves otherwise than they were trained; each is made from a tiny one."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.agent.serving.models import ATTENTION, make_adapter, make_base, write_card

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"

Make = Callable[[Path, Path, Path], None]


@dataclass(frozen=True)
class Case:
    """An adapter; `make` writes it into a folder, given the base and a plain adapter.

    `kind` and `said` are the doctor's; `refused` is what vLLM 0.32 itself does with it.
    """

    name: str
    make: Make
    kind: Literal["refused", "changed", "note", "well"]
    said: str = ""

    @property
    def refused(self) -> bool:
        return self.kind == "refused"


def trained(**settings: Any) -> Make:
    """As peft writes it with these settings."""
    return lambda folder, base, plain: void(make_adapter(folder, base, **settings))


def configured(**changes: Any) -> Make:
    """A plain adapter whose configuration says something else."""

    def make(folder: Path, base: Path, plain: Path) -> None:
        shutil.copytree(plain, folder, dirs_exist_ok=True)
        config = json.loads((folder / CONFIG).read_text())
        (folder / CONFIG).write_text(json.dumps({**config, **changes}))

    return make


def weighing(change: Callable[[dict[str, Any]], object]) -> Make:
    """A plain adapter with other weights."""

    def make(folder: Path, base: Path, plain: Path) -> None:
        from safetensors.torch import load_file, save_file

        shutil.copytree(plain, folder, dirs_exist_ok=True)
        weights = load_file(folder / WEIGHTS)
        change(weights)
        save_file(weights, folder / WEIGHTS)

    return make


def touched(change: Callable[[Path, Path], object]) -> Make:
    """A plain adapter with something else changed in its folder."""

    def make(folder: Path, base: Path, plain: Path) -> None:
        shutil.copytree(plain, folder, dirs_exist_ok=True)
        change(folder, base)

    return make


def void(_: object) -> None:
    """Nothing."""


def on_another_base(**shape: int) -> Make:
    """Trained on a base of another size, and named as if it were for this one."""

    def make(folder: Path, base: Path, plain: Path) -> None:
        other = make_base(folder.with_name(f"{folder.name}-base"), **shape)
        make_adapter(folder, other)
        config = json.loads((folder / CONFIG).read_text())
        (folder / CONFIG).write_text(json.dumps({**config, "base_model_name_or_path": str(base)}))
        write_card(folder, base)

    return make


def as_pickle(folder: Path, _: Path) -> None:
    import torch
    from safetensors.torch import load_file

    torch.save(load_file(folder / WEIGHTS), folder / "adapter_model.bin")
    (folder / WEIGHTS).unlink()


def renamed(weights: dict[str, Any]) -> None:
    for name in [name for name in weights if ".layers.1." in name]:
        weights[name.replace(".layers.1.", ".layers.7.")] = weights.pop(name)


def halved(weights: dict[str, Any]) -> None:
    weights.pop(next(name for name in weights if ".o_proj.lora_B" in name))


def extended(weights: dict[str, Any]) -> None:
    any_weight = next(iter(weights.values()))
    weights["base_model.model.model.norm.weight"] = any_weight[0].clone()


def without_o(weights: dict[str, Any]) -> None:
    for name in [name for name in weights if ".o_proj." in name]:
        weights.pop(name)


def unsafe_name(folder: Path, _: Path) -> None:
    (folder / WEIGHTS).write_bytes(b"\x00" * 40)


def with_a_template(folder: Path, base: Path) -> None:
    write_card(folder, base, template_sha256=None)
    (folder / "chat_template.jinja").write_text("{{ 1 }}")


CASES = (
    Case("plain", configured(), "well"),
    Case("rank-stabilised", trained(use_rslora=True), "well"),
    Case("a higher rank in one module", trained(rank_pattern={"q_proj": 16}), "well"),
    Case("rank 24", trained(r=24), "note", "takes the room of 32"),
    Case("rank 64", trained(r=64), "note", "--max-lora-rank 64"),
    Case("rank 1024", trained(r=1024), "refused", "at most 512"),
    Case("a rank of 600 in one module", trained(rank_pattern={"q_proj": 600}), "refused", "at most 512"),
    Case("DoRA", trained(use_dora=True), "refused", "DoRA"),
    Case("a bias in LoRA", trained(lora_bias=True), "refused", "lora_bias"),
    Case("trained biases", trained(bias="lora_only"), "refused", "bias='lora_only'"),
    Case("PiSSA", trained(init_lora_weights="pissa"), "refused", "began as pissa"),
    Case("OLoRA", trained(init_lora_weights="olora"), "refused", "began as olora"),
    Case("CorDA", configured(init_lora_weights="corda"), "refused", "began as corda"),
    Case("LoftQ", configured(init_lora_weights="loftq"), "refused", "began as loftq"),
    Case("gaussian", trained(init_lora_weights="gaussian"), "well"),
    Case("aLoRA", trained(alora_invocation_tokens=[5, 6]), "refused", "aLoRA"),
    Case("replicated layers", configured(layer_replication=[[0, 2], [1, 2]]), "refused", "layer_replication"),
    Case("block-diagonal", configured(use_bdlora={"nblocks": 2}), "refused", "BD-LoRA"),
    Case("QA-LoRA", configured(use_qalora=True), "refused", "QA-LoRA"),
    Case("whole lm_head", trained(modules_to_save=["lm_head"]), "refused", "modules_to_save"),
    Case("whole embed_tokens", trained(modules_to_save=["embed_tokens"]), "refused", "modules_to_save"),
    Case("trained tokens", trained(trainable_token_indices=[3, 4]), "refused", "trained tokens"),
    Case("adapted tokens", trained(target_modules=[*ATTENTION, "embed_tokens"]), "refused", "embed_tokens"),
    Case("another kind of adapter", configured(peft_type="LOHA", lora_alpha=None), "refused", "LOHA"),
    Case("no alpha", configured(lora_alpha=None), "refused", "lora_alpha"),
    Case("no weights", touched(lambda folder, _: (folder / WEIGHTS).unlink()), "refused", "no weights"),
    Case("damaged weights", touched(unsafe_name), "refused", "cannot be read"),
    Case("foreign weights", weighing(extended), "refused", "no LoRA"),
    Case("half of a module", weighing(halved), "refused", "only A or B"),
    Case("no configuration", touched(lambda at, _: (at / CONFIG).unlink()), "refused", "no adapter_config.json"),
    Case("no folder", lambda at, base, plain: void(at.exists() and shutil.rmtree(at)), "refused", "no folder"),
    Case("pickled weights", touched(as_pickle), "refused", "can run code"),
    Case("weights of fewer modules", weighing(without_o), "changed", "o_proj in target_modules"),
    Case("layers that the base lacks", weighing(renamed), "changed", "has no weights for 4 of its modules"),
    Case("a smaller base", on_another_base(hidden=32), "changed", "other sizes"),
    Case("a deeper base", on_another_base(layers=3), "changed", "no weights for 4 of its modules"),
    Case(
        "other weights of the same shape",
        touched(lambda folder, base: write_card(folder, base, base_sha256="0" * 64)),
        "changed",
        "trained on other weights",
    ),
    Case(
        "another template by its card",
        touched(lambda folder, base: write_card(folder, base, template_sha256="0" * 64)),
        "changed",
        "another chat template",
    ),
    Case(
        "another template beside it",
        touched(with_a_template),
        "changed",
        "another chat template",
    ),
    Case("routing among adapters", configured(arrow_config={"top_k": 2}), "changed", "arrow_config"),
    Case("another base by name", configured(base_model_name_or_path="Qwen/Qwen2-0.5B"), "note", "Qwen/Qwen2-0.5B"),
    Case("a path that is stale", configured(base_model_name_or_path="/gone/model"), "note", "stale"),
    Case(
        "no template told", touched(lambda f, b: write_card(f, b, template_sha256=None)), "note", "which chat template"
    ),
)  # fmt: skip
