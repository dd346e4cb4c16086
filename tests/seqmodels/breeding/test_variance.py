"""Variance components by restricted maximum likelihood."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from seqmodels.breeding.gblup import GBLUP
from seqmodels.breeding.kinship import MarkerScale
from seqmodels.breeding.variance import Spectrum, restricted_maximum_likelihood
from seqmodels.errors import ModelError
from tests.seqmodels.breeding.conftest import simulated


@pytest.mark.parametrize("heritability", [0.2, 0.5, 0.8])
def test_simulated_heritability_is_found(heritability):
    found = []
    for seed in range(4):
        data = simulated(400, 150, heritability, seed)
        found.append(GBLUP.fit(data.genotypes, data.phenotypes, ["common"]).heritability[0])
    assert np.mean(found) == pytest.approx(heritability, abs=0.08)


def test_a_trait_of_noise_alone_has_hardly_any_heritability():
    data = simulated(400, 150, 0.5, seed=0)
    noise = np.random.default_rng(8).normal(size=(400, 1))
    assert GBLUP.fit(data.genotypes, noise).heritability[0] < 0.1


def test_the_likelihood_is_that_of_all_contrasts_between_lines():
    """Restricted likelihood: the density of any orthonormal basis of what the mean does not touch."""
    data = simulated(60, 20, 0.6, seed=1)
    kernel = (c := MarkerScale.of(data.genotypes).coordinates(data.genotypes)) @ c.T
    components = restricted_maximum_likelihood(Spectrum.of(kernel), data.phenotypes[:, 0])
    contrasts = np.linalg.svd(np.ones((1, 60)))[2][1:]
    covariance = components.genetic * kernel + components.residual * np.eye(60)

    def density(scale: float) -> float:
        spread = contrasts @ (scale * components.genetic * kernel + components.residual * np.eye(60)) @ contrasts.T
        return float(multivariate_normal(cov=spread).logpdf(contrasts @ data.phenotypes[:, 0]))

    assert components.log_likelihood == pytest.approx(
        multivariate_normal(cov=contrasts @ covariance @ contrasts.T).logpdf(contrasts @ data.phenotypes[:, 0])
    )
    assert density(1.0) > max(density(0.8), density(1.25))


def test_a_trait_without_differences_and_too_few_lines_are_refused():
    spectrum = Spectrum.of(np.eye(5))
    with pytest.raises(ModelError, match="same phenotype"):
        restricted_maximum_likelihood(spectrum, np.full(5, 7.3))
    with pytest.raises(ModelError, match="There are 2 lines"):
        Spectrum.of(np.eye(2))
