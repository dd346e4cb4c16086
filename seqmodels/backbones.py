"""Backbones: a family's model with its tokenizer, loaded or new.

A backbone comes from a hub id, a folder (of `save_pretrained`, or of the training loop), or from scratch with a named
size. Remote code is never run.
"""

import json
import logging
import socket
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError

from seqmodels.errors import ModelError
from seqmodels.families import FAMILIES, Family, Task, UnknownBackbone, family_by_config, family_named, named

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

log = logging.getLogger(__name__)

DESCRIPTION = "backbone.json"
"""The file in a saved model's folder that says which family, task and labels it has."""

# Parts of transformers' own classes that some checkpoints lack, and that no task here reads.
_UNUSED = ("pooler", "contact_head")


class UnreachableBackbone(ModelError):
    """Weights or tokenizer are neither on this machine nor can be fetched."""


@dataclass(frozen=True)
class Backbone:
    """A loaded model with its tokenizer (None where the input is genotypes).

    `fresh` names the parameters that no checkpoint gave, and `source` where the others came from.
    """

    family: Family
    model: "PreTrainedModel | PeftModel"
    tokenizer: "PreTrainedTokenizerBase | None"
    source: str
    fresh: frozenset[str] = field(default_factory=frozenset)

    @property
    def limit(self) -> int | None:
        """The most tokens of one input, special ones included; None where there is no limit."""
        return self.family.limit(self.model.config)

    @property
    def pad(self) -> int:
        """The id of the padding token; 0 where there are no tokens."""
        token = self.tokenizer.pad_token_id if self.tokenizer else 0
        return token if isinstance(token, int) else 0


def new_backbone(
    family: Family, task: Task, size: str, settings: Mapping[str, Any], sequences: Sequence[str] = ()
) -> Backbone:
    """A backbone with random weights, from torch's current seed.

    Args:
        family: its architecture.
        task: which head it gets.
        size: a named size of the family.
        settings: further settings of its config, the head's among them.
        sequences: the training rows, which byte-pair tokens are learnt from.

    Raises:
        UnknownBackbone: no such size or task.
        ModelError: a setting that the config has not.
    """
    own = {**family.size(size), **settings}
    tokenizer = family.new_tokenizer(sequences, own) if family.new_tokenizer else None
    if tokenizer is not None:
        own = {**_vocabulary_of(tokenizer), **own}
    config_class, model_class = named(family.config), family.class_for(task)
    try:
        config = config_class(**own)
        model = model_class(config)
    except (TypeError, ValueError, StrictDataclassError) as error:
        raise ModelError(f"{family.name} cannot be built with {own}: {error}", "See to model.settings.") from error
    fresh = frozenset(name for name, _ in model.named_parameters())
    return Backbone(family, model, tokenizer, f"new, size {size}", fresh)


def load_backbone(
    family: Family, task: Task | None, source: str, settings: Mapping[str, Any] | None = None
) -> Backbone:
    """A backbone with the weights of a checkpoint.

    Args:
        family: its architecture.
        task: which head it gets; None for the bare encoder.
        source: a hub id, or a folder with config, weights and tokenizer.
        settings: what to set in the config, the head's labels for instance.

    Raises:
        UnknownBackbone: the family has no such head.
        UnreachableBackbone: nothing at the source, or the hub is not reached.
        ModelError: the weights are of another architecture.
    """
    quiet()
    model_class = family.class_for(task) if task else named(family.model)
    local = _local_only(source)
    try:
        _refuse_other_family(family, source, local)
        config = named(family.config).from_pretrained(source, local_files_only=local, **(settings or {}))
        model, report = model_class.from_pretrained(
            source,
            config=config,
            local_files_only=local,
            dtype=torch.float32,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
        )
        tokenizer = _saved_tokenizer(family, source, local)
    except OSError as error:
        raise _unreachable(source, local, error) from error
    except SafetensorError as error:
        raise ModelError(f"The weights of {source} cannot be read ({error})", "Fetch or copy them again.") from error
    fresh = frozenset(report["missing_keys"]) | {entry[0] for entry in report["mismatched_keys"]}
    _refuse_untrained(family, source, model, fresh)
    if report["unexpected_keys"]:
        log.info("%s: weights without a place here: %s", source, ", ".join(sorted(report["unexpected_keys"])[:8]))
    return Backbone(family, model.train(), tokenizer, source, fresh)


