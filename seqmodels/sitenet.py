"""SiteNet: a small convolutional network for fixed windows of DNA that reads whole chromosomes as easily.

All convolutions are valid (no padding), so that what the network says of a window depends on its bases alone, and
a long sequence can be read in one pass: `forward_sites` gives, for every window of it, what `forward` gives for
that window cut out. Blocks are pre-normalised residual convolutions whose normalised features each domain (a
species and mark, say) scales and shifts: feature-wise linear modulation (Perez et al. 2018, arXiv:1709.07871). The
read-out weighs every position of the window on its own, because where a base stands is what a methyltransferase
recognises.
"""

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

from seqmodels.errors import ModelError

# Linear layers that low-rank adapters may be put on.
LORA_TARGETS = ("hidden",)
# Ids of A, C, G, T in the nucleotide vocabulary of HyenaDNA; every other id is read as no base at all.
FIRST_BASE, BASES = 7, 4


class SiteNetConfig(PreTrainedConfig):
    """The shape of a SiteNet.

    Args:
        window: bases of a window.
        channels: width of the trunk.
        stem: bases that the first convolution sees.
        blocks: residual blocks.
        kernel: bases that each block's convolution sees; odd.
        pool: positions whose greatest features are kept together before the read-out; 1 keeps every position.
        hidden: width of the read-out.
        domains: how many species and marks are told apart.
        dropout: share of features left out in training.

    """

    model_type = "sitenet"

    def __init__(
        self,
        window: int = 41,
        channels: int = 64,
        stem: int = 9,
        blocks: int = 4,
        kernel: int = 5,
        pool: int = 1,
        hidden: int = 96,
        domains: int = 1,
        dropout: float = 0.2,
        **kwargs: Any,
    ) -> None:
        self.window = window
        self.channels = channels
        self.stem = stem
        self.blocks = blocks
        self.kernel = kernel
        self.pool = pool
        self.hidden = hidden
        self.domains = domains
        self.dropout = dropout
        super().__init__(**kwargs)

    @property
    def positions(self) -> int:
        """Positions of a window that are left for the read-out."""
        return (self.window - self.stem + 1 - self.blocks * (self.kernel - 1)) // self.pool


class _Block(nn.Module):
    """A residual block whose convolution shortens the sequence by `kernel - 1` positions."""

    def __init__(self, config: SiteNetConfig) -> None:
        super().__init__()
        channels = config.channels
        self.norm = nn.BatchNorm1d(channels)
        self.modulation = nn.Embedding(config.domains, 2 * channels)
        self.mix = nn.Conv1d(channels, channels, config.kernel)
        self.project = nn.Conv1d(channels, channels, 1)
        # Whole features of a window: neighbouring positions say the same, and few random numbers are quick to draw.
        self.dropout = nn.Dropout1d(config.dropout)
        self.trim = config.kernel // 2

    def forward(self, states: Tensor, domains: Tensor) -> Tensor:
        scale, shift = self.modulation(domains)[:, :, None].chunk(2, 1)
        update = functional.relu(self.norm(states) * (1 + scale) + shift)
        update = self.project(functional.relu(self.mix(update)))
        return cast(Tensor, states[:, :, self.trim : -self.trim] + self.dropout(update))


class SiteNetPreTrainedModel(PreTrainedModel):
    """What all SiteNets share."""

    config_class = SiteNetConfig
    base_model_prefix = "trunk"
    main_input_name = "input_ids"

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        # Torch's own: what transformers draws is too small for a trunk without pre-training.
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.05)
        elif isinstance(module, (nn.Conv1d, nn.Linear, nn.BatchNorm1d)):
            module.reset_parameters()


class SiteNetModel(SiteNetPreTrainedModel):
    """The trunk: bases to features of positions."""

    def __init__(self, config: SiteNetConfig) -> None:
        super().__init__(config)
        _check(config)
        self.stem = nn.Conv1d(BASES, config.channels, config.stem)
        self.domain = nn.Embedding(config.domains, config.channels)
        self.blocks = nn.ModuleList(_Block(config) for _ in range(config.blocks))
        self.norm = nn.BatchNorm1d(config.channels)
        self.post_init()  # type: ignore[no-untyped-call]

    def forward(self, input_ids: Tensor, domain_ids: Tensor) -> Tensor:
        """Features (batch, channels, positions) of ids (batch, bases), int64, in domains (batch,), int64."""
        bases = functional.one_hot((input_ids - FIRST_BASE).clamp(-1, BASES) + 1, BASES + 2)[..., 1:-1]
        states = self.stem(bases.to(self.stem.weight.dtype).transpose(1, 2)) + self.domain(domain_ids)[:, :, None]
        for block in self.blocks:
            states = block(states, domain_ids)
        return cast(Tensor, self.norm(states))


