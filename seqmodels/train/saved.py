"""Trained models in folders: what the loop writes, and what everything else loads.

A folder holds config.json, model.safetensors and the tokenizer's files, as transformers reads them, and backbone.json
with family, task and head. The folder of an adapter holds the adapter and the head alone, and names its base with its
hash.
"""

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from seqmodels.backbones import DESCRIPTION, Backbone, load_backbone, quiet
from seqmodels.encoder import BUNDLED, bundled_folder
from seqmodels.errors import ModelError
from seqmodels.families import Task, family_named
from seqmodels.train.adapters import MODEL, WEIGHTS, load_adapter
from seqmodels.train.errors import RunError
from seqmodels.train.head import Head

log = logging.getLogger(__name__)

MERGED = "merged"


@dataclass(frozen=True)
class Base:
    """What an adapter was trained on: where it was found, a hash of its weights, and what was set in its config."""

    source: str
    sha256: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trained:
    """A trained model: its backbone, what it was trained for and what its outputs are.

    `notes` is what readers of its inputs must know, the names of the markers for instance.
    """

    backbone: Backbone
    task: Task
    head: Head
    base: Base | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)


def weights_hash(backbone: Backbone) -> str:
    """SHA-256 of the weights that a checkpoint gave, whatever file they came in."""
    digest = hashlib.sha256()
    for name, weight in sorted(backbone.model.named_parameters()):
        if name not in backbone.fresh:
            digest.update(name.encode())
            digest.update(weight.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def save_trained(folder: Path, trained: Trained) -> None:
    """Write a trained model; what stood in the folder before is replaced when all is written."""
    quiet()
    unfinished = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    model: Any = trained.backbone.model
    model.save_pretrained(str(unfinished))
    if trained.backbone.tokenizer is not None:
        trained.backbone.tokenizer.save_pretrained(str(unfinished))
    (unfinished / "README.md").unlink(missing_ok=True)  # peft's, which says nothing
    record = {
        "family": trained.backbone.family.name,
        "task": trained.task,
        "head": trained.head.to_json(),
        "base": trained.base and asdict(trained.base),
        "notes": dict(trained.notes),
    }
    (unfinished / DESCRIPTION).write_text(json.dumps(record, indent=2, ensure_ascii=False), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.replace(folder)


def folder_of(source: str) -> str:
    """The folder with the weights of a run, merged ones before an adapter, or of the bundled encoder; else the source.

    Raises RunError where the run has not finished.
    """
    if source == BUNDLED:
        return str(bundled_folder())
    run = Path(source)
    if not run.is_dir() or (run / DESCRIPTION).is_file() or not (run / "config.yaml").is_file():
        return source
    for name in (MERGED, MODEL):
        if (run / name / DESCRIPTION).is_file():
            return str(run / name)
    raise RunError(f"{run} is a training run that has not finished", "Give its command again, and it goes on.")


def load_trained(source: str) -> Trained:
    """A trained model, in evaluation mode.

    Args:
        source: a run's folder, or the folder of a model that the loop wrote.

    Raises:
        RunError: the run is unfinished, or the folder is of no trained model.
        ModelError: an adapter's base is not found, or is another one.
    """
    folder = Path(folder_of(source))
    if not (folder / DESCRIPTION).is_file():
        raise RunError(
            f"{source} holds no model of the training loop ({DESCRIPTION} is missing)", "Name a run's folder."
        )
    record = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    family, task = family_named(record["family"]), cast(Task, record["task"])
    head, base = Head.from_json(record["head"]), record["base"] and Base(**record["base"])
    if base is None:
        backbone = load_backbone(family, task, str(folder))
    else:
        backbone = load_backbone(family, task, _base_source(base, folder), {**base.settings, **head.settings()})
        _refuse_other_base(backbone, base, folder)
        backbone = load_adapter(backbone, folder)
    backbone.model.train(False)
    return Trained(backbone, task, head, base, record["notes"])


def load_base(source: str, family_name: str, task: Task, head: Head, settings: Mapping[str, Any]) -> Backbone:
    """A backbone to train, from a hub id, a model's folder or a run's; arguments and errors as `load_backbone`."""
    folder = folder_of(source)
    if (Path(folder) / WEIGHTS).is_file():
        raise RunError(
            f"{source} is an adapter, which needs its base", "Train it with lora.merge=true, and name that run."
        )
    return load_backbone(family_named(family_name), task, folder, {**settings, **head.settings()})


def _base_source(base: Base, folder: Path) -> str:
    """Where the base is now: a folder that moved together with its adapter is found beside it."""
    beside = folder.parents[1] / Path(base.source).name if len(folder.parents) > 1 else Path(base.source)
    if not Path(base.source).exists() and beside.is_dir():
        return folder_of(str(beside))
    return folder_of(base.source)


def _refuse_other_base(backbone: Backbone, base: Base, folder: Path) -> None:
    found = weights_hash(backbone)
    if found != base.sha256:
        raise ModelError(
            f"The adapter {folder} was trained on other weights than {base.source} now has "
            f"(SHA-256 {base.sha256[:12]}, found {found[:12]})",
            "Put the base back that the adapter was trained on.",
        )
