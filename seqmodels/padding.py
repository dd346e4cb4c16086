"""Batches without their padding: real tokens one behind the other, and the groups that are computed side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from seqmodels.errors import ModelError


@dataclass(frozen=True)
class Group:
    """Neighbouring sequences of a packed batch that are computed side by side, `width` places each.

    `slots` (tokens,) int64 says which of the `sequences * width` places each token takes; None where every place is
    taken.
    """

    sequences: int
    width: int
    slots: Tensor | None

    @property
    def tokens(self) -> int:
        """How many real tokens the group has."""
        return self.sequences * self.width if self.slots is None else len(self.slots)

    def widen(self, packed: Tensor) -> Tensor:
        """States (tokens, ...) as (sequences, width, ...); places that no token takes are 0."""
        if self.slots is not None:
            places = packed.new_zeros(self.sequences * self.width, *packed.shape[1:])
            packed = places.index_copy(0, self.slots, packed)
        return packed.view(self.sequences, self.width, *packed.shape[1:])

    def narrow(self, wide: Tensor) -> Tensor:
        """States (sequences, width, ...) as (tokens, ...)."""
        places = wide.flatten(0, 1)
        return places if self.slots is None else places.index_select(0, self.slots)

    def taken(self) -> Tensor | None:
        """Which places hold a token, bool (sequences, width); None where all do."""
        if self.slots is None:
            return None
        places = torch.zeros(self.sequences * self.width, dtype=torch.bool, device=self.slots.device)
        return places.index_fill(0, self.slots, True).view(self.sequences, self.width)


@dataclass(frozen=True)
class Packing:
    """Where the real tokens of a padded batch (batch, length) lie.

    `index` (tokens,) int64 are their places in the flattened batch: sequences from the longest to the shortest, tokens
    in their order. `rows` and `starts` say of each packed sequence which row of the batch it is and where in it the
    first real token stands. `groups` follow one another and cover all tokens.
    """

    shape: tuple[int, int]
    index: Tensor
    rows: tuple[int, ...]
    starts: tuple[int, ...]
    groups: tuple[Group, ...]

    @classmethod
    def of(cls, mask: Tensor, slack: float = 0.0, multiple: int = 1) -> "Packing":
        """Pack by a mask (batch, length) that is not 0 at real tokens; they may stand anywhere in their row.

        Args:
            mask: any dtype.
            slack: how much shorter than the longest a sequence of a group may be, as a share of the longest. With 0
                only equal lengths share a group, and nothing is padded.
            multiple: groups of sequences of unequal length get a width that is a multiple of this.

        Raises:
            ModelError: the mask has not two dimensions.
        """
        if mask.dim() != 2:
            raise ModelError(
                f"The attention mask has shape {tuple(mask.shape)}",
                "Give one of shape (batch, length) with 1 at real tokens and 0 at padding.",
            )
        real = mask != 0
        length = real.shape[1]
        counts = real.sum(1)
        starts = real.long().argmax(1) if length else counts
        ends = length - real.flip(1).long().argmax(1) if length else counts
        spans = torch.where(counts > 0, ends - starts, 0)
        order = torch.argsort(spans, descending=True, stable=True)
        # One copy from the device for all that Python has to know.
        known = torch.stack([order, spans[order], starts[order], counts[order]]).tolist()
        kept = sum(span > 0 for span in known[1])
        order = order[:kept]
        rank, column = real[order].nonzero(as_tuple=True)
        place = column - starts[order][rank]
        index = order[rank] * length + column
        groups = tuple(_groups(known[1][:kept], known[3][:kept], rank, place, slack, multiple))
        return cls((real.shape[0], length), index, tuple(known[0][:kept]), tuple(known[2][:kept]), groups)

    def pack(self, padded: Tensor) -> Tensor:
        """Real tokens (tokens, ...) of a padded batch (batch, length, ...)."""
        return padded.flatten(0, 1).index_select(0, self.index)

    def unpack(self, packed: Tensor) -> Tensor:
        """Padded batch (batch, length, ...) of packed tokens (tokens, ...): exactly 0 at padding."""
        places = packed.new_zeros(self.shape[0] * self.shape[1], *packed.shape[1:])
        return places.index_copy(0, self.index, packed).view(*self.shape, *packed.shape[1:])

    def unpack_maps(self, maps: Sequence[Tensor]) -> Tensor:
        """Maps between tokens, (sequences, heads, width, width) a group, as (batch, heads, length, length).

        Rows and columns of padding are 0.
        """
        batch, length = self.shape
        padded = maps[0].new_zeros(batch, maps[0].shape[1], length, length)
        own = (each for of_group in maps for each in of_group)
        for row, start, each in zip(self.rows, self.starts, own, strict=True):
            end = min(start + each.shape[-1], length)
            padded[row, :, start:end, start:end] = each[:, : end - start, : end - start]
        real = self.unpack(torch.ones_like(self.index, dtype=padded.dtype))
        return padded * real[:, None, :, None] * real[:, None, None, :]


def _groups(
    spans: list[int], counts: list[int], rank: Tensor, place: Tensor, slack: float, multiple: int
) -> Iterator[Group]:
    """Cut sequences, given from the longest to the shortest, into groups of like length."""
    if not spans:
        return
    cuts = [0]
    for number, span in enumerate(spans):
        if span < (1 - slack) * spans[cuts[-1]]:
            cuts.append(number)
    token = 0
    for first, last in pairwise([*cuts, len(spans)]):
        sequences, width, tokens = last - first, spans[first], sum(counts[first:last])
        part = slice(token, token + tokens)
        token += tokens
        if tokens == sequences * width:
            yield Group(sequences, width, None)
        else:
            width += -width % multiple
            yield Group(sequences, width, (rank[part] - first) * width + place[part])


def mean_over_real(states: Tensor, mask: Tensor | None) -> Tensor:
    """Mean of token states (batch, length, dimension) over real tokens, (batch, dimension); 0 where a row has none.

    Args:
        states: at padding they may be anything that is finite.
        mask: (batch, length), not 0 at real tokens; None where all are real.
    """
    if mask is None:
        return states.mean(1)
    real = (mask != 0).to(states.dtype)
    return torch.einsum("bld,bl->bd", states, real) / real.sum(1, keepdim=True).clamp(min=1)
