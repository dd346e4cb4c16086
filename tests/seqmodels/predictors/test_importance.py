"""Importance: what every other base in a window would change."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seqmodels.data.strands import reverse_complement
from seqmodels.predictors.domains import domain_of
from seqmodels.predictors.importance import BASES, importance
from seqmodels.predictors.methylation import CENTRE, MethylationPredictor
from tests.seqmodels.predictors.tiny import dna, methylation_folder

WEIGHTS = np.random.default_rng(0).normal(size=(12, 4))


def additive(windows) -> np.ndarray:
    """A model in which every base counts by itself."""
    return np.array([sum(WEIGHTS[at, BASES.index(base)] for at, base in enumerate(window)) for window in windows])


def both_strands(windows) -> np.ndarray:
    return (additive(windows) + additive([reverse_complement(window) for window in windows])) / 2


@given(window=st.text(BASES, min_size=12, max_size=12))
def test_of_an_additive_model_it_is_the_difference_of_the_weights(window: str) -> None:
    own = WEIGHTS[np.arange(12), [BASES.index(base) for base in window]]
    np.testing.assert_allclose(importance(window, additive), WEIGHTS - own[:, None], atol=1e-9)


@given(window=st.text(BASES, min_size=12, max_size=12))
def test_a_model_that_averages_strands_finds_the_same_bases_important_on_either(window: str) -> None:
    here, there = importance(window, both_strands), importance(reverse_complement(window), both_strands)
    # A becomes T and C becomes G: the columns are turned too.
    np.testing.assert_allclose(here, there[::-1, ::-1], atol=1e-9)


def test_the_base_that_is_there_has_none_and_the_candidate_itself_is_left_out(tmp_path) -> None:
    predictor, domain = MethylationPredictor(methylation_folder(tmp_path)), domain_of("6mA_A.thaliana")
    window = dna(20, 1) + "A" + dna(20, 2)
    found = importance(window, lambda windows: predictor.logits(windows, domain), frozenset({CENTRE}))
    assert found.shape == (41, 4)
    assert np.isnan(found[CENTRE]).all()
    others = np.delete(np.arange(41), CENTRE)
    own = [BASES.index(window[at]) for at in others]
    assert (found[others, own] == 0).all()
    assert (np.delete(found[others].ravel(), np.arange(40) * 4 + own) != 0).all()
