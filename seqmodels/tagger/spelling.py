"""How words are written: the letter case, digits and Greek letters that an uncased vocabulary has lost."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

LONGEST = 16
"""Characters of a word that are looked at: the first ten and the last six of a longer one."""

_HEAD = 10
_PRINTABLE = range(33, 127)
_GREEK, _HAN, _OTHER = len(_PRINTABLE) + 1, len(_PRINTABLE) + 2, len(_PRINTABLE) + 3
CHARACTERS = _OTHER + 1
"""Kinds of characters: 0 for none, one for each of printable ASCII, and Greek, Chinese and other letters."""


def characters_of(words: Sequence[str]) -> NDArray[np.uint8]:
    """Kinds of the characters of words, uint8 (words, LONGEST), 0 behind the last."""
    return np.array([_kinds(word) for word in words], np.uint8).reshape(-1, LONGEST)


@lru_cache(maxsize=65536)
def _kinds(word: str) -> tuple[int, ...]:
    shown = word if len(word) <= LONGEST else word[:_HEAD] + word[_HEAD - LONGEST :]
    return tuple(map(_kind, shown)) + (0,) * (LONGEST - len(shown))


def _kind(letter: str) -> int:
    if ord(letter) in _PRINTABLE:
        return ord(letter) - _PRINTABLE.start + 1
    name = unicodedata.name(letter, "")
    return _GREEK if name.startswith("GREEK") else _HAN if name.startswith("CJK") else _OTHER


class Spelling(nn.Module):
    """Features of the characters of words: a convolution whose greatest answers are kept.

    After Ma and Hovy 2016, doi:10.18653/v1/P16-1101.

    Args:
        width: features of a word.

    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.letters = nn.Embedding(CHARACTERS, 16, padding_idx=0)
        self.triples = nn.Conv1d(16, width, 3, padding=1)

    def forward(self, characters: Tensor) -> Tensor:
        """Features (..., width) of characters (..., LONGEST), int64; each spelling is looked at once."""
        words, inverse = torch.unique(characters.flatten(0, -2), dim=0, return_inverse=True)
        seen = self.triples(self.letters(words).transpose(1, 2)).amax(-1)
        return functional.gelu(seen)[inverse].view(*characters.shape[:-1], -1)
