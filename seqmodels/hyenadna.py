"""HyenaDNA: a causal model of DNA at single-nucleotide resolution, with long convolutions in place of attention.

Nguyen et al. 2023, "HyenaDNA: Long-Range Genomic Sequence Modeling at Single Nucleotide Resolution", arXiv:2306.15794;
the operator is that of Poli et al. 2023, "Hyena Hierarchy", arXiv:2302.10866.

`from_pretrained` reads both published layouts (see seqmodels.hyenadna_weights) and `save_pretrained` writes the newer
one. Sequences are padded on the right; a position depends on itself and what stands before it, so pads change nothing.
"""

import math
from copy import deepcopy
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Literal, Self

import torch
from huggingface_hub.dataclasses import strict
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedConfig, PreTrainedModel
from transformers import initialization as init
from transformers.modeling_layers import GradientCheckpointingLayer
from transformers.modeling_outputs import (
    BaseModelOutput,
    CausalLMOutput,
    SequenceClassifierOutput,
    TokenClassifierOutput,
)
from transformers.utils.generic import can_return_tuple

from seqmodels import hyenadna_weights as weights
from seqmodels.errors import ModelError
from seqmodels.gated_convolution import GatedConvolution, fft_size, transform
from seqmodels.padding import mean_over_real

LORA_TARGETS = ["in_proj", "out_proj", "fc1", "fc2"]
"""The linear layers of every block, by the names that peft's `target_modules` takes."""

CACHE_BYTES = 512 * 2**20
"""The most memory that the kept filter of one layer may take; a longer one is computed anew in each forward pass."""

_COMPLEMENT = (0, 1, 2, 3, 4, 5, 6, 10, 9, 8, 7, 11)
_MODULATION_TARGET, _FAST_DECAY, _SLOW_DECAY, _MODULATION_SHIFT = 1e-2, 0.3, 1.5, 0.05
_MLP_ROWS = 4096


