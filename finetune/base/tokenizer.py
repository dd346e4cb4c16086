"""The small model's tokenizer: byte-level BPE of Qwen2's kind, trained on our texts, with a chat template for tools."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from finetune.base.template import TEMPLATE

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

END = "<|im_end|>"
_PAD = "<|endoftext|>"
_SPECIAL = (_PAD, "<|im_start|>", END)
# Plain tokens of their own, as in Qwen2.5: what a client reads calls by stays in the decoded text.
_PLAIN = ("<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>")
# How Qwen2 splits text before merging (transformers, Qwen2Tokenizer): each digit is a token.
_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_HAN = r"[\p{Han}]+"


def trained_tokenizer(texts: Iterable[str], vocabulary: int) -> "PreTrainedTokenizerBase":
    """A tokenizer of about `vocabulary` tokens with the template of `finetune.base.template`.

    No merge is learnt across Chinese and other letters, so that a name is cut the same inside a Chinese sentence.
    It is a Qwen2Tokenizer: loaders rebuild one as such for a model of that family, and get the very same.
    """
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
    from transformers import Qwen2Tokenizer

    learner = Tokenizer(models.BPE())
    learner.normalizer = normalizers.NFC()
    learner.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_HAN), "isolated"),
            pre_tokenizers.Split(Regex(_WORDS), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    added = len(_SPECIAL) + len(_PLAIN)
    learner.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=vocabulary - added,
            min_frequency=2,
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        ),
    )
    merges = _merges(learner.to_str())
    tokenizer = Qwen2Tokenizer(
        vocab=learner.get_vocab(), merges=merges, eos_token=END, pad_token=_PAD, model_max_length=4096
    )
    tokenizer.add_special_tokens({"additional_special_tokens": [_SPECIAL[1]]})
    tokenizer.add_tokens(list(_PLAIN))
    tokenizer.chat_template = TEMPLATE
    return tokenizer


def _merges(told: str) -> Any:
    return [(left, right) for left, right in json.loads(told)["model"]["merges"]]
