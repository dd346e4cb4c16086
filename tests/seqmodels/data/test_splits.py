from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqmodels.data.errors import TestIsClosed as ClosedTest
from seqmodels.data.errors import UnsuitableData
from seqmodels.data.splits import FinishedModel, Split, folds, split, strata_of
from seqmodels.data.splits import TestFile as HeldOut
from seqmodels.data.tables import Targets, read_labelled

GROUPS = st.integers(0, 10**9).map(lambda seed: np.random.default_rng(seed).integers(0, 30, 90))


def try_split(groups: np.ndarray, strata: np.ndarray, share: float, seed: int) -> Split | None:
    try:
        return split(groups, strata, share, seed)
    except UnsuitableData:
        return None


@given(GROUPS, st.floats(0.1, 0.5), st.integers(0, 99))
def test_a_split_has_every_row_once_and_breaks_no_group(groups: np.ndarray, share: float, seed: int) -> None:
    strata = np.arange(len(groups)) % 3
    made = try_split(groups, strata, share, seed)
    if made is None:
        assert np.bincount(groups).max() > 1
        return
    assert sorted([*made.train, *made.validation]) == list(range(len(groups)))
    assert not set(groups[made.train]) & set(groups[made.validation])
    assert 0.5 * share <= len(made.validation) / len(groups) <= 2 * share + 0.02


@given(GROUPS, st.integers(2, 5), st.integers(0, 99))
def test_folds_validate_every_row_once_and_break_no_group(groups: np.ndarray, k: int, seed: int) -> None:
    try:
        made = folds(groups, None, k, seed)
    except UnsuitableData:
        assert np.bincount(groups).max() > 0.3 * len(groups) / k
        return
    assert sorted(np.concatenate([fold.validation for fold in made])) == list(range(len(groups)))
    for fold in made:
        assert not set(groups[fold.train]) & set(groups[fold.validation])
        assert sorted([*fold.train, *fold.validation]) == list(range(len(groups)))


@given(st.integers(0, 9_999))
def test_the_same_seed_gives_the_same_split(seed: int) -> None:
    groups = np.arange(100) // 2
    first, second = split(groups, None, 0.2, seed), split(groups, None, 0.2, seed)
    assert np.array_equal(first.validation, second.validation)
    assert not np.array_equal(first.validation, split(groups, None, 0.2, seed + 1).validation)


def test_every_class_has_its_share_on_both_sides() -> None:
    rng = np.random.default_rng(0)
    labels = rng.choice(3, 3000, p=[0.9, 0.08, 0.02])
    groups = np.where(rng.random(3000) < 0.3, rng.integers(0, 300, 3000), np.arange(3000) + 300)
    for made in (split(groups, labels, 0.1, 1), *folds(groups, labels, 5, 1)):
        share = len(made.validation) / 3000
        for label in range(3):
            expected = share * (labels == label).sum()
            assert abs((labels[made.validation] == label).sum() - expected) <= max(2, 0.1 * expected)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(2, 5))
def test_large_groups_are_split_as_well_as_whole_groups_allow_or_refused(sizes: list[int], k: int) -> None:
    groups = np.repeat(np.arange(len(sizes)), sizes)
    try:
        made = folds(groups, None, k)
    except UnsuitableData:
        assert max(sizes) > 0.3 * len(groups) / k
        return
    assert min(len(fold.validation) for fold in made) >= len(groups) / k / 2


def test_rows_that_are_all_alike_cannot_be_split() -> None:
    with pytest.raises(UnsuitableData, match="100 rows in 1 groups of near-duplicates, the largest of 100"):
        split(np.zeros(100))
    with pytest.raises(UnsuitableData):
        split(np.empty(0))
    lopsided = np.concatenate([np.zeros(97), [1, 2, 3]])
    with pytest.raises(UnsuitableData, match="Give a validation file of your own"):
        split(lopsided, validation=0.4)


def test_shares_and_folds_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        split(np.arange(9), validation=1)
    with pytest.raises(ValueError, match="at least 2 folds"):
        folds(np.arange(9), k=1)
    with pytest.raises(ValueError, match="9 rows have groups, 3 have strata"):
        split(np.arange(9), np.arange(3))


def test_strata_are_classes_patterns_of_flags_or_tenths_of_values() -> None:
    classes = Targets("classes", ("label",), ("a", "b"), np.array([1, 0, -100]))
    assert strata_of(classes).tolist() == [1, 0, -100]
    flags = Targets("flags", ("x", "y"), (), np.float32([[0, 1], [1, 1], [0, 1], [np.nan, 1]]))
    numbers = strata_of(flags)
    assert numbers[0] == numbers[2]
    assert len(set(numbers)) == 3
    values = Targets("values", ("yield",), (), np.float32([[i] for i in range(20)] + [[np.nan]]))
    assert strata_of(values).tolist() == [i // 2 for i in range(20)] + [10]


def test_a_test_file_has_no_rows_until_a_model_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "test.csv"
    path.write_text("sequence,label\nACGT,1\nGGTT,0\n")
    test = HeldOut(path)
    with pytest.raises(TypeError):
        len(test)  # type: ignore[arg-type]
    weights = tmp_path / "model.safetensors"
    with pytest.raises(ClosedTest, match="no finished weights"):
        FinishedModel.of(weights)
    weights.write_bytes(b"trained")
    finished = FinishedModel.of(weights)
    rows = test.open(partial(read_labelled, classes=("0", "1")), finished)
    assert rows.sequences == ("ACGT", "GGTT")
    weights.write_bytes(b"trained further")
    with pytest.raises(ClosedTest, match="have changed"):
        test.open(read_labelled, finished)


def test_what_a_test_file_shows_before_is_its_dna_without_labels(tmp_path: Path) -> None:
    path = tmp_path / "test.csv"
    path.write_text("sequence,label\nACGT,1\n")
    shown = HeldOut(path).sequences()
    assert (shown.sequences, shown.targets) == (("ACGT",), None)
