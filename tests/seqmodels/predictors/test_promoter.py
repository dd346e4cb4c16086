"""Promoters: windows, scans and the best places of a sequence."""

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqmodels.data.strands import reverse_complement
from seqmodels.data.tables import LabelledSequences
from seqmodels.errors import ModelError
from seqmodels.predictors.card import WEIGHTS, Card, weights_hash, write_card
from seqmodels.predictors.ensemble import save_ensemble
from seqmodels.predictors.promoter import (
    BUNDLED,
    CALIBRATION,
    Places,
    PromoterPredictor,
    Scan,
    best_places,
    bundled,
    joined,
)
from seqmodels.predictors.promoter_files import write_places
from seqmodels.predictors.recipes.promoter import widened
from seqmodels.predictors.recipes.promoter_sets import (
    CORE_AT,
    LENGTHS,
    Promoters,
    alike,
    parted,
    parted_along,
)
from seqmodels.sitenet import FIRST_BASE, SiteNetConfig, SiteNetForSequenceClassification
from tests.seqmodels.predictors.tiny import dna


def folder_of_predictor(folder: Path, window: int = 70) -> Path:
    """Two tiny networks that nobody has trained."""
    torch.manual_seed(0)
    shape = SiteNetConfig(window=window, channels=8, hidden=8, blocks=2)
    save_ensemble(folder, [SiteNetForSequenceClassification(shape).train(False) for _ in range(2)])
    (folder / CALIBRATION).write_text("[40.0, 0.2]")
    told = dict.fromkeys(("predicts", "data", "licence", "split", "command", "calibration", "limits"), "none")
    write_card(folder, Card(name="tiny", seeds=(0,), scores=(), sha256=weights_hash(folder), **told))
    return folder


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> PromoterPredictor:
    return PromoterPredictor(folder_of_predictor(tmp_path_factory.mktemp("promoter")))


def places(begins: list[int], probabilities: list[float]) -> Places:
    zeros, strands = np.zeros(len(begins)), np.array(["+"] * len(begins))
    return Places(np.array(probabilities), zeros, "chr", np.array(begins), strands)


def test_each_strand_of_a_window_has_its_own_probability(predictor: PromoterPredictor) -> None:
    windows = [dna(70, seed) for seed in range(20)]
    given_, other = predictor.windows(windows), predictor.windows([reverse_complement(each) for each in windows])
    np.testing.assert_allclose(given_.others, other.probabilities, atol=1e-6)
    np.testing.assert_allclose(given_.either, other.either, atol=1e-6)
    assert not np.allclose(given_.probabilities, given_.others)


def test_a_window_is_flagged_only_where_the_other_strand_has_the_greater_probability(
    predictor: PromoterPredictor,
) -> None:
    judged = predictor.windows([dna(70, seed) for seed in range(20)])
    expected = np.maximum(judged.others - judged.probabilities, 0)
    np.testing.assert_array_equal(judged.disagreements, expected)
    assert 0 < (expected > 0).sum() < 20


def test_prevalence_lowers_every_probability_and_keeps_their_order(predictor: PromoterPredictor) -> None:
    judged = predictor.windows([dna(70, seed) for seed in range(20)])
    rare = judged.at_prevalence(0.01)
    assert (rare.probabilities < judged.probabilities).all()
    np.testing.assert_array_equal(np.argsort(rare.others), np.argsort(judged.others))


@settings(deadline=None, max_examples=15)
@given(length=st.integers(70, 400), step=st.integers(1, 60), seed=st.integers(0, 99))
def test_a_scan_says_of_every_window_what_the_window_cut_out_would(
    predictor: PromoterPredictor, length: int, step: int, seed: int
) -> None:
    sequence, counts = dna(length, seed), Scan()
    found = joined(list(predictor.scan("chr", sequence, counts, step)))
    assert found.begins.tolist() == sorted({*range(0, length - 69, step), length - 70})
    judged = predictor.windows([sequence[begin : begin + 70] for begin in found.begins.tolist()])
    np.testing.assert_allclose(found.probabilities, judged.either, atol=1e-5)
    assert (counts.bases, counts.scored, counts.with_unknown) == (length, len(found.begins), 0)


def test_windows_with_unknown_bases_are_left_out_of_a_scan_and_counted(predictor: PromoterPredictor) -> None:
    sequence, counts = dna(100, 1) + "N" + dna(100, 2), Scan()
    found = joined(list(predictor.scan("chr", sequence, counts, 1)))
    assert not any("N" in sequence[begin : begin + 70] for begin in found.begins.tolist())
    assert (counts.scored, counts.with_unknown) == (62, 70)


