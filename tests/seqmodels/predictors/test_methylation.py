"""Scanning: every candidate on both strands, judged as its window would be."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqmodels.data.strands import reverse_complement
from seqmodels.errors import ModelError
from seqmodels.predictors.card import weights_hash
from seqmodels.predictors.domains import UnknownDomain, domain_of
from seqmodels.predictors.methylation import MethylationPredictor, Scan
from seqmodels.predictors.site_files import write_sites
from tests.seqmodels.predictors.tiny import dna, methylation_folder

ADENINE, CYTOSINE = domain_of("6mA_A.thaliana"), domain_of("4mC_F.vesca")


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> MethylationPredictor:
    return MethylationPredictor(methylation_folder(tmp_path_factory.mktemp("predictor")))


@given(length=st.integers(0, 300), seed=st.integers(0, 50), chunk=st.integers(1, 120), mark=st.booleans())
@settings(deadline=None, max_examples=30)
def test_every_candidate_of_either_strand_is_judged_once_as_its_window_would_be(
    predictor: MethylationPredictor, length: int, seed: int, chunk: int, mark: bool
) -> None:
    domain, sequence = (ADENINE if mark else CYTOSINE), dna(length, seed, "ACGT" * 20 + "N")
    counts = Scan(domain)
    found = list(predictor.scan("x", sequence, domain, counts, chunk))
    seen = {
        (int(position), str(strand)): probability
        for sites in found
        for position, strand, probability in zip(sites.positions, sites.strands, sites.probabilities, strict=True)
    }
    windows = {}
    for strand, letters in (("+", sequence), ("-", reverse_complement(sequence))):
        for position in range(20, length - 20):
            window = letters[position - 20 : position + 21]
            if window[20] == domain.base and "N" not in window:
                windows[position if strand == "+" else length - 1 - position, strand] = window
    assert seen.keys() == windows.keys()
    assert counts.scored == len(windows)
    if windows:
        one_by_one = predictor.windows(list(windows.values()), domain).probabilities
        np.testing.assert_allclose([seen[site] for site in windows], one_by_one, atol=1e-5)


@given(lengths=st.lists(st.integers(0, 150), max_size=6), chunk=st.integers(10, 300))
@settings(max_examples=25)
def test_records_that_share_a_chunk_are_judged_as_each_would_be_alone(
    predictor: MethylationPredictor, lengths: list[int], chunk: int
) -> None:
    records = [(f"r{number}", dna(length, number, "ACGT" * 9 + "N")) for number, length in enumerate(lengths)]
    together, apart = Scan(ADENINE), Scan(ADENINE)
    found = list(predictor.scan_all(records, ADENINE, together, chunk))
    alone = [sites for name, letters in records for sites in predictor.scan(name, letters, ADENINE, apart, chunk)]
    assert together == apart
    assert [sites.name for sites in found] == [sites.name for sites in alone]
    for one, other in zip(found, alone, strict=True):
        np.testing.assert_array_equal(one.positions, other.positions)
        np.testing.assert_array_equal(one.strands, other.strands)
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-5)


def test_what_is_not_judged_is_counted(predictor: MethylationPredictor) -> None:
    counts = Scan(ADENINE)
    sequence = "A" * 30 + "C" * 30 + "A" + "C" * 5 + "N" + "C" * 30
    list(predictor.scan("x", sequence, ADENINE, counts))
    assert (counts.scored, counts.at_edges, counts.near_unknown) == (10, 20, 1)


def test_a_window_that_does_not_fit_is_named(predictor: MethylationPredictor) -> None:
    good = "C" * 20 + "A" + "G" * 20
    assert predictor.windows([good], ADENINE).probabilities.shape == (1,)
    with pytest.raises(ModelError, match="Window 2 has 40 bases and needs 41"):
        predictor.windows([good, good[1:]], ADENINE)
    with pytest.raises(ModelError, match="Window 1 has A in its centre, where 4mC needs C"):
        predictor.windows([good], CYTOSINE)


def test_scores_for_a_genome_are_those_of_the_windows_at_its_prevalence(predictor: MethylationPredictor) -> None:
    [sites] = predictor.scan("x", dna(60, 3), ADENINE, Scan(ADENINE))
    rare = sites.at_prevalence(0.01)
    assert (rare.probabilities < sites.probabilities).all()
    np.testing.assert_allclose(rare.at_prevalence(0.99).probabilities, sites.probabilities, atol=1e-6)
    np.testing.assert_array_equal(rare.positions, sites.positions)


def test_an_unknown_model_names_the_nearest() -> None:
    assert domain_of("6ma_a.Thaliana") is ADENINE
    with pytest.raises(UnknownDomain, match=r"Did you mean 6mA_A\.thaliana"):
        domain_of("6mA_A.thalana")


def test_weights_that_are_not_those_of_the_card_are_refused(tmp_path: Path) -> None:
    folder = methylation_folder(tmp_path)
    (folder / "card.json").write_text((folder / "card.json").read_text().replace(weights_hash(folder), "0" * 64))
    with pytest.raises(ModelError, match="not those of its card"):
        MethylationPredictor(folder)


def test_sites_are_written_as_csv_bed_and_gff3(predictor: MethylationPredictor, tmp_path: Path) -> None:
    sequence = dna(200, 1)
    for suffix in ("csv", "bed", "gff3"):
        found = predictor.scan("chr 1", sequence, ADENINE, Scan(ADENINE))
        write_sites(tmp_path / f"sites.{suffix}", found, ADENINE, threshold=0.0)
    rows = (tmp_path / "sites.csv").read_text().splitlines()
    bed = [line.split("\t") for line in (tmp_path / "sites.bed").read_text().splitlines()]
    gff = [line.split("\t") for line in (tmp_path / "sites.gff3").read_text().splitlines()[1:]]
    assert rows[0].startswith("name,position,strand,mark,score,label")
    assert len(bed) == len(gff) == len(rows) - 1 > 0
    for row, interval, feature in zip(rows[1:], bed, gff, strict=True):
        position, strand = int(row.split(",")[1]), row.split(",")[2]
        assert (int(interval[1]), int(interval[2]), interval[5]) == (position - 1, position, strand)
        assert feature[0] == "chr%201"
        assert (feature[2], int(feature[3]), feature[6]) == ("methylated_adenine", position, strand)
        assert sequence[position - 1] == ("A" if strand == "+" else "T")


def test_a_scan_that_fails_leaves_no_file(predictor: MethylationPredictor, tmp_path: Path) -> None:
    def broken():
        yield from predictor.scan("x", dna(100, 0), ADENINE, Scan(ADENINE))
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="disk"):
        write_sites(tmp_path / "sites.csv", broken(), ADENINE)
    assert list(tmp_path.iterdir()) == []
