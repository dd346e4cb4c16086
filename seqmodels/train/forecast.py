"""What a run will cost, from a step or two that are timed before it starts."""

import math
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch

from seqmodels.train.batches import OrderedBatches, TrainBatches
from seqmodels.train.examples import Batch
from seqmodels.train.module import Training

# Adam keeps two averages of every trained weight.
_MOMENTS = 2
# A forward pass without gradients takes about a third of a training step.
_FORWARD = 1 / 3
_QUICK = 2.0
_TIMED = 4


@dataclass(frozen=True)
class Forecast:
    """Steps, seconds and bytes of a run on one device; `parameters` of the model, `trained` those that change.

    `memory` is the process's peak on a CPU, the device's on a GPU.
    """

    parameters: int
    trained: int
    steps: int
    seconds_per_step: float
    seconds: float
    memory: int
    device: str

    def __str__(self) -> str:
        minutes, hours = self.seconds / 60, self.seconds / 3600
        time_needed = (
            f"{self.seconds:.0f} s" if minutes < 2 else f"{minutes:.0f} min" if hours < 2 else f"{hours:.1f} h"
        )
        return (
            f"{self.parameters:,} parameters, {self.trained:,} of them trained; {self.steps:,} steps of "
            f"{self.seconds_per_step:.3g} s: about {time_needed}, {self.memory / 2**30:.2g} GiB on {self.device}"
        )


def forecast(
    module: Training, train: TrainBatches, validation: OrderedBatches, validations: int, device: str, precision: str
) -> Forecast:
    """Time a step and measure its memory; weights, buffers and random numbers are left as they were.

    Args:
        module: on the CPU or the device.
        train: the batches to come; the longest rows are tried too.
        validation: the batches of one validation.
        validations: how many there will be at most.
        device: torch's name of it.
        precision: Lightning's name of it.
    """
    buffers = {name: buffer.clone() for name, buffer in module.named_buffers()}
    module.to(device)
    module.train_weights()
    if device != "cpu":
        torch.cuda.reset_peak_memory_stats()
    _step(module, _longest(train), device, precision)
    seconds = list(_timed(module, train, device, precision))
    memory = _peak(device)
    module.zero_grad(set_to_none=True)
    for name, buffer in module.named_buffers():
        buffer.copy_(buffers[name])
    module.cpu()
    if device != "cpu":
        torch.cuda.empty_cache()
    parameters = sum(weight.numel() for weight in module.parameters())
    trained = sum(weight.numel() for weight in module.parameters() if weight.requires_grad)
    each = math.fsum(seconds) / len(seconds)
    per_step = each * train.accumulate
    checking = validations * len(validation) * each * _FORWARD
    total = train.steps * per_step + checking
    return Forecast(parameters, trained, train.steps, per_step, total, memory + 4 * _MOMENTS * trained, device)


def _timed(module: Training, train: TrainBatches, device: str, precision: str) -> Iterator[float]:
    for number in range(_TIMED):
        start = time.perf_counter()
        _step(module, train.part(number * train.steps * train.accumulate // _TIMED), device, precision)
        elapsed = time.perf_counter() - start
        yield elapsed
        if elapsed > _QUICK:
            return


def _step(module: Training, batch: Batch, device: str, precision: str) -> None:
    batch = {name: values.to(device) for name, values in batch.items()}
    with _precision(device, precision):
        loss = module.loss(batch)
    loss.backward()
    if device != "cpu":
        torch.cuda.synchronize()


def _precision(device: str, precision: str) -> AbstractContextManager[object]:
    if not precision.endswith("mixed"):
        return nullcontext()
    return torch.autocast(device.partition(":")[0], torch.bfloat16 if precision.startswith("bf16") else torch.float16)


def _longest(train: TrainBatches) -> Batch:
    """A batch of the longest rows, which takes the most memory."""
    size = math.ceil(train.batch_size / (train.accumulate * train.world))
    ordered = OrderedBatches(train.examples, min(size, len(train.examples)), train.seed, change=train.change)
    return {name: values for name, values in next(iter(ordered)).items() if name != "rows"}


def _peak(device: str) -> int:
    if device != "cpu":
        return int(torch.cuda.max_memory_allocated())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
