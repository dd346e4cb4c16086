"""DNABERT-2: a BERT over byte-pair tokens of DNA, with linear attention biases and gated layers.

Zhou et al. 2024, arXiv:2306.15006 (the model); Press et al. 2022, arXiv:2108.12409 (ALiBi); Shazeer 2020,
arXiv:2002.05202 (gated layers). Modules are named as in the published checkpoint, so that its weights load and what is
saved here loads there.

Padding is left out before the first layer: linear, gated and norm layers see real tokens only, and each sequence
attends to itself. What a sequence gives does not depend on what else is in its batch, nor on the side of the padding.

Where this differs from the original code, on purpose:
- No pooler: the published checkpoint has none, so that the original's classifier starts from random numbers. Sequences
  are represented by the mean of their token states.
- The original's config names no padding id, hence 0 is taken, which is [UNK]: its row never trains, and `labels > 0`
  leaves it out of the loss. Here padding is 3, as in the vocabulary; [UNK] (every N) is trained, and labels of -100
  are left out, as everywhere in transformers.
- Inputs longer than the 512 tokens of pre-training need no new table.
"""

import re
from os import PathLike
from typing import Any, Literal, Self

import torch
from huggingface_hub.dataclasses import strict
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.modeling_layers import GradientCheckpointingLayer
from transformers.modeling_outputs import (
    BaseModelOutput,
    MaskedLMOutput,
    SequenceClassifierOutput,
    TokenClassifierOutput,
)
from transformers.utils.generic import can_return_tuple

from seqmodels.alibi import Alibi, attend, attend_with_maps
from seqmodels.errors import ModelError
from seqmodels.padding import Packing, mean_over_real

LORA_TARGETS = ("Wqkv", "attention.output.dense", "mlp.gated_layers", "mlp.wo")
"""The linear layers of a block, by the ends of their names: where a low-rank adapter belongs."""

# On a GPU one kernel for like lengths is faster than one for each length.
_GPU_SLACK, _GPU_MULTIPLE = 0.5, 8
# How the names of weights begin that belong to a task.
_HEADS = ("cls.", "classifier.")
_POOLER = re.compile(r"(^|\.)pooler\.")
# Tokens whose gated states stay in the CPU's cache.
_TOKENS_AT_ONCE = 1024


@strict
class DNABert2Config(PreTrainedConfig):
    """Sizes and rates of a DNABERT-2; the defaults are those of DNABERT-2-117M.

    `max_position_embeddings` is the length of pre-training in tokens, and no limit. `sparse_prediction`: with labels,
    the masked-language model gives logits of the labelled tokens alone. Raises where `hidden_act` is not the exact
    GELU, the only one that the original has.
    """

    model_type = "dnabert2"

    vocab_size: int = 4096
    hidden_size: int = 768
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    intermediate_size: int = 3072
    type_vocab_size: int = 2
    max_position_embeddings: int = 512
    hidden_act: Literal["gelu"] = "gelu"
    layer_norm_eps: float = 1e-12
    hidden_dropout_prob: float = 0.1
    attention_probs_dropout_prob: float = 0.0
    classifier_dropout: float | None = None
    initializer_range: float = 0.02
    sparse_prediction: bool = False
    tie_word_embeddings: bool = True
    unk_token_id: int = 0
    cls_token_id: int = 1
    sep_token_id: int = 2
    pad_token_id: int = 3
    mask_token_id: int = 4

    def __post_init__(self, **kwargs: Any) -> None:
        # It points at the original's remote code, which what is saved here does not need.
        kwargs.pop("auto_map", None)
        super().__post_init__(**kwargs)  # type: ignore[no-untyped-call]
        if self.hidden_size % self.num_attention_heads:
            raise ModelError(
                f"{self.num_attention_heads} heads do not share {self.hidden_size} dimensions evenly",
                "Set hidden_size to a multiple of num_attention_heads.",
            )


class DNABert2Embeddings(nn.Module):
    """Word and segment embeddings, without positions."""

    def __init__(self, config: DNABert2Config) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(config.vocab_size, config.hidden_size)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, words: Tensor, segments: Tensor | None) -> Tensor:
        """States (tokens, hidden).

        Args:
            words: ids (tokens,), or their embeddings (tokens, hidden).
            segments: ids (tokens,); None means that all are 0.
        """
        embedded = words if words.is_floating_point() else self.word_embeddings(words)
        types = self.token_type_embeddings.weight[0] if segments is None else self.token_type_embeddings(segments)
        states: Tensor = self.dropout(self.LayerNorm(embedded + types))
        return states


