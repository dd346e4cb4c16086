"""Folds, and intervals over them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqmodels.breeding.comparison import corrected_interval, correlations
from seqmodels.breeding.folds import folds
from seqmodels.errors import ModelError


@given(lines=st.integers(2, 200), seed=st.integers(0, 99), data=st.data())
def test_every_line_is_in_one_fold_and_folds_are_of_like_size(lines, seed, data):
    count = data.draw(st.integers(2, lines))
    sizes = np.bincount(folds(lines, count, seed), minlength=count)
    assert sizes.sum() == lines
    assert sizes.max() - sizes.min() <= 1
    np.testing.assert_array_equal(folds(lines, count, seed), folds(lines, count, seed))


def test_another_seed_cuts_otherwise_and_impossible_folds_are_refused():
    assert (folds(100, 10, 1) != folds(100, 10, 2)).any()
    with pytest.raises(ModelError, match="3 lines do not make 4 folds"):
        folds(3, 4, 0)


def test_a_line_without_a_measurement_is_left_out_of_the_correlation():
    measured = np.array([[1.0, 5.0], [2.0, np.nan], [3.0, 1.0], [4.0, 3.0]])
    predicted = np.array([[2.0, 1.0], [1.0, 9.0], [4.0, 3.0], [3.0, 1.0]])
    expected = [np.corrcoef(predicted[:, 0], measured[:, 0])[0, 1], np.corrcoef([1, 3, 1], [5, 1, 3])[0, 1]]
    np.testing.assert_allclose(correlations(predicted, measured), expected)
    assert correlations(np.ones((4, 1)), measured[:, :1])[0] == 0


def test_the_interval_counts_lines_that_training_sets_share():
    """Ten scores 1..10: variance 55/6, t(9) at 0.975 is 2.262157; plain t would reach 2.166."""
    interval = corrected_interval(np.arange(1.0, 11.0), test_share=1 / 9)
    assert interval.mean == 5.5
    assert interval.high - interval.mean == pytest.approx(2.262157 * (55 / 6 * (1 / 10 + 1 / 9)) ** 0.5, rel=1e-6)
    assert interval.mean - interval.low == pytest.approx(interval.high - interval.mean)
