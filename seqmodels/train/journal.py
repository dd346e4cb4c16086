"""What a run writes while it trains: a CSV of figures, TensorBoard's log, and a bar."""

import csv
import math
import os
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from tensorboardX import SummaryWriter
from tqdm import tqdm

from seqmodels.train.errors import RunError
from seqmodels.train.module import Training

COLUMNS = ("step", "epoch", "figure", "value")
_LINES = 500


class Journal(Callback):
    """Appends figures to `metrics.csv` (step, epoch, figure, value) and to TensorBoard's log.

    A run that is gone on with first drops what was written after the checkpoint that it goes on from.

    Args:
        folder: the run's.
        steps: of the whole run; the training loss is written about 500 times.
        steps_per_epoch: to tell epochs by.
        since: the step that the run goes on from.
    """

    def __init__(self, folder: Path, steps: int, steps_per_epoch: float, since: int) -> None:
        self._path = folder / "metrics.csv"
        self._every = max(1, steps // _LINES)
        self._steps_per_epoch = steps_per_epoch
        self._since = since
        self._board_folder = folder / "tensorboard"
        self._board: SummaryWriter | None = None
        self._losses: list[Any] = []

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Open the files."""
        del pl_module
        if trainer.is_global_zero:
            _drop_after(self._path, self._since)
            self._board = SummaryWriter(str(self._board_folder), purge_step=self._since + 1, write_to_disk=True)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Keep the loss; write the mean of those since the last line."""
        del pl_module, batch, batch_idx
        self._losses.append(outputs["loss"].detach())
        if trainer.global_step % self._every or trainer.fit_loop._should_accumulate():
            return
        loss = float(trainer.strategy.reduce(torch.stack(self._losses).mean(), reduce_op="mean"))
        self._losses.clear()
        if trainer.is_global_zero:
            if not math.isfinite(loss):
                raise RunError(f"The loss is {loss} at step {trainer.global_step}", "Say a smaller fit.learning_rate.")
            rate = trainer.optimizers[0].param_groups[0]["lr"]
            self._write(trainer.global_step, {"train/loss": loss, "train/learning_rate": rate})

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the validation's scores."""
        if trainer.is_global_zero and isinstance(pl_module, Training):
            figures = {f"validation/{name}": value for name, value in pl_module.validated.items()}
            self._write(trainer.global_step, figures)

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Close TensorBoard's log."""
        del trainer, pl_module, stage
        if self._board is not None:
            self._board.close()

    def _write(self, step: int, figures: dict[str, float]) -> None:
        with self._path.open("a", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            if file.tell() == 0:
                rows.writerow(COLUMNS)
            rows.writerows(
                (step, f"{step / self._steps_per_epoch:.4f}", name, repr(value)) for name, value in figures.items()
            )
        assert self._board is not None
        for name, value in figures.items():
            self._board.add_scalar(name, value, step)


class Bar(Callback):
    """A bar on standard error, where that is a terminal."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._bar: tqdm | None = None

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Show the bar, as far as the run has come."""
        del pl_module
        if trainer.is_global_zero:
            # Disabled by None where standard error is no terminal.
            self._bar = tqdm(total=self._steps, initial=trainer.global_step, disable=None, dynamic_ncols=True)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Move the bar."""
        del pl_module, outputs, batch, batch_idx
        if self._bar is not None:
            self._bar.update(trainer.global_step - self._bar.n)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Show the last scores."""
        del trainer
        if self._bar is not None and isinstance(pl_module, Training):
            shown = {name: f"{value:.4g}" for name, value in pl_module.validated.items()}
            self._bar.set_postfix(shown)

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Leave the bar as it stands."""
        del trainer, pl_module, stage
        if self._bar is not None:
            self._bar.close()


def read_figures(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """The figures of a run by name, each a list of (step, value)."""
    found: dict[str, list[tuple[int, float]]] = {}
    with (folder / "metrics.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["figure"], []).append((int(row["step"]), float(row["value"])))
    return found


def _drop_after(path: Path, step: int) -> None:
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as file:
        # A process that was killed may have left half a line.
        rows = [row for row in csv.reader(file) if len(row) == len(COLUMNS) and row[0].isdecimal()]
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *(row for row in rows if int(row[0]) <= step)])
    unfinished.replace(path)
