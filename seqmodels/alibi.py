"""Attention with linear biases (ALiBi; Press et al. 2022, arXiv:2108.12409), in its symmetric form for encoders.

The bias of head h between places i and j is -slope[h] * |i - j|. It is never stored as heads x length x length: with
keys in reverse order it depends on i + j alone, so that a strided view of one line of numbers a head is the whole
matrix, and the CPU's blocked attention reads it as it is. GPU kernels want aligned rows, hence blocks of bounded size.
"""

import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from seqmodels.padding import Group

# Numbers in one block of biases: 12 heads at 512 tokens fit.
_BLOCK = 2**22
# Added to the scores of places without a token: exp of it is 0 in every dtype, and fp16 can hold it.
_OFF = -1e4
# Kernels want the dimension of a head to be a multiple of 8.
_ALIGNED = 8


def alibi_slopes(heads: int) -> Tensor:
    """Slopes of the heads, float32 (heads,).

    A geometric series for a power of two; otherwise that of the power below, then every other one of the power above
    (Press et al. 2022, arXiv:2108.12409, and their code).
    """
    below = 2 ** (heads.bit_length() - 1)
    series = [2 ** (-8 * number / below) for number in range(1, below + 1)]
    between = [2 ** (-4 * number / below) for number in range(1, 2 * below, 2)]
    return torch.tensor([*series, *between][:heads], dtype=torch.float32)


class Alibi:
    """The biases of one forward pass, shared by its layers.

    Args:
        heads: of the attention.
        longest: the greatest width of a group.
        device: of the states.
    """

    def __init__(self, heads: int, longest: int, device: torch.device) -> None:
        self._longest = longest
        self._slopes = alibi_slopes(heads).to(device)
        distances = torch.arange(1 - longest, longest, device=device).abs()
        # (heads, 2 * longest - 1): the bias at distances from 1 - longest to longest - 1.
        self._line = self._slopes[:, None] * -distances.float()
        self._whole: dict[tuple[int, torch.dtype], Tensor] = {}

    @property
    def heads(self) -> int:
        """Of the attention."""
        return len(self._slopes)

    def reversed_keys(self, width: int) -> Tensor:
        """Biases (1, heads, width, width) of places to places in reverse order: a view of one line a head."""
        row = self._line.shape[1]
        return self._line.as_strided((1, self.heads, width, width), (0, row, 1, 1), self._longest - width)

    def block(self, start: int, end: int, width: int, dtype: torch.dtype) -> Tensor:
        """Biases (1, heads, end - start, width) of the places from `start` to `end` to all."""
        if (start, end) == (0, width):
            # Every layer's backward pass holds on to its bias: they hold the same one.
            if (width, dtype) not in self._whole:
                self._whole[width, dtype] = _aligned(self._rows(0, width, width).to(dtype))
            return self._whole[width, dtype]
        return _aligned(self._rows(start, end, width).to(dtype))

    def _rows(self, start: int, end: int, width: int) -> Tensor:
        return self.reversed_keys(width)[:, :, start:end].flip(-1)


def _aligned(bias: Tensor) -> Tensor:
    """The same with rows that begin at multiples of 8: GPU kernels would make such a copy at every layer."""
    width = bias.shape[-1]
    return functional.pad(bias, (0, -width % _ALIGNED))[..., :width]


def attend(qkv: Tensor, group: Group, alibi: Alibi, dropout: float = 0.0) -> Tensor:
    """Attention of the sequences of one group, each to itself, by scaled dot products.

    Args:
        qkv: packed queries, keys and values of the group, (tokens, 3, heads, dimension).
        group: how the tokens are shared out among sequences.
        alibi: the biases.
        dropout: share of attention weights set to 0.

    Returns:
        Packed states (tokens, heads * dimension).
    """
    dimension = qkv.shape[-1]
    query, key, value = _parts(qkv, group)
    if qkv.is_cpu and not dropout:
        # The blocked kernel reads float32 biases beside any dtype, and autocast would copy the view.
        with torch.autocast("cpu", enabled=False):
            out = functional.scaled_dot_product_attention(
                query, key.flip(2), value.flip(2), alibi.reversed_keys(group.width), scale=dimension**-0.5
            )
    else:
        out = _in_blocks(query, key, value, alibi, dropout, dimension**-0.5)
    return group.narrow(out[..., :dimension].transpose(1, 2).flatten(2))


def attend_with_maps(qkv: Tensor, group: Group, alibi: Alibi, dropout: float = 0.0) -> tuple[Tensor, Tensor]:
    """As `attend`, with the attention maps (sequences, heads, width, width) written out.

    The maps are those before dropout; rows of places without a token mean nothing.
    """
    dimension = qkv.shape[-1]
    query, key, value = _parts(qkv, group)
    scores = query @ key.transpose(-1, -2) * dimension**-0.5
    maps = (scores.float() + alibi.block(0, group.width, group.width, torch.float32)).softmax(-1).to(query.dtype)
    out = functional.dropout(maps, dropout) @ value
    return group.narrow(out[..., :dimension].transpose(1, 2).flatten(2)), maps


def _parts(qkv: Tensor, group: Group) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values, each (sequences, heads, width, dimension).

    Where places are without a token, one more column turns their keys off, so that the bias stays the same for all
    sequences of the group.
    """
    wide = group.widen(qkv)
    taken = group.taken()
    if taken is not None:
        wide = functional.pad(wide, (0, _ALIGNED))
        column = wide.shape[-1] - _ALIGNED
        wide[:, :, 0, :, column] = qkv.shape[-1] ** 0.5
        wide[:, :, 1, :, column] = torch.where(taken, 0.0, _OFF)[:, :, None].to(wide.dtype)
    query, key, value = wide.permute(2, 0, 3, 1, 4).unbind(0)
    return query, key, value


def _in_blocks(query: Tensor, key: Tensor, value: Tensor, alibi: Alibi, dropout: float, scale: float) -> Tensor:
    """Attention in blocks of queries, so that no more than a block of biases is there at a time."""
    width = query.shape[2]
    rows = max(1, _BLOCK // (alibi.heads * width))

    def attend_block(part: Tensor, start: int) -> Tensor:
        bias = alibi.block(start, start + part.shape[2], width, query.dtype)
        return functional.scaled_dot_product_attention(part, key, value, bias, dropout_p=dropout, scale=scale)

    if rows >= width:
        return attend_block(query, 0)
    blocks = []
    for start in range(0, width, rows):
        part = query[:, :, start : start + rows]
        if torch.is_grad_enabled():
            # The backward pass would keep every block's biases: it makes them anew.
            blocks.append(checkpoint(attend_block, part, start, use_reentrant=False))
        else:
            blocks.append(attend_block(part, start))
    return torch.cat(blocks, 2)
