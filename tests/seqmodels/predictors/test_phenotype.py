"""Phenotypes of new lines: what is said, how sure it is, and that no training line can be read back."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file

from seqmodels.breeding.kinship import gaussian_kernel, squared_distances
from seqmodels.breeding.rkhs import RKHS
from seqmodels.data.errors import WrongColumns
from seqmodels.data.markers import Joined, Markers, Phenotypes
from seqmodels.errors import ModelError
from seqmodels.predictors.card import WEIGHTS
from seqmodels.predictors.phenotype import BUNDLED, PhenotypePredictor, bundled, kinship
from seqmodels.predictors.phenotype_axes import FamilyAxes
from seqmodels.predictors.phenotype_features import BANDWIDTH, KernelFeatures
from seqmodels.predictors.phenotype_model import PhenotypeModel
from seqmodels.predictors.recipes.phenotype import TRAITS, judge_repeat, tables, write
from seqmodels.predictors.recipes.phenotype_search import nearness

_MARKERS, _BLOCK = 240, 20


def inbred(lines: int, seed: int) -> np.ndarray:
    """Presence of markers (lines, markers): each line a mosaic, in blocks, of eight founders."""
    founders = np.random.default_rng(5).random((8, _MARKERS)) < 0.5
    blocks = np.random.default_rng(seed).integers(0, 8, (lines, _MARKERS // _BLOCK)).repeat(_BLOCK, axis=1)
    return founders[blocks, np.arange(_MARKERS)].astype(np.float32)


def yields(genotypes: np.ndarray, seed: int) -> np.ndarray:
    """Four traits of which markers explain three fifths."""
    effects = np.random.default_rng(6).normal(size=(_MARKERS, len(TRAITS)))
    genetic = genotypes @ effects / 10
    return (genetic + np.random.default_rng(seed).normal(size=genetic.shape) * genetic.std(0) * 0.8).astype(np.float32)


def table(genotypes: np.ndarray, prefix: str = "new") -> Markers:
    names = tuple(f"{prefix}{row}" for row in range(len(genotypes)))
    return Markers(names, tuple(f"m{column}" for column in range(_MARKERS)), genotypes, ("",) * _MARKERS)


@pytest.fixture(scope="module")
def lines() -> Joined:
    genotypes = inbred(150, 1)
    markers = table(genotypes, "line")
    return Joined(markers, Phenotypes(markers.lines, TRAITS, yields(genotypes, 2)), (), ())


@pytest.fixture(scope="module")
def folder(lines: Joined, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phenotype")
    write(folder, lines, *zip(*judge_repeat(lines, 0), strict=True))
    return folder


@pytest.fixture(scope="module")
def predictor(folder: Path) -> PhenotypePredictor:
    return PhenotypePredictor(folder)


def test_features_stand_for_a_gaussian_kernel() -> None:
    genotypes = inbred(40, 3).astype(np.float64)
    features = KernelFeatures.of(genotypes, 8_192)
    waves = features.of_lines(genotypes)
    coordinates = features.scale.coordinates(genotypes)
    distances = squared_distances(coordinates, coordinates)
    kernel = gaussian_kernel(distances, BANDWIDTH / np.median(distances[np.triu_indices(40, 1)]))
    np.testing.assert_allclose(waves @ waves.T, kernel, atol=0.05)


def test_new_lines_are_predicted_as_well_as_their_heritability_lets_expect(predictor: PhenotypePredictor) -> None:
    new = inbred(200, 8)
    measured, predicted = yields(new, 9), predictor.predict(table(new))
    assert predicted.traits == TRAITS
    assert min(np.corrcoef(predicted.values[:, at], measured[:, at])[0, 1] for at in range(4)) > 0.5
    inside = (predicted.low <= measured) & (measured <= predicted.high)
    assert 0.9 < inside.mean() < 0.99


def test_what_is_saved_predicts_as_an_rkhs_regression_with_all_its_lines(
    lines: Joined, predictor: PhenotypePredictor
) -> None:
    genotypes, phenotypes = tables(lines)
    model = RKHS.fit(genotypes, phenotypes, ("common",), (BANDWIDTH,))
    new = inbred(60, 8)
    expected, predicted = model.predict(new.astype(np.float64)), predictor.predict(table(new))
    for trait in range(len(TRAITS)):
        assert np.corrcoef(predicted.values[:, trait], expected.values[:, trait])[0, 1] > 0.97
    np.testing.assert_allclose(predicted.reliability.mean(0), expected.reliability.mean(0), atol=0.1)


@settings(deadline=None, max_examples=10)
@given(order=st.permutations(range(_MARKERS)))
def test_the_order_of_columns_does_not_matter(predictor: PhenotypePredictor, order: list[int]) -> None:
    new = table(inbred(5, 8))
    shuffled = replace(new, markers=tuple(new.markers[at] for at in order), dosages=new.dosages[:, order])
    np.testing.assert_array_equal(predictor.predict(shuffled).values, predictor.predict(new).values)


def test_two_copies_of_an_allele_are_presence_and_it_is_told(predictor: PhenotypePredictor) -> None:
    new = table(inbred(5, 8))
    doubled = predictor.predict(replace(new, dosages=2 * new.dosages))
    np.testing.assert_allclose(doubled.values, predictor.predict(new).values)
    assert any("two copies" in note for note in doubled.notes)


def test_an_unknown_genotype_counts_as_the_training_frequency_and_lowers_reliability(
    predictor: PhenotypePredictor,
) -> None:
    new = table(inbred(6, 8))
    gaps = new.dosages.copy()
    gaps[0, ::2] = np.nan
    predicted, whole = predictor.predict(replace(new, dosages=gaps)), predictor.predict(new)
    assert predicted.imputed.tolist() == [0.5, 0, 0, 0, 0, 0]
    assert "50% of the markers imputed" in predicted.flags[0]
    np.testing.assert_array_equal(predicted.values[1:], whole.values[1:])
    frequencies = inbred(150, 1).mean(0)
    filled = np.where(np.isnan(gaps), frequencies, gaps)
    np.testing.assert_allclose(predicted.values, predictor.predict(replace(new, dosages=filled)).values, atol=1e-4)


def test_markers_that_are_absent_are_told(predictor: PhenotypePredictor) -> None:
    new = table(inbred(3, 8))
    fewer = predictor.predict(new.select(new.markers[:200]))
    assert fewer.notes[0].startswith("40 of 240 markers are not in the table")
    assert (fewer.imputed == 40 / 240).all()


def test_too_few_markers_are_refused_with_what_is_found_and_needed(predictor: PhenotypePredictor) -> None:
    with pytest.raises(WrongColumns) as refused:
        predictor.predict(replace(table(inbred(3, 8)), markers=tuple(f"rs{number}" for number in range(_MARKERS))))
    assert "0 of the model's 240 markers are there; the table has 240: rs0, rs1, rs2, ..." in str(refused.value)
    assert "m0, m1, m2, ..." in str(refused.value)


def test_lines_of_another_population_are_flagged_and_others_are_not(predictor: PhenotypePredictor) -> None:
    own = predictor.predict(table(inbred(100, 8))).flags
    strangers = (np.random.default_rng(1).random((100, _MARKERS)) < 0.5).astype(np.float32)
    assert sum(map(bool, own)) <= 5
    assert all(flag == "unlike the training lines" for flag in predictor.predict(table(strangers)).flags)


def test_no_table_in_the_file_has_a_row_or_column_for_each_line(lines: Joined, folder: Path) -> None:
    assert len(lines.markers) == 150
    shapes = {name: tensor.shape for name, tensor in load_file(folder / WEIGHTS).items()}
    assert not [name for name, shape in shapes.items() if {149, 150} & set(shape)]


@pytest.fixture(scope="module")
def sisters() -> np.ndarray:
    """A population of which a fifth are sisters, who differ in one marker of a hundred."""
    others = inbred(120, 1)
    changed = np.random.default_rng(3).random((30, _MARKERS)) < 0.01
    return np.concatenate([others, np.where(changed, 1 - others[0], others[0])]).astype(np.float64)


def test_axes_between_families_do_not_give_sister_lines_away(sisters: np.ndarray) -> None:
    model = PhenotypeModel.fit(sisters, yields(sisters, 2).astype(np.float64), directions=256)
    found = nearness(model, sisters, starts=2)
    assert max(found.by_axes, found.by_values) < 0.9
    scale = model.axes.scale
    coordinates = scale.coordinates(sisters)
    principal = np.linalg.svd(coordinates - coordinates.mean(0), full_matrices=False)[2][:5].T
    careless = replace(model, axes=FamilyAxes(scale, principal))
    assert nearness(careless, sisters, starts=2).by_axes > 0.97


def test_a_line_is_its_own_nearest_relative() -> None:
    training = table(inbred(30, 4), "mine")
    found = kinship(training.take([3, 7]), training)
    assert found.nearest == ("mine3", "mine7")
    np.testing.assert_allclose(found.identical, 1)
    assert (found.relationship > found.mean).all()


def test_kinship_uses_the_markers_that_both_tables_have() -> None:
    training = table(inbred(30, 4), "mine")
    new = training.take([3]).select([*training.markers[100:], "another"])
    assert kinship(new, training).nearest == ("mine3",)
    with pytest.raises(WrongColumns, match="no marker in common"):
        kinship(new.select(["m200"]), training.select(training.markers[:50]))


def test_the_bundled_predictor_is_that_of_its_card() -> None:
    predictor = bundled()
    assert (len(predictor.markers), predictor.traits) == (1279, TRAITS)
    assert (BUNDLED / WEIGHTS).stat().st_size < 10_000_000
    for trait in TRAITS:
        assert predictor.card.score(f"{trait} correlation")
        coverage = predictor.card.score(f"{trait} coverage")
        assert coverage
        assert 0.9 < coverage.value < 1


def test_a_folder_without_its_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        PhenotypePredictor(tmp_path)
