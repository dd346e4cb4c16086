"""Genomic relationships and kernels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seqmodels.breeding.kinship import MarkerScale, gaussian_kernel, squared_distances
from seqmodels.errors import ModelError

genotype_tables = arrays(
    np.float64, st.tuples(st.integers(2, 12), st.integers(1, 15)), elements=st.integers(0, 2)
).filter(lambda table: bool((table != table[0]).any()))


@given(genotype_tables)
def test_relationships_of_the_common_scaling_are_van_radens_first_method(table):
    p = table.mean(0) / (2 if table.max() > 1 else 1)
    copies = 2 if table.max() > 1 else 1
    varies = (table != table[0]).any(0)
    centred = (table - copies * p)[:, varies]
    expected = centred @ centred.T / (copies * (p * (1 - p))[varies].sum())
    coordinates = MarkerScale.of(table, "common").coordinates(table)
    np.testing.assert_allclose(coordinates @ coordinates.T, expected, atol=1e-10)


def test_standardised_markers_each_have_their_expected_variance():
    table = np.random.default_rng(0).binomial(2, [0.1, 0.3, 0.5, 0.8], (500, 4)).astype(float)
    coordinates = MarkerScale.of(table, "standardised").coordinates(table)
    np.testing.assert_allclose(coordinates.var(0), 1 / 4, rtol=0.15)


@given(genotype_tables, st.floats(0.01, 50.0))
@settings(max_examples=50)
def test_kernels_are_positive_semi_definite(table, bandwidth):
    coordinates = MarkerScale.of(table).coordinates(table)
    kernel = gaussian_kernel(squared_distances(coordinates, coordinates), bandwidth)
    assert np.linalg.eigvalsh(kernel).min() > -1e-9
    assert np.linalg.eigvalsh(coordinates @ coordinates.T).min() > -1e-9
    np.testing.assert_allclose(np.diag(kernel), 1, atol=1e-6)


@pytest.mark.parametrize("mark", [np.nan, -1.0])
def test_a_missing_genotype_is_taken_for_the_training_mean(mark):
    table = np.random.default_rng(1).integers(0, 3, (30, 5)).astype(float)
    holes = table.copy()
    holes[4:8, 2] = mark
    filled = table.copy()
    filled[4:8, 2] = np.delete(table[:, 2], slice(4, 8)).mean()
    scale = MarkerScale.of(holes)
    np.testing.assert_allclose(scale.mean, filled.mean(0))
    np.testing.assert_allclose(scale.coordinates(holes), scale.coordinates(filled))
    assert (scale.coordinates(holes)[4:8, 2] == 0).all()


def test_a_marker_without_differences_weighs_nothing():
    table = np.array([[0.0, 1.0, 1.0], [2.0, 1.0, np.nan], [1.0, 1.0, 1.0]])
    assert (MarkerScale.of(table, "standardised").weight[1:] == 0).all()


@pytest.mark.parametrize(
    ("table", "found"),
    [
        (np.ones((5, 3)), "None of 3 markers differs between 5 lines"),
        (np.full((5, 3), np.nan), "None of 3 markers"),
        (np.zeros((0, 3)), r"\(0, 3\)"),
        (np.array([[0.0, 3.0], [1.0, 0.0]]), "A genotype is 3.0"),
    ],
)
def test_what_is_no_table_of_genotypes_is_refused(table, found):
    with pytest.raises(ModelError, match=found):
        MarkerScale.of(table)


def test_lines_with_other_markers_are_refused():
    scale = MarkerScale.of(np.array([[0.0, 1.0], [1.0, 0.0]]))
    with pytest.raises(ModelError, match="3 markers, the training lines 2"):
        scale.coordinates(np.zeros((1, 3)))
