"""Sequences as token ids, tokenised once and held flat, so that a batch is a few tensor operations."""

from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqmodels.errors import ModelError
from seqmodels.tokenizers.nucleotides import LetterTokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from seqmodels.backbones import Backbone

_SEQUENCES_AT_ONCE = 4096
IGNORED = -100
"""The label that no loss and no score counts."""


@dataclass(frozen=True)
class Ragged:
    """Rows of unequal length, one behind the other: row i of `values` (total, ...) is `offsets[i]:offsets[i + 1]`."""

    values: Tensor
    offsets: Tensor

    @classmethod
    def of(cls, rows: Iterable[NDArray[Any] | Tensor | Sequence[int]], dtype: torch.dtype = torch.int32) -> "Ragged":
        """Hold these rows."""
        arrays = [torch.as_tensor(row, dtype=dtype) for row in rows]
        lengths = torch.tensor([0, *(len(array) for array in arrays)], dtype=torch.int64)
        return cls(torch.cat(arrays) if arrays else torch.empty(0, dtype=dtype), lengths.cumsum(0))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Tensor:
        """Length of each row, int64 (n,)."""
        return self.offsets.diff()

    def row(self, number: int) -> Tensor:
        """One row's values."""
        return self.values[self.offsets[number] : self.offsets[number + 1]]

    def take(self, rows: Tensor) -> "Ragged":
        """These rows, in this order."""
        inside, lengths = self._places(rows)
        reached = torch.arange(inside.shape[1]) < lengths[:, None]
        offsets = torch.cat([torch.zeros(1, dtype=torch.int64), lengths.cumsum(0)])
        return Ragged(self.values[inside[reached]], offsets)

    def padded(self, rows: Tensor, fill: int) -> tuple[Tensor, Tensor]:
        """These rows side by side, int64 (rows, longest, ...), and which places are real, bool (rows, longest)."""
        inside, lengths = self._places(rows)
        real = torch.arange(inside.shape[1]) < lengths[:, None]
        values = self.values[inside.clamp(max=max(0, len(self.values) - 1))].long()
        return values.masked_fill_(~real.view(*real.shape, *[1] * (values.ndim - 2)), fill), real

    def _places(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        lengths = self.lengths[rows]
        longest = int(lengths.max()) if len(rows) else 0
        return self.offsets[rows][:, None] + torch.arange(longest), lengths


def token_ids(backbone: "Backbone", sequences: Sequence[str], *, whole: bool = True) -> Ragged:
    """Token ids of sequences.

    Args:
        backbone: whose tokenizer and limit hold.
        sequences: letters in the case that the tokenizer knows.
        whole: with the special tokens that the model has around a sequence, to be read at once; otherwise bare, of any
            length.

    Raises:
        ModelError: a whole sequence is longer than the model takes.
    """
    assert backbone.tokenizer is not None, "a model of genotypes has no tokens"
    if isinstance(backbone.tokenizer, LetterTokenizer):
        ragged = _looked_up(backbone.tokenizer, sequences, special=whole and backbone.family.special_tokens)
    else:
        ragged = _tokenised(backbone.tokenizer, sequences, special=whole and backbone.family.special_tokens)
    if whole:
        refuse_longer(ragged, backbone, sequences)
    return ragged


def _looked_up(tokenizer: LetterTokenizer, sequences: Sequence[str], *, special: bool) -> Ragged:
    """Ids by a table of letters, without a Python object for each."""
    framed = tokenizer.build_inputs_with_special_tokens([-1]) if special else [-1]
    at = framed.index(-1)
    first, last = np.array(framed[:at], np.int64), np.array(framed[at + 1 :], np.int64)
    rows = [tokenizer.ids(sequence) for sequence in sequences]
    lengths = np.fromiter((len(row) + len(framed) - 1 for row in rows), np.int64, len(rows))
    parts = [part for row in rows for part in (first, row, last)]
    values = np.concatenate([*parts, np.empty(0, np.int64)]).astype(np.int32)
    return Ragged(torch.from_numpy(values), torch.from_numpy(np.concatenate([[0], lengths.cumsum()])))


def _tokenised(tokenizer: "PreTrainedTokenizerBase", sequences: Sequence[str], *, special: bool) -> Ragged:
    """Ids by transformers' own ways."""
    options = {
        "add_special_tokens": special,
        "return_attention_mask": False,
        "return_token_type_ids": False,
        "verbose": False,
    }
    values, lengths = [np.empty(0, np.int32)], [np.empty(0, np.int64)]
    for start in range(0, len(sequences), _SEQUENCES_AT_ONCE):
        rows = tokenizer(list(sequences[start : start + _SEQUENCES_AT_ONCE]), **options)["input_ids"]
        lengths.append(np.fromiter(map(len, rows), np.int64, len(rows)))
        values.append(np.fromiter(chain.from_iterable(rows), np.int32, int(lengths[-1].sum())))
    offsets = np.concatenate([[0], np.concatenate(lengths).cumsum()])
    return Ragged(torch.from_numpy(np.concatenate(values)), torch.from_numpy(offsets))


def refuse_longer(ids: Ragged, backbone: "Backbone", sequences: Sequence[Sized]) -> None:
    """Raise ModelError where a row has more tokens than the model takes."""
    limit, longest = backbone.limit, int(ids.lengths.max()) if len(ids) else 0
    if limit is not None and longest > limit:
        at = int(ids.lengths.argmax())
        raise ModelError(
            f"Row {at + 1} has {longest:,} tokens ({len(sequences[at]):,} letters or words), the model takes {limit:,}",
            "Cut the sequences into windows, or take a model for longer ones (HyenaDNA).",
        )


def owners(tokenizer: "PreTrainedTokenizerBase", ids: Tensor, bases: int) -> Tensor:
    """The token that answers for each base, as a position in `ids`; int64 (bases,).

    A base belongs to the token that covers it; where tokens overlap (k-mers of stride 1), to the one whose middle is
    nearest.

    Args:
        tokenizer: the one that made `ids`.
        ids: token ids of one sequence, special tokens included, (tokens,).
        bases: the sequence's length.

    Raises:
        ModelError: the tokens do not cover the sequence.
    """
    special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
    words = [position for position, token in enumerate(ids.tolist()) if token not in special]
    if len(words) == bases:
        return torch.tensor(words, dtype=torch.int64)
    if isinstance(tokenizer, LetterTokenizer) and words and len(words) == bases - tokenizer.width + 1:
        width = tokenizer.width
        nearest = (torch.arange(bases) - width // 2).clamp(0, len(words) - 1)
        return torch.tensor(words)[nearest]
    texts = tokenizer.convert_ids_to_tokens([int(ids[position]) for position in words])
    widths = [1 if text == tokenizer.unk_token else len(text) for text in texts]
    if sum(widths) == bases:
        return torch.tensor(words).repeat_interleave(torch.tensor(widths))
    raise ModelError(
        f"{len(words)} tokens do not cover a sequence of {bases} bases",
        "Take a tokenizer that reads every letter, or write unknown bases as N.",
    )
