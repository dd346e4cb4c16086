"""Claims on evidence rows are what the rows say, counted anew."""

import pytest

from agent.citations.claim import Citation
from agent.proof.counts import prove_evidence, prove_from_rows
from tests.agent.table import CDH1, MLH1, ROWS, RUNX3, row

CDH1_IN_WORDS = (
    "CDH1: hypermethylated in 2 papers (in tumours, 30–83 %); methylated in 1 paper (in tumours, 51 %); "
    "unmethylated in 1 paper (in cell lines)"
)


def verdict(claim: str, cited=(), rows=ROWS) -> str | None:
    proof = prove_from_rows(claim, list(cited), rows, [each.quote for each in cited])
    return proof.verdict if proof else None


def reason(claim: str, cited=(), rows=ROWS) -> str:
    proof = prove_from_rows(claim, list(cited), rows, [each.quote for each in cited])
    assert proof is not None
    assert proof.reason is not None
    return proof.reason


# Claims on one gene, with its quotes


@pytest.mark.parametrize(
    "claim",
    [
        CDH1_IN_WORDS,
        "CDH1: 3 papers hyper, 1 unmethylated in cell lines",
        "CDH1: hypermethylated in 3 papers (30–83 %); unmethylated in 1 paper (in cell lines)",
        "E-cadherin is methylated in three papers on gastric cancer",
        "CDH1 was reported as hypermethylated in two studies, with frequencies from 30% to 83%",
        "CDH1 is hypermethylated in gastric cancer, 30 % (12 of 40)",
        "CDH1：高甲基化见于 2 篇论文（肿瘤，30–83%），甲基化见于 1 篇论文（51%），未甲基化见于 1 篇论文（细胞系）",
        "有2篇论文报道CDH1在胃癌中高甲基化",
    ],
)
def test_what_the_rows_say_is_computed(claim):
    assert verdict(claim, CDH1) == "computed"


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        (CDH1_IN_WORDS.replace("2 papers", "4 papers"), "say 2 or 3, the claim 4"),
        (CDH1_IN_WORDS.replace("83", "80"), "say 30 to 83 %, the claim 30–80 %"),
        ("CDH1 is not hypermethylated in 3 papers", "say 1, the claim 3"),
        ("CDH1 is hypomethylated in 2 papers", "the claim says hypomethylated"),
        ("RUNX3 is hypermethylated in 2 papers", "names RUNX3, which no evidence row does"),
        ("CDH1 is hypermethylated in 3 papers on colorectal cancer", "names colorectal cancer"),
        ("CDH1 is unmethylated in 2 papers in cell lines", "say 1, the claim 2"),
        ("CDH1 is hypermethylated in 2 papers and associated with poor survival", "the claim says associated"),
        ("CDH1 is hypermethylated in 3 papers and spreads invasion into stroma", "about something else"),
        ("CDH1 is hypermethylated in 2 papers, in 77 %", "the claim says 77"),
        ("CDH1：高甲基化见于 5 篇论文", "say 2 or 3, the claim 5"),
        ("CDH1：高甲基化见于 2 篇论文（30–90%）", "say 30 to 83 %"),
    ],
)
def test_a_wrong_count_range_gene_direction_or_cancer_is_flagged_with_what_the_rows_say(claim, found):
    assert found in reason(claim, CDH1)


def test_a_claim_that_counts_nothing_is_computed_or_left_to_its_quotes():
    assert verdict("MLH1 is hypermethylated in gastric cancer, 33.3 % (1 of 3)", MLH1) == "computed"
    assert verdict("MLH1 is hypermethylated in gastric cancer, 40 %", MLH1) is None
    assert verdict("MLH1 is unmethylated in gastric cancer", MLH1) is None


def test_a_count_is_of_all_rows_or_of_those_that_are_cited():
    assert verdict("RUNX3 is hypermethylated in 2 papers", RUNX3[:1]) == "computed"
    assert verdict("RUNX3 is hypermethylated in 1 paper", RUNX3[:1]) == "computed"
    assert verdict("RUNX3 is hypermethylated in 1 paper", RUNX3) == "flagged"


def test_two_rows_of_one_paper_are_one_paper():
    twice = [row(1, "CDH1"), row(1, "CDH1", start=70)]
    assert verdict("CDH1 is hypermethylated in 1 paper", twice, twice) == "computed"
    assert verdict("CDH1 is hypermethylated in 2 papers", twice, twice) == "flagged"


