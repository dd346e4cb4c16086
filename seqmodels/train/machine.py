"""Which processes train, and on what."""

import os

import torch

from seqmodels.train.config import Trainer
from seqmodels.train.errors import ConfigError


def is_first() -> bool:
    """Whether this process is the one that writes."""
    return rank_of(1) == 0


def rank_of(per_node: int) -> int:
    """The number of this process among all, with so many on each node."""
    return int(os.environ.get("LOCAL_RANK", "0")) + per_node * int(os.environ.get("NODE_RANK", "0"))


def processes(trainer: Trainer) -> int:
    """How many processes a node has; raises ConfigError where a GPU is asked for and there is none."""
    if trainer.accelerator == "gpu" and not torch.cuda.is_available():
        raise ConfigError("torch sees no GPU", "Say trainer=cpu, or see `epicite doctor`.")
    return trainer.devices if trainer.devices > 0 else max(1, torch.cuda.device_count())


def device_of(trainer: Trainer) -> str:
    """The first device, by torch's name."""
    return "cpu" if trainer.accelerator == "cpu" else "cuda:0"