class DNABert2SelfAttention(nn.Module):
    """Attention of each packed sequence to itself."""

    def __init__(self, config: DNABert2Config) -> None:
        super().__init__()
        self.heads = config.num_attention_heads
        self.dropout = config.attention_probs_dropout_prob
        self.Wqkv = nn.Linear(config.hidden_size, 3 * config.hidden_size)

    def forward(
        self, states: Tensor, packing: Packing, alibi: Alibi, write_maps: bool
    ) -> tuple[Tensor, list[Tensor] | None]:
        """States (tokens, hidden), and attention maps by group where they are to be written out."""
        qkv = self.Wqkv(states).unflatten(-1, (3, self.heads, -1))
        dropout = self.dropout if self.training else 0.0
        parts = qkv.split([group.tokens for group in packing.groups])
        each = list(zip(parts, packing.groups, strict=True))
        if not write_maps:
            return torch.cat([states[:0], *(attend(part, group, alibi, dropout) for part, group in each)]), None
        attended = [attend_with_maps(part, group, alibi, dropout) for part, group in each]
        return torch.cat([states[:0], *(out for out, _ in attended)]), [maps for _, maps in attended]


class DNABert2SelfOutput(nn.Module):
    """What follows attention: a linear layer, dropout, the residual and its norm."""

    def __init__(self, config: DNABert2Config) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, attended: Tensor, states: Tensor) -> Tensor:
        """States (tokens, hidden) after attention."""
        after: Tensor = self.LayerNorm(self.dropout(self.dense(attended)) + states)
        return after


class DNABert2Attention(nn.Module):
    """Attention with its output."""

    def __init__(self, config: DNABert2Config) -> None:
        super().__init__()
        self.self = DNABert2SelfAttention(config)
        self.output = DNABert2SelfOutput(config)

    def forward(
        self, states: Tensor, packing: Packing, alibi: Alibi, write_maps: bool
    ) -> tuple[Tensor, list[Tensor] | None]:
        """States (tokens, hidden), and attention maps by group where they are to be written out."""
        attended, maps = self.self(states, packing, alibi, write_maps)
        return self.output(attended, states), maps


class DNABert2GatedMLP(nn.Module):
    """Gated linear units: the first half of `gated_layers`, through the exact GELU, times the second."""

    def __init__(self, config: DNABert2Config) -> None:
        super().__init__()
        self.gated_layers = nn.Linear(config.hidden_size, 2 * config.intermediate_size, bias=False)
        self.wo = nn.Linear(config.intermediate_size, config.hidden_size)
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, states: Tensor) -> Tensor:
        """States (tokens, hidden) after the block."""
        if torch.is_grad_enabled() or not states.is_cpu:
            return self._block(states)
        return torch.cat([self._block(part) for part in states.split(_TOKENS_AT_ONCE)])

    def _block(self, states: Tensor) -> Tensor:
        gate, value = self.gated_layers(states).chunk(2, dim=-1)
        after: Tensor = self.layernorm(self.wo(self.dropout(functional.gelu(gate) * value)) + states)
        return after


class DNABert2Layer(GradientCheckpointingLayer):
    """One block: attention, then gated linear units, each with its norm behind it."""

    def __init__(self, config: DNABert2Config) -> None:
        super().__init__()
        self.attention = DNABert2Attention(config)
        self.mlp = DNABert2GatedMLP(config)

    def forward(
        self, states: Tensor, packing: Packing, alibi: Alibi, write_maps: bool
    ) -> tuple[Tensor, list[Tensor] | None]:
        """States (tokens, hidden), and attention maps by group where they are to be written out."""
        attended, maps = self.attention(states, packing, alibi, write_maps)
        return self.mlp(attended), maps


class DNABert2Encoder(nn.Module):
    """The blocks."""

    def __init__(self, config: DNABert2Config) -> None:
        super().__init__()
        self.layer = nn.ModuleList(DNABert2Layer(config) for _ in range(config.num_hidden_layers))


