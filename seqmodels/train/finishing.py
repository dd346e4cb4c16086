"""The end of a run: the best weights are scored once more, and model, plots and card are written."""

import json
import logging
import math
from dataclasses import replace
from pathlib import Path

import torch

from seqmodels.train.adapters import merged
from seqmodels.train.batches import OrderedBatches
from seqmodels.train.card import commit, file_hashes, in_words, versions
from seqmodels.train.config import Config, Trainer
from seqmodels.train.fitting import module_of, validation_batches
from seqmodels.train.machine import device_of
from seqmodels.train.module import Training
from seqmodels.train.outcome import Outcome
from seqmodels.train.plan import Plan
from seqmodels.train.rows import Findings
from seqmodels.train.run import Run
from seqmodels.train.saved import MERGED, Trained, save_trained

log = logging.getLogger(__name__)


def finish(
    run: Run, config: Config, plan: Plan, findings: Findings, data_hash: str, files: list[Path], command: str
) -> None:
    """Take the best weights, and write everything that a finished run has; the card comes last."""
    checkpoint = torch.load(run.best, map_location="cpu", weights_only=True)
    module = module_of(config, plan)
    module.load_state_dict(checkpoint["state_dict"], strict=False)
    outcome = judged(module, validation_batches(config, plan), config.trainer)
    figures = outcome.figures()
    if config.plots:
        from seqmodels.train.plots import write_plots

        write_plots(run.folder / "plots", run.folder, outcome)
    trained = Trained(plan.backbone, config.task.name, plan.head, plan.base, plan.notes)
    parameters = sum(weight.numel() for weight in plan.backbone.model.parameters())
    save_trained(run.model, trained)
    if plan.base is not None and config.lora.merge:
        save_trained(run.folder / MERGED, replace(trained, backbone=merged(plan.backbone), base=None))
    fitted = json.loads((run.folder / "fitted.json").read_text(encoding="utf-8"))
    card = {
        "task": config.task.name,
        "model": {"family": config.model.family, "source": plan.backbone.source, "parameters": parameters},
        "lora": config.lora.model_dump(mode="json"),
        "scores": {name: value for name, value in figures.items() if math.isfinite(value)},
        "monitor": config.fit.monitor,
        "step": int(checkpoint["global_step"]),
        "steps": fitted["steps"],
        "seconds": fitted["seconds"],
        "since": fitted["since"],
        "device": config.trainer.accelerator,
        "seed": config.seed,
        "data": {"files": [str(path) for path in files], "sha256": data_hash, "audit": findings.report},
        "split": json.loads((run.folder / "split.json").read_text(encoding="utf-8")),
        "weights": file_hashes(run.model),
        "command": command,
        "commit": commit(),
        "versions": versions(),
    }
    run.write("model.md", in_words(card))
    run.write("card.json", json.dumps(card, indent=2, ensure_ascii=False))
    log.info("model: %s", run.model)


def judged(module: Training, batches: OrderedBatches, trainer: Trainer) -> Outcome:
    """What a module says of batches, on the first device of a machine."""
    device = device_of(trainer)
    module.to(device).train(False)
    outcome = Outcome(batches.examples, module.head)
    with torch.inference_mode():
        for batch in batches:
            on_device = {name: values.to(device) for name, values in batch.items()}
            outcome.add(on_device, *module.outputs(on_device))
    module.cpu()
    return outcome
