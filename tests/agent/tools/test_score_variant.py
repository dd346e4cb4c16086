"""What variants of an attached VCF change, given the sequence that they are variants of."""

import csv
from io import StringIO

import pytest
from langchain_core.tools import ToolException

from agent.tools.declaration import declaration_of, read_arguments
from agent.tools.score_variant import score_variant
from tests.agent.bench import dna
from tests.agent.tools.test_asked import request_of

REFERENCE = dna(400)
OTHER = {"A": "G", "C": "T", "G": "A", "T": "C"}
HEAD = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
ARABIDOPSIS = {"mark": "6mA", "species": "Arabidopsis thaliana"}


def line(position: int, ref: str | None = None, alt: str | None = None, contig: str = "chr1") -> str:
    base = REFERENCE[position - 1]
    return f"{contig}\t{position}\t.\t{ref or base}\t{alt or OTHER[base]}\t.\tPASS\t.\n"


@pytest.fixture
def given(bench):
    """A VCF of two substitutions, an insertion and one that does not fit its reference."""
    wrong = OTHER[REFERENCE[299]]
    bench.upload("v.vcf", HEAD + line(100) + line(150) + line(200, alt=f"{REFERENCE[199]}AA") + line(300, wrong, "N"))
    bench.upload("ref.fa", f">chr1\n{REFERENCE}\n")
    return bench


@pytest.mark.parametrize("effect", [{**ARABIDOPSIS}, {"effect": "promoter"}, {"effect": "methylation", **ARABIDOPSIS}])
def test_each_allele_has_a_row_and_those_that_do_not_fit_are_told(given, effect):
    result = given.use(score_variant, variants="file1", reference="file2", **effect)
    rows = list(csv.DictReader(StringIO(given.file(result, "variants_" + result["models"][0]["name"] + "_file1.csv"))))
    assert [row["status"] for row in rows] == ["scored"] * 3 + ["reference mismatch"]
    changes = [abs(row[-1]) for row in result["rows"]]
    assert changes == sorted(changes, reverse=True)
    assert any(notice.startswith("1 of 4 alleles do not fit the reference") for notice in result["notices"])
    assert "<svg" in given.turn.attachments.read(result["plot"]).text()


def test_a_pasted_sequence_may_be_the_reference(given):
    given.paste(REFERENCE)
    by_sequence, by_file = (
        given.use(score_variant, variants="file1", reference=reference, **ARABIDOPSIS)
        for reference in ("seq1", "file2")
    )
    assert by_sequence["rows"] == by_file["rows"]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({**ARABIDOPSIS}, "Attach its reference as FASTA"),
        ({"reference": "file2"}, "What may the variants change?"),
        ({"reference": "file2", "effect": "methylation"}, "Which species is it from?"),
        ({"reference": "file2", "species": "human"}, "There are models of 5hmC or 6mA in Homo sapiens."),
        ({"reference": "file2", "effect": "promoter", "promoter_model": "tata"}, "There are core"),
        ({"variants": "file2", "reference": "file1", **ARABIDOPSIS}, "file2 is no VCF"),
    ],
)
def test_what_is_missing_is_asked_for(given, arguments, found):
    with pytest.raises(ToolException) as refused:
        given.use(score_variant, **{"variants": "file1", **arguments})
    assert found in str(refused.value)


def test_a_bare_sequence_is_no_reference_of_several_contigs(given):
    given.upload("two.vcf", HEAD + line(100) + line(150, contig="chr2"))
    given.paste(REFERENCE)
    with pytest.raises(ToolException, match="names 2 contigs"):
        given.use(score_variant, variants="file3", reference="seq1", **ARABIDOPSIS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "effect of file1 on 6mA in Arabidopsis, reference file2",
            {"effect": "methylation", "mark": "6mA", "species": "Arabidopsis thaliana"},
        ),
        ("do the mutations of file1 change the promoter? file2", {"effect": "promoter"}),
        ("file1 file2 这些变异对TATA启动子的影响", {"effect": "promoter", "promoter_model": "tata300"}),
        ("score file1 against file2", {}),
    ],
)
def test_arguments_are_read_from_words(text, expected):
    kinds = {"file1": "vcf", "file2": "fasta"}
    request = request_of(text, handles=("file1", "file2"), kinds=kinds, there=kinds)
    read = read_arguments(score_variant, declaration_of(score_variant), request)
    assert read == {"variants": "file1", "reference": "file2", **expected}