class DNABert2PreTrainedModel(PreTrainedModel):
    """What the models share: how weights start, load and are saved."""

    config: DNABert2Config
    config_class = DNABert2Config
    base_model_prefix = "bert"
    supports_gradient_checkpointing = True
    _supports_sdpa = True
    _no_split_modules = ["DNABert2Embeddings", "DNABert2Layer"]  # noqa: RUF012 - as transformers types it
    _input_embed_layer = "word_embeddings"

    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: str | PathLike[str] | None, *arguments: Any, **options: Any
    ) -> Self:
        """Load published or saved weights; the code beside them is never run.

        Args:
            pretrained_model_name_or_path: the hub id `zhihan1996/DNABERT-2-117M`, or a folder with config.json and
                model.safetensors or pytorch_model.bin.
            arguments: as in transformers.
            options: as in transformers.

        Returns:
            The model in eval mode; with `output_loading_info=True` also which weights had no place or no value.

        Raises:
            ModelError: a weight of the encoder is missing, or it is of another architecture.
            OSError: there is no such folder or hub id.
        """
        wants_report = options.pop("output_loading_info", False)
        loaded: Any = super().from_pretrained(
            pretrained_model_name_or_path, *arguments, output_loading_info=True, **options
        )
        model, report = loaded
        source, unexpected = str(pretrained_model_name_or_path), report["unexpected_keys"]
        _refuse_foreign(source, report["missing_keys"], unexpected)
        if hasattr(model, "classifier") and "classifier.weight" not in report["missing_keys"]:
            _refuse_pooled(source, unexpected)
        given: Self = loaded if wants_report else model
        return given

    @classmethod
    def _can_set_attn_implementation(cls) -> bool:
        # It is read at every forward pass; transformers would guess from the source whether it is.
        return True


def _refuse_foreign(source: str, missing: set[str], unexpected: set[str]) -> None:
    """An encoder with random weights, or without some of its own, would give numbers all the same."""
    lacking = sorted(name for name in missing if not name.startswith(_HEADS))
    if lacking:
        raise ModelError(
            f"{source} lacks {len(lacking)} weights of DNABERT-2's encoder, such as {lacking[0]}",
            "Fetch or copy it again, or name a checkpoint of a DNABERT-2.",
        )
    foreign = sorted(name for name in unexpected if not name.startswith(_HEADS) and not _POOLER.search(name))
    if foreign:
        raise ModelError(
            f"{source} is no DNABERT-2: it also has {len(foreign)} weights such as {foreign[0]}", "Name one that is."
        )


def _refuse_pooled(source: str, unexpected: set[str]) -> None:
    """A classifier that was trained on a pooler's output would answer from mean states without a word."""
    if any(_POOLER.search(name) for name in unexpected):
        raise ModelError(
            f"The classifier of {source} was fine-tuned with the original code and reads a pooler, which is not here",
            "Load its encoder with DNABert2Model, save that to a folder, and fine-tune a new head on it.",
        )


class DNABert2Model(DNABert2PreTrainedModel):
    """The bare encoder."""

    _keys_to_ignore_on_load_unexpected = [r"^cls\.", r"^classifier\."]  # noqa: RUF012 - as transformers types it

    def __init__(self, config: DNABert2Config) -> None:
        super().__init__(config)
        self.embeddings = DNABert2Embeddings(config)
        self.encoder = DNABert2Encoder(config)
        self.post_init()  # type: ignore[no-untyped-call]

    @can_return_tuple  # type: ignore[untyped-decorator]
    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        output_attentions: bool | None = None,
        output_hidden_states: bool | None = None,
    ) -> BaseModelOutput:
        """States of tokens.

        Args:
            input_ids: int64 (batch, length).
            attention_mask: (batch, length), 1 at real tokens, 0 at padding on whichever side; None where all are real.
            token_type_ids: int64 (batch, length), 0 for the first segment and 1 for the second; None means 0.
            inputs_embeds: word embeddings (batch, length, hidden) in place of `input_ids`.
            output_attentions: also give the maps of each layer, (batch, heads, length, length), 0 at padding.
            output_hidden_states: also give the states of each layer, the embeddings first.

        Returns:
            `last_hidden_state` (batch, length, hidden), exactly 0 at padding.

        Raises:
            ModelError: neither or both kinds of input, or a mask of another shape.
        """
        words, mask = self._words_and_mask(input_ids, inputs_embeds, attention_mask)
        packing = Packing.of(mask) if mask.is_cpu else Packing.of(mask, _GPU_SLACK, _GPU_MULTIPLE)
        longest = max((group.width for group in packing.groups), default=1)
        alibi = Alibi(self.config.num_attention_heads, longest, mask.device)
        segments = None if token_type_ids is None else packing.pack(token_type_ids.expand(packing.shape))
        states = self.embeddings(packing.pack(words), segments)

        write_maps = output_attentions or self.config._attn_implementation == "eager"
        all_states, all_maps = [states], []
        for layer in self.encoder.layer:
            states, maps = layer(states, packing, alibi, write_maps)
            if output_hidden_states:
                all_states.append(states)
            if output_attentions:
                all_maps.append(packing.unpack_maps(maps))
        return BaseModelOutput(
            last_hidden_state=packing.unpack(states),
            hidden_states=tuple(map(packing.unpack, all_states)) if output_hidden_states else None,
            attentions=tuple(all_maps) if output_attentions else None,
        )

    def _words_and_mask(
        self, input_ids: Tensor | None, inputs_embeds: Tensor | None, attention_mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        if input_ids is not None and inputs_embeds is None:
            self.warn_if_padding_and_no_attention_mask(input_ids, attention_mask)  # type: ignore[no-untyped-call]
            words = input_ids
        elif inputs_embeds is not None and input_ids is None:
            words = inputs_embeds
        else:
            raise ModelError("DNABERT-2 reads either input_ids or inputs_embeds", "Give exactly one of them.")
        if attention_mask is None:
            return words, torch.ones(words.shape[:2], dtype=torch.bool, device=words.device)
        if attention_mask.shape != words.shape[:2]:
            raise ModelError(
                f"The attention mask has shape {tuple(attention_mask.shape)}, the input {tuple(words.shape[:2])}",
                "Give a mask of shape (batch, length) with 1 at real tokens and 0 at padding.",
            )
        return words, attention_mask


class DNABert2Transform(nn.Module):
    """What a state goes through before it is compared with the vocabulary."""

    def __init__(self, config: DNABert2Config) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, states: Tensor) -> Tensor:
        """States (..., hidden) of the same shape."""
        after: Tensor = self.LayerNorm(functional.gelu(self.dense(states)))
        return after


