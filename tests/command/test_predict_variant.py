"""`epicite predict variant`: a VCF and its reference in, what changes out."""

import pytest

from seqmodels.predictors import methylation, promoter
from tests.command.conftest import rows_of
from tests.seqmodels.predictors.test_promoter import folder_of_predictor as promoter_folder
from tests.seqmodels.predictors.tiny import dna, methylation_folder

GENOME = dna(200, 0)
REF = GENOME[99]
ALT = "G" if REF != "G" else "C"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return methylation_folder(tmp_path_factory.mktemp("predictor"))


@pytest.fixture(autouse=True)
def predictor(folder, monkeypatch):
    """A tiny predictor takes the place of the one that ships."""
    monkeypatch.setattr(methylation, "BUNDLED", folder)
    methylation.bundled.cache_clear()
    yield
    methylation.bundled.cache_clear()


@pytest.fixture
def files(tmp_path):
    wrong = "A" if GENOME[119] != "A" else "C"
    (tmp_path / "genome.fa").write_text(f">chr1\n{GENOME}\n", encoding="utf-8")
    lines = [f"1\t100\trs1\t{REF}\t{ALT},<DEL>", f"1\t120\trs2\t{wrong}\tT"]
    header = ["##fileformat=VCFv4.2", "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    (tmp_path / "v.vcf").write_text("\n".join([*header, *(f"{line}\t.\t.\t." for line in lines)]) + "\n")
    return tmp_path


def test_each_allele_has_a_row_with_its_largest_change_or_why_it_has_none(epicite, files):
    outcome = epicite("predict", "variant", files / "v.vcf", "--reference", files / "genome.fa")
    assert outcome.code == 0
    scored, symbolic, mismatch = rows_of(outcome.out)
    assert (scored["id"], scored["alt"], scored["status"]) == ("rs1", ALT, "scored")
    assert int(scored["sites"]) > 0
    before, after = (float(scored[name] or 0) for name in ("before", "after"))
    assert float(scored["change"]) == pytest.approx(after - before, abs=1e-5)
    assert abs(int(scored["site"]) - 100) <= 20
    assert (symbolic["status"], symbolic["sites"]) == ("symbolic allele", "")
    assert (mismatch["status"], mismatch["reference_has"], mismatch["change"]) == (
        "reference mismatch",
        GENOME[119],
        "",
    )
    assert "3 alleles: 1 scored, 1 symbolic allele, 1 reference mismatch." in outcome.err
    assert "warning: for 1 of 3 alleles the reference has other bases than REF" in outcome.err


def test_sites_have_a_row_each_where_that_is_asked_for(epicite, files):
    words = ("predict", "variant", files / "v.vcf", "--reference", files / "genome.fa")
    [summary, *_] = rows_of(epicite(*words).out)
    path = files / "sites.csv"
    assert epicite(*words, "--sites", "-o", path).code == 0
    rows = [row for row in rows_of(path.read_text(encoding="utf-8")) if row["status"] == "scored"]
    assert len(rows) == int(summary["sites"])
    assert max((row["change"] for row in rows), key=lambda change: abs(float(change))) == summary["change"]


def test_promoters_are_models_too(epicite, files, tmp_path_factory, monkeypatch):
    """A change of a window's probability on whichever strand holds the promoter."""
    folder = tmp_path_factory.mktemp("promoters")
    promoter_folder(folder / "core")
    monkeypatch.setattr(promoter, "BUNDLED", folder)
    promoter.bundled.cache_clear()
    outcome = epicite("predict", "variant", files / "v.vcf", "--reference", files / "genome.fa", "--model", "core")
    promoter.bundled.cache_clear()
    assert outcome.code == 0
    [scored, *_] = rows_of(outcome.out)
    # Every window of 70 bases that holds base 100 of 200.
    assert (scored["status"], scored["sites"], scored["strand"], scored["kind"]) == ("scored", "70", ".", "changed")


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("v.vcf",), 2, "--reference"),
        (("absent.vcf", "--reference", "genome.fa"), 1, "There is no file absent.vcf"),
        (("v.vcf", "--reference", "absent.fa"), 1, "There is no file absent.fa"),
        (("genome.fa", "--reference", "genome.fa"), 1, "there is no line #CHROM above this line"),
        (("v.vcf", "--reference", "v.vcf"), 1, "this is VCF, not FASTA"),
        (("v.vcf", "--reference", "genome.fa", "--model", "core2"), 1, "Those of promoters are core, tata300."),
        (("v.vcf", "--reference", "genome.fa", "-o", "out.bed"), 2, "'out.bed' ends with none of .csv"),
    ],
)
def test_what_is_wrong_is_told_at_once(epicite, files, monkeypatch, words, code, complaint):
    monkeypatch.chdir(files)
    outcome = epicite("predict", "variant", *words)
    assert outcome.code == code
    assert complaint in outcome.err
