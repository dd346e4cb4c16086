"""Single nucleotides as tokens, as HyenaDNA reads them (Nguyen et al. 2023, arXiv:2306.15794).

Ids are looked up for a whole sequence at once: a million bases take milliseconds.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import BatchEncoding, PreTrainedTokenizer

from seqmodels.errors import ModelError

NUCLEOTIDES = {
    token: number
    for number, token in enumerate(
        ["[CLS]", "[SEP]", "[BOS]", "[MASK]", "[PAD]", "[RESERVED]", "[UNK]", "A", "C", "G", "T", "N"]
    )
}
"""The published vocabulary."""


class LetterTokenizer(PreTrainedTokenizer):
    """A tokenizer of overlapping or single letters, every `width` letters one token, with ids looked up at once.

    Beside what transformers' tokenizers take it gives `offset_mapping` where `return_offsets_mapping=True`: for each
    token the letters `start:end` that it covers, (0, 0) for special tokens.
    """

    model_input_names = ["input_ids", "attention_mask"]  # noqa: RUF012 - as transformers types it
    width: int = 1

    def ids(self, sequence: str) -> NDArray[np.int64]:
        """Ids of a sequence without special tokens, (len(sequence) - width + 1,), or none where it is shorter."""
        raise NotImplementedError

    def _encode_plus(  # type: ignore[override]
        self, text: Any, text_pair: Any = None, return_offsets_mapping: bool = False, **options: Any
    ) -> BatchEncoding:
        if options.get("is_split_into_words"):
            return super()._encode_plus(text, text_pair, **options)
        pair = None if text_pair is None else self._looked_up(text_pair)
        if not return_offsets_mapping:
            return super()._encode_plus(self._looked_up(text), pair, **options)
        tensors = options.pop("return_tensors", None)
        wanted = options.pop("return_special_tokens_mask", False)
        encoding = super()._encode_plus(self._looked_up(text), pair, return_special_tokens_mask=True, **options)
        encoding["offset_mapping"] = self._offsets(text, encoding["special_tokens_mask"])
        if not wanted:
            del encoding["special_tokens_mask"]
        converted: BatchEncoding = encoding.convert_to_tensors(tensors)
        return converted

    def _looked_up(self, text: Any) -> Any:
        """Sequences as ids; those that write out special tokens, and what is no sequence, as they are."""
        if isinstance(text, str):
            # The base class takes an empty list for an empty batch.
            return self.ids(text).tolist() if self._plain(text) and len(text) >= self.width else text
        if isinstance(text, list | tuple) and text and isinstance(text[0], str):
            return [self._looked_up(sequence) for sequence in text]
        return text

    def _plain(self, text: str) -> bool:
        return "[" not in text

    def _offsets(self, text: Any, special: Any) -> Any:
        if not isinstance(text, str):
            return [self._offsets(sequence, mask) for sequence, mask in zip(text, special, strict=True)]
        if not self._plain(text):
            raise ModelError(
                f"{text[:40]!r} is no bare sequence, so that its tokens have no place in one",
                "Ask for offsets of sequences without special tokens written out.",
            )
        real = [place for place, mark in enumerate(special) if not mark]
        # Where the sequence was cut on the left, its first tokens are gone.
        cut = max(0, len(text) - self.width + 1) - len(real) if self.truncation_side == "left" else 0
        offsets = [(0, 0)] * len(special)
        for number, place in enumerate(real, cut):
            offsets[place] = (number, number + self.width)
        return offsets


class NucleotideTokenizer(LetterTokenizer):
    """Tokens A C G T N, one [UNK] for each other letter.

    As it stands it is the tokenizer of the newer published layout but for padding, which is on the right: a causal
    model reads pads that come first. Pre-training read a sequence and [SEP], without [CLS].

    Args:
        fold_case: read a c g t n as A C G T N; the official tokenizer gives [UNK] for every soft-masked base.
        add_cls: put [CLS] before a sequence, as the standalone official code does.
        add_sep: put [SEP] behind it.
        padding_side: "left" is official.
        **settings: as transformers' tokenizers take them.
    """

    vocab_files_names = {}  # noqa: RUF012 - as transformers types it

    def __init__(
        self,
        fold_case: bool = False,
        add_cls: bool = False,
        add_sep: bool = True,
        padding_side: str = "right",
        **settings: Any,
    ) -> None:
        self.fold_case, self.add_cls, self.add_sep = fold_case, add_cls, add_sep
        self._known = {token: number for token, number in NUCLEOTIDES.items() if len(token) == 1}
        if fold_case:
            self._known |= {token.lower(): number for token, number in self._known.items()}
        self._table = letter_table(self._known, NUCLEOTIDES["[UNK]"])
        own = {f"{name}_token": f"[{name.upper()}]" for name in ("bos", "sep", "cls", "pad", "mask", "unk")}
        super().__init__(  # type: ignore[no-untyped-call]
            fold_case=fold_case,
            add_cls=add_cls,
            add_sep=add_sep,
            padding_side=padding_side,
            **{**own, "eos_token": "[SEP]", **settings},
        )

    @property
    def vocab_size(self) -> int:
        """Number of tokens."""
        return len(NUCLEOTIDES)

    def get_vocab(self) -> dict[str, int]:
        """Ids by token."""
        return {**NUCLEOTIDES, **self.added_tokens_encoder}

    def ids(self, sequence: str) -> NDArray[np.int64]:
        """Ids of a sequence without special tokens, (len(sequence),)."""
        return self._table[as_bytes(sequence)]

    def build_inputs_with_special_tokens(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """A sequence, or two, with the special tokens that were asked for."""
        start, end = ([NUCLEOTIDES[token]] for token in ("[CLS]", "[SEP]"))
        framed = (start if self.add_cls else []) + token_ids_0 + (end if self.add_sep else [])
        return framed if token_ids_1 is None else framed + token_ids_1 + (end if self.add_sep else [])

    def get_special_tokens_mask(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None, already_has_special_tokens: bool = False
    ) -> list[int]:
        """1 at special tokens, 0 at bases."""
        if already_has_special_tokens:
            return super().get_special_tokens_mask(token_ids_0, token_ids_1, True)
        end = [1] * self.add_sep
        mask = [1] * self.add_cls + [0] * len(token_ids_0) + end
        return mask if token_ids_1 is None else mask + [0] * len(token_ids_1) + end

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Tokens side by side."""
        return "".join(tokens)

    def save_vocabulary(self, save_directory: str, filename_prefix: str | None = None) -> tuple[str, ...]:  # noqa: ARG002 - the base class names the parameters
        """There is no vocabulary to choose, hence no file."""
        return ()

    def _tokenize(self, text: str, **_: Any) -> list[str]:
        return list(text)

    def _convert_token_to_id(self, token: str) -> int:
        return self._known.get(token, NUCLEOTIDES.get(token, NUCLEOTIDES["[UNK]"]))

    def _convert_id_to_token(self, index: int) -> str:
        return _TOKENS[index] if 0 <= index < len(_TOKENS) else "[UNK]"


_TOKENS = list(NUCLEOTIDES)


def as_bytes(sequence: str) -> NDArray[np.uint8]:
    """The letters of a sequence as ASCII codes, a question mark for each other letter."""
    return np.frombuffer(sequence.encode("ascii", "replace"), np.uint8)


def letter_table(known: dict[str, int], other: int) -> NDArray[np.int64]:
    """What each ASCII code stands for, (256,): `known` letters' numbers, and `other`."""
    table = np.full(256, other, np.int64)
    for letter, number in known.items():
        table[ord(letter)] = number
    return table
