"""Batches in an order that the seed and the step alone decide."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

from seqmodels.train.examples import Batch, Examples
from seqmodels.train.seeds import generator

# Steps whose rows are sorted by length together: more save padding, fewer leave more to chance.
_POOL = 50

Change = Callable[[Batch, torch.Generator], Batch]


@dataclass
class TrainBatches:
    """The batches of a whole training run, beginning at part `start`; a step is `accumulate` parts.

    Every row comes once an epoch, in an order drawn for that epoch; a step may reach into the next one. With
    `like_lengths`, rows of like length come in one step, so that little is padded. Each of `world` processes reads its
    own share of a part. `change` alters a batch at random (masking).
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
    like_lengths: bool = False
    start: int = 0
    _orders: dict[int, Tensor] = field(default_factory=dict, init=False, repr=False)

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
        rows = self._order(epoch)[inside : inside + self.batch_size]
        while len(rows) < self.batch_size:
            epoch += 1
            rows = torch.cat([rows, self._order(epoch)[: self.batch_size - len(rows)]])
        return rows

    def _order(self, epoch: int) -> Tensor:
        if epoch not in self._orders:
            # A step needs the epoch that it begins in and those that it reaches into.
            self._orders = {known: order for known, order in self._orders.items() if known > epoch - 2}
            self._orders[epoch] = self._drawn(epoch)
        return self._orders[epoch]

    def _drawn(self, epoch: int) -> Tensor:
        """The order of an epoch; by like lengths it is sorted a few steps at a time, and the steps are drawn again."""
        random, count = generator(self.seed, "order", epoch), len(self.examples)
        rows = torch.randperm(count, generator=random)
        if self.examples.forward is None or not self.like_lengths:
            return rows
        lengths = self.examples.forward.ids.lengths
        begun = -epoch * count % self.batch_size  # rows that fill the step begun in the epoch before
        pools = rows[begun:].split(_POOL * self.batch_size)
        steps = [step for pool in pools for step in pool[lengths[pool].argsort(stable=True)].split(self.batch_size)]
        whole = [step for step in steps if len(step) == self.batch_size]
        order = torch.randperm(len(whole), generator=random).tolist()
        return torch.cat([rows[:begun], *(whole[number] for number in order), *steps[len(whole) :]])


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