@strict
class HyenaDNAConfig(PreTrainedConfig):
    """The shape of a HyenaDNA model; a config.json of either published layout is read.

    Args:
        d_model: width of the residual stream.
        n_layer: number of blocks.
        d_inner: width inside the feed-forward layers; None for four times `d_model`.
        max_seq_len: the longest input in tokens, special ones included. The filter's time runs from 0 to 1 over this
            length, so that it belongs to the weights and cannot be changed afterwards.
        vocab_size: number of tokens, padded to a multiple of `pad_vocab_size_multiple`.
        emb_dim: number of position features of the filter, odd.
        filter_order: width of the filter's network.
        num_inner_mlps: number of its inner layers.
        activation_freq: frequency of its sines at the start.
        train_freq: whether that frequency is trained.
        short_filter_order: width of the short convolution.
        embed_dropout, resid_dropout: dropout of the embeddings and of what every layer adds to the residual stream.
        stored_position_features: whether the checkpoint has position features of its own (set when it is read).
        pooling: what the sequence classifier reads: the mean over real tokens, the last one or the middle one.
        bidirectional: whether the classifiers also read the reverse complement, so that a position knows what stands
            on both its sides; their states are put side by side.
    """

    model_type = "hyenadna"
    attribute_map = {  # noqa: RUF012 - as transformers types it
        "hidden_size": "d_model",
        "num_hidden_layers": "n_layer",
        "intermediate_size": "d_inner",
        "max_position_embeddings": "max_seq_len",
    }

    vocab_size: int = 12
    pad_vocab_size_multiple: int = 8
    d_model: int = 256
    n_layer: int = 4
    d_inner: int | None = None
    max_seq_len: int = 32770
    emb_dim: int = 5
    filter_order: int = 64
    num_inner_mlps: int = 2
    activation_freq: float | int = 10.0
    train_freq: bool = True
    short_filter_order: int = 3
    hyena_order: int = 2
    hyena_dropout: float | int = 0.0
    embed_dropout: float | int = 0.1
    resid_dropout: float | int = 0.0
    layer_norm_epsilon: float | int = 1e-5
    initializer_range: float | int = 0.02
    stored_position_features: bool = False
    pooling: Literal["mean", "last", "centre"] = "mean"
    bidirectional: bool = False
    pad_token_id: int | None = 4
    tie_word_embeddings: bool = True

    def __post_init__(self, **kwargs: Any) -> None:
        """Fill in the inner width and refuse what no published HyenaDNA has."""
        if self.d_inner is None:
            self.d_inner = 4 * self.d_model
        super().__post_init__(**kwargs)  # type: ignore[no-untyped-call]
        if self.hyena_order != 2 or self.hyena_dropout or self.emb_dim % 2 == 0 or self.emb_dim < 3:
            raise ModelError(
                "HyenaDNA has operators of order 2 without dropout and an odd number of position features of 3 or more;"
                f" this config has order {self.hyena_order}, dropout {self.hyena_dropout} and {self.emb_dim} features",
                "Set hyena_order=2, hyena_dropout=0.0 and emb_dim=5, as in every published checkpoint.",
            )

    @classmethod
    def from_dict(cls, config_dict: dict[str, Any], **kwargs: Any) -> Any:
        """A config from the fields of a config.json of either layout."""
        return super().from_dict(weights.flat_config(config_dict), **kwargs)

    @classmethod
    def preset(cls, size: str, **fields: Any) -> "HyenaDNAConfig":
        """The config of a published size (`PRESETS`), for training from scratch; raises ModelError."""
        if size not in PRESETS:
            raise ModelError(f"HyenaDNA has no size {size!r}", f"Choose one of {', '.join(PRESETS)}.")
        return cls(**{**PRESETS[size], **fields})

    @property
    def embedding_rows(self) -> int:
        """Rows of the embedding matrix: the vocabulary, padded."""
        return -(-self.vocab_size // self.pad_vocab_size_multiple) * self.pad_vocab_size_multiple


PRESETS: dict[str, dict[str, int]] = {
    "tiny-1k": {"d_model": 128, "n_layer": 2, "max_seq_len": 1026},
    "tiny-1k-d256": {"d_model": 256, "n_layer": 2, "max_seq_len": 1026},
    "tiny-16k-d128": {"d_model": 128, "n_layer": 2, "max_seq_len": 16386},
    "small-32k": {"d_model": 256, "n_layer": 4, "max_seq_len": 32770},
    "medium-160k": {"d_model": 256, "n_layer": 8, "max_seq_len": 160002},
    "medium-450k": {"d_model": 256, "n_layer": 8, "max_seq_len": 450002},
    "large-1m": {"d_model": 256, "n_layer": 8, "max_seq_len": 1000002},
}
"""The published sizes; `max_seq_len` is their length and two special tokens."""


def position_features(max_seq_len: int, emb_dim: int, device: torch.device | None = None) -> Tensor:
    """What the filter's network reads at every position: time from 0 to 1, cosines and negative sines.

    Args:
        max_seq_len: positions.
        emb_dim: features: one of time, the others half cosines and half sines, of frequencies from 1e-4 upwards.
        device: where to.

    Returns:
        float32 (max_seq_len, emb_dim).
    """
    time = torch.linspace(0, 1, max_seq_len, device=device)[:, None]
    angle = 2 * math.pi * torch.linspace(0, max_seq_len - 1, max_seq_len, device=device)[:, None] / max_seq_len
    bands = (emb_dim - 1) // 2
    phase = torch.linspace(1e-4, bands - 1, bands, device=device) * angle
    return torch.cat([time, phase.cos(), -phase.sin()], dim=-1)


def decay_rates(d_model: int, device: torch.device | None = None) -> Tensor:
    """How fast each channel's window falls with time, float32 (d_model,), slowest first (arXiv:2302.10866, app. A)."""
    slow, fast = (math.log(_MODULATION_TARGET) / share for share in (_SLOW_DECAY, _FAST_DECAY))
    return torch.linspace(slow, fast, d_model, device=device).abs()


class Float32LayerNorm(nn.LayerNorm):
    """Layer normalisation of the float32 residual stream; the result has the weights' type."""

    def forward(self, states: Tensor) -> Tensor:
        """Normalise the last dimension of `states`."""
        scale, shift = self.weight.float(), self.bias.float()
        normal = functional.layer_norm(states.float(), self.normalized_shape, scale, shift, self.eps)
        return normal.to(self.weight.dtype)


class ResidualLinear(nn.Linear):
    """A linear layer whose result is added to the residual stream; the more there are, the smaller it starts."""


class Float32Linear(nn.Linear):
    """A linear layer that computes in float32 whatever the type of its weights: a rounded filter is another filter."""

    def forward(self, features: Tensor) -> Tensor:
        """(..., in) to (..., out), float32."""
        return functional.linear(features, self.weight.float(), None if self.bias is None else self.bias.float())


class FilterTaps(Float32Linear):
    """The filter network's last layer: its result lies channel by channel, as the transforms read it."""

    def forward(self, features: Tensor) -> Tensor:
        """(length, in) to (out, length), float32."""
        return functional.linear(self.weight.float(), features)


class Sine(nn.Module):
    """The filter's activation, sin(frequency x); one frequency per channel, shared by all its layers."""

    def __init__(self, config: HyenaDNAConfig) -> None:
        super().__init__()
        self.freq = nn.Parameter(torch.empty(1, config.filter_order), requires_grad=config.train_freq)

    def forward(self, features: Tensor) -> Tensor:
        """Same shape as `features`."""
        return torch.sin(self.freq.float() * features)


class PositionFeatures(nn.Module):
    """The filter's position features: from the formula, or as the checkpoint has them."""

    def __init__(self, config: HyenaDNAConfig) -> None:
        super().__init__()
        self.config = config
        stored = torch.empty(1, config.max_seq_len, config.emb_dim) if config.stored_position_features else None
        self.register_buffer("z", stored)

    def forward(self, length: int, device: torch.device) -> Tensor:
        """The first `length` positions, float32 (length, emb_dim)."""
        if isinstance(self.z, Tensor):
            return self.z[0, :length].float()
        return position_features(self.config.max_seq_len, self.config.emb_dim, device)[:length]

    def _apply(self, fn: Any, recurse: bool = True) -> Self:
        # Half precision cannot tell neighbouring positions apart: a change of type is not followed.
        def move(tensor: Tensor) -> Tensor:
            moved: Tensor = fn(tensor)
            return moved if moved.dtype == tensor.dtype else tensor.to(moved.device)

        super()._apply(move, recurse)  # type: ignore[no-untyped-call]
        return self


@dataclass(frozen=True)
class _KeptSpectrum:
    """A filter's transform with the weights it came from."""

    spectrum: Tensor
    size: int
    came_from: Tensor


class HyenaFilter(nn.Module):
    """The long convolution's filter: a small network of the position, under a window that falls with time."""

    def __init__(self, config: HyenaDNAConfig) -> None:
        super().__init__()
        self.config = config
        self.bias = nn.Parameter(torch.empty(config.d_model))
        self.pos_emb = PositionFeatures(config)
        width, last = config.filter_order, 2 * config.num_inner_mlps + 2
        # The numbers are those of the published names; activations 3 and 5 are activation 1 again.
        layers: dict[str, nn.Module] = {"0": Float32Linear(config.emb_dim, width), "1": Sine(config)}
        layers |= {str(number): Float32Linear(width, width) for number in range(2, last, 2)}
        layers[str(last)] = FilterTaps(width, config.d_model, bias=False)
        self.implicit_filter = nn.ModuleDict(layers)
        self._kept: _KeptSpectrum | None = None

    def forward(self, length: int) -> Tensor:
        """The first `length` taps of every channel's filter, float32 (d_model, length)."""
        device = self.bias.device
        with torch.autocast(device.type, enabled=False):
            features = self.pos_emb(length, device)
            sine = self.implicit_filter["1"]
            *inner, last = (layer for name, layer in self.implicit_filter.items() if name != "1")
            for layer in inner:
                features = sine(layer(features))
            time = torch.linspace(0, 1, self.config.max_seq_len, device=device)[:length]
            window = torch.exp(-time * decay_rates(self.config.d_model, device)[:, None]) + _MODULATION_SHIFT
            taps: Tensor = last(features) * window
        return taps

    def spectrum(self, size: int) -> Tensor | None:
        """The filter's transform of this size, complex64 (d_model, size // 2 + 1), kept until the weights change.

        Returns None where the filter must be computed anew: it takes gradients, or is too long to keep.
        """
        learning = torch.is_grad_enabled() and any(parameter.requires_grad for parameter in self._taps_come_from())
        if learning or self.config.d_model * (size // 2 + 1) * 8 > CACHE_BYTES:
            self._kept = None
            return None
        # Values are compared, not versions: a write through `.data` leaves no trace in a tensor's version.
        came_from = torch.cat([tensor.detach().float().flatten() for tensor in self._taps_come_from()])
        kept = self._kept
        if kept is None or kept.size != size or not _equal(kept.came_from, came_from):
            with torch.no_grad():
                taps = self(min(size // 2, self.config.max_seq_len))
                kept = self._kept = _KeptSpectrum(transform(taps, size), size, came_from)
        return kept.spectrum

    def train(self, mode: bool = True) -> Self:
        """Switch between training and evaluation; the kept transform is dropped."""
        self._kept = None
        return super().train(mode)

    def _taps_come_from(self) -> list[Tensor]:
        return [*self.implicit_filter.parameters(), *self.pos_emb.buffers()]


def _equal(kept: Tensor, now: Tensor) -> bool:
    return kept.device == now.device and torch.equal(kept, now)


class ShortFilter(nn.Module):
    """The weights of the short convolution that the projections pass through; GatedConvolution applies them."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels, 1, width))
        self.bias = nn.Parameter(torch.empty(channels))


class HyenaOperator(nn.Module):
    """What stands in attention's place: projections, gates and a convolution as long as the sequence."""

    def __init__(self, config: HyenaDNAConfig) -> None:
        super().__init__()
        width = config.d_model * (config.hyena_order + 1)
        self.in_proj = nn.Linear(config.d_model, width)
        self.short_filter = ShortFilter(width, config.short_filter_order)
        self.filter_fn = HyenaFilter(config)
        self.out_proj = ResidualLinear(config.d_model, config.d_model)

    def forward(self, states: Tensor) -> Tensor:
        """(batch, length, d_model) to the same."""
        size = fft_size(states.shape[1])
        spectrum = self.filter_fn.spectrum(size)
        taps = self.filter_fn(states.shape[1]) if spectrum is None else None
        short, short_bias, skip = (
            tensor.float() for tensor in (self.short_filter.weight, self.short_filter.bias, self.filter_fn.bias)
        )
        mixed = GatedConvolution.apply(  # type: ignore[no-untyped-call]
            self.in_proj(states), short, short_bias, skip, taps, spectrum, size
        )
        projected: Tensor = self.out_proj(mixed)
        return projected


class HyenaMLP(nn.Module):
    """The feed-forward layer, with the tanh approximation of GELU."""

    def __init__(self, config: HyenaDNAConfig) -> None:
        super().__init__()
        assert config.d_inner is not None
        self.fc1 = nn.Linear(config.d_model, config.d_inner)
        self.fc2 = ResidualLinear(config.d_inner, config.d_model)

    def forward(self, states: Tensor) -> Tensor:
        """(batch, length, d_model) to the same; without gradients in stretches, as the inner states are the largest."""
        if torch.is_grad_enabled() or states.shape[1] <= _MLP_ROWS:
            return self._through(states)
        return torch.cat([self._through(stretch) for stretch in states.split(_MLP_ROWS, dim=1)], dim=1)

    def _through(self, states: Tensor) -> Tensor:
        inner = functional.gelu(self.fc1(states), approximate="tanh")
        outer: Tensor = self.fc2(inner)
        return outer


class HyenaBlock(GradientCheckpointingLayer):
    """One layer: operator and feed-forward, each behind a normalisation, both added to the residual stream."""

    def __init__(self, config: HyenaDNAConfig) -> None:
        super().__init__()
        self.mixer = HyenaOperator(config)
        self.norm1 = Float32LayerNorm(config.d_model, eps=config.layer_norm_epsilon)
        self.mlp = HyenaMLP(config)
        self.norm2 = Float32LayerNorm(config.d_model, eps=config.layer_norm_epsilon)
        self.dropout = nn.Dropout(config.resid_dropout)

    def forward(self, residual: Tensor) -> Tensor:
        """float32 (batch, length, d_model) to the same."""
        residual = residual + self.dropout(self.mixer(self.norm1(residual)))
        added: Tensor = residual + self.dropout(self.mlp(self.norm2(residual)))
        return added


class HyenaEmbeddings(nn.Module):
    """Token embeddings; there are none of positions."""

    def __init__(self, config: HyenaDNAConfig) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(config.embedding_rows, config.d_model)

    def forward(self, input_ids: Tensor) -> Tensor:
        """(batch, length) to (batch, length, d_model)."""
        embedded: Tensor = self.word_embeddings(input_ids)
        return embedded


class HyenaBackbone(nn.Module):
    """Embeddings, blocks and the last normalisation, under the names of the published checkpoints."""

    def __init__(self, config: HyenaDNAConfig) -> None:
        super().__init__()
        self.embeddings = HyenaEmbeddings(config)
        self.dropout = nn.Dropout(config.embed_dropout)
        self.layers = nn.ModuleList(HyenaBlock(config) for _ in range(config.n_layer))
        self.ln_f = Float32LayerNorm(config.d_model, eps=config.layer_norm_epsilon)

    def forward(self, embedded: Tensor, keep_stream: bool) -> tuple[Tensor, tuple[Tensor, ...] | None]:
        """The last hidden state and, if asked for, the residual stream before and after every block."""
        residual = self.dropout(embedded).float()
        stream = [residual] if keep_stream else []
        for layer in self.layers:
            residual = layer(residual)
            if keep_stream:
                stream.append(residual)
        return self.ln_f(residual), tuple(stream) if keep_stream else None


class HyenaDNAPreTrainedModel(PreTrainedModel):
    """What all HyenaDNA models share: starting weights, and reading of published checkpoints."""

    config: HyenaDNAConfig
    config_class = HyenaDNAConfig
    base_model_prefix = "hyena"
    supports_gradient_checkpointing = True
    _no_split_modules = ["HyenaBlock"]  # noqa: RUF012 - as transformers types it
    _keep_in_fp32_modules_strict = {"filter_fn"}  # noqa: RUF012 - as transformers types it

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        """The published start; what adds to the residual stream is smaller in deeper models."""
        config = self.config
        if isinstance(module, nn.Linear):
            share = math.sqrt(2 * config.n_layer) if isinstance(module, ResidualLinear) else 1.0
            init.normal_(module.weight, std=config.initializer_range / share)
            if module.bias is not None:
                init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            init.normal_(module.weight, std=config.initializer_range)
        elif isinstance(module, nn.LayerNorm):
            init.ones_(module.weight)
            init.zeros_(module.bias)
        elif isinstance(module, ShortFilter):
            bound = 1 / math.sqrt(config.short_filter_order)
            init.uniform_(module.weight, -bound, bound)
            init.uniform_(module.bias, -bound, bound)
        elif isinstance(module, HyenaFilter):
            init.normal_(module.bias)
        elif isinstance(module, Sine):
            init.constant_(module.freq, config.activation_freq)
        elif isinstance(module, PositionFeatures) and isinstance(module.z, Tensor):
            init.copy_(module.z, position_features(config.max_seq_len, config.emb_dim)[None])

    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: str | PathLike[str] | None, *arguments: Any, **options: Any
    ) -> Self:
        """A model with the weights of a checkpoint, in evaluation mode.

        Args:
            pretrained_model_name_or_path: a hub id such as "LongSafari/hyenadna-small-32k-seqlen-hf", or a folder with
                a config.json and weights of either published layout.
            arguments: as in transformers.
            options: as in transformers.

        Returns:
            The model; with `output_loading_info=True` the loading report beside it.

        Raises:
            ModelError: the weights cannot be read, or are not those of the config.
            OSError: nothing is there, or the hub is not reached.
        """
        if pretrained_model_name_or_path is None:
            return super().from_pretrained(None, *arguments, **options)
        source, config = str(pretrained_model_name_or_path), options.pop("config", None)
        hub = {name: options.pop(name) for name in weights.HUB_OPTIONS if name in options}
        wants_report = options.pop("output_loading_info", False)
        other_head = options.pop("ignore_mismatched_sizes", False)
        if not isinstance(config, HyenaDNAConfig):
            options = {**hub, **options, "return_unused_kwargs": True}
            config, options = HyenaDNAConfig.from_pretrained(config or source, **options)
        checkpoint = weights.read(source, **hub)
        config, tensors = _fitted(config, checkpoint)
        options |= {"config": config, "state_dict": tensors, "ignore_mismatched_sizes": True}
        loaded: Any = super().from_pretrained(None, *arguments, output_loading_info=True, **options)
        model, report = loaded
        _refuse_partial(checkpoint.path, report, other_head)
        model.name_or_path = model.config.name_or_path = source
        given: Self = loaded if wants_report else model
        return given


def _fitted(config: HyenaDNAConfig, checkpoint: weights.Checkpoint) -> tuple[HyenaDNAConfig, dict[str, Tensor]]:
    """The config and the tensors to load: what follows from a formula is checked and left out."""
    config = deepcopy(config)
    tensors, time = dict(checkpoint.tensors), torch.linspace(0, 1, config.max_seq_len)[None, :, None]
    formulas = {"pos_emb.t": time, "modulation.deltas": -decay_rates(config.d_model)[None, None]}
    for name in [name for name in tensors if name.endswith(tuple(formulas))]:
        expected = next(value for ending, value in formulas.items() if name.endswith(ending))
        given = tensors.pop(name)
        if given.shape != expected.shape or not torch.allclose(given.float(), expected, atol=1e-4):
            raise ModelError(
                f"{name} in {checkpoint.path} is not what a model of width {config.d_model} for {config.max_seq_len:,} "
                "tokens has",
                "Set d_model and max_seq_len (l_max) in config.json to those that the weights were trained with.",
            )
    features = [name for name in tensors if name.endswith("pos_emb.z")]
    known = position_features(config.max_seq_len, config.emb_dim)[None]
    config.stored_position_features = not all(torch.equal(tensors[name].float(), known) for name in features)
    if not config.stored_position_features:
        tensors = {name: tensor for name, tensor in tensors.items() if name not in features}
    head, table = tensors.get("lm_head.weight"), tensors.get("hyena.backbone.embeddings.word_embeddings.weight")
    if head is not None and table is not None and config.tie_word_embeddings:
        config.tie_word_embeddings = torch.equal(head, table)
    return config, tensors


_HEADS = ("lm_head.", "score.")
_PARTIAL = ("missing_keys", "unexpected_keys")


def _refuse_partial(path: Path, report: dict[str, Any], other_head: bool) -> None:
    """Raise where the backbone, or a head of another size that was not agreed to, would be left with random weights."""
    missing, unknown = ({name for name in report[kind] if not name.startswith(_HEADS)} for kind in _PARTIAL)
    wrong = {str(entry[0]) for entry in report["mismatched_keys"]}
    wrong = {name for name in wrong if not (other_head and name.startswith(_HEADS))}
    for found, what in ((missing, "lacks"), (unknown, "has no place for"), (wrong, "has in another shape")):
        if found:
            named = ", ".join(sorted(found)[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
            raise ModelError(
                f"{path} and its config do not fit: it {what} {named}",
                "Use the config.json that was published with these weights; for a new head of another size pass "
                "ignore_mismatched_sizes=True.",
            )


class HyenaDNAModel(HyenaDNAPreTrainedModel):
    """The bare model: token ids to hidden states."""

    def __init__(self, config: HyenaDNAConfig) -> None:
        super().__init__(config)
        self.backbone = HyenaBackbone(config)
        self.post_init()  # type: ignore[no-untyped-call]

    def get_input_embeddings(self) -> nn.Module:
        """The token embeddings."""
        return self.backbone.embeddings.word_embeddings

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace the token embeddings."""
        assert isinstance(value, nn.Embedding)
        self.backbone.embeddings.word_embeddings = value

    @can_return_tuple  # type: ignore[untyped-decorator]
    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        output_hidden_states: bool | None = None,
        **_: Any,
    ) -> BaseModelOutput:
        """Hidden states of sequences.

        Args:
            input_ids: int64 (batch, length), padded on the right.
            attention_mask: (batch, length), 1 at real tokens. It is only checked: the model is causal, so that pads
                cannot change what stands before them. Without a mask any ids are read as they stand.
            inputs_embeds: (batch, length, d_model), in place of `input_ids`.
            output_hidden_states: whether to give the residual stream before and after every block as well.

        Returns:
            `last_hidden_state` (batch, length, d_model) and, if asked for, `hidden_states`.

        Raises:
            ModelError: the input is empty, longer than `config.max_seq_len`, or padded on the left.
        """
        if (input_ids is None) == (inputs_embeds is None):
            raise ModelError("HyenaDNA reads either input_ids or inputs_embeds", "Pass one of the two.")
        embedded = self.backbone.embeddings(input_ids) if inputs_embeds is None else inputs_embeds
        self._refuse_unreadable(embedded.shape[1], attention_mask)
        wanted = self.config.output_hidden_states if output_hidden_states is None else output_hidden_states
        last, stream = self.backbone(embedded, bool(wanted))
        return BaseModelOutput(last_hidden_state=last, hidden_states=stream)

    def _refuse_unreadable(self, length: int, attention_mask: Tensor | None) -> None:
        most = self.config.max_seq_len
        if length == 0:
            raise ModelError("The input has no tokens", "Pass sequences of one base or more.")
        if length > most:
            raise ModelError(
                f"The input has {length:,} tokens and this checkpoint reads at most {most:,}: its filters are trained "
                "for that length",
                f"Cut sequences into windows of {most - 2:,} bases or fewer, or load a checkpoint for longer ones "
                "(large-1m reads 1,000,000 bases).",
            )
        if attention_mask is not None and bool((attention_mask[:, 1:] > attention_mask[:, :-1]).any()):
            raise ModelError(
                "The input is padded on the left, and a causal model reads those pads as part of the sequence",
                'Pad on the right: tokenizer(..., padding_side="right"); without attention_mask the pads are read '
                "like any other token.",
            )


class HyenaDNAForCausalLM(HyenaDNAPreTrainedModel):
    """HyenaDNA with the head that it was pre-trained with: the next token's scores."""

    _tied_weights_keys = {  # noqa: RUF012 - as transformers types it
        "lm_head.weight": "hyena.backbone.embeddings.word_embeddings.weight"
    }

    def __init__(self, config: HyenaDNAConfig) -> None:
        super().__init__(config)
        self.hyena = HyenaDNAModel(config)
        self.lm_head = nn.Linear(config.d_model, config.embedding_rows, bias=False)
        self.post_init()  # type: ignore[no-untyped-call]

    @can_return_tuple  # type: ignore[untyped-decorator]
    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        num_items_in_batch: Tensor | int | None = None,
        **options: Any,
    ) -> CausalLMOutput:
        """Scores of every next token.

        Args:
            input_ids: as in HyenaDNAModel.
            attention_mask: as in HyenaDNAModel; pads never count in the loss.
            labels: int64 (batch, length), usually the input ids themselves; they are shifted here, and -100 is not
                counted.
            num_items_in_batch: by what the summed loss is divided; None means the number of labels, at least 1.
            options: what else HyenaDNAModel takes.

        Returns:
            `logits` (batch, length, rows of the embedding) and, with labels, `loss`.
        """
        output = self.hyena(input_ids, attention_mask, return_dict=True, **options)
        logits = self.lm_head(output.last_hidden_state)
        loss = None
        if labels is not None:
            if attention_mask is not None:
                labels = labels.masked_fill(attention_mask == 0, -100)
            count = _label_count(labels[:, 1:]) if num_items_in_batch is None else num_items_in_batch
            loss = self.loss_function(logits, labels, logits.shape[-1], num_items_in_batch=count)
        return CausalLMOutput(loss=loss, logits=logits, hidden_states=output.hidden_states)


def _label_count(labels: Tensor) -> Tensor:
    # A batch without a label has the loss 0, not 0 / 0.
    return (labels != -100).sum().clamp(min=1)


class _Classifier(HyenaDNAPreTrainedModel):
    """What the two classifiers share: states of one or both strands, and the head on them."""

    def __init__(self, config: HyenaDNAConfig) -> None:
        super().__init__(config)
        self.hyena = HyenaDNAModel(config)
        # `num_labels` is a property that may be None before a config is complete.
        self.score = nn.Linear(config.d_model * (2 if config.bidirectional else 1), config.num_labels or 0, bias=False)
        self.post_init()  # type: ignore[no-untyped-call]

    def _states(self, input_ids: Tensor, real: Tensor, **options: Any) -> tuple[Tensor, tuple[Tensor, ...] | None]:
        """States of every position, twice as wide where both strands are read, and the hidden states if asked for."""
        output: BaseModelOutput = self.hyena(input_ids, real, return_dict=True, **options)
        states = output.last_hidden_state
        assert states is not None
        if not self.config.bidirectional:
            return states, output.hidden_states
        # Position p of a sequence of n tokens is position n - 1 - p of the other strand; pads stay where they are.
        place = torch.arange(real.shape[1], device=real.device)
        mirrored = torch.where(real.bool(), real.sum(1, keepdim=True) - 1 - place, place)
        complement = torch.tensor(_COMPLEMENT, device=real.device)[input_ids]
        other: Tensor = self.hyena(complement.gather(1, mirrored), real, return_dict=True).last_hidden_state
        other = other.gather(1, mirrored[..., None].expand_as(other))
        return torch.cat([states, other], dim=-1), output.hidden_states


def _real(input_ids: Tensor, attention_mask: Tensor | None) -> Tensor:
    return torch.ones_like(input_ids) if attention_mask is None else attention_mask.long()


class HyenaDNAForSequenceClassification(_Classifier):
    """HyenaDNA with a head on each sequence: classes, several labels at once, or numbers."""

    @can_return_tuple  # type: ignore[untyped-decorator]
    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        num_items_in_batch: Tensor | int | None = None,
        **options: Any,
    ) -> SequenceClassifierOutput:
        """Scores of sequences.

        Args:
            input_ids: as in HyenaDNAModel.
            attention_mask: as in HyenaDNAModel; `config.pooling` reads real tokens only.
            labels: by `config.problem_type`: int64 (batch,) for "single_label_classification", float
                (batch, num_labels) of 0 and 1 for "multi_label_classification", float (batch, num_labels) or (batch,)
                for "regression".
            num_items_in_batch: by what the summed cross entropy is divided; None means the batch.
            options: what else HyenaDNAModel takes.

        Returns:
            `logits` (batch, labels) and, with labels, `loss`.
        """
        real = _real(input_ids, attention_mask)
        states, hidden = self._states(input_ids, real, **options)
        logits = self.score(pooled(states, real, self.config.pooling))
        loss = None
        if labels is not None:
            loss = self.loss_function(labels, logits, self.config, num_items_in_batch=num_items_in_batch)
        return SequenceClassifierOutput(loss=loss, logits=logits, hidden_states=hidden)


class HyenaDNAForTokenClassification(_Classifier):
    """HyenaDNA with a head on every base."""

    @can_return_tuple  # type: ignore[untyped-decorator]
    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        num_items_in_batch: Tensor | int | None = None,
        **options: Any,
    ) -> TokenClassifierOutput:
        """Scores of every token.

        Args:
            input_ids: as in HyenaDNAModel.
            attention_mask: as in HyenaDNAModel.
            labels: int64 (batch, length), -100 where none counts.
            num_items_in_batch: by what the summed loss is divided; None means the number of labels, at least 1.
            options: what else HyenaDNAModel takes.

        Returns:
            `logits` (batch, length, labels) and, with labels, `loss`.
        """
        states, hidden = self._states(input_ids, _real(input_ids, attention_mask), **options)
        logits = self.score(states)
        loss = None
        if labels is not None:
            count = _label_count(labels) if num_items_in_batch is None else num_items_in_batch
            loss = self.loss_function(logits, labels, self.config, num_items_in_batch=count)
        return TokenClassifierOutput(loss=loss, logits=logits, hidden_states=hidden)


def pooled(states: Tensor, real: Tensor, pooling: Literal["mean", "last", "centre"]) -> Tensor:
    """One vector a sequence, from its real tokens, special ones included.

    Args:
        states: (batch, length, d).
        real: (batch, length), 1 at real tokens, which come first.
        pooling: their mean, the last one, or the middle one: in a window of odd length its centre base, with
            [CLS] and [SEP], with [SEP] alone and without either.

    Returns:
        (batch, d).
    """
    if pooling == "mean":
        return mean_over_real(states, real)
    count = real.sum(1).clamp(min=1)
    place = count - 1 if pooling == "last" else (count - 1) // 2
    return states[torch.arange(len(states), device=states.device), place]