class DNABert2Predictions(nn.Module):
    """Logits of the vocabulary; the decoder's weights are the word embeddings."""

    def __init__(self, config: DNABert2Config) -> None:
        super().__init__()
        self.transform = DNABert2Transform(config)
        self.decoder = nn.Linear(config.hidden_size, config.vocab_size)

    def forward(self, states: Tensor) -> Tensor:
        """Logits (..., vocabulary) of states (..., hidden)."""
        logits: Tensor = self.decoder(self.transform(states))
        return logits


class DNABert2MaskedLMHead(nn.Module):
    """The head of the masked-language model, under its name in the checkpoint."""

    def __init__(self, config: DNABert2Config) -> None:
        super().__init__()
        self.predictions = DNABert2Predictions(config)


class DNABert2ForMaskedLM(DNABert2PreTrainedModel):
    """The encoder with the head that names hidden tokens."""

    _tied_weights_keys = {  # noqa: RUF012 - as transformers types it
        "cls.predictions.decoder.weight": "bert.embeddings.word_embeddings.weight"
    }
    _keys_to_ignore_on_load_unexpected = [r"^classifier\."]  # noqa: RUF012 - as transformers types it

    def __init__(self, config: DNABert2Config) -> None:
        super().__init__(config)
        self.bert = DNABert2Model(config)
        self.cls = DNABert2MaskedLMHead(config)
        self.post_init()  # type: ignore[no-untyped-call]

    def get_output_embeddings(self) -> nn.Linear:
        """The decoder."""
        return self.cls.predictions.decoder

    def set_output_embeddings(self, new_embeddings: nn.Linear) -> None:
        """Replace the decoder."""
        self.cls.predictions.decoder = new_embeddings

    @can_return_tuple  # type: ignore[untyped-decorator]
    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        num_items_in_batch: Tensor | int | None = None,
        **options: Any,
    ) -> MaskedLMOutput:
        """Logits of the vocabulary at each token.

        Args:
            input_ids: as for `DNABert2Model`.
            attention_mask: as for `DNABert2Model`.
            labels: ids of the tokens to name, int64 (batch, length), -100 where none is asked for.
            num_items_in_batch: by what the summed loss is divided; None means the number of labels, at least 1.
            options: what else `DNABert2Model` takes.

        Returns:
            `logits` (batch, length, vocabulary); where the config asks for sparse prediction and labels are given
            (labels, vocabulary). With labels `loss`, the cross entropy.
        """
        outputs = self.bert(input_ids, attention_mask, return_dict=True, **options)
        states = outputs.last_hidden_state
        if labels is not None and self.config.sparse_prediction:
            states, labels = states[labels != -100], labels[labels != -100]
        logits = self.cls.predictions(states)
        loss = None
        if labels is not None:
            count = _label_count(labels) if num_items_in_batch is None else num_items_in_batch
            loss = self.loss_function(logits, labels, self.config.vocab_size, num_items_in_batch=count)
        return MaskedLMOutput(
            loss=loss, logits=logits, hidden_states=outputs.hidden_states, attentions=outputs.attentions
        )


