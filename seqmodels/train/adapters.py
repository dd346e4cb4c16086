"""Low-rank adapters (Hu et al. 2021, arXiv:2106.09685) on any backbone, by peft."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from seqmodels.backbones import Backbone
from seqmodels.errors import ModelError
from seqmodels.train.config import Lora
from seqmodels.train.errors import ConfigError

WEIGHTS = "adapter_model.safetensors"
MODEL = "model"
"""The folder of a run's model, beside what is written of its training."""


def with_adapter(backbone: Backbone, lora: Lora) -> Backbone:
    """The backbone with its weights frozen, an adapter on its linear layers, and a trained head.

    Raises:
        ConfigError: the backbone is new, so that there is nothing to adapt.
    """
    from peft import LoraConfig, get_peft_model

    if backbone.fresh >= {name for name, _ in backbone.model.named_parameters()}:
        raise ConfigError(
            f"{backbone.family.name} is untrained, and an adapter leaves its weights as they are",
            "Name a checkpoint (model.pretrained=...), or leave lora.rank out.",
        )
    assert lora.rank is not None
    config = LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha or 2 * lora.rank,
        lora_dropout=lora.dropout,
        target_modules=_targets(backbone),
        modules_to_save=_heads(backbone) or None,
        base_model_name_or_path=backbone.source,
    )
    with _unwarned():
        adapted = replace(backbone, model=get_peft_model(backbone.model, config))
    if lora.start is not None:
        _go_on_from(adapted, lora.start)
    return adapted


def _go_on_from(backbone: Backbone, start: Path) -> None:
    """Put another adapter's weights and head in place of the new ones; raises ConfigError where they do not fit."""
    from peft import set_peft_model_state_dict
    from safetensors.torch import load_file

    files = [folder / WEIGHTS for folder in (start, start / MODEL) if (folder / WEIGHTS).is_file()]
    if not files:
        raise ConfigError(f"lora.start={start} holds no adapter ({WEIGHTS} is missing)", "Name the run of an adapter.")
    try:
        found: Any = set_peft_model_state_dict(backbone.model, load_file(files[0]))
    except RuntimeError as error:
        raise ConfigError(f"lora.start={start} is an adapter of another shape", "Give its rank and head.") from error
    if found.unexpected_keys:
        raise ConfigError(
            f"lora.start={start} has weights without a place here, {found.unexpected_keys[0]} for one",
            "Name the run of an adapter on the same model.",
        )


def load_adapter(backbone: Backbone, folder: Path) -> Backbone:
    """A backbone with the adapter and head of a folder on it, not to be trained."""
    from peft import PeftModel

    with _unwarned():
        return replace(backbone, model=PeftModel.from_pretrained(backbone.model, str(folder)))


def merged(backbone: Backbone) -> Backbone:
    """The backbone with its adapter added to its weights; it is no longer an adapter afterwards."""
    model: Any = backbone.model
    return replace(backbone, model=model.merge_and_unload())


@contextmanager
def _unwarned() -> Iterator[None]:
    """Without word of what peft still asks of transformers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


def _targets(backbone: Backbone) -> list[str]:
    """The whole names of the linear layers that get an adapter, without those of the head, which is trained whole."""
    heads = set(backbone.family.heads)
    targets = tuple(backbone.family.targets())
    found = [
        name
        for name, module in backbone.model.named_modules()
        if isinstance(module, nn.Linear)
        and not heads & set(name.split("."))
        and any(name == target or name.endswith(f".{target}") for target in targets)
    ]
    if not found:
        raise ModelError(
            f"{backbone.family.name} has none of the layers {', '.join(targets)}", "Report this: the registry is wrong."
        )
    return found


def _heads(backbone: Backbone) -> list[str]:
    """The heads that the model has, by their whole names, for peft matches ends of names."""
    names = [name for name, _ in backbone.model.named_modules()]
    return [name for name in names if name.rpartition(".")[2] in backbone.family.heads]
