"""GBLUP and the marker effects that it amounts to."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from seqmodels.breeding.gblup import GBLUP
from seqmodels.breeding.marker_effects import MarkerEffects
from seqmodels.errors import ModelError
from tests.seqmodels.breeding.conftest import simulated


def ridge(coordinates, phenotypes, new, penalty):
    """Ridge regression on marker coordinates with a mean that is not shrunk, by its normal equations."""
    design = np.column_stack([np.ones(len(coordinates)), coordinates])
    penalties = np.r_[0.0, np.full(coordinates.shape[1], penalty)]
    inverse = np.linalg.inv(design.T @ design + np.diag(penalties))
    rows = np.column_stack([np.ones(len(new)), new])
    return rows @ inverse @ design.T @ phenotypes, np.einsum("ij,jk,ik->i", rows, inverse, rows)


@pytest.mark.parametrize("scaling", ["common", "standardised"])
def test_it_is_ridge_regression_on_markers(lines, scaling):
    new = simulated(7, 60, 0.5, seed=9).genotypes
    fit = GBLUP.fit(lines.genotypes, lines.phenotypes, [scaling])
    prediction = fit.predict(new)
    for trait, components in enumerate(fit.components):
        values, variance = ridge(
            fit.coordinates, lines.phenotypes[:, trait], fit.scale.coordinates(new), components.ratio
        )
        np.testing.assert_allclose(prediction.values[:, trait], values, rtol=1e-8)
        np.testing.assert_allclose(prediction.error_variance[:, trait], components.residual * variance, rtol=1e-8)


def test_missing_phenotypes_leave_a_line_out_of_that_trait_alone(lines):
    phenotypes = lines.phenotypes.copy()
    phenotypes[:40, 0] = np.nan
    fit, new = GBLUP.fit(lines.genotypes, phenotypes, ["common"]), lines.genotypes[:40]
    whole = GBLUP.fit(lines.genotypes, lines.phenotypes, ["common"])
    np.testing.assert_allclose(fit.predict(new).values[:, 1], whole.predict(new).values[:, 1])
    values, variance = ridge(
        fit.coordinates[40:], phenotypes[40:, 0], fit.scale.coordinates(new), fit.components[0].ratio
    )
    np.testing.assert_allclose(fit.predict(new).values[:, 0], values, rtol=1e-8)
    np.testing.assert_allclose(fit.predict(new).error_variance[:, 0], fit.components[0].residual * variance, rtol=1e-8)


def test_marker_effects_say_the_same_without_the_lines(lines):
    phenotypes = lines.phenotypes.copy()
    phenotypes[:40, 0] = np.nan
    fit, new = GBLUP.fit(lines.genotypes, phenotypes), simulated(9, 60, 0.5, seed=4).genotypes
    new[0, :7] = np.nan
    with_lines, without = fit.predict(new), fit.marker_effects().predict(new)
    np.testing.assert_allclose(without.values, with_lines.values, rtol=1e-8)
    np.testing.assert_allclose(without.error_variance, with_lines.error_variance, rtol=1e-6)
    np.testing.assert_allclose(without.reliability, with_lines.reliability, rtol=1e-6)
    np.testing.assert_allclose(without.interval(0.9)[1], with_lines.interval(0.9)[1], rtol=1e-6)


def test_with_fewer_loadings_values_stay_and_errors_are_stated_too_large(lines):
    fit, new = GBLUP.fit(lines.genotypes, lines.phenotypes), simulated(30, 60, 0.5, seed=4).genotypes
    short = fit.marker_effects(loadings=8)
    assert all(trait.loadings.shape == (60, 8) for trait in short.traits)
    np.testing.assert_allclose(short.predict(new).values, fit.predict(new).values, rtol=1e-8)
    assert (short.predict(new).error_variance >= fit.predict(new).error_variance).all()
    assert (short.predict(new).reliability <= fit.predict(new).reliability).all()


def test_saved_marker_effects_say_the_same(lines, tmp_path):
    effects = GBLUP.fit(lines.genotypes, lines.phenotypes).marker_effects(loadings=5)
    effects.save(tmp_path / "effects.safetensors")
    loaded = MarkerEffects.load(tmp_path / "effects.safetensors")
    for name in ("values", "error_variance", "reliability", "residual_variance"):
        before, after = (getattr(e.predict(lines.genotypes), name) for e in (effects, loaded))
        np.testing.assert_array_equal(before, after)
    assert loaded.traits[1].components == effects.traits[1].components


def test_a_file_that_holds_something_else_is_refused(tmp_path):
    save_file({"weight": np.ones(3)}, tmp_path / "other.safetensors")
    (tmp_path / "text.safetensors").write_text("effects", encoding="utf-8")
    for name in ("other", "text"):
        with pytest.raises(ModelError, match="holds no marker effects"):
            MarkerEffects.load(tmp_path / f"{name}.safetensors")


def test_an_effect_is_what_one_copy_more_adds(lines):
    effects = GBLUP.fit(lines.genotypes, lines.phenotypes).marker_effects()
    line = np.ones((1, 60))
    more = line.copy()
    more[0, 11] += 1
    np.testing.assert_allclose(effects.predict(more).values - effects.predict(line).values, effects.effects[11:12])


def test_effects_come_near_the_true_ones():
    data = simulated(1200, 40, 0.7, seed=2)
    fit = GBLUP.fit(data.genotypes, data.phenotypes, ["common"])
    true = np.linalg.lstsq(data.genotypes - data.genotypes.mean(0), data.genetic[:, 0], rcond=None)[0]
    assert np.corrcoef(fit.marker_effects().effects[:, 0], true)[0, 1] > 0.95


def test_intervals_hold_as_often_as_they_say_and_reliability_is_the_squared_correlation():
    data = simulated(1600, 400, 0.5, seed=5)
    fit = GBLUP.fit(data.genotypes[:800], data.phenotypes[:800], ["common"])
    prediction, genetic = fit.predict(data.genotypes[800:]), 10 + data.genetic[800:]
    for of, truth in (("phenotype", data.phenotypes[800:]), ("genetic value", genetic)):
        low, high = prediction.interval(0.8, of=of)
        assert np.mean((low < truth) & (truth < high)) == pytest.approx(0.8, abs=0.06)
    squared = np.corrcoef(prediction.values[:, 0], genetic[:, 0])[0, 1] ** 2
    assert prediction.reliability.mean() == pytest.approx(squared, abs=0.08)
    with pytest.raises(ModelError, match="interval of a 'mean'"):
        prediction.interval(of="mean")


def test_the_scaling_of_the_greater_likelihood_is_taken(lines):
    chosen = GBLUP.fit(lines.genotypes, lines.phenotypes)
    likelihood = {
        scaling: sum(c.log_likelihood for c in GBLUP.fit(lines.genotypes, lines.phenotypes, [scaling]).components)
        for scaling in ("common", "standardised")
    }
    assert chosen.scaling == max(likelihood, key=likelihood.__getitem__)


def test_phenotypes_of_other_lines_are_refused(lines):
    with pytest.raises(ModelError, match=r"\(149, 2\), genotypes 150 lines"):
        GBLUP.fit(lines.genotypes, lines.phenotypes[1:])
