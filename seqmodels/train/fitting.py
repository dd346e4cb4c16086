"""Training itself: Lightning's trainer, and the checkpoints by which a run goes on."""

import json
import logging
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

import torch
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint

from seqmodels.train.batches import OrderedBatches, TrainBatches
from seqmodels.train.config import Config
from seqmodels.train.errors import ConfigError
from seqmodels.train.forecast import forecast
from seqmodels.train.journal import Bar, Journal
from seqmodels.train.machine import device_of, is_first, refuse_absent_gpu
from seqmodels.train.module import Training
from seqmodels.train.plan import Plan
from seqmodels.train.run import Run
from seqmodels.train.scores import LOWER_IS_BETTER

log = logging.getLogger(__name__)


def fit(run: Run, config: Config, plan: Plan) -> None:
    """Train the weights, or go on with it; `fitted.json` says that it is done.

    Raises:
        ConfigError: batches cannot be shared by the devices, or do not fit into their memory.
        RunError: the loss is no longer a number.
    """
    refuse_absent_gpu(config.trainer)
    since = _since(run)
    with _quiet():
        trainer = _trainer(run, config, plan, since)
        module = module_of(config, plan)
        learnt, held_out = train_batches(config, plan, trainer), validation_batches(config, plan, trainer)
        _refuse_unequal_shares(config, plan, trainer.world_size)
        if is_first() and not since:
            device, precision = device_of(config.trainer), config.trainer.precision
            foretold = forecast(module, learnt, held_out, plan.validations, device, precision)
            run.write("forecast.json", json.dumps(asdict(foretold), indent=2))
            log.info("forecast: %s", foretold)
        elif since:
            log.info("going on after step %d", since)
        learnt = replace(learnt, start=since * config.fit.accumulate)
        start = time.monotonic()
        try:
            trainer.fit(module, learnt, held_out, ckpt_path=str(run.last) if since else None, weights_only=True)
        except SystemExit as end:
            # How Lightning ends where Ctrl-C was pressed.
            if trainer.interrupted:
                raise KeyboardInterrupt from end
            raise
        except torch.OutOfMemoryError as error:
            raise ConfigError(
                f"The device's memory does not suffice for batches of {config.fit.batch_size}",
                f"Say fit.accumulate={2 * config.fit.accumulate}, or train an adapter (lora.rank=8).",
            ) from error
    if is_first():
        seconds = time.monotonic() - start
        run.write("fitted.json", json.dumps({"steps": trainer.global_step, "seconds": seconds, "since": since}))


def module_of(config: Config, plan: Plan) -> Training:
    """The Lightning module of a plan."""
    return Training(
        plan.backbone.model, plan.head, config.fit, steps=plan.steps, seed=config.seed, validation=plan.validation
    )


def train_batches(config: Config, plan: Plan, trainer: Trainer | None = None) -> TrainBatches:
    """The batches that a process trains on; without a trainer, the only one."""
    return TrainBatches(
        plan.train,
        config.seed,
        plan.steps,
        config.fit.batch_size,
        config.fit.accumulate,
        trainer.world_size if trainer else 1,
        trainer.global_rank if trainer else 0,
        config.fit.reverse_complement,
        plan.change,
        config.fit.like_lengths,
    )


def validation_batches(config: Config, plan: Plan, trainer: Trainer | None = None) -> OrderedBatches:
    """The batches that a process validates on; without a trainer, the only one."""
    world, rank = (trainer.world_size, trainer.global_rank) if trainer else (1, 0)
    # Small enough for every process to have one.
    size = max(1, min(config.fit.batch_size // (config.fit.accumulate * world), len(plan.validation) // world))
    return OrderedBatches(plan.validation, size, config.seed, world, rank, plan.change)


def _refuse_unequal_shares(config: Config, plan: Plan, world: int) -> None:
    if config.fit.batch_size % (world * config.fit.accumulate):
        raise ConfigError(
            f"fit.batch_size={config.fit.batch_size} cannot be shared by {world} devices and {config.fit.accumulate} "
            "accumulated parts",
            "Give a multiple of their product.",
        )
    if len(plan.validation) < world:
        raise ConfigError(
            f"{len(plan.validation)} validation rows are fewer than {world} devices", "Say trainer.devices=1."
        )


def _trainer(run: Run, config: Config, plan: Plan, since: int) -> Trainer:
    try:
        return _checked_trainer(run, config, plan, since)
    except MisconfigurationException as error:
        raise ConfigError(
            f"Lightning cannot train so: {error}", "See to trainer.devices and trainer.strategy."
        ) from error


def _checked_trainer(run: Run, config: Config, plan: Plan, since: int) -> Trainer:
    return Trainer(
        accelerator=config.trainer.accelerator,
        devices=config.trainer.devices,
        num_nodes=config.trainer.nodes,
        strategy=config.trainer.strategy,
        precision=config.trainer.precision,
        max_epochs=-1,
        max_steps=plan.steps,
        accumulate_grad_batches=config.fit.accumulate,
        gradient_clip_val=config.fit.clip,
        val_check_interval=plan.validate_every * config.fit.accumulate,
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
        callbacks=_callbacks(run, config, plan, since),
    )


def _callbacks(run: Run, config: Config, plan: Plan, since: int) -> list[Callback]:
    mode = "min" if config.fit.monitor in LOWER_IS_BETTER else "max"
    per_epoch = len(plan.train) / config.fit.batch_size
    callbacks: list[Callback] = [Journal(run.folder, plan.steps, per_epoch, since)]
    if config.trainer.progress:
        callbacks.append(Bar(plan.steps))
    if config.fit.patience is not None:
        callbacks.append(EarlyStopping("score", patience=config.fit.patience, mode=mode, check_finite=False))
    kept: dict[str, Any] = {"dirpath": str(run.best.parent), "enable_version_counter": False}
    callbacks.append(ModelCheckpoint(filename=run.best.stem, monitor="score", mode=mode, save_top_k=1, **kept))
    # After the others, so that it holds what they know.
    callbacks.append(ModelCheckpoint(filename=run.last.stem, **kept))
    if config.fit.checkpoint_every is not None:
        every = config.fit.checkpoint_every
        callbacks.append(_Between(plan, filename=run.last.stem, every_n_train_steps=every, **kept))
    return callbacks


class _Between(ModelCheckpoint):
    """Checkpoints between validations: one written just before a validation would go on after it, and without it."""

    def __init__(self, plan: Plan, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._plan = plan

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Save, where no validation follows that does."""
        step = trainer.global_step
        if step % self._plan.validate_every and step < self._plan.steps:
            super().on_train_batch_end(trainer, pl_module, outputs, batch, batch_idx)


def _since(run: Run) -> int:
    """The step that the last checkpoint was written after; 0 where there is none."""
    if not run.last.is_file():
        return 0
    checkpoint = torch.load(run.last, map_location="cpu", weights_only=True, mmap=True)
    return int(checkpoint["global_step"])


@contextmanager
def _quiet() -> Iterator[None]:
    """Lightning's adverts, and its advice that does not hold here, are not shown."""
    loggers = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric", "lightning")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"lightning\..*")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
