"""What vLLM would refuse of an adapter, or serve otherwise than it was trained.

The rules are those of vLLM 0.32 (`vllm/lora/peft_helper.py`, `lora_model.py`) and of what it does not look at.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from agent.errors import AgentError
from agent.serving.adapter import RANKS, WEIGHTS, Adapter
from agent.serving.base import Base, template_of
from agent.serving.card import text_sha256, weights_sha256

_MERGE = "merge it into the base model and serve that"
_RETRAIN = "train it again as a plain LoRA"
# These only choose the first weights of an adapter; the others change those of the base model.
_INITIAL = ("gaussian", "eva", "orthogonal", "mica", "lora_ga")
_HEADS = ("classifier", "score")
# Named by peft's configuration; each changes what an adapter computes.
_REFUSED_FEATURES = {
    "use_dora": "DoRA",
    "lora_bias": "a bias in its LoRA (lora_bias)",
    "alora_invocation_tokens": "activation by tokens (aLoRA)",
    "layer_replication": "replicated layers (layer_replication)",
    "use_bdlora": "block-diagonal LoRA (BD-LoRA)",
    "use_qalora": "QA-LoRA",
    "trainable_token_indices": "trained tokens (trainable_token_indices)",
}
_UNREAD_FEATURES = {
    "arrow_config": "routing among adapters (arrow_config)",
    "monteclora_config": "MonteCLoRA",
    "kasa_config": "KaSA",
    "velora_config": "VeLoRA",
}
# vLLM adapts tokens and their scores in these families only (`embedding_modules` of its models).
_ADAPTS_TOKENS = (
    *("apertus", "cohere", "exaone", "falcon_h1", "granite", "hyperclovax", "jamba", "lfm2", "llama", "minicpm"),
    *("mistral", "mixtral", "nemotron", "phimoe", "qwen3", "solar"),
)
_TOKENS = ("embed_tokens", "lm_head")


@dataclass(frozen=True)
class Objection:
    """Something about an adapter: vLLM refuses it, serves it otherwise than it was trained, or it is worth knowing."""

    kind: Literal["refused", "changed", "note"]
    reason: str
    remedy: str | None = None


def objections(path: Path, base: Base) -> list[Objection]:
    """All that is to be said against serving the adapter of a folder on a base model; none where it is well."""
    try:
        adapter = Adapter.read(path)
        return list(_objections(adapter, base))
    except AgentError as error:
        return [Objection("refused", error.reason, error.remedy)]


def _objections(adapter: Adapter, base: Base) -> Iterator[Objection]:
    yield from _of_kind(adapter.config)
    yield from _of_rank(adapter)
    yield from _of_features(adapter.config)
    yield from _of_weights(adapter)
    yield from _of_base(adapter, base)
    yield from _of_template(adapter, base)


def _of_kind(config: Mapping[str, Any]) -> Iterator[Objection]:
    kind = config.get("peft_type", "LORA")
    if kind != "LORA":
        yield Objection("refused", f"it is a {kind} adapter; vLLM serves LoRA alone", _RETRAIN)
    for name in ("r", "lora_alpha", "target_modules"):
        if not config.get(name):
            yield Objection("refused", f"its configuration does not name {name}", _RETRAIN)


def _of_rank(adapter: Adapter) -> Iterator[Objection]:
    if adapter.rank > RANKS[-1]:
        reason = f"its rank is {adapter.rank}; vLLM serves at most {RANKS[-1]}"
        yield Objection("refused", reason, "train it with a lower rank, or " + _MERGE)
    elif adapter.rank not in RANKS and adapter.rank > 0:
        allowed = next(rank for rank in RANKS if rank > adapter.rank)
        yield Objection("note", f"its rank {adapter.rank} is none of vLLM's: it takes the room of {allowed}")
    if 16 < adapter.rank <= RANKS[-1]:
        flag = f"--max-lora-rank {next(rank for rank in RANKS if rank >= adapter.rank)}"
        reason = f"its rank {adapter.rank} is above vLLM's default of 16; `epicite serve` says {flag}"
        yield Objection("note", reason, f"say {flag} where you start vLLM yourself")


def _of_features(config: Mapping[str, Any]) -> Iterator[Objection]:
    for key, said in _REFUSED_FEATURES.items():
        if config.get(key):
            yield Objection("refused", f"it has {said}, which vLLM does not serve", _MERGE)
    for key, said in _UNREAD_FEATURES.items():
        if config.get(key):
            yield Objection("changed", f"it has {said}, which vLLM does not read", _MERGE)
    if (bias := config.get("bias", "none")) != "none":
        yield Objection("refused", f"it trained biases of the base (bias={bias!r})", _MERGE)
    whole = [name for name in config.get("modules_to_save") or () if name not in _HEADS]
    if whole:
        reason = f"it holds whole modules ({', '.join(whole)} in modules_to_save)"
        yield Objection("refused", reason, f"add no tokens and {_RETRAIN}, or {_MERGE}")
    begins = config.get("init_lora_weights", True)
    if isinstance(begins, str) and begins.lower() not in _INITIAL:
        reason = f"it began as {begins}, which changes the weights of the base"
        yield Objection("refused", reason, "convert it with peft's path_initial_model_for_weight_conversion")


def _of_weights(adapter: Adapter) -> Iterator[Objection]:
    if not adapter.shapes:
        reason = f"it has no weights in {WEIGHTS}"
        if any((adapter.folder / name).exists() for name in ("adapter_model.bin", "adapter_model.pt")):
            reason += ", only in a format that can run code"
        yield Objection("refused", reason, "save it with safetensors (peft's save_pretrained)")
        return
    heads = tuple(f"{head}.{part}" for head in _HEADS for part in ("weight", "bias"))
    foreign = [name for name in adapter.foreign if not name.endswith((*heads, ".base_layer.weight"))]
    if foreign:
        yield Objection("refused", f"{len(foreign)} of its weights are no LoRA, such as {foreign[0]}", _MERGE)
    halves = [module for module, parts in adapter.modules.items() if len(parts) < 2]
    if halves:
        yield Objection("refused", f"{len(halves)} modules have only A or B, such as {halves[0]}", "save it again")
    targets = adapter.config.get("target_modules")
    missing = [name for name in targets if not _adapts(adapter, name)] if isinstance(targets, list) else []
    if missing and adapter.modules:
        reason = f"it names {', '.join(sorted(missing))} in target_modules and has no weights for them"
        yield Objection("changed", reason, "save it again, or " + _RETRAIN)


def _adapts(adapter: Adapter, target: str) -> bool:
    return any(module == target or module.endswith(f".{target}") for module in adapter.modules)


def _of_base(adapter: Adapter, base: Base) -> Iterator[Objection]:
    yield from _of_base_name(adapter, base)
    if base.folder is None:
        yield Objection("note", f"the files of {base.name} are not on this machine: sizes were not compared")
        return
    family = str(base.config.get("model_type", ""))
    tokens = [module for module in adapter.modules if module.rpartition(".")[2] in _TOKENS]
    if tokens and not family.startswith(_ADAPTS_TOKENS):
        reason = f"it adapts {', '.join(tokens)}, which vLLM does not serve for {family}"
        yield Objection("refused", reason, f"{_RETRAIN} of the layers, or {_MERGE}")
    if base.shapes and not base.config.get("quantization_config"):  # packed weights have other shapes
        yield from _of_sizes(adapter, base)
    card = adapter.card
    if card and card.base_sha256 and card.base_sha256 != weights_sha256(base.folder):
        yield Objection(
            "changed", f"it was trained on other weights than those of {base.name}", "serve it on its own base model"
        )


def _of_base_name(adapter: Adapter, base: Base) -> Iterator[Objection]:
    trained_on = adapter.config.get("base_model_name_or_path") or ""
    if trained_on == base.name or (trained_on and base.folder and _same(Path(trained_on), base.folder)):
        return
    if trained_on.startswith(("/", ".", "~")) and not Path(trained_on).expanduser().exists():
        reason = f"the path of its base model, {trained_on}, is stale: nothing is there"
        yield Objection("note", reason, f"write {base.name} as base_model_name_or_path in its adapter_config.json")
        return
    reason = f"it was trained on {trained_on or 'an unnamed base'}, not on {base.name}"
    yield Objection("note", reason, "make sure that both are the same model")


def _same(one: Path, other: Path) -> bool:
    return one.exists() and one.resolve() == other.resolve()


def _of_sizes(adapter: Adapter, base: Base) -> Iterator[Objection]:
    """Where sizes differ: vLLM copies what is too small into a part of a weight, and drops what it has no layer for."""
    absent, other = [], []
    for module, parts in adapter.modules.items():
        shape = base.shapes.get(f"{module}.weight") or _tied(base, module)
        if shape is None:
            absent.append(module)
        elif len(parts) == 2 and not _fits(parts["A"], parts["B"], shape, module):
            other.append(f"{module} ({parts['B'][0]} x {parts['A'][-1]}, there {shape[0]} x {shape[1]})")
    if absent:
        reason = f"{base.name} has no weights for {len(absent)} of its modules, such as {absent[0]}"
        yield Objection("changed", reason, "serve it on its own base model")
    if other:
        reason = f"{len(other)} of its modules have other sizes than those of {base.name}, such as {other[0]}"
        yield Objection("changed", reason, "serve it on its own base model")


def _tied(base: Base, module: str) -> tuple[int, ...] | None:
    """The shape of the scores of tokens where a model has no weights of its own for them."""
    return base.shapes.get("model.embed_tokens.weight") if module == "lm_head" else None


def _fits(a: tuple[int, ...], b: tuple[int, ...], shape: tuple[int, ...], module: str) -> bool:
    """Whether B A has the shape of a weight; of an embedding it is B A transposed."""
    outer = (b[0], a[-1])
    return (outer if not module.endswith("embed_tokens") else outer[::-1]) == tuple(shape)


def _of_template(adapter: Adapter, base: Base) -> Iterator[Objection]:
    """Which template vLLM renders with: the base model's, whatever the adapter was trained with."""
    trained = adapter.card.template_sha256 if adapter.card else None
    beside = template_of(adapter.folder)
    trained = trained or (text_sha256(beside) if beside else None)
    if trained is None:
        yield Objection("note", "nothing says which chat template it was trained with")
    elif base.folder is None:
        yield Objection("note", f"the template of {base.name} is not on this machine: it was not compared")
    elif base.template is None:
        yield Objection(
            "changed", f"{base.name} has no chat template; it was trained with one", "put it beside the base model"
        )
    elif text_sha256(base.template) != trained:
        reason = f"it was trained with another chat template than that of {base.name}"
        yield Objection("changed", reason, "serve it with its own template (vLLM's --chat-template), or train it again")