def recognised(source: str) -> Family:
    """The family of a folder or hub id, from its config.

    Raises UnreachableBackbone where there is none, and UnknownBackbone where it is of no family known here.
    """
    quiet()
    if Path(source).is_dir() and (Path(source) / DESCRIPTION).is_file():
        return family_named(json.loads((Path(source) / DESCRIPTION).read_text(encoding="utf-8"))["family"])
    local = _local_only(source)
    try:
        found = family_by_config(_config_of(source, local))
    except OSError as error:
        raise _unreachable(source, local, error) from error
    if found is None:
        raise UnknownBackbone(
            f"{source} is a model of no family known here", f"The families are {', '.join(FAMILIES)}."
        )
    return FAMILIES[found]


@cache
def quiet() -> None:
    """Have transformers and the hub's client say only what fails: what matters is said by us."""
    from huggingface_hub.utils import logging as hub_logging
    from huggingface_hub.utils.tqdm import disable_progress_bars
    from transformers.utils import logging as transformers_logging

    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    hub_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    disable_progress_bars()


def _vocabulary_of(tokenizer: "PreTrainedTokenizerBase") -> dict[str, Any]:
    special = {
        f"{name}_token_id": getattr(tokenizer, f"{name}_token_id") for name in ("pad", "mask", "cls", "sep", "eos")
    }
    return {"vocab_size": len(tokenizer), **{name: value for name, value in special.items() if value is not None}}


def _config_of(source: str, local: bool) -> dict[str, Any]:
    from transformers import PreTrainedConfig

    if Path(source).is_dir() and not (Path(source) / "config.json").is_file():
        raise FileNotFoundError("config.json is missing")
    config, _ = PreTrainedConfig.get_config_dict(source, local_files_only=local)
    return dict(config)


def _refuse_other_family(family: Family, source: str, local: bool) -> None:
    found = family_by_config(_config_of(source, local))
    if found is not None and found not in (family.name, family.encoder):
        raise ModelError(f"{source} is a model of family {found}, not {family.name}", f"Say model={found}.")


def _refuse_untrained(family: Family, source: str, model: "PreTrainedModel", fresh: frozenset[str]) -> None:
    """A checkpoint gives the encoder's weights, or it is of another architecture."""
    encoder = [name for name in fresh if not _of_head(name, family)]
    if len(encoder) > len(list(model.named_parameters())) // 2:
        raise ModelError(
            f"{source} gives {len(encoder)} weights of {family.name}'s encoder none of its values ({encoder[0]}, ...)",
            "Name a checkpoint of this family, or leave model.pretrained out to train from scratch.",
        )
    if encoder:
        log.warning("%s: new, for the checkpoint has none: %s", source, ", ".join(sorted(encoder)[:8]))


def _of_head(name: str, family: Family) -> bool:
    return bool({*family.heads, *_UNUSED} & set(name.split(".")))


def _saved_tokenizer(family: Family, source: str, local: bool) -> "PreTrainedTokenizerBase | None":
    if family.saved_tokenizer is None:
        return None
    return family.saved_tokenizer(source, local)


def _local_only(source: str) -> bool:
    """Whether only this machine is asked: for a folder, and where the hub's address is not known."""
    return Path(source).exists() or not _hub_is_known()


@cache
def _hub_is_known() -> bool:
    # The hub's client would try for 23 seconds.
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return False
    if urllib.request.getproxies():
        return True
    try:
        socket.getaddrinfo(urlsplit(constants.ENDPOINT).hostname, None)
    except OSError:
        return False
    return True


def _unreachable(source: str, local: bool, error: OSError) -> UnreachableBackbone:
    folder = Path(source)
    if folder.is_dir():
        has = ", ".join(sorted(entry.name for entry in folder.iterdir())[:8]) or "nothing"
        return UnreachableBackbone(
            f"{source} is no model's folder ({str(error).splitlines()[0]}); it holds {has}",
            "A folder has config.json, model.safetensors and the tokenizer's files.",
        )
    if local:
        return UnreachableBackbone(
            f"{source} is no folder here, and the model hub is not reached",
            "Name a folder with config.json and weights, copy the model there on a machine with a network, "
            "or train from scratch (model.pretrained=null model.size=NAME).",
        )
    return UnreachableBackbone(
        f"{source} is not on the model hub, or may not be read ({str(error).splitlines()[0]})",
        "Check the name, or name a folder.",
    )
