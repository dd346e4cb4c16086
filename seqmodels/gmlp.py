"""gMLP: a network without attention in which blocks of markers gate one another, for genotype matrices.

Liu et al. 2021, "Pay Attention to MLPs", arXiv:2105.08050. Markers are cut into blocks, each with its own projection;
every layer multiplies a half of its channels by a learned mixture of the other half over all blocks (the spatial gating
unit), so that an effect at one place may depend on the genotype at another.

The regression model has a carry beside the network: given the value that a mixed model predicts for the same line
(GBLUP or RKHS, seqmodels.breeding), it returns a mixture of both, one weight a trait. The carry starts at 1, where the
mixed model's value passes unchanged, and is set from held-out lines (`set_carry`). Without such a value the network
speaks alone.
"""

from typing import Any

import torch
from huggingface_hub.dataclasses import strict
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedConfig, PreTrainedModel
from transformers import initialization as init
from transformers.modeling_outputs import BaseModelOutput, SequenceClassifierOutput
from transformers.utils.generic import can_return_tuple

from seqmodels.errors import ModelError

LORA_TARGETS = ("proj_in", "proj_out")
"""The linear layers of every gMLP layer, by the ends of their names."""

_LEAST_DEVIATION = 0.05


@strict
class GMLPConfig(PreTrainedConfig):
    """The shape of a gMLP.

    Args:
        num_markers: number of markers.
        block_size: markers in a block; the last one is filled up with missing ones.
        hidden_size: channels of a block's state.
        intermediate_size: channels inside a layer, even: a half is gated by the other.
        num_hidden_layers: number of layers.
        hidden_dropout_prob: dropout of what a layer adds.
        marker_dropout: share of genotypes that are hidden in training, as if missing.
        layer_norm_eps: of the norms.
        num_labels: number of traits.
    """

    model_type = "gmlp"

    num_markers: int = 1024
    block_size: int = 64
    hidden_size: int = 32
    intermediate_size: int = 64
    num_hidden_layers: int = 2
    hidden_dropout_prob: float = 0.1
    marker_dropout: float = 0.1
    layer_norm_eps: float = 1e-5

    def __post_init__(self, **kwargs: Any) -> None:
        if kwargs.get("num_labels") is None and self.id2label is None:
            kwargs["num_labels"] = 1
        super().__post_init__(**kwargs)  # type: ignore[no-untyped-call]
        if self.intermediate_size % 2 or min(self.num_markers, self.block_size, self.hidden_size) < 1:
            raise ModelError(
                f"No gMLP has {self.num_markers} markers in blocks of {self.block_size}, {self.hidden_size} channels "
                f"and {self.intermediate_size} inside",
                "Give one or more of each, and an even intermediate_size.",
            )

    @property
    def num_blocks(self) -> int:
        """Number of blocks of markers."""
        return -(-self.num_markers // self.block_size)


class MarkerBlocks(nn.Module):
    """States of blocks from genotypes: standardised, missing ones at the training mean, each block projected."""

    def __init__(self, config: GMLPConfig) -> None:
        super().__init__()
        self.marker_dropout = config.marker_dropout
        self.weight = nn.Parameter(torch.empty(config.num_blocks, config.block_size, config.hidden_size))
        self.position = nn.Parameter(torch.empty(config.num_blocks, config.hidden_size))
        self.register_buffer("mean", torch.zeros(config.num_markers))
        self.register_buffer("scale", torch.ones(config.num_markers))
        self.mean: Tensor
        self.scale: Tensor

    def forward(self, genotypes: Tensor, observed: Tensor | None) -> Tensor:
        """States (lines, blocks, channels) of genotypes (lines, markers)."""
        if genotypes.dim() != 2 or genotypes.shape[1] != len(self.mean):
            raise ModelError(
                f"Genotypes have the shape {tuple(genotypes.shape)}, the model {len(self.mean):,} markers",
                "Give a table of lines by the markers that it was trained with; one that is not known is NaN or -1.",
            )
        known = genotypes >= 0  # false for NaN
        known = known if observed is None else known & observed.bool()
        standard = torch.where(known, (genotypes - self.mean) * self.scale, 0.0).to(self.weight.dtype)
        standard = functional.dropout(standard, self.marker_dropout, self.training)
        blocks, size, _ = self.weight.shape
        padded = functional.pad(standard, (0, blocks * size - standard.shape[1])).view(-1, blocks, size)
        states: Tensor = torch.einsum("nbm,bmc->nbc", padded, self.weight) + self.position
        return states


class SpatialGatingUnit(nn.Module):
    """Multiply a half of the channels by a mixture of the other half over the blocks.

    At the start the mixture is nearly 0 and its bias 1, so that the unit lets its half through (arXiv:2105.08050, 2.1).
    """

    def __init__(self, config: GMLPConfig) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(config.intermediate_size // 2, config.layer_norm_eps)
        self.weight = nn.Parameter(torch.empty(config.num_blocks, config.num_blocks))
        self.bias = nn.Parameter(torch.empty(config.num_blocks, 1))

    def forward(self, states: Tensor) -> Tensor:
        """Gated states (lines, blocks, channels / 2)."""
        through, gate = states.chunk(2, dim=-1)
        gated: Tensor = through * (self.weight @ self.norm(gate) + self.bias)
        return gated


class GMLPLayer(nn.Module):
    """Norm, widening, gate, narrowing, and the way around them."""

    def __init__(self, config: GMLPConfig) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(config.hidden_size, config.layer_norm_eps)
        self.proj_in = nn.Linear(config.hidden_size, config.intermediate_size)
        self.gate = SpatialGatingUnit(config)
        self.proj_out = nn.Linear(config.intermediate_size // 2, config.hidden_size)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, states: Tensor) -> Tensor:
        """States of the same shape."""
        inner = self.gate(functional.gelu(self.proj_in(self.norm(states))))
        added: Tensor = self.dropout(self.proj_out(inner))
        return states + added


class GMLPPreTrainedModel(PreTrainedModel):
    """What the gMLP models share: how weights start."""

    config: GMLPConfig
    config_class = GMLPConfig
    base_model_prefix = "gmlp"
    main_input_name = "genotypes"
    _no_split_modules = ["GMLPLayer"]  # noqa: RUF012 - as transformers types it

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        config = self.config
        if isinstance(module, nn.Linear):
            bound = module.in_features**-0.5
            init.uniform_(module.weight, -bound, bound)
            init.zeros_(module.bias)
        elif isinstance(module, nn.LayerNorm):
            init.ones_(module.weight)
            init.zeros_(module.bias)
        elif isinstance(module, MarkerBlocks):
            init.normal_(module.weight, std=config.block_size**-0.5)
            init.normal_(module.position, std=0.02)
            init.zeros_(module.mean)
            init.ones_(module.scale)
        elif isinstance(module, SpatialGatingUnit):
            init.normal_(module.weight, std=1e-3 / config.num_blocks)
            init.ones_(module.bias)
        elif isinstance(module, GMLPForRegression):
            # Before training every line is at the traits' means.
            init.zeros_(module.regressor.weight)
            init.zeros_(module.trait_mean)
            init.ones_(module.trait_scale)
            init.ones_(module.carry)


class GMLPModel(GMLPPreTrainedModel):
    """States of the blocks of markers."""

    def __init__(self, config: GMLPConfig) -> None:
        super().__init__(config)
        self.blocks = MarkerBlocks(config)
        self.layers = nn.ModuleList(GMLPLayer(config) for _ in range(config.num_hidden_layers))
        self.norm = nn.LayerNorm(config.hidden_size, config.layer_norm_eps)
        self.post_init()  # type: ignore[no-untyped-call]

    @can_return_tuple  # type: ignore[untyped-decorator]
    def forward(self, genotypes: Tensor, observed: Tensor | None = None, **_options: Any) -> BaseModelOutput:
        """States of lines; what one gives does not depend on the others in its batch.

        Args:
            genotypes: float (lines, markers), 0, 1, 2 or presence 0, 1; NaN or negative is missing.
            observed: bool (lines, markers), false where a genotype is to be taken as missing too.

        Returns:
            `last_hidden_state` (lines, blocks, channels).
        """
        states = self.blocks(genotypes, observed)
        for layer in self.layers:
            states = layer(states)
        return BaseModelOutput(last_hidden_state=self.norm(states))

    def standardise_by(self, genotypes: Tensor) -> None:
        """Learn each marker's mean and scale from the training lines, (lines, markers), and keep them as weights.

        A marker that does not vary is left out from then on.
        """
        known = (genotypes >= 0).to(torch.float64)
        counts = known.sum(0).clamp(min=1)
        values = torch.where(known.bool(), genotypes.to(torch.float64), 0.0)
        mean = values.sum(0) / counts
        deviation = ((known * (values - mean).square()).sum(0) / counts).sqrt()
        self.blocks.mean.copy_(mean)
        # Rarer than this, a marker would shout wherever it shows.
        self.blocks.scale.copy_(torch.where(deviation > 0, 1 / deviation.clamp(min=_LEAST_DEVIATION), 0.0))


class GMLPForRegression(GMLPPreTrainedModel):
    """Traits from the mean state of the blocks, and the carry of a mixed model's value."""

    def __init__(self, config: GMLPConfig) -> None:
        super().__init__(config)
        self.gmlp = GMLPModel(config)
        traits = int(config.num_labels or 1)
        self.regressor = nn.Linear(config.hidden_size, traits)
        self.register_buffer("trait_mean", torch.zeros(traits))
        self.register_buffer("trait_scale", torch.ones(traits))
        self.register_buffer("carry", torch.ones(traits))
        self.trait_mean: Tensor
        self.trait_scale: Tensor
        self.carry: Tensor
        self.post_init()  # type: ignore[no-untyped-call]

    @can_return_tuple  # type: ignore[untyped-decorator]
    def forward(
        self,
        genotypes: Tensor,
        observed: Tensor | None = None,
        labels: Tensor | None = None,
        polygenic: Tensor | None = None,
        **_options: Any,
    ) -> SequenceClassifierOutput:
        """Predicted traits.

        Args:
            genotypes: as for `GMLPModel`.
            observed: as for `GMLPModel`.
            labels: float (lines, traits) or, of one trait, (lines,), in the trait's units; NaN is not known.
            polygenic: float (lines, traits), a mixed model's values of the same lines, which are carried.

        Returns:
            `logits` (lines, traits) in the traits' units; with labels `loss`: squared error of the network's own part
            over the known phenotypes, in units of the traits' variances.
        """
        states = self.gmlp(genotypes, observed, return_dict=True).last_hidden_state
        standard = self.regressor(states.mean(dim=1))
        logits = self.trait_mean + self.trait_scale * standard
        loss = None
        if labels is not None:
            errors = (logits - labels.view(logits.shape)) / self.trait_scale
            loss = torch.nan_to_num(errors).square().sum() / (~errors.isnan()).sum().clamp(min=1)
        if polygenic is not None:
            logits = logits + self.carry * (polygenic - logits)
        return SequenceClassifierOutput(loss=loss, logits=logits)

    @torch.no_grad()
    def standardise_by(self, genotypes: Tensor, phenotypes: Tensor) -> None:
        """Learn the markers' and the traits' means and scales from the training lines, and keep them as weights.

        Args:
            genotypes: (lines, markers), NaN or negative is missing.
            phenotypes: (lines, traits), NaN missing.
        """
        self.gmlp.standardise_by(genotypes)
        mean = phenotypes.nanmean(0)
        deviation = (phenotypes - mean).square().nanmean(0).sqrt()
        self.trait_mean.copy_(torch.nan_to_num(mean))
        self.trait_scale.copy_(torch.where(deviation > 0, deviation, 1.0))

    @torch.no_grad()
    def set_carry(self, own: Tensor, polygenic: Tensor, phenotypes: Tensor) -> None:
        """Set each trait's share of the mixed model to what predicts held-out lines with the least squared error.

        Args:
            own: (lines, traits), the network's values of lines that it was not trained on.
            polygenic: (lines, traits), the mixed model's values of these lines, fitted without them.
            phenotypes: (lines, traits), NaN missing.
        """
        known = ~(own + polygenic + phenotypes).isnan()
        apart = torch.where(known, polygenic - own, 0.0)
        left = torch.where(known, phenotypes - own, 0.0)
        share = (apart * left).sum(0) / apart.square().sum(0).clamp(min=1e-12)
        self.carry.copy_(share.clamp(0, 1))
