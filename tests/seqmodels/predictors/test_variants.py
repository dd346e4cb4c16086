"""Variants: every site that one touches, before and after, whichever strand it is written on."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqmodels.data.fasta import Record, Reference, write_fasta
from seqmodels.data.strands import reverse_complement
from seqmodels.predictors.domains import domain_of
from seqmodels.predictors.methylation import Judged, MethylationPredictor
from seqmodels.predictors.variant_sites import SiteModel
from seqmodels.predictors.variants import VariantScore, methylation_sites, score_variants
from tests.seqmodels.predictors.tiny import dna, methylation_folder

ADENINE = domain_of("6mA_A.thaliana")


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> MethylationPredictor:
    return MethylationPredictor(methylation_folder(tmp_path_factory.mktemp("predictor")))


@pytest.fixture(scope="module")
def model(predictor: MethylationPredictor) -> SiteModel:
    return methylation_sites(predictor, ADENINE)


@pytest.fixture(scope="module")
def score(tmp_path_factory: pytest.TempPathFactory, model: SiteModel):
    folder = tmp_path_factory.mktemp("genome")

    def score(genome: str, *lines: str, by: SiteModel = model) -> list[VariantScore]:
        fasta, vcf = folder / "genome.fa", folder / "variants.vcf"
        Path(f"{fasta}.fai").unlink(missing_ok=True)
        write_fasta(fasta, [Record("chr1", "", genome, 1)])
        header = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        rows = (f"chr1\t{line.replace(' ', chr(9))}\t.\t.\t.\n" for line in lines)
        vcf.write_text(header + "".join(rows), encoding="utf-8")
        with Reference(fasta) as reference:
            return list(score_variants(vcf, reference, by))

    return score


def sites_of(predictor: MethylationPredictor, genome: str) -> dict[tuple[int, str], float]:
    """Probability of every site of a whole genome."""
    windows = {}
    for place in range(20, len(genome) - 20):
        window = genome[place - 20 : place + 21]
        if genome[place] in "AT" and set(window) <= set("ACGT"):
            strand = "+" if genome[place] == "A" else "-"
            windows[place, strand] = window if strand == "+" else reverse_complement(window)
    return dict(zip(windows, predictor.windows(list(windows.values()), ADENINE).probabilities, strict=True))


def test_a_substitution_changes_the_sites_whose_windows_hold_it_and_no_others(score, predictor) -> None:
    genome = dna(200, 0)
    assert genome[99] != "G"
    [found] = score(genome, f"100 . {genome[99]} G")
    before = sites_of(predictor, genome)
    after = sites_of(predictor, genome[:99] + "G" + genome[100:])
    expected = {key for key in before if abs(key[0] - 99) <= 20}
    assert {(site.position - 1, site.strand) for site in found.sites} == expected
    for site in found.sites:
        key = (site.position - 1, site.strand)
        assert site.before == pytest.approx(before[key], abs=1e-6)
        assert site.after == (pytest.approx(after[key], abs=1e-6) if key in after else None)
    assert found.largest is not None
    assert abs(found.largest.change) == max(abs(site.change) for site in found.sites)


def test_a_base_that_becomes_another_loses_its_site_and_the_new_one_gains_one(score) -> None:
    genome = "C" * 50 + "A" + "C" * 50
    [found] = score(genome, "51 . A T")
    assert [(site.position, site.strand, site.kind) for site in found.sites] == [(51, "+", "lost"), (51, "-", "gained")]
    lost, gained = found.sites
    assert (lost.change, gained.change) == (-lost.before, gained.after)


def test_inserted_bases_are_counted_from_the_base_before_them(score) -> None:
    genome = "C" * 50 + "G" * 50
    [found] = score(genome, "50 . C CTA")
    assert [(site.position, site.inserted, site.strand, site.kind) for site in found.sites] == [
        (50, 1, "-", "gained"),
        (50, 2, "+", "gained"),
    ]


def test_a_deletion_loses_the_sites_that_it_takes(score) -> None:
    genome = "C" * 50 + "TA" + "G" * 50
    [found] = score(genome, "50 . CTA C")
    assert [(site.position, site.strand, site.kind) for site in found.sites] == [(51, "-", "lost"), (52, "+", "lost")]


def test_of_a_repeat_it_does_not_matter_which_copy_is_written_as_deleted(score) -> None:
    genome = dna(60, 1) + "C" + "AAAA" + "G" + dna(60, 2)
    left, right = score(genome, "61 . CA C", "64 . AA A")
    assert left.sites == right.sites
    assert [site.kind for site in left.sites].count("lost") == 1


def test_every_alternative_allele_is_scored_by_itself(score) -> None:
    genome = dna(150, 3)
    others = [base for base in "ACGT" if base != genome[74]]
    together = score(genome, f"75 rs1 {genome[74]} {','.join(others)}")
    alone = [score(genome, f"75 rs1 {genome[74]} {other}")[0] for other in others]
    assert [each.alt for each in together] == others
    for one, other in zip(together, alone, strict=True):
        assert [site.change for site in one.sites] == pytest.approx([site.change for site in other.sites], abs=1e-6)


def test_a_reference_with_other_bases_is_named_and_nothing_is_scored(score) -> None:
    genome = "ACGT" * 40
    [found] = score(genome, "81 . G T")
    assert (found.status, found.found, found.sites) == ("reference mismatch", "A", ())


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("81 . A <DEL>", "symbolic allele"),
        ("81 . A *", "symbolic allele"),
        ("81 . A A[chr2:5[", "symbolic allele"),
        ("81 . A .", "no alternative"),
        ("81 . A N", "unknown bases"),
        ("81 . A A", "same as reference"),
        ("500 . A C", "beyond the end"),
    ],
)
def test_what_cannot_be_scored_says_why(score, line: str, status: str) -> None:
    [found] = score("ACGT" * 40, line)
    assert (found.status, found.sites, found.largest) == (status, (), None)


def test_an_unknown_contig_is_named(tmp_path: Path, model: SiteModel) -> None:
    write_fasta(tmp_path / "genome.fa", [Record("chr1", "", "ACGT" * 40, 1)])
    (tmp_path / "v.vcf").write_text("#CHROM\tPOS\tID\tREF\tALT\n9\t5\t.\tA\tC\n")
    with Reference(tmp_path / "genome.fa") as reference:
        [found] = score_variants(tmp_path / "v.vcf", reference, model)
    assert found.status == "no contig"


def test_sites_near_an_end_and_near_unknown_bases_are_counted(score) -> None:
    genome = "A" * 41 + "C" * 40 + "N" + "C" * 10 + "A" + "C" * 60
    start, unknown = score(genome, "5 . A C", "94 . C G")
    # The first 20 bases have no whole window, those at 21 to 25 have one that holds base 5.
    assert (start.at_edges, len(start.sites)) == (20, 5)
    assert (unknown.near_unknown, len(unknown.sites)) == (1, 0)


def mirrored(line: str, length: int) -> str:
    """The same variant on the other strand; REF and ALT are exchanged for their reverse complements."""
    position, name, ref, alt = line.split(" ")
    there = length - (int(position) - 1) - len(ref) + 1
    return f"{there} {name} {reverse_complement(ref)} {reverse_complement(alt)}"


@settings(max_examples=60)
@given(
    seed=st.integers(0, 1_000),
    length=st.integers(60, 160),
    letters=st.sampled_from(["ACGT", "AC", "A", "AT", "ACGT" * 12 + "N"]),
    data=st.data(),
)
def test_the_other_strand_tells_the_same_changes(score, seed: int, length: int, letters: str, data) -> None:
    genome = dna(length, seed, letters)
    start = data.draw(st.integers(0, length - 6))
    ref = genome[start : start + data.draw(st.integers(1, 5))]
    alt = data.draw(st.text("ACGT", min_size=1, max_size=6))
    line = f"{start + 1} x {ref} {alt}"
    [here] = score(genome, line)
    [there] = score(reverse_complement(genome), mirrored(line, length))
    assert (here.status, here.at_edges, here.near_unknown) == (there.status, there.at_edges, there.near_unknown)
    changes = [sorted(site.change for site in found.sites) for found in (here, there)]
    np.testing.assert_allclose(np.sort(np.abs(changes[0]))[-1:], np.sort(np.abs(changes[1]))[-1:], atol=1e-5)
    if len(ref) == len(alt):
        np.testing.assert_allclose(changes[0], changes[1], atol=1e-5)
        places = [{(site.position, site.strand) for site in found.sites} for found in (here, there)]
        flipped = {(length - position + 1, "+-"[strand == "+"]) for position, strand in places[1]}
        assert places[0] == flipped


def test_a_model_of_windows_alone_is_read_at_every_place(score) -> None:
    def share_of_g(sequence, starts) -> Judged:
        shares = np.array([sequence[start : start + 10].count("G") / 10 for start in starts])
        return Judged(shares, np.zeros(len(shares)))

    genome = "C" * 100
    [found] = score(genome, "50 . C G", by=SiteModel("core", 10, 5, None, share_of_g))
    assert [site.position for site in found.sites] == list(range(46, 56))
    assert {(site.strand, site.kind, round(site.change, 6)) for site in found.sites} == {(".", "changed", 0.1)}
    [inserted] = score(genome, "50 . C CGG", by=SiteModel("core", 10, 5, None, share_of_g))
    assert {site.kind for site in inserted.sites} == {"changed"}
    assert max(site.change for site in inserted.sites) == pytest.approx(0.2)
