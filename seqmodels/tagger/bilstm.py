"""BiLSTM-CRF: the tagger that needs no pre-trained encoder.

Lample et al. 2016, doi:10.18653/v1/N16-1030; the characters are read as by Ma and Hovy 2016, doi:10.18653/v1/P16-1101.
"""

from collections.abc import Sequence
from typing import Any, cast

from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from transformers import PreTrainedConfig

from seqmodels.tagger.model import TrackTagger

LORA_TARGETS = ("projection",)


class BiLSTMConfig(PreTrainedConfig):
    """The shape of a BiLSTM tagger.

    Args:
        vocab_size: word pieces.
        hidden_size: width of the embeddings, and of both directions' states together.
        num_hidden_layers: LSTM layers.
        tracks: the tags of each track; None: one track, whose tags are the labels of the config.
        spelling_width: features of a word's characters.
        head_width: units between states and tags.
        head_dropout: share of states left out in training.
        crf: whether tracks of IOB2 tags are linear chains.

    """

    model_type = "bilstm"

    def __init__(
        self,
        vocab_size: int = 30522,
        hidden_size: int = 256,
        num_hidden_layers: int = 1,
        tracks: Sequence[Sequence[str]] | None = None,
        spelling_width: int = 64,
        head_width: int = 128,
        head_dropout: float = 0.4,
        crf: bool = True,
        **kwargs: Any,
    ) -> None:
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        self.num_hidden_layers = num_hidden_layers
        self.tracks = tracks
        self.spelling_width = spelling_width
        self.head_width = head_width
        self.head_dropout = head_dropout
        self.crf = crf
        super().__init__(**kwargs)


class BiLSTMForTokenClassification(TrackTagger):
    """LSTMs in both directions under the tracks."""

    config_class = BiLSTMConfig
    base_model_prefix = "encoder"
    supports_gradient_checkpointing = False

    def __init__(self, config: BiLSTMConfig) -> None:
        super().__init__(config)
        self.pieces = nn.Embedding(config.vocab_size, config.hidden_size, padding_idx=config.pad_token_id)
        self.dropout = nn.Dropout(config.head_dropout)
        self.lstm = nn.LSTM(
            config.hidden_size,
            config.hidden_size // 2,
            config.num_hidden_layers,
            batch_first=True,
            bidirectional=True,
        )
        self.post_init()  # type: ignore[no-untyped-call]

    def embedded(self, input_ids: Tensor) -> Tensor:
        """Embeddings (rows, tokens, hidden_size) of word pieces."""
        return cast(Tensor, self.pieces(input_ids))

    def encoded(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """States (rows, tokens, hidden_size) of both directions; what is padded changes none of them."""
        lengths = mask.sum(1).clamp(min=1).cpu()
        read = pack_padded_sequence(self.dropout(embedded), lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.lstm(read)[0], batch_first=True, total_length=mask.shape[1])
        return states
