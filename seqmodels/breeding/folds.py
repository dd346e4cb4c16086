"""Folds of lines for cross-validation."""

import numpy as np
from numpy.typing import NDArray

from seqmodels.errors import ModelError


def folds(lines: int, count: int, seed: int | list[int]) -> NDArray[np.int64]:
    """The fold of each line, int64 (lines,), from 0 to count - 1; sizes differ by one at most.

    Raises:
        ModelError: fewer than two folds, or more than there are lines.
    """
    if not 2 <= count <= lines:
        raise ModelError(f"{lines:,} lines do not make {count} folds", "Choose between 2 and the number of lines.")
    return np.random.default_rng(seed).permutation(np.arange(lines, dtype=np.int64) % count)
