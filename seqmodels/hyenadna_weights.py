"""The two published layouts of HyenaDNA's weights, read under one set of names.

The original layout is a Lightning checkpoint, weights.ckpt, beside a config.json with a nested `layer`; the newer one
("-hf") is model.safetensors beside a flat config.json. The names of the newer one are ours.
"""

import hashlib
import json
import pickle
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers.utils.hub import cached_file

from seqmodels.errors import ModelError

HUB_OPTIONS = ("cache_dir", "force_download", "local_files_only", "proxies", "revision", "subfolder", "token")
"""The arguments of transformers' `from_pretrained` that say where files come from."""

_FILES = ("model.safetensors", "pytorch_model.bin", "weights.ckpt")

_LAYER_FIELDS = {"l_max": "max_seq_len", "emb_dim": "emb_dim", "filter_order": "filter_order", "w": "activation_freq"}
_MODEL_FIELDS = (
    *("d_model", "n_layer", "d_inner", "vocab_size", "pad_vocab_size_multiple"),
    *("embed_dropout", "resid_dropout", "layer_norm_epsilon"),
)

# In this order: gradient checkpointing's wrapper; the layouts' prefixes; a bare backbone; three names of one tensor.
_RENAMES = (
    (re.compile(r"\.(mixer|mlp)\.layer\."), r".\1."),
    (re.compile(r"^(?:model\.|hyena\.)"), ""),
    (re.compile(r"^backbone\."), "hyena.backbone."),
    (re.compile(r"\.implicit_filter\.\d+\.freq$"), ".implicit_filter.1.freq"),
)


class _Inert:
    """Stands for an object of a training run's settings: built from anything, holding and doing nothing."""

    def __new__(cls, *_: Any, **__: Any) -> "_Inert":
        return object.__new__(cls)

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def __setstate__(self, _: Any) -> None: ...


def _empty_dict(*_: Any) -> dict[Any, Any]:
    """Stands for a dictionary's subclass; torch fills in plain ones only."""
    return {}


# What Lightning checkpoints hold beside tensors: OmegaConf settings, paths, NumPy numbers. None of it is built.
_HARMLESS: list[Any] = [
    *(
        (_Inert, name)
        for name in (
            "omegaconf.dictconfig.DictConfig",
            "omegaconf.listconfig.ListConfig",
            "omegaconf.base.ContainerMetadata",
            "omegaconf.base.Metadata",
            "omegaconf.nodes.AnyNode",
            "omegaconf.nodes.StringNode",
            "omegaconf.nodes.IntegerNode",
            "omegaconf.nodes.FloatNode",
            "omegaconf.nodes.BooleanNode",
            "typing.Any",
            "argparse.Namespace",
            "pathlib.Path",
            "pathlib.PosixPath",
            "pathlib.WindowsPath",
            "numpy.dtype",
            "numpy.core.multiarray.scalar",
            "numpy._core.multiarray.scalar",
        )
    ),
    *(
        (dict, name)
        for name in (
            "pytorch_lightning.utilities.parsing.AttributeDict",
            "lightning_fabric.utilities.data.AttributeDict",
            "lightning.fabric.utilities.data.AttributeDict",
        )
    ),
    (_empty_dict, "collections.defaultdict"),
    *(dict, list, tuple, set, int, float, bool, str),
]


@dataclass(frozen=True)
class Checkpoint:
    """Tensors by our names, and the file they came from."""

    tensors: dict[str, Tensor]
    path: Path


@dataclass(frozen=True)
class Conversion:
    """The record of a checkpoint written anew: SHA-256 of the file that was read and of the one written."""

    source: str
    source_sha256: str
    target: str
    target_sha256: str


def read(name: str, **hub: Any) -> Checkpoint:
    """The weights of a hub id or folder.

    Args:
        name: the hub id or folder.
        **hub: `HUB_OPTIONS`, as transformers takes them.

    Raises:
        ModelError: there are none, they cannot be read, or the file holds more than weights and plain settings.
        OSError: nothing is there, or the hub is not reached.
    """
    for file in _FILES:
        found = cached_file(name, file, _raise_exceptions_for_missing_entries=False, **hub)
        if found is not None:
            return Checkpoint(_renamed(_tensors(Path(found))), Path(found))
    raise ModelError(
        f"{name} has no weights: none of {', '.join(_FILES)}",
        "Name a HyenaDNA checkpoint, such as LongSafari/hyenadna-small-32k-seqlen-hf, or copy its files there.",
    )


