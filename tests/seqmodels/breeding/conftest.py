"""Breeding lines whose true effects are known, and the wheat lines beside the repository."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

WHEAT = Path(__file__).parents[3].parent / "shared" / "data" / "wheat"


@dataclass(frozen=True)
class Lines:
    genotypes: np.ndarray
    phenotypes: np.ndarray
    genetic: np.ndarray


def simulated(lines: int, markers: int, heritability: float, seed: int, traits: int = 1) -> Lines:
    """Additive traits on markers of varied frequency; the genetic variance is `heritability`, the whole 1."""
    random = np.random.default_rng(seed)
    genotypes = random.binomial(2, random.uniform(0.1, 0.9, markers), (lines, markers)).astype(float)
    genetic = (genotypes - genotypes.mean(0)) @ random.normal(size=(markers, traits))
    genetic *= heritability**0.5 / genetic.std(0)
    noise = random.normal(size=genetic.shape) * (1 - heritability) ** 0.5
    return Lines(genotypes, 10 + genetic + noise, genetic)


@pytest.fixture(scope="session")
def lines() -> Lines:
    return simulated(150, 60, 0.6, seed=3, traits=2)


@pytest.fixture(scope="session")
def wheat_folder() -> Path:
    if not WHEAT.is_dir():
        pytest.skip(f"{WHEAT} is not here")
    return WHEAT