def test_an_ambiguous_name_may_be_any_of_its_genes():
    rows = [row(1, "p14", symbols=("CDKN2A", "S100A9"))]
    assert verdict("CDKN2A is hypermethylated in 1 paper", rows, rows) == "computed"


# Claims on all rows


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("The table has 4 genes that are hypermethylated or methylated in gastric cancer, from 7 papers:", "computed"),
        ("The table has 5 genes that are hypermethylated or methylated in gastric cancer, from 7 papers:", "flagged"),
        ("The table has 4 genes that are hypermethylated or methylated in gastric cancer, from 9 papers:", "flagged"),
        ("Be careful: a single paper stands behind 1 of the 4 genes; cell lines only behind 1 of 4 genes.", "computed"),
        ("Be careful: a single paper stands behind 2 of the 4 genes; cell lines only behind 1 of 4 genes.", "flagged"),
        ("Be careful: a single paper stands behind 1 of the 4 genes; animals only behind 2 of the 4 genes.", "flagged"),
        ("Papers disagree on 1 of the 4 genes: CDH1.", "computed"),
        ("Papers disagree on 2 of the 4 genes: CDH1, MLH1.", "flagged"),
        ("All 4 genes, row by row, are in result1.", "computed"),
        ("All 9 genes, row by row, are in result1.", "flagged"),
        ("证据表中胃癌有 4 个高甲基化或甲基化的基因，来自 7 篇论文：", "computed"),
        ("证据表中胃癌有 6 个高甲基化或甲基化的基因，来自 7 篇论文：", "flagged"),
        ("请注意：4 个基因中，1 个基因仅有一篇论文支持，4 个基因中，1 个基因仅见于细胞系。", "computed"),
        ("请注意：4 个基因中，1 个基因仅有一篇论文支持，4 个基因中，2 个基因仅见于细胞系。", "flagged"),
        ("4 个基因中，报道不一致的有 1 个基因：CDH1。", "computed"),
        ("4 个基因中，报道不一致的有 3 个基因：CDH1。", "flagged"),
    ],
)
def test_a_sentence_on_all_rows_is_counted_over_all_of_them(claim, expected):
    assert verdict(claim) == expected


@pytest.mark.parametrize(
    ("claim", "rows", "expected"),
    [
        ("Be careful: this was seen in cell lines only.", RUNX3, "computed"),
        ("Be careful: this was seen in cell lines only.", CDH1, "flagged"),
        ("Be careful: a single paper stands behind this.", MLH1, "computed"),
        ("Be careful: a single paper stands behind this.", CDH1, "flagged"),
        ("请注意：仅见于细胞系。", RUNX3, "computed"),
        ("请注意：仅有一篇论文支持。", CDH1, "flagged"),
    ],
)
def test_what_a_finding_rests_on_is_checked_too(claim, rows, expected):
    assert verdict(claim, rows=rows) == expected


@pytest.mark.parametrize("claim", ["I quote the papers, word for word:", "Is there anything else?", "希望对您有帮助。"])
def test_words_that_say_nothing_of_rows_are_left_alone(claim):
    assert verdict(claim) is None


# Rows behind citations


def citation(of) -> Citation:
    place = {"quote": of.quote, "start": of.start, "end": of.end, "section": None, "page": None}
    told = {"pmid": of.pmid, "doi": None, "title": of.title, "journal": None, "year": None, "url": None}
    return Citation(n=1, library=of.library, paper_id=of.paper, kind="abstract", sha256=of.sha256, **told, **place)


def test_a_claim_names_the_rows_whose_quotes_it_cites():
    claim = "RUNX3 is hypermethylated in 2 papers"
    assert prove_evidence(claim, [citation(each) for each in RUNX3], [ROWS]).verdict == "computed"
    assert prove_evidence(claim, [citation(MLH1[0])], [ROWS]).verdict == "flagged"
    assert prove_evidence(claim, [citation(row(99, "RUNX3"))], [ROWS]) is None


def test_each_question_to_the_table_is_counted_by_itself():
    assert prove_evidence("The table has 1 gene, from 2 papers:", [], [ROWS, RUNX3]).verdict == "computed"
    assert prove_evidence("The table has 3 genes, from 2 papers:", [], [ROWS, RUNX3]).verdict == "flagged"
