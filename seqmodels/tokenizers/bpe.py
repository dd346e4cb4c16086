"""Byte-pair tokens of DNA, as DNABERT-2 reads it (Zhou et al. 2024, arXiv:2306.15006).

A tokenizer is its tokenizer.json and nothing else: letters A C G T and what they merge to, [CLS] and [SEP] around a
sequence, one [UNK] for each other letter. The official one also knows no lower case: every soft-masked base is [UNK].
Fold the case to read it, which tokenizer.json then says too, so that it is folded wherever the tokenizer is loaded.
"""

import re
from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path

from tokenizers import Tokenizer, normalizers
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from tokenizers.trainers import BpeTrainer
from transformers import PreTrainedTokenizerFast

from seqmodels.errors import ModelError

# Ids 0 to 4, in this order.
_SPECIAL = {
    "unk_token": "[UNK]",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "mask_token": "[MASK]",
}
_BASES = "ACGT"
_KNOWN_BASES = re.compile(f"[{_BASES}]+")
# A word of the trainer: it holds every word in memory, and no merge reaches over a word's end.
_PIECE = 1000


def load_bpe(source: str | PathLike[str], *, fold_case: bool = False) -> PreTrainedTokenizerFast:
    """A tokenizer by hub id or from a folder with tokenizer.json; code beside it is never run.

    Args:
        source: `zhihan1996/DNABERT-2-117M`, the folder of a model, or what `save_pretrained` wrote.
        fold_case: read a c g t as A C G T; without it case is as the file says, and the official one has no a c g t.

    Raises:
        ModelError: nothing there, or the tokenizer is of another kind.
    """
    if Path(source).is_dir() and not (Path(source) / "tokenizer.json").is_file():
        raise ModelError(f"{source} holds no tokenizer.json", "Copy it there from the model that the folder is of.")
    try:
        tokenizer: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(str(source))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"No tokenizer is found at {source} ({str(error).splitlines()[0]})",
            "Name a folder with tokenizer.json, or a model that can be downloaded here.",
        ) from error
    absent = sorted({*_SPECIAL.values(), *_BASES} - set(tokenizer.get_vocab()))
    if absent:
        raise ModelError(
            f"The tokenizer of {source} has no {', '.join(absent)}", "Name one that is of DNABERT-2's kind."
        )
    # A folder may have lost tokenizer_config.json, which says what the special tokens are for.
    tokenizer.add_special_tokens(dict(_SPECIAL))
    return _folding(tokenizer) if fold_case else tokenizer


def train_bpe(sequences: Iterable[str], vocabulary: int = 4096, *, fold_case: bool = True) -> PreTrainedTokenizerFast:
    """A new tokenizer of the same kind, for pre-training from scratch.

    Only A C G T in upper case are learnt from (`seqmodels.data.fasta.read_fasta` gives upper case): merges do not reach
    over other letters, nor over the ends of pieces of 1,000 bases.

    Args:
        sequences: DNA; of a large genome a sample, for all of it is held in memory, at tens of bytes a base.
        vocabulary: number of tokens, special ones and single bases included; fewer where the sequences give no more.
        fold_case: whether the new tokenizer reads a c g t as A C G T.

    Raises:
        ModelError: a vocabulary without room for the bases, or sequences without one.
    """
    smallest = len(_SPECIAL) + len(_BASES)
    if vocabulary < smallest:
        raise ModelError(f"A vocabulary of {vocabulary} has no room for the bases", f"Ask for {smallest} or more.")
    tokenizer = Tokenizer(BPE(unk_token=_SPECIAL["unk_token"]))
    tokenizer.pre_tokenizer = Whitespace()
    trainer = BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(_SPECIAL.values()),
        initial_alphabet=list(_BASES),
        show_progress=False,
    )
    pieces = _pieces(sequences)
    first = next(pieces, None)
    if first is None:
        raise ModelError("There is no A, C, G or T to learn tokens from", "Give DNA sequences in upper case.")
    tokenizer.train_from_iterator(_followed(first, pieces), trainer)
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")],
    )
    trained = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **_SPECIAL)
    return _folding(trained) if fold_case else trained


def _pieces(sequences: Iterable[str]) -> Iterator[str]:
    for sequence in sequences:
        for run in _KNOWN_BASES.finditer(sequence):
            yield from (run[0][start : start + _PIECE] for start in range(0, len(run[0]), _PIECE))


def _followed(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _folding(tokenizer: PreTrainedTokenizerFast) -> PreTrainedTokenizerFast:
    backend = tokenizer.backend_tokenizer
    before = [backend.normalizer] if backend.normalizer else []
    backend.normalizer = normalizers.Sequence([*before, *(normalizers.Replace(base.lower(), base) for base in _BASES)])
    return tokenizer
