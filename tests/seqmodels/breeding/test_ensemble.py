"""gMLPs that carry an RKHS value."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from seqmodels.breeding import ensemble
from seqmodels.breeding.comparison import correlations
from seqmodels.breeding.ensemble import Recipe, fit_ensemble
from seqmodels.breeding.gblup import GBLUP
from seqmodels.breeding.rkhs import RKHS
from seqmodels.gmlp import GMLPForRegression
from tests.seqmodels.breeding.conftest import simulated

SMALL = Recipe(
    inner_folds=3, inner_repeats=2, epochs=2, block_size=16, hidden_size=8, intermediate_size=8, num_hidden_layers=1
)


def test_the_same_seed_gives_the_same_ensemble_and_leaves_the_generator_alone(lines):
    state = torch.get_rng_state()
    first, second = (fit_ensemble(lines.genotypes, lines.phenotypes, 7, SMALL) for _ in range(2))
    other = fit_ensemble(lines.genotypes, lines.phenotypes, 8, SMALL)
    np.testing.assert_array_equal(first.predict(lines.genotypes), second.predict(lines.genotypes))
    assert (first.predict_alone(lines.genotypes) != other.predict_alone(lines.genotypes)).any()
    assert torch.equal(torch.get_rng_state(), state)


def test_the_prediction_is_the_stated_mixture(lines):
    fit = fit_ensemble(lines.genotypes, lines.phenotypes, 7, SMALL)
    alone, polygenic = fit.predict_alone(lines.genotypes), fit.rkhs.predict(lines.genotypes).values
    np.testing.assert_allclose(fit.predict(lines.genotypes), alone + fit.carry * (polygenic - alone), rtol=1e-5)
    assert len(fit.members) == SMALL.members


def test_the_carry_is_chosen_by_lines_that_a_member_has_not_seen(lines, monkeypatch):
    seen, unseen = [], []
    train, set_carry = ensemble.train_member, GMLPForRegression.set_carry

    def watched_training(genotypes, phenotypes, seed, recipe):
        member = train(genotypes, phenotypes, seed, recipe)
        seen.append((member, {tuple(line) for line in genotypes.tolist()}))
        return member

    def watched_carry(member, own, polygenic, phenotypes):
        unseen.append(own)
        set_carry(member, own, polygenic, phenotypes)

    monkeypatch.setattr(ensemble, "train_member", watched_training)
    monkeypatch.setattr(GMLPForRegression, "set_carry", watched_carry)
    fit_ensemble(lines.genotypes, lines.phenotypes, 7, SMALL)
    assert len(unseen) == len(seen) == SMALL.members
    for line, used in zip(torch.tensor(lines.genotypes, dtype=torch.float32)[:20], unseen[0], strict=False):
        strangers = [member(line[None]).logits[0] for member, lines in seen if tuple(line.tolist()) not in lines]
        assert len(strangers) == SMALL.inner_repeats
        torch.testing.assert_close(torch.stack(strangers).mean(0), used, rtol=1e-4, atol=1e-4)


def test_networks_that_learn_nothing_leave_the_word_to_rkhs():
    data = simulated(200, 60, 0.8, seed=6, traits=2)
    fit = fit_ensemble(data.genotypes, data.phenotypes, 1, replace(SMALL, epochs=1, learning_rate=1e-6))
    np.testing.assert_allclose(fit.carry, 1, atol=0.05)


def test_missing_genotypes_and_phenotypes_are_taken(lines):
    genotypes, phenotypes = lines.genotypes.copy(), lines.phenotypes.copy()
    genotypes[::3, 5], genotypes[1::3, 6], phenotypes[:30, 0] = np.nan, -1, np.nan
    fit = fit_ensemble(genotypes, phenotypes, 7, SMALL)
    assert np.isfinite(fit.predict(genotypes)).all()


def test_on_simulated_lines_with_epistasis_it_is_not_worse_than_gblup():
    random = np.random.default_rng(4)
    genotypes = random.integers(0, 2, (300, 32)).astype(float)
    sides = 2 * genotypes - 1
    genetic = sides[:, :8].sum(1) / 8**0.5 + (sides[:, 8:12] * sides[:, 20:24]).sum(1)
    phenotypes = (genetic + random.normal(size=300))[:, None]
    training, new = slice(0, 240), slice(240, 300)
    recipe = Recipe(inner_folds=3, inner_repeats=1, block_size=8, num_hidden_layers=2)
    fit = fit_ensemble(genotypes[training], phenotypes[training], 0, recipe)
    gblup = GBLUP.fit(genotypes[training], phenotypes[training])
    ours, theirs = (correlations(m.predict(genotypes[new]), phenotypes[new])[0] for m in (fit, _Values(gblup)))
    assert ours >= theirs


class _Values:
    def __init__(self, model: GBLUP) -> None:
        self.model = model

    def predict(self, genotypes):
        return self.model.predict(genotypes).values


def test_wheat_yields_are_predicted_as_published(wheat_folder):
    """Two published folds: GBLUP is where ten have it, and a Gaussian kernel above it."""
    from benchmarks.wheat import read_wheat

    wheat = read_wheat(wheat_folder)
    assert wheat.genotypes.shape == (599, 1279)
    scores = {"gblup": [], "rkhs": []}
    for fold in range(2):
        training, test = wheat.shipped != fold, wheat.shipped == fold
        known, yields = wheat.genotypes[training], wheat.yields[training]
        for name, model in (("gblup", GBLUP.fit(known, yields)), ("rkhs", RKHS.fit(known, yields, bandwidths=[2.0]))):
            scores[name].append(correlations(model.predict(wheat.genotypes[test]).values, wheat.yields[test]))
    assert np.mean(scores["gblup"]) == pytest.approx(0.47, abs=0.06)
    assert np.mean(scores["rkhs"]) > np.mean(scores["gblup"])