class SiteNetForSequenceClassification(SiteNetPreTrainedModel):
    """A class, or values, for each window."""

    def __init__(self, config: SiteNetConfig) -> None:
        super().__init__(config)
        self.trunk = SiteNetModel(config)
        self.hidden = nn.Linear(config.channels * config.positions, config.hidden)
        self.hidden_of_domain = nn.Embedding(config.domains, config.hidden)
        labels = config.num_labels or 1
        self.output = nn.Linear(config.hidden, labels)
        self.output_of_domain = nn.Embedding(config.domains, config.hidden * labels)
        self.bias_of_domain = nn.Embedding(config.domains, labels)
        self.dropout = nn.Dropout(config.dropout)
        self.post_init()  # type: ignore[no-untyped-call]

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        domain_ids: Tensor | None = None,
        **_: Any,
    ) -> SequenceClassifierOutput:
        """Logits (batch, labels) of windows.

        Args:
            input_ids: (batch, window) int64, nucleotide ids; what is no A, C, G or T is read as no base.
            attention_mask: not needed, since every window is whole; bases that it hides are read as no base.
            labels: (batch,) int64, or (batch, labels) float for regression.
            domain_ids: (batch,) int64, the species and mark of each window; None: the first.

        Raises ModelError for windows of another length.

        """
        if input_ids.shape[1] != self.config.window:
            raise ModelError(
                f"Windows of {input_ids.shape[1]} bases were given to a model of {self.config.window}",
                f"Cut windows of {self.config.window} bases, or scan a longer sequence.",
            )
        if attention_mask is not None:
            input_ids = input_ids * attention_mask
        domains = input_ids.new_zeros(len(input_ids)) if domain_ids is None else domain_ids
        states = self.trunk(input_ids, domains)
        if self.config.pool > 1:
            states = functional.max_pool1d(states, self.config.pool)
        logits = self._read_out(functional.relu(states).flatten(1), domains)
        loss = None if labels is None else self._loss(logits, labels)
        return SequenceClassifierOutput(loss=cast(Any, loss), logits=cast(Any, logits))

    def forward_sites(self, input_ids: Tensor, starts: Tensor, domain: int = 0) -> Tensor:
        """Logits (sites, labels) of the windows that begin at `starts` (sites,) of one long sequence (bases,).

        The trunk reads every base once, however many windows it lies in. Raises ModelError for a pooled model,
        whose features depend on where a window begins.
        """
        if self.config.pool > 1:
            raise ModelError("A pooled model cannot share its trunk between windows", "Use forward on windows.")
        domains = input_ids.new_full((1,), domain)
        features = functional.relu(self.trunk(input_ids[None], domains))
        # The hidden layer as a convolution: no window is copied out, though those in between are read in vain.
        weight = self.hidden.weight.unflatten(1, (self.config.channels, self.config.positions))
        hidden = functional.conv1d(features, weight, self.hidden.bias)[0].T[starts]
        return self._output(hidden, domains)

    def _read_out(self, features: Tensor, domains: Tensor) -> Tensor:
        return self._output(self.hidden(self.dropout(features)), domains)

    def _output(self, hidden: Tensor, domains: Tensor) -> Tensor:
        hidden = self.dropout(functional.relu(hidden + self.hidden_of_domain(domains)))
        own = self.output_of_domain(domains).unflatten(1, (self.config.num_labels, self.config.hidden))
        return cast(Tensor, self.output(hidden) + (own @ hidden[:, :, None])[:, :, 0] + self.bias_of_domain(domains))

    def _loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        if self.config.problem_type == "regression":
            return functional.mse_loss(logits, labels.to(logits.dtype).view_as(logits))
        return functional.cross_entropy(logits, labels)


def _check(config: SiteNetConfig) -> None:
    if config.kernel % 2 == 0 or config.positions < 1:
        raise ModelError(
            f"A window of {config.window} bases is too short for a stem of {config.stem} and {config.blocks} blocks"
            f" of kernel {config.kernel} (odd), pooled by {config.pool}",
            "Give a longer window, or fewer or smaller convolutions.",
        )
