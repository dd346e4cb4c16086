"""RKHS regression with Gaussian kernels."""

import numpy as np
import pytest

from seqmodels.breeding.comparison import correlations
from seqmodels.breeding.gblup import GBLUP
from seqmodels.breeding.kinship import gaussian_kernel, squared_distances
from seqmodels.breeding.rkhs import BANDWIDTHS, RKHS
from seqmodels.errors import ModelError
from tests.seqmodels.breeding.conftest import simulated


def test_it_solves_the_mixed_model_equations(lines):
    """By Henderson's equations with an intercept, whose solution knows nothing of eigenvalues."""
    fit, new = RKHS.fit(lines.genotypes, lines.phenotypes), simulated(6, 60, 0.5, seed=9).genotypes
    prediction, count = fit.predict(new), len(lines.genotypes)
    for trait, own in enumerate(fit.traits):
        kernel = gaussian_kernel(squared_distances(own.coordinates, own.coordinates), own.bandwidth)
        across = gaussian_kernel(squared_distances(own.scale.coordinates(new), own.coordinates), own.bandwidth)
        covariance = own.fit.components.genetic * kernel + own.fit.components.residual * np.eye(count)
        inverse, ones = np.linalg.inv(covariance), np.ones(count)
        mean = ones @ inverse @ lines.phenotypes[:, trait] / (ones @ inverse @ ones)
        reach = own.fit.components.genetic * across @ inverse
        values = mean + reach @ (lines.phenotypes[:, trait] - mean)
        left = 1 - reach @ ones
        errors = (
            own.fit.components.genetic
            - np.einsum("ij,ij->i", reach, own.fit.components.genetic * across)
            + left**2 / (ones @ inverse @ ones)
        )
        np.testing.assert_allclose(prediction.values[:, trait], values, rtol=1e-6)
        np.testing.assert_allclose(prediction.error_variance[:, trait], errors, rtol=1e-5)


def test_leaving_one_out_is_refitting_without_the_line_at_the_same_variances(lines):
    fit = RKHS.fit(lines.genotypes, lines.phenotypes)
    values, own = fit.leave_one_out(len(lines.genotypes))[:, 0], fit.traits[0]
    kernel = gaussian_kernel(squared_distances(own.coordinates, own.coordinates), own.bandwidth)
    covariance = own.fit.components.genetic * kernel + own.fit.components.residual * np.eye(len(kernel))
    for line in (0, 17, 149):
        rest = np.delete(np.arange(len(kernel)), line)
        inverse, ones, y = np.linalg.inv(covariance[np.ix_(rest, rest)]), np.ones(len(rest)), lines.phenotypes[rest, 0]
        mean = ones @ inverse @ y / (ones @ inverse @ ones)
        alone = mean + own.fit.components.genetic * kernel[line, rest] @ inverse @ (y - mean)
        assert values[line] == pytest.approx(alone, rel=1e-6)


def test_lines_without_a_phenotype_have_no_left_out_value(lines):
    phenotypes = lines.phenotypes.copy()
    phenotypes[3, 1] = np.nan
    values = RKHS.fit(lines.genotypes, phenotypes).leave_one_out(150)
    assert np.isnan(values).sum() == 1
    assert np.isnan(values[3, 1])


def test_the_bandwidth_is_that_of_the_greatest_restricted_likelihood(lines):
    best = RKHS.fit(lines.genotypes, lines.phenotypes, ["common"]).traits[0].fit.components.log_likelihood
    each = [
        RKHS.fit(lines.genotypes, lines.phenotypes, ["common"], [b]).traits[0].fit.components.log_likelihood
        for b in BANDWIDTHS
    ]
    assert best == max(each)


def test_it_predicts_what_markers_do_together_where_gblup_cannot():
    random = np.random.default_rng(0)
    genotypes = random.integers(0, 2, (500, 6)).astype(float)
    sides = 2 * genotypes - 1
    phenotypes = (sides[:, 0] * sides[:, 1] + sides[:, 2] * sides[:, 3])[:, None] + 0.5 * random.normal(size=(500, 1))
    training, new = slice(0, 400), slice(400, 500)
    scores = [
        correlations(
            model.fit(genotypes[training], phenotypes[training]).predict(genotypes[new]).values, phenotypes[new]
        )
        for model in (RKHS, GBLUP)
    ]
    assert scores[0][0] > 0.8
    assert scores[1][0] < 0.3


def test_a_line_like_a_training_line_is_surer_than_a_stranger(lines):
    fit = RKHS.fit(lines.genotypes, lines.phenotypes)
    near, far = fit.predict(lines.genotypes[:1]), fit.predict(2 - lines.genotypes[:1])
    assert (near.reliability > far.reliability).all()
    assert (near.interval()[1] - near.interval()[0] < far.interval()[1] - far.interval()[0]).all()


def test_lines_that_are_all_the_same_but_one_are_refused():
    genotypes = np.zeros((10, 3))
    genotypes[0] = 1
    with pytest.raises(ModelError, match="same genotypes"):
        RKHS.fit(genotypes, np.arange(10.0)[:, None])
