"""Whether packed samples keep apart in a model: asked of the model itself before training begins."""

from typing import TYPE_CHECKING

from finetune.errors import LeakingPacks

if TYPE_CHECKING:
    from torch import nn

_LENGTHS = (7, 5)
_TOLERANCE = 1e-3


def check_packing(model: "nn.Module", vocabulary: int) -> None:
    """Raise LeakingPacks where a sample's scores change with what it is packed behind.

    Samples in one row are told apart by positions that begin anew, without an attention mask, as trl's collator gives
    them (padding-free). Attention by SDPA, eagerly or by FlashAttention heeds that; state-space models do not.
    """
    import torch

    # What a model foretells hardly changes with its dropout off; weights are left as they are.
    training, device = model.training, next(model.parameters()).device
    generator = torch.Generator().manual_seed(0)
    samples = [torch.randint(0, vocabulary, (1, length), generator=generator) for length in _LENGTHS]
    places = torch.cat([torch.arange(length) for length in _LENGTHS]).unsqueeze(0)
    model.eval()
    try:
        with torch.no_grad():
            packed = model(
                input_ids=torch.cat(samples, 1).to(device), position_ids=places.to(device), use_cache=False
            ).logits
            alone = model(input_ids=samples[1].to(device), use_cache=False).logits
    finally:
        model.train(training)
    apart = (packed[:, _LENGTHS[0] :] - alone).abs().max().item()
    if apart > _TOLERANCE * max(1.0, alone.abs().max().item()):
        raise LeakingPacks(
            f"Packed samples see each other in this model: scores differ by {apart:.3g}", "Set fit.packing=false."
        )
