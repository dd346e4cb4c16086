"""The tagger: a BERT encoder that also sees spelling and marks, with a head of several tracks."""

from collections.abc import Sequence
from typing import Any, cast

import torch
from huggingface_hub.dataclasses import strict
from torch import Tensor, nn
from transformers import BertConfig, BertModel, PreTrainedModel
from transformers.modeling_outputs import TokenClassifierOutput

from seqmodels.tagger.crf import LinearChain
from seqmodels.tagger.spelling import LONGEST, Spelling
from seqmodels.tagger.track_head import TrackHead

MARKS = 3
"""What a token may be marked as: nothing, a gene, the trigger that is asked about."""


@strict
class TaggerConfig(BertConfig):
    """The shape of a tagger.

    `tracks` are the tags of each track, listed because config.json keeps no order of names (None: one track, whose tags
    are the labels of the config), `spelling_width` the features of a word's characters, `head_width` the units between
    states and tags, `head_dropout` the share of states that the head leaves out in training, `crf` whether tracks of
    IOB2 tags are linear chains.
    """

    model_type = "tagger"

    tracks: list[list[str]] | None = None
    spelling_width: int = 64
    head_width: int = 256
    head_dropout: float = 0.2
    crf: bool = False


def tracks_of(config: Any) -> Sequence[Sequence[str]]:
    """The tags of each track of a model."""
    if config.tracks is not None:
        return cast(Sequence[Sequence[str]], config.tracks)
    return [[config.id2label[number] for number in range(config.num_labels)]]


class Given(nn.Module):
    """What is added to the embeddings of tokens: how their words are written, and what they are marked as."""

    def __init__(self, spelling_width: int, hidden_size: int) -> None:
        super().__init__()
        self.spelling = Spelling(spelling_width)
        self.projection = nn.Linear(spelling_width, hidden_size)
        self.marks = nn.Embedding(MARKS, hidden_size, padding_idx=0)

    def forward(self, characters: Tensor, marks: Tensor) -> tuple[Tensor, Tensor]:
        """To be added (rows, tokens, hidden_size), and spelling (rows, tokens, spelling_width)."""
        spelling = self.spelling(characters)
        return self.projection(spelling) + self.marks(marks), spelling


class TaggerPreTrainedModel(PreTrainedModel):
    """What all taggers share."""

    base_model_prefix = "bert"
    main_input_name = "input_ids"
    supports_gradient_checkpointing = True
    _supports_sdpa = True

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        # Parts before the whole: what is added to a trained encoder begins as nothing, what reads it as torch has it.
        if isinstance(module, (nn.Linear, nn.Conv1d, nn.LayerNorm, nn.LSTM)):
            module.reset_parameters()
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.05)
            if module.padding_idx is not None:
                module.weight[module.padding_idx] = 0
        elif isinstance(module, LinearChain):
            for weight in module.parameters():
                nn.init.zeros_(weight)
        elif isinstance(module, Spelling):
            module.letters.reset_parameters()
        elif isinstance(module, Given):
            nn.init.zeros_(module.marks.weight)
            nn.init.zeros_(module.projection.weight)
            nn.init.zeros_(module.projection.bias)


class TrackTagger(TaggerPreTrainedModel):
    """Tags of words in context; `embedded` and `encoded` are the subclass's own."""

    track_losses = True

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.given = Given(config.spelling_width, config.hidden_size)
        self.head = TrackHead(
            config.hidden_size + config.spelling_width,
            config.head_width,
            tracks_of(config),
            crf=config.crf,
            dropout=config.head_dropout,
        )

    def embedded(self, input_ids: Tensor) -> Tensor:
        """Embeddings (rows, tokens, hidden_size) of word pieces."""
        raise NotImplementedError

    def encoded(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """States (rows, tokens, hidden_size) of embeddings."""
        raise NotImplementedError

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        characters: Tensor | None = None,
        marks: Tensor | None = None,
        words: Tensor | None = None,
        **_: Any,
    ) -> TokenClassifierOutput:
        """Scores of tags, and the loss.

        Args:
            input_ids: (rows, tokens) int64.
            attention_mask: (rows, tokens), 0 where padded.
            labels: (rows, tokens) int64, or (rows, tokens, tracks); -100 where not known.
            characters: (rows, tokens, LONGEST) int64, of each token's word; None: not known.
            marks: (rows, tokens) int64; None: nothing is marked.
            words: (rows, tokens), not 0 at the tokens that answer for words; None: at every token.
        """
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        if characters is None:
            characters = input_ids.new_zeros((*input_ids.shape, LONGEST))
        added, spelling = self.given(characters, torch.zeros_like(input_ids) if marks is None else marks)
        states = self.encoded(self.embedded(input_ids) + added, mask)
        answering = (mask if words is None else words * mask) > 0
        by_track = labels[..., None] if labels is not None and labels.ndim == 2 else labels
        logits, loss = self.head(torch.cat([states, spelling], -1), answering, by_track)
        return TokenClassifierOutput(loss=loss, logits=logits)


class TaggerForTokenClassification(TrackTagger):
    """A BERT encoder under the tracks."""

    config_class = TaggerConfig

    def __init__(self, config: TaggerConfig) -> None:
        super().__init__(config)
        self.bert = BertModel(config, add_pooling_layer=False)
        self.post_init()  # type: ignore[no-untyped-call]

    def embedded(self, input_ids: Tensor) -> Tensor:
        """Embeddings (rows, tokens, hidden_size) of word pieces, without their positions."""
        return cast(Tensor, self.bert.embeddings.word_embeddings(input_ids))

    def encoded(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """The encoder's last states (rows, tokens, hidden_size)."""
        return cast(Tensor, self.bert(inputs_embeds=embedded, attention_mask=mask).last_hidden_state)
