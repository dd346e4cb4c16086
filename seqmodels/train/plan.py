"""Everything that training needs, settled before it starts: split, model, head, tensors, steps."""

import hashlib
import json
import logging
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from seqmodels.backbones import Backbone, new_backbone
from seqmodels.data.errors import UnsuitableData
from seqmodels.data.splits import Split, split
from seqmodels.families import Family
from seqmodels.gmlp import GMLPForRegression
from seqmodels.train.adapters import with_adapter
from seqmodels.train.batches import Change
from seqmodels.train.config import Config
from seqmodels.train.errors import ConfigError
from seqmodels.train.examples import Examples
from seqmodels.train.head import Head
from seqmodels.train.machine import is_first
from seqmodels.train.masking import Masking, next_tokens
from seqmodels.train.rows import Findings, Rows
from seqmodels.train.run import Run
from seqmodels.train.saved import Base, load_base, weights_hash
from seqmodels.train.seeds import seed_of

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """What a run trains, on which rows, for how long; `base` where it is an adapter."""

    backbone: Backbone
    head: Head
    base: Base | None
    notes: dict[str, Any]
    train: Examples
    validation: Examples
    change: Change | None
    steps: int
    validate_every: int

    @property
    def validations(self) -> int:
        """How often the model is validated, if it is not stopped early."""
        return math.ceil(self.steps / self.validate_every)


def audited(run: Run, rows: Rows) -> Findings:
    """Look through the rows, and say and write what was found; raises UnsuitableData where nothing can be learnt."""
    found = rows.audit()
    if is_first() and not (run.folder / "audit.json").is_file():
        run.write("audit.json", json.dumps(found.record, indent=2, ensure_ascii=False))
        for line in found.report.splitlines():
            log.info("audit: %s", line)
    if found.refusals:
        raise UnsuitableData("; ".join(found.refusals), "Mend the training file.")
    return found


def parted(run: Run, config: Config, rows: Rows, data_hash: str) -> Split:
    """Set rows aside for validation, and write which; raises UnsuitableData where whole groups cannot be."""
    groups = rows.groups(config.split.similar)
    try:
        parts = split(groups, rows.strata(), config.split.validation, config.seed)
    except UnsuitableData as error:
        remedy = "Give more varied rows, or say split.similar=exact, or split.validation=SHARE."
        raise UnsuitableData(error.reason, remedy) from error
    digest = hashlib.sha256(data_hash.encode())
    digest.update(parts.train.tobytes())
    digest.update(parts.validation.tobytes())
    if is_first():
        record = {
            "sha256": digest.hexdigest(),
            "seed": parts.seed,
            "similar": config.split.similar,
            "train": len(parts.train),
            "validation": len(parts.validation),
        }
        marks = np.array([int(mark[:16], 16) for mark in rows.hashes()], np.uint64)
        np.savez_compressed(run.folder / "split.npz", train=parts.train, validation=parts.validation, rows=marks)
        run.write("split.json", json.dumps(record, indent=2))
    return parts


def planned(config: Config, family: Family, rows: Rows, parts: Split) -> Plan:
    """Load or make the model, and turn the rows into tensors.

    Raises:
        ModelError: the model is not found, or the rows are longer than it takes.
    """
    head = rows.head(parts.train)
    torch.manual_seed(seed_of(config.seed, "weights"))
    backbone = _backbone(config, family, rows, head, parts)
    if config.trainer.recompute:
        _recompute(backbone)
    base = None
    if config.lora.rank is not None:
        backbone_source = config.model.pretrained or backbone.source
        base = Base(_whereabouts(backbone_source), weights_hash(backbone), config.model.settings)
        backbone = with_adapter(backbone, config.lora)
    examples = rows.examples(backbone, head, both_strands=config.fit.reverse_complement)
    log.info("%d rows to train on, %d to validate on", len(parts.train), len(parts.validation))
    learnt, checked = (examples.take(torch.from_numpy(part)) for part in (parts.train, parts.validation))
    if config.model.pretrained is None and isinstance(backbone.model, GMLPForRegression):
        assert learnt.labels is not None
        backbone.model.standardise_by(learnt.matrix["genotypes"], learnt.labels)
    per_epoch = len(learnt) / config.fit.batch_size
    steps = config.fit.steps or math.ceil(config.fit.epochs * per_epoch)
    return Plan(
        backbone=backbone,
        head=head,
        base=base,
        notes=rows.notes(),
        train=learnt,
        validation=replace(checked, reverse=None),
        change=change_of(config, backbone),
        steps=steps,
        validate_every=min(steps, config.fit.validate_every or math.ceil(per_epoch)),
    )


def change_of(config: Config, backbone: Backbone) -> Change | None:
    """What pre-training hides from a batch; None for the other tasks."""
    if config.task.name == "next_token":
        return next_tokens
    if config.task.name != "masked":
        return None
    assert config.task.share is not None
    assert backbone.tokenizer is not None
    return Masking.of(backbone.tokenizer, config.task.share, backbone.family.overlap(backbone.tokenizer))


def _backbone(config: Config, family: Family, rows: Rows, head: Head, parts: Split) -> Backbone:
    task, model = config.task.name, config.model
    if model.pretrained is not None:
        return load_base(model.pretrained, family.name, task, head, model.settings)
    settings = {**rows.settings(), **model.settings, **head.settings()}
    return new_backbone(family, task, model.size, settings, rows.letters(parts.train))


def _recompute(backbone: Backbone) -> None:
    model: Any = backbone.model
    if not model.supports_gradient_checkpointing:
        raise ConfigError(f"{backbone.family.name} cannot recompute its inner states", "Leave trainer.recompute out.")
    model.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})


def _whereabouts(source: str) -> str:
    """A folder by its whole path, so that an adapter finds its base from anywhere; a hub id as it is."""
    return str(Path(source).resolve()) if Path(source).exists() else source
