"""Batches in an order that the seed and the step alone decide."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from seqmodels.train.examples import Batch, Examples
from seqmodels.train.seeds import generator

Change = Callable[[Batch, torch.Generator], Batch]


@dataclass
class TrainBatches:
    """The batches of a whole training run, beginning at part `start`; a step is `accumulate` parts.

    Every row comes once an epoch, in an order drawn for that epoch; a step may reach into the next one. Each of `world`
    processes reads its own share of a part. `change` alters a batch at random (masking).
    """

    examples: Examples
    seed: int
    steps: int
    batch_size: int
    accumulate: int = 1
    world: int = 1
    rank: int = 0
    both_strands: bool = False
    change: Change | None = None
    start: int = 0

    def __iter__(self) -> Iterator[Batch]:
        """From `start` to the last step's last part."""
        for part in range(self.start, self.steps * self.accumulate):
            yield self.part(part)

    def part(self, number: int) -> Batch:
        """One part, counted from the run's beginning; the same whenever it is asked for."""
        step, part = divmod(number, self.accumulate)
        size = self.batch_size // (self.accumulate * self.world)
        first = (part * self.world + self.rank) * size
        rows = self._rows(step * self.batch_size)[first : first + size]
        flipped = None
        if self.both_strands:
            drawn = torch.rand(self.batch_size, generator=generator(self.seed, "strand", step)) < 0.5
            flipped = drawn[first : first + size]
        batch = self.examples.batch(rows, flipped)
        return self.change(batch, generator(self.seed, "change", step, first)) if self.change else batch

    def _rows(self, place: int) -> Tensor:
        """The rows of the step that begins at a place in the endless row of epochs."""
        epoch, inside = divmod(place, len(self.examples))
        rows = _order(self.seed, epoch, len(self.examples))[inside : inside + self.batch_size]
        while len(rows) < self.batch_size:
            epoch += 1
            rows = torch.cat([rows, _order(self.seed, epoch, len(self.examples))[: self.batch_size - len(rows)]])
        return rows


@lru_cache(maxsize=2)
def _order(seed: int, epoch: int, rows: int) -> Tensor:
    return torch.randperm(rows, generator=generator(seed, "order", epoch))


@dataclass
class OrderedBatches:
    """All rows once, those of like length together, so that little is padded; a batch names its `rows`.

    Each of `world` processes reads every `world`-th batch, all equally many of them: one that is there for its number
    alone has no `rows`.
    """

    examples: Examples
    batch_size: int
    seed: int = 0
    world: int = 1
    rank: int = 0
    change: Change | None = None

    def __len__(self) -> int:
        return math.ceil(self._batches / self.world)

    def __iter__(self) -> Iterator[Batch]:
        """Longest first, so that memory that does not suffice is found out at once."""
        order = torch.arange(len(self.examples))
        if self.examples.forward is not None:
            order = self.examples.forward.ids.lengths.argsort(descending=True, stable=True)
        for turn in range(len(self)):
            number = min(turn * self.world + self.rank, self._batches - 1)
            rows = order[number * self.batch_size : (number + 1) * self.batch_size]
            batch = self.examples.batch(rows)
            if self.change:
                batch = self.change(batch, generator(self.seed, "held out", number))
            yield {**batch, "rows": rows if turn * self.world + self.rank == number else rows[:0]}

    @property
    def _batches(self) -> int:
        return math.ceil(len(self.examples) / self.batch_size)
