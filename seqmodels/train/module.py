"""The Lightning module: one for every backbone and task."""

import math
from collections.abc import Iterator
from typing import Any

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn

from seqmodels.train.config import Fit
from seqmodels.train.errors import ConfigError
from seqmodels.train.examples import Batch, Examples
from seqmodels.train.head import Head
from seqmodels.train.losses import loss_of
from seqmodels.train.outcome import Outcome
from seqmodels.train.scores import LOWER_IS_BETTER, Scores
from seqmodels.train.seeds import seed_of

# One dimension: biases, and the weights of normalisation, which decay only harms.
_DECAYED_FROM = 2
# Less than a row of a hundred thousand changes a share, more than float32 rounds off.
_TIE = 1e-5


class Training(LightningModule):
    """Trains a model, and scores it on the validation rows.

    Every random number is drawn from the seed and the step, so that a run gone on with equals one that never stopped.
    """

    strict_loading = False

    def __init__(self, model: nn.Module, head: Head, fit: Fit, *, steps: int, seed: int, validation: Examples) -> None:
        super().__init__()
        self.model = model
        # What a model that keeps its own units (gMLP) calls a loss is in them; a tagger's is of several tags a word.
        self._own_loss = hasattr(model, "standardise_by") or hasattr(model, "track_losses")
        self.head = head
        self.validated: Scores = {}
        self._fit = fit
        self._steps = steps
        self._seed = seed
        self._validation = validation
        self._outcome = Outcome(validation, head)
        self._frozen = frozenset(
            f"model.{name}"
            for name, weight in model.named_parameters(remove_duplicate=False)
            if not weight.requires_grad
        )

    def outputs(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        """Logits of a batch, and the model's own loss in pre-training."""
        inputs = {name: values for name, values in batch.items() if name not in ("rows", "labels")}
        if self.head.kind == "tokens" or self._own_loss:
            output = self.model(**inputs, labels=batch["labels"])
            return output.logits, output.loss
        return self.model(**inputs).logits, None

    def loss(self, batch: Batch) -> Tensor:
        """The loss that training makes small."""
        logits, loss = self.outputs(batch)
        return loss_of(logits, batch["labels"], self.head, self._fit.label_smoothing) if loss is None else loss

    def on_fit_start(self) -> None:
        """Switch dropout on: models come from `from_pretrained` without it, and Lightning leaves them so."""
        self.train_weights()

    def train_weights(self) -> None:
        """Training mode, but for norms that an adapter leaves as they are: their running means belong to its base."""
        self.train()
        for module in self.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm) and not module.weight.requires_grad:
                module.train(False)

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        """Seed what is drawn inside the model."""
        del batch
        torch.manual_seed(seed_of(self._seed, "dropout", batch_idx, self.global_rank))

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """The loss of one part of a step."""
        del batch_idx
        return self.loss(batch)

    def on_train_batch_end(self, outputs: Any, batch: Batch, batch_idx: int) -> None:
        """Have the last weights validated too, wherever the end falls between validations."""
        del outputs, batch, batch_idx
        if self.trainer.global_step >= self._steps:
            self.trainer.should_stop = True

    def on_validation_epoch_start(self) -> None:
        """Forget the last validation."""
        self._outcome = Outcome(self._validation, self.head)

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Gather a batch's outputs."""
        del batch_idx
        logits, loss = self.outputs(batch)
        if len(batch["rows"]):
            self._outcome.add(batch, logits, loss)

    def on_validation_epoch_end(self) -> None:
        """Score all validation rows at once."""
        self.validated = self._gathered().figures()
        for name, value in self.validated.items():
            self.log(f"validation/{name}", value, rank_zero_only=False)
        self.log("score", chosen_by(self.validated, self._fit.monitor))

    def configure_optimizers(self) -> Any:
        """AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101) with a warm-up."""
        decayed = [weight for weight in self._trained() if weight.ndim >= _DECAYED_FROM]
        other = [weight for weight in self._trained() if weight.ndim < _DECAYED_FROM]
        groups = [{"params": decayed, "weight_decay": self._fit.weight_decay}, {"params": other, "weight_decay": 0.0}]
        optimizer = torch.optim.AdamW([group for group in groups if group["params"]], lr=self._fit.learning_rate)
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, self._rate)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Leave out what is not trained: an adapter's checkpoint holds the adapter and the head alone."""
        weights = checkpoint["state_dict"]
        checkpoint["state_dict"] = {name: value for name, value in weights.items() if name not in self._frozen}

    def _trained(self) -> Iterator[nn.Parameter]:
        return (weight for weight in self.parameters() if weight.requires_grad)

    def _rate(self, step: int) -> float:
        """The learning rate at a step, as a share of the highest."""
        warm = math.ceil(self._fit.warmup * self._steps)
        if step < warm:
            return (step + 1) / (warm + 1)
        gone = min(1.0, (step - warm) / max(1, self._steps - warm))
        if self._fit.schedule == "constant":
            return 1.0
        return 1 - gone if self._fit.schedule == "linear" else (1 + math.cos(math.pi * gone)) / 2

    def _gathered(self) -> Outcome:
        """The outcome of all processes."""
        if self.trainer.world_size == 1:
            return self._outcome
        return Outcome(
            self._validation,
            self.head,
            *([self._from_all(part)] for part in (
                self._outcome.rows, self._outcome.logits, self._outcome.losses, self._outcome.counts
            )),
        )  # fmt: skip

    def _from_all(self, parts: list[Tensor]) -> Tensor:
        """The parts of all processes behind one another, process by process."""
        own = torch.cat([torch.atleast_1d(part) for part in parts]).to(self.device) if parts else torch.empty(0)
        sizes = [int(size) for size in torch.atleast_1d(self._all(torch.tensor(len(own), device=self.device)))]
        padded = own.new_zeros((max(sizes), *own.shape[1:]))
        padded[: len(own)] = own
        everything = self._all(padded)
        return torch.cat([part[:size] for part, size in zip(everything, sizes, strict=True)]).cpu()

    def _all(self, values: Tensor) -> Tensor:
        gathered = self.all_gather(values)
        assert isinstance(gathered, Tensor)
        return gathered


def chosen_by(scores: Scores, monitor: str) -> float:
    """The score that weights are chosen by; where it is equal, as on few rows it often is, the loss decides.

    Raises ConfigError where there is no such score.
    """
    if monitor not in scores:
        raise ConfigError(f"There is no score {monitor!r} to choose by", f"fit.monitor is one of {', '.join(scores)}.")
    worse = 1 if monitor in LOWER_IS_BETTER else -1
    return scores[monitor] + worse * _TIE * math.tanh(scores["loss"])