def test_a_window_or_sequence_of_the_wrong_length_is_refused(predictor: PromoterPredictor) -> None:
    with pytest.raises(ModelError, match="Window 2 has 69 bases and needs 70"):
        predictor.windows([dna(70, 1), dna(69, 1)])
    with pytest.raises(ModelError, match="chr has 50 bases, and a window 70"):
        list(predictor.scan("chr", dna(50, 1), Scan()))


@given(
    begins=st.lists(st.integers(0, 2000), min_size=1, max_size=40, unique=True),
    seed=st.integers(0, 99),
)
def test_best_places_do_not_overlap_and_none_better_is_left_out(begins: list[int], seed: int) -> None:
    found = places(sorted(begins), np.random.default_rng(seed).random(len(begins)).tolist())
    best = best_places(found, 70, 0.5)
    assert (np.diff(best.begins) >= 70).all()
    for begin, probability in zip(found.begins, found.probabilities, strict=True):
        near = np.abs(best.begins - begin) < 70
        assert probability < 0.5 or best.probabilities[near].max() >= probability


def test_a_scan_is_written_as_csv_of_all_windows_and_as_bed_of_the_best() -> None:
    found = places([0, 10, 200], [0.6, 0.9, 0.2])
    table, bed = StringIO(), StringIO()
    assert write_places(table, [found], 70) == write_places(bed, [found], 70, format_="bed") == 1
    assert table.getvalue().splitlines() == [
        "name,start,end,strand,score,label,best",
        "chr,1,70,+,0.6,1,0",
        "chr,11,80,+,0.9,1,1",
        "chr,201,270,+,0.2,0,0",
    ]
    assert bed.getvalue() == "chr\t10\t80\tpromoter\t900\t+\n"


def test_a_network_of_300_bases_begins_as_one_that_reads_the_middle_of_its_window() -> None:
    torch.manual_seed(0)
    core = SiteNetForSequenceClassification(SiteNetConfig(window=70, channels=8, hidden=8, blocks=2)).train(False)
    ids = torch.randint(FIRST_BASE, FIRST_BASE + 4, (5, LENGTHS["tata300"]))
    with torch.no_grad():
        middle = core(ids[:, CORE_AT : CORE_AT + LENGTHS["core"]]).logits
        torch.testing.assert_close(widened(core)(ids).logits, middle, atol=1e-5, rtol=1e-4)


def rows_of(sequences: list[str]) -> Promoters:
    labels = np.arange(len(sequences)) % 2
    names = tuple(map(str, labels))
    return Promoters(LabelledSequences(names, tuple(sequences), None, labels, Path("none")), labels)


def test_rows_held_out_of_a_longer_window_s_fold_are_new_to_the_core_network_of_the_fold() -> None:
    core = rows_of([dna(70, seed) for seed in range(200)])
    around = [(dna(216, 1000 + seed), dna(14, 2000 + seed)) for seed in range(120)]
    long = rows_of(
        [before + core.data.sequences[at] + after for at, (before, after) in enumerate(around[:90])]
        + [before + dna(70, 3000 + at) + after for at, (before, after) in enumerate(around[90:])]
    )
    core_folds = parted(core)
    for fold, split in enumerate(parted_along(long, core)):
        assert len(split.validation)
        seen = [core.data.sequences[row] for row in core_folds[fold].train]
        trained = [long.data.sequences[row] for row in split.train]
        assert not alike([long.data.sequences[row] for row in split.validation], [*seen, *trained]).any()


@pytest.mark.parametrize(("name", "most"), [("core", 0.03), ("tata300", 0.05)])
def test_a_bundled_predictor_is_that_of_its_card(name, most) -> None:
    """The dev rows of 300 bases are few: 613 in 15 bins are some hundredths off by chance."""
    predictor = bundled(name)
    assert predictor.window == LENGTHS[name]
    assert (BUNDLED / name / WEIGHTS).stat().st_size < 10_000_000
    mcc, error = predictor.card.score("MCC dev"), predictor.card.score("ECE dev")
    assert mcc
    assert error
    assert mcc.low < mcc.value < mcc.high
    assert error.value < most


def test_a_textbook_promoter_stands_out_from_its_other_strand_and_from_its_letters_shuffled() -> None:
    """The major late promoter of adenovirus 2, TATA box and initiator, from 33 bases before its start."""
    promoter = "GCTATAAAAGGGGGTGGGGGCGCGTTCGTCCTCACTCTCTTCCGCATCGCTGTCTGCGAGGGCCAGCTGT"
    shuffled = ["".join(np.random.default_rng(seed).permutation(list(promoter))) for seed in range(20)]
    judged = bundled("core").windows([promoter, *shuffled])
    assert judged.probabilities[0] > 0.8
    assert judged.probabilities[0] > judged.others[0]
    assert judged.probabilities[0] > np.quantile(judged.probabilities[1:], 0.9)