def flat_config(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a config.json of either layout under the names of the newer one; raises ModelError."""
    if "layer" not in fields:
        return dict(fields)
    layer = fields["layer"]
    if layer.get("_name_", "hyena") != "hyena" or not layer.get("modulate", True) or fields.get("attn_layer_idx"):
        raise ModelError(
            "This config.json describes a model with attention or another operator than HyenaDNA's",
            "Load a published HyenaDNA checkpoint.",
        )
    flat = {ours: layer[theirs] for theirs, ours in _LAYER_FIELDS.items() if theirs in layer}
    # `local_order` is in the published files but was never read: the short convolution is 3 wide.
    return {"model_type": "hyenadna", **flat, **{name: fields[name] for name in _MODEL_FIELDS if name in fields}}


def convert(source: str | Path, target: str | Path, **hub: Any) -> Conversion:
    """Write a checkpoint of either layout as config.json and model.safetensors, every tensor as it is.

    `python -c 'from seqmodels.hyenadna_weights import convert; print(convert("FOLDER", "NEW_FOLDER"))'`

    Args:
        source: hub id or folder.
        target: the new folder; conversion.json there keeps the record.
        **hub: `HUB_OPTIONS`.

    Raises:
        ModelError: as `read`.
        OSError: as `read`.
    """
    checkpoint = read(str(source), **hub)
    fields = cached_file(str(source), "config.json", **hub)
    if fields is None:
        raise ModelError(f"{source} has no config.json", "Put the one that was published with the weights beside them.")
    folder = Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / "model.safetensors"
    config = flat_config(json.loads(Path(fields).read_text(encoding="utf-8")))
    (folder / "config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
    save_file(
        {name: tensor.clone().contiguous() for name, tensor in checkpoint.tensors.items()}, written, {"format": "pt"}
    )
    record = Conversion(checkpoint.path.name, _sha256(checkpoint.path), written.name, _sha256(written))
    (folder / "conversion.json").write_text(json.dumps(asdict(record), indent=2), encoding="utf-8")
    return record


def _tensors(path: Path) -> dict[str, Tensor]:
    if path.suffix == ".safetensors":
        try:
            return load_file(path)
        except SafetensorError as error:
            raise ModelError(f"{path} cannot be read ({error})", "Fetch or copy it again.") from error
    try:
        with torch.serialization.safe_globals(_HARMLESS):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ModelError(
            f"{path} holds {_refused(path)}, which is not opened because loading it could run code",
            "Load the same model in the -hf layout (model.safetensors), or, if you trust whoever made this file, save "
            "its state_dict alone with torch.save in an environment of its own and load that.",
        ) from error
    except (RuntimeError, EOFError) as error:
        raise ModelError(f"{path} cannot be read ({error})", "Fetch or copy it again.") from error
    content = content.get("state_dict", content) if isinstance(content, dict) else {}
    tensors = {name: value for name, value in content.items() if isinstance(value, Tensor)}
    if not tensors:
        raise ModelError(f"{path} holds no weights", "Take a file with a `state_dict`.")
    return tensors


def _refused(path: Path) -> str:
    """The names in a pickle that are not let in."""
    try:
        with torch.serialization.safe_globals(_HARMLESS):
            names = torch.serialization.get_unsafe_globals_in_checkpoint(path)
    except (RuntimeError, ValueError, pickle.UnpicklingError):
        names = []
    return ", ".join(sorted(names)) or "objects other than tensors"


def _renamed(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors under our names; the metrics of a training run are dropped."""
    renamed: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        ours = name
        for pattern, replacement in _RENAMES:
            ours = pattern.sub(replacement, ours)
        if ours.startswith("torchmetrics."):
            continue
        if ours in renamed and not torch.equal(renamed[ours], tensor):
            raise ModelError(
                f"The weights hold {ours} more than once, with different values",
                "Take a checkpoint in which the layers of a filter share one frequency, as the published ones do.",
            )
        renamed[ours] = tensor
    return renamed


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
