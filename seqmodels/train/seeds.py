"""Random numbers that depend on the seed, the purpose and the step alone, so that a run gone on with draws the same."""

import zlib

import numpy as np
import torch


def seed_of(seed: int, purpose: str, *numbers: int) -> int:
    """A number of 63 bits for a purpose at a step."""
    words = [seed & 0xFFFFFFFF, seed >> 32, zlib.crc32(purpose.encode()), *numbers]
    return int(np.random.SeedSequence(words).generate_state(1, np.uint64)[0] >> np.uint64(1))


def generator(seed: int, purpose: str, *numbers: int) -> torch.Generator:
    """A generator of torch's, on the CPU, for a purpose at a step."""
    return torch.Generator().manual_seed(seed_of(seed, purpose, *numbers))
