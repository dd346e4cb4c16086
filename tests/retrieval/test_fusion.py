"""How likenesses become one score."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from retrieval.fusion import Weights, fuse

likenesses = arrays(np.float64, (4, 6), elements=st.floats(-1, 1))


def test_the_score_is_the_weighted_sum():
    scores = fuse(*(np.array([float(n)]) for n in (1, 2, 3, 4)), Weights(0.1, 0.2, 0.3, 0.4))
    np.testing.assert_allclose(scores, [0.1 + 0.4 + 0.9 + 1.6])


@given(likenesses, st.integers(0, 3), st.integers(0, 5))
def test_more_likeness_never_lowers_a_score_and_leaves_the_others(given_likenesses, which, passage):
    more = given_likenesses.copy()
    more[which, passage] += 0.5
    before, after = fuse(*given_likenesses), fuse(*more)
    assert after[passage] > before[passage]
    others = np.arange(6) != passage
    np.testing.assert_allclose(after[others], before[others])


@given(likenesses, st.integers(0, 5))
def test_a_passage_without_vectors_is_as_near_as_the_average_of_the_others(given_likenesses, passage):
    unknown = given_likenesses.copy()
    unknown[1:, passage] = np.nan
    known = np.delete(given_likenesses, passage, axis=1)
    average = given_likenesses.copy()
    average[1:, passage] = known[1:].mean(axis=1)
    np.testing.assert_allclose(fuse(*unknown), fuse(*average))


@given(likenesses)
def test_without_any_vectors_words_alone_decide(given_likenesses):
    given_likenesses[1:] = np.nan
    np.testing.assert_array_equal(np.argsort(fuse(*given_likenesses)), np.argsort(given_likenesses[0]))


def test_no_passages_have_no_scores():
    assert fuse(*np.empty((4, 0))).shape == (0,)
