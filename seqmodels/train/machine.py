"""Which process this is, and on what it trains."""

import os

import torch

from seqmodels.train.config import Trainer
from seqmodels.train.errors import ConfigError


def is_first() -> bool:
    """Whether this process is the one that writes, among those of torchrun, SLURM or Lightning's own start."""
    started_by_others = os.environ.get("RANK") or (_in_slurm() and os.environ.get("SLURM_PROCID"))
    if started_by_others:
        return started_by_others == "0"
    return os.environ.get("LOCAL_RANK", "0") == "0" and os.environ.get("NODE_RANK", "0") == "0"


def refuse_absent_gpu(trainer: Trainer) -> None:
    """Raise ConfigError where a GPU is asked for and there is none."""
    if trainer.accelerator in ("gpu", "cuda") and not torch.cuda.is_available():
        raise ConfigError("torch sees no GPU", "Say trainer=cpu, or see `epicite doctor`.")


def device_of(trainer: Trainer) -> str:
    """The first device, by torch's name."""
    return "cpu" if trainer.accelerator == "cpu" else "cuda:0"


def _in_slurm() -> bool:
    return int(os.environ.get("SLURM_NTASKS", "1")) > 1
