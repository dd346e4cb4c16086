"""Words of a text with their character spans, and the word pieces that a model reads for them."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from seqmodels.tagger.spelling import characters_of
from seqmodels.tokens import Ragged

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Span = tuple[int, int]

# "anticancer" holds a cancer and "hMLH1" a gene; a Chinese character is a word, for their words are not parted.
_WORD = re.compile(r"[Aa]nti(?=cancer|tumou?r)|[hm](?=[A-Z]{2}[A-Z0-9]*\d)|[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+|[^\s]")


@dataclass(frozen=True)
class Pieces:
    """Word pieces of rows of words, special tokens around each row.

    `ids` are their numbers; `owners` the first piece of each word, as a position in its row; `inputs` what else the
    model takes of each piece: `characters` (pieces, LONGEST) of its word, and `words`, 1 at first pieces.
    """

    ids: Ragged
    owners: Ragged
    inputs: dict[str, Ragged]


def word_spans(text: str) -> list[Span]:
    """Character spans of the words of a text, in order: letters and digits that stand together, or one other sign."""
    return [match.span() for match in _WORD.finditer(text)]


def readable(word: str) -> str:
    """A word as it is given to a model: ligatures and full-width letters as plain ones (Unicode NFKC)."""
    return word if word.isascii() else unicodedata.normalize("NFKC", word).strip() or word


def pieces_of(tokenizer: "PreTrainedTokenizerBase", rows: Sequence[Sequence[str]]) -> Pieces:
    """The word pieces of rows of words; a word of which the tokenizer leaves nothing is an unknown one."""
    words = [[readable(word) for word in row] for row in rows]
    known = _known(tokenizer, words)
    ids: list[NDArray[np.int64]] = []
    owners: list[NDArray[np.int64]] = []
    characters: list[NDArray[np.uint8]] = []
    first, last = _ends(tokenizer)
    for row in words:
        own = [known[word] for word in row]
        lengths = np.fromiter(map(len, own), np.int64, len(own))
        ids.append(np.array([*first, *(piece for word in own for piece in word), *last], np.int64))
        owners.append(np.concatenate([[0], lengths.cumsum()])[:-1] + len(first))
        spelled = characters_of(row).repeat(lengths, axis=0)
        ends = [np.zeros((len(end), spelled.shape[1]), np.uint8) for end in (first, last)]
        characters.append(np.concatenate([ends[0], spelled, ends[1]]))
    begin = []
    for row_ids, row_owners in zip(ids, owners, strict=True):
        begun = np.zeros(len(row_ids), np.uint8)
        begun[row_owners] = 1
        begin.append(begun)
    inputs = {"characters": Ragged.of(characters, torch.uint8), "words": Ragged.of(begin, torch.uint8)}
    return Pieces(Ragged.of(ids), Ragged.of(owners), inputs)


def spread(pieces: Pieces, of_words: Sequence[NDArray[np.int64]], fill: int) -> Ragged:
    """What is said of words, laid on their first pieces; `fill` everywhere else.

    Args:
        pieces: of the rows.
        of_words: (words, ...) for each row.
        fill: for all other pieces.
    """
    shape = of_words[0].shape[1:] if of_words else ()
    values = torch.full((len(pieces.ids.values), *shape), fill, dtype=torch.int32)
    starts = pieces.ids.offsets[:-1].repeat_interleave(pieces.owners.lengths)
    values[pieces.owners.values.long() + starts] = torch.from_numpy(np.concatenate(of_words)).to(torch.int32)
    return Ragged(values, pieces.ids.offsets)


def piece_counts(tokenizer: "PreTrainedTokenizerBase", words: Sequence[str]) -> NDArray[np.int64]:
    """How many pieces each word has, int64 (words,)."""
    shown = [readable(word) for word in words]
    known = _known(tokenizer, [shown])
    return np.fromiter((len(known[word]) for word in shown), np.int64, len(shown))


def _known(tokenizer: "PreTrainedTokenizerBase", rows: Sequence[Sequence[str]]) -> dict[str, list[int]]:
    """The pieces of every different word."""
    different = list(dict.fromkeys(word for row in rows for word in row))
    if not different:
        return {}
    encoded = tokenizer(different, add_special_tokens=False, return_attention_mask=False, return_token_type_ids=False)
    unknown = tokenizer.unk_token_id
    return {word: own or [unknown] for word, own in zip(different, encoded["input_ids"], strict=True)}


def _ends(tokenizer: "PreTrainedTokenizerBase") -> tuple[list[int], list[int]]:
    framed: list[int] = tokenizer("a")["input_ids"]
    bare: list[int] = tokenizer("a", add_special_tokens=False)["input_ids"]
    at = framed.index(bare[0])
    return framed[:at], framed[at + len(bare) :]