def _label_count(labels: Tensor) -> Tensor:
    """How many labels count; 1 where none does, so that the loss of nothing is 0 and not NaN."""
    return (labels != -100).sum().clamp(min=1)


class DNABert2ForSequenceClassification(DNABert2PreTrainedModel):
    """The encoder with a linear head on the mean state of the real tokens, [CLS] and [SEP] included."""

    _keys_to_ignore_on_load_unexpected = [r"^cls\."]  # noqa: RUF012 - as transformers types it

    def __init__(self, config: DNABert2Config) -> None:
        super().__init__(config)
        self.bert = DNABert2Model(config)
        self.dropout = nn.Dropout(_classifier_dropout(config))
        self.classifier = _new_classifier(config)
        self.post_init()  # type: ignore[no-untyped-call]

    @can_return_tuple  # type: ignore[untyped-decorator]
    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        num_items_in_batch: Tensor | int | None = None,
        **options: Any,
    ) -> SequenceClassifierOutput:
        """Logits of a sequence.

        Args:
            input_ids: as for `DNABert2Model`.
            attention_mask: as for `DNABert2Model`.
            labels: by `config.problem_type`: int64 (batch,) for "single_label_classification", float
                (batch, num_labels) of 0 and 1 for "multi_label_classification", float (batch, num_labels) or
                (batch,) for "regression".
            num_items_in_batch: by what the summed cross entropy is divided; None means the batch.
            options: what else `DNABert2Model` takes.

        Returns:
            `logits` (batch, num_labels); with labels `loss`: cross entropy, binary cross entropy or squared error.
        """
        outputs = self.bert(input_ids, attention_mask, return_dict=True, **options)
        logits = self.classifier(self.dropout(mean_over_real(outputs.last_hidden_state, attention_mask)))
        loss = None
        if labels is not None:
            loss = self.loss_function(labels, logits, self.config, num_items_in_batch=num_items_in_batch)
        return SequenceClassifierOutput(
            loss=loss, logits=logits, hidden_states=outputs.hidden_states, attentions=outputs.attentions
        )


class DNABert2ForTokenClassification(DNABert2PreTrainedModel):
    """The encoder with a linear head on the state of each token."""

    _keys_to_ignore_on_load_unexpected = [r"^cls\."]  # noqa: RUF012 - as transformers types it

    def __init__(self, config: DNABert2Config) -> None:
        super().__init__(config)
        self.bert = DNABert2Model(config)
        self.dropout = nn.Dropout(_classifier_dropout(config))
        self.classifier = _new_classifier(config)
        self.post_init()  # type: ignore[no-untyped-call]

    @can_return_tuple  # type: ignore[untyped-decorator]
    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        num_items_in_batch: Tensor | int | None = None,
        **options: Any,
    ) -> TokenClassifierOutput:
        """Logits of each token.

        Args:
            input_ids: as for `DNABert2Model`.
            attention_mask: as for `DNABert2Model`.
            labels: int64 (batch, length), -100 where a token has none.
            num_items_in_batch: by what the summed loss is divided; None means the number of labels, at least 1.
            options: what else `DNABert2Model` takes.

        Returns:
            `logits` (batch, length, num_labels); with labels `loss`, the cross entropy.
        """
        outputs = self.bert(input_ids, attention_mask, return_dict=True, **options)
        logits = self.classifier(self.dropout(outputs.last_hidden_state))
        loss = None
        if labels is not None:
            count = _label_count(labels) if num_items_in_batch is None else num_items_in_batch
            loss = self.loss_function(logits, labels, self.config, num_items_in_batch=count)
        return TokenClassifierOutput(
            loss=loss, logits=logits, hidden_states=outputs.hidden_states, attentions=outputs.attentions
        )


def _classifier_dropout(config: DNABert2Config) -> float:
    return config.hidden_dropout_prob if config.classifier_dropout is None else config.classifier_dropout


def _new_classifier(config: DNABert2Config) -> nn.Linear:
    assert config.num_labels is not None, "transformers sets it to 2 where nobody says"
    return nn.Linear(config.hidden_size, config.num_labels)
