"""Calibration: probabilities that come true as often as they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from seqmodels.predictors.calibration import Calibration, at_prevalence, calibrate, calibration_error


def drawn(slope: float, shift: float, rows: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and labels that come true with the probability of a line of them."""
    random = np.random.default_rng(0)
    logits = random.normal(0, 3, rows)
    return logits, (random.random(rows) < expit(slope * logits + shift)).astype(np.int64)


def test_an_overconfident_model_is_calmed() -> None:
    logits, labels = drawn(0.4, 0.3)
    found = calibrate(logits, labels)
    assert found.slope == pytest.approx(0.4, abs=0.02)
    assert found.shift == pytest.approx(0.3, abs=0.05)
    assert calibration_error(Calibration().probability(logits), labels) > 0.1
    assert calibration_error(found.probability(logits), labels) < 0.015


def test_the_error_of_certain_and_wrong_is_one_and_of_certain_and_right_none() -> None:
    labels = np.array([0, 1, 1, 0])
    assert calibration_error(1.0 - labels, labels) == 1.0
    assert calibration_error(labels.astype(float), labels) == 0.0


@given(st.floats(0.01, 0.99), st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_a_change_of_prevalence_is_undone_by_the_change_back(probability: float, ours: float, theirs: float) -> None:
    there = at_prevalence(np.array([probability]), ours, theirs)
    assert at_prevalence(there, theirs, ours)[0] == pytest.approx(probability, abs=1e-3)


def test_in_a_genome_where_few_are_positive_a_good_caller_is_mostly_wrong() -> None:
    assert at_prevalence(np.array([0.9]), 0.002)[0] == pytest.approx(0.0177, abs=1e-3)


@pytest.mark.parametrize("prevalence", [0.0, 1.0, -0.1, 7.0])
def test_what_is_no_share_is_refused(prevalence: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        at_prevalence(np.array([0.5]), prevalence)
