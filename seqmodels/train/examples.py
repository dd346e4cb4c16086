"""Rows as tensors, ready before training starts, so that a batch is a few tensor operations."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from seqmodels.tokens import IGNORED, Ragged

Batch = dict[str, Tensor]


@dataclass(frozen=True)
class Strand:
    """Token ids of every row, and a label for every token where tokens are labelled.

    `token_inputs` is what else the model takes of every token, 0 where there is none.
    """

    ids: Ragged
    token_labels: Ragged | None = None
    token_inputs: Mapping[str, Ragged] = field(default_factory=dict)


@dataclass(frozen=True)
class Units:
    """What tokens answer for: bases or words. `owners` is the token of each unit, `truth` the unit's label."""

    owners: Ragged
    truth: Ragged


@dataclass(frozen=True)
class Examples:
    """Inputs and labels of rows.

    `forward` holds the token ids, `reverse` those of the other strand where training takes both; `matrix` stands in
    their place where the input is no sequence; `labels` (rows,) int64 or (rows, outputs) float32; `inputs` is what else
    the model takes, (rows,) each; `units` only where tokens are labelled.
    """

    forward: Strand | None = None
    reverse: Strand | None = None
    matrix: Mapping[str, Tensor] = field(default_factory=dict)
    labels: Tensor | None = None
    inputs: Mapping[str, Tensor] = field(default_factory=dict)
    units: Units | None = None
    pad: int = 0

    def __len__(self) -> int:
        return len(self.forward.ids) if self.forward else len(next(iter(self.matrix.values())))

    @property
    def longest(self) -> int:
        """Tokens of the longest row."""
        return int(self.forward.ids.lengths.max()) if self.forward else 1

    def take(self, rows: Tensor) -> "Examples":
        """These rows, in this order."""
        return replace(
            self,
            forward=_taken(self.forward, rows),
            reverse=_taken(self.reverse, rows),
            matrix={name: values[rows] for name, values in self.matrix.items()},
            labels=None if self.labels is None else self.labels[rows],
            inputs={name: values[rows] for name, values in self.inputs.items()},
            units=self.units and Units(self.units.owners.take(rows), self.units.truth.take(rows)),
        )

    def batch(self, rows: Tensor, flipped: Tensor | None = None) -> Batch:
        """The tensors of some rows: `input_ids`, `attention_mask`, `labels` and what else there is.

        Args:
            rows: row numbers, int64.
            flipped: which of them are read from the other strand, bool.
        """
        tensors = {name: values[rows] for name, values in (*self.matrix.items(), *self.inputs.items())}
        if self.labels is not None:
            tensors["labels"] = self.labels[rows]
        if self.forward is None:
            return tensors
        if flipped is None or self.reverse is None or not flipped.any():
            return tensors | _padded(self.forward, rows, self.pad)
        return tensors | _mixed(self.forward, self.reverse, rows, flipped, self.pad)


def _taken(strand: Strand | None, rows: Tensor) -> Strand | None:
    if strand is None:
        return None
    inputs = {name: values.take(rows) for name, values in strand.token_inputs.items()}
    return Strand(strand.ids.take(rows), strand.token_labels and strand.token_labels.take(rows), inputs)


def _padded(strand: Strand, rows: Tensor, pad: int) -> Batch:
    ids, real = strand.ids.padded(rows, pad)
    tensors = {"input_ids": ids, "attention_mask": real.long()}
    tensors |= {name: values.padded(rows, 0)[0] for name, values in strand.token_inputs.items()}
    if strand.token_labels is not None:
        tensors["labels"] = strand.token_labels.padded(rows, IGNORED)[0]
    return tensors


def _mixed(forward: Strand, reverse: Strand, rows: Tensor, flipped: Tensor, pad: int) -> Batch:
    """A batch some of whose rows are read from the other strand, which may have another number of tokens."""
    parts = _padded(forward, rows[~flipped], pad), _padded(reverse, rows[flipped], pad)
    longest = max(part["input_ids"].shape[1] for part in parts)
    fills = {"input_ids": pad, "attention_mask": 0, "labels": IGNORED}
    order = torch.cat([(~flipped).nonzero()[:, 0], flipped.nonzero()[:, 0]]).argsort()
    return {name: torch.cat([_widened(part[name], longest, fills[name]) for part in parts])[order] for name in parts[0]}


def _widened(values: Tensor, width: int, fill: int) -> Tensor:
    return torch.nn.functional.pad(values, (0, width - values.shape[1]), value=fill)
