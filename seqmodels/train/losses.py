"""What training makes small, by the kind of head; what is missing counts nothing."""

import torch
from torch import Tensor
from torch.nn import functional

from seqmodels.train.head import Head


def loss_of(logits: Tensor, labels: Tensor, head: Head, smoothing: float = 0.0) -> Tensor:
    """The mean loss of a batch.

    Args:
        logits: (rows, outputs), for tags (rows, tokens, outputs).
        labels: int64 without the last axis and -100 where missing; for flags and values float, NaN where missing.
        head: what the outputs are.
        smoothing: share of the target that is spread over all classes (Szegedy et al. 2016, arXiv:1512.00567).
    """
    logits = logits.float()
    if head.kind in ("classes", "tags"):
        flat = logits.flatten(0, -2), labels.flatten()
        # A batch without any known label has no gradient, rather than none that is a number.
        total = functional.cross_entropy(*flat, label_smoothing=smoothing, reduction="sum")
        return total / (labels >= 0).sum().clamp(min=1)
    known = ~labels.isnan()
    truth = torch.where(known, labels, 0.0)
    if head.kind == "flags":
        truth = truth * (1 - smoothing) + smoothing / 2
        each = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    else:
        each = functional.mse_loss(logits, truth, reduction="none")
    return (each * known).sum() / known.sum().clamp(min=1)
