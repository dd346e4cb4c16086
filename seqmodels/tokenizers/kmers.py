"""Overlapping k-mers as tokens, as DNABERT reads them (Ji et al. 2021, doi:10.1093/bioinformatics/btab083)."""

from itertools import product
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqmodels.errors import ModelError
from seqmodels.tokenizers.nucleotides import LetterTokenizer, as_bytes, letter_table

_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_LETTERS = "ATCG"
_UNKNOWN = 4**8


def kmer_vocabulary(k: int) -> list[str]:
    """The published vocabulary of k-mers, 4^k + 5 tokens in their order."""
    return [*_SPECIAL, *("".join(letters) for letters in product(_LETTERS, repeat=k))]


class KmerTokenizer(LetterTokenizer):
    """Every k letters one token, the next one letter on; [CLS] before and [SEP] behind.

    A k-mer with another letter than A C G T is [UNK]. Text with spaces is taken as k-mers that are already cut, as
    DNABERT's own files have them.

    Args:
        vocab_file: a published vocab.txt; its k-mers say what k is.
        k: letters a token, 3 to 6 as published, where no file is given.
        fold_case: read a c g t as A C G T; the official tokenizer does not.
        **settings: as transformers' tokenizers take them.

    Raises:
        ModelError: a vocabulary that is not DNABERT's.
    """

    vocab_files_names = {"vocab_file": "vocab.txt"}  # noqa: RUF012 - as transformers types it
    model_input_names = ["input_ids", "token_type_ids", "attention_mask"]  # noqa: RUF012 - as transformers types it

    def __init__(
        self, vocab_file: str | PathLike[str] | None = None, k: int = 6, fold_case: bool = False, **settings: Any
    ) -> None:
        if vocab_file is not None:
            k = _published_k(Path(vocab_file))
        if not 1 <= k <= 8:
            raise ModelError(f"There are no tokens of {k} letters", "Choose k of 3 to 6, as published.")
        self.width = self.k = k
        self.fold_case = fold_case
        self._tokens = kmer_vocabulary(k)
        self._numbers = {token: number for number, token in enumerate(self._tokens)}
        letters = {letter: number for number, letter in enumerate(_LETTERS)}
        if fold_case:
            letters |= {letter.lower(): number for letter, number in letters.items()}
        self._table = letter_table(letters, _UNKNOWN)
        own = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
        settings = {**own, "special_tokens_pattern": "cls_sep", **settings}
        super().__init__(k=k, fold_case=fold_case, **settings)  # type: ignore[no-untyped-call]

    @property
    def vocab_size(self) -> int:
        """Number of tokens."""
        return len(self._tokens)

    def get_vocab(self) -> dict[str, int]:
        """Ids by token."""
        return {**self._numbers, **self.added_tokens_encoder}

    def ids(self, sequence: str) -> NDArray[np.int64]:
        """Ids of a sequence's k-mers without special tokens, (len(sequence) - k + 1,), none where it is shorter."""
        count = max(0, len(sequence) - self.k + 1)
        letters, numbers = self._table[as_bytes(sequence)], np.zeros(count, np.int64)
        # A letter that is none of the four makes a number larger than any k-mer's, wherever in it it stands.
        for place in range(self.k):
            numbers *= len(_LETTERS)
            numbers += letters[place : place + count]
        unknown = self._numbers["[UNK]"]
        return np.where(numbers < len(_LETTERS) ** self.k, numbers + len(_SPECIAL), unknown)

    def save_vocabulary(self, save_directory: str, filename_prefix: str | None = None) -> tuple[str, ...]:
        """Write vocab.txt as published."""
        path = Path(save_directory) / f"{filename_prefix + '-' if filename_prefix else ''}vocab.txt"
        path.write_text("\n".join(self._tokens), encoding="ascii")
        return (str(path),)

    def _plain(self, text: str) -> bool:
        return "[" not in text and not any(letter.isspace() for letter in text)

    def _tokenize(self, text: str, **_: Any) -> list[str]:
        words = text.split() if any(letter.isspace() for letter in text) else self._cut(text)
        return [word.upper() for word in words] if self.fold_case else words

    def _cut(self, text: str) -> list[str]:
        return [text[start : start + self.k] for start in range(len(text) - self.k + 1)]

    def _convert_token_to_id(self, token: str) -> int:
        return self._numbers.get(token, self._numbers["[UNK]"])

    def _convert_id_to_token(self, index: int) -> str:
        return self._tokens[index] if 0 <= index < len(self._tokens) else "[UNK]"


def _published_k(path: Path) -> int:
    tokens = path.read_text(encoding="utf-8").split()
    k = len(tokens[-1]) if tokens else 0
    if not 1 <= k <= 8 or tokens != kmer_vocabulary(k):
        raise ModelError(
            f"{path} is not a vocabulary of DNABERT: {len(tokens)} tokens, the last {tokens[-1:]}",
            "Take the vocab.txt of DNABERT 3 to 6 (zhihan1996/DNA_bert_6), or pass k alone.",
        )
    return k
