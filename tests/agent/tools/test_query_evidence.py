"""Questions to the evidence table, from invented digests to proved answers."""

import json
from pathlib import Path

import pytest
from langchain_core.tools import ToolException

from agent.assembly import open_agent
from agent.settings import ModelSettings
from agent.tools.query_evidence import MOST_LINES, query_evidence
from corpora.starter import StarterRecord
from retrieval.errors import LibraryError
from retrieval.evidence_row import EvidenceQuestion
from retrieval.home import Home
from retrieval.library import Library
from tests.agent.bench import Bench
from tests.agent.talk import Talk
from tests.agent.tiny import TinyPredictors

pytestmark = pytest.mark.anyio

STOMACH, COLON, LINES = "gastric cancer", "colorectal cancer", "gastric cancer cell lines"
# Gene, status, where, detail; a paper each.
DIGESTS = [
    [
        ("CDKN2A", "hypermethylated", STOMACH, "12 of 40 tumours (30%)"),
        ("RUNX3", "hypermethylated", LINES, None),
    ],
    [("p16", "hypermethylated", STOMACH, "83% of 30 tumours")],
    [("CDKN2A", "hypermethylated", STOMACH, None)],
    [("CDKN2A", "unmethylated", LINES, None)],
    [("RUNX3", "hypermethylated", LINES, None)],
    [("MLH1", "hypermethylated", STOMACH, "1 of 3 tumours")],
    [("CD44", "hypermethylated", "gastric cancer in mice", None)],
    [("CD44", "hypermethylated", "gastric cancer in mice", None)],
    [("TP53", "hypermethylated", STOMACH, None)],
    [("MLH1", "hypermethylated", COLON, "20% of 50 tumours")],
]  # fmt: skip


def digest(number: int, rows) -> str:
    told = [dict(zip(("gene", "status", "disease_or_tissue", "detail"), row, strict=True)) for row in rows]
    return json.dumps({"pmid": str(1000 + number), "title": f"Paper number {number}", "methylation": told})


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory, starter: Library):
    """A library of the digests, in which a person has rejected the row on TP53."""
    home = Home(tmp_path_factory.mktemp("invented"))
    home.embedder = starter.embedder
    with home.library("invented") as library:
        for number, rows in enumerate(DIGESTS, start=1):
            library.add(StarterRecord.model_validate_json(digest(number, rows)).paper(None, number))
        library.derive()
        [rejected] = library.evidence(EvidenceQuestion(gene="TP53"))
        library.judge(rejected.key, "rejected")
        yield library


@pytest.fixture
async def asking(home: Home, invented: Library):
    async with open_agent(home, ModelSettings()) as agent:
        yield Talk(agent, [invented])


@pytest.fixture
def table(tmp_path: Path, invented: Library) -> Bench:
    bench = Bench(tmp_path / "kept", TinyPredictors.__new__(TinyPredictors))
    bench.turn.libraries = [invented]
    bench.paste("")
    return bench


def verdicts(answer) -> set[str]:
    return {claim.verdict for claim in answer.claims}


# Answers


async def test_a_list_of_genes_is_counted_cited_and_warned_of(asking):
    answer = await asking.ask("Which genes are hypermethylated in gastric cancer?")
    lines = answer.answer.splitlines()
    assert lines[0] == "The evidence table has 4 genes that are hypermethylated in gastric cancer, from 7 papers:"
    cdkn2a = next(line for line in lines if line.startswith("- CDKN2A"))
    assert cdkn2a.startswith(
        "- CDKN2A: hypermethylated in 3 papers (in tumours, 30–83 %); unmethylated in 1 paper (in cell lines) ["
    )
    assert cdkn2a.count("[") == 4
    assert lines[5] == (
        "Be careful: a single paper stands behind 1 of the 4 genes; cell lines only behind 1 of the 4 genes; "
        "animals only behind 1 of the 4 genes."
    )
    assert lines[6] == "Papers disagree on 1 of the 4 genes: CDKN2A."
    assert verdicts(answer) == {"computed"}


async def test_what_a_person_has_rejected_is_not_counted(asking):
    answer = await asking.ask("Which genes are hypermethylated in gastric cancer?")
    assert "TP53" not in answer.model_dump_json()


async def test_citations_open_the_quotes_of_the_rows_and_the_json_holds_the_rows(asking, invented):
    answer = await asking.ask("Which genes are hypermethylated in gastric cancer?")
    quotes = {citation.n: citation for citation in answer.citations}
    assert {row["gene"] for row in answer.evidence} == {"CDKN2A", "p16", "RUNX3", "MLH1", "CD44"}
    for row in answer.evidence:
        citation = quotes[row["n"]]
        assert invented.paper(citation.paper_id).text[row["start"] : row["end"]] == row["quote"] == citation.quote
    assert not answer.abstained


async def test_a_chinese_question_is_answered_in_chinese_from_the_same_rows(asking):
    answer = await asking.ask("胃癌中哪些基因高甲基化？")
    lines = answer.answer.splitlines()
    assert lines[0] == "证据表中胃癌有 4 个高甲基化的基因，来自 7 篇论文："
    assert any(
        line.startswith("- CDKN2A：高甲基化见于 3 篇论文（肿瘤，30–83%），未甲基化见于 1 篇论文（细胞系）")
        for line in lines
    )
    assert verdicts(answer) == {"computed"}


async def test_the_status_of_a_gene_is_told_paper_by_paper(asking):
    answer = await asking.ask("Is p16 methylated in gastric cancer?")
    lines = answer.answer.splitlines()
    assert lines[0].startswith(
        "CDKN2A in gastric cancer: hypermethylated in 3 papers (in tumours, 30–83 %); unmethylated"
    )
    assert sorted(line.partition(" [")[0] for line in lines[1:]) == [
        "- CDKN2A is hypermethylated in gastric cancer",
        "- CDKN2A is hypermethylated in gastric cancer, 30 % (12 of 40)",
        "- CDKN2A is unmethylated in gastric cancer (cell lines)",
        "- p16 is hypermethylated in gastric cancer, 83 %",
    ]
    assert "flagged" not in verdicts(answer)


async def test_a_gene_is_told_cancer_by_cancer_where_none_is_named(asking):
    answer = await asking.ask("In which cancers is MLH1 methylated?")
    assert "- MLH1 in colorectal cancer: hypermethylated in 1 paper" in answer.answer
    assert "- MLH1 in gastric cancer: hypermethylated in 1 paper" in answer.answer
    assert verdicts(answer) == {"computed"}


async def test_evidence_of_cell_lines_alone_is_warned_of(asking):
    answer = await asking.ask("Is RUNX3 methylated in gastric cancer?")
    assert "Be careful: this was seen in cell lines only." in answer.answer
    assert verdicts(answer) == {"computed"}


async def test_where_no_row_passes_the_nearest_are_named_and_the_papers_are_asked(asking):
    answer = await asking.ask("Is RUNX3 methylated in melanoma?")
    assert [tool["name"] for tool in answer.tools] == ["query_evidence", "search_literature"]
    assert answer.answer.startswith(
        "The evidence table has no row on RUNX3, melanoma; on RUNX3 it has rows of gastric cancer."
    )
    assert "The library does not say." in answer.answer
    assert answer.abstained
    assert answer.nearest


async def test_without_any_row_the_papers_answer_as_they_would_without_a_table(asking):
    answer = await asking.ask("Is VHL methylated in melanoma?")
    assert answer.tools[-1]["name"] == "search_literature"
    assert answer.answer.startswith("The library does not say.")


async def test_why_is_asked_of_the_papers(asking):
    answer = await asking.ask("Why is CDKN2A methylated in gastric cancer?")
    assert [tool["name"] for tool in answer.tools] == ["search_literature"]


# The tool


def test_a_model_is_shown_sentences_rows_and_quotes_under_one_numbering(table):
    result = table.use(query_evidence, disease="胃癌", status="hypermethylated")
    numbers = {sentence["n"] for paper in result["papers"] for sentence in paper["sentences"]}
    assert {row["n"] for row in result["evidence"]} == numbers
    assert {number for said in result["says"] for number in said["cites"]} <= numbers
    assert result["relevant"]
    assert result["total"] == len(result["evidence"]) == 9


def test_a_status_is_asked_of_genes_and_all_that_is_said_of_them_is_told(table):
    result = table.use(query_evidence, status="unmethylated", disease=STOMACH)
    assert {row["gene"] for row in result["evidence"]} == {"CDKN2A"}
    assert {row["status"] for row in result["evidence"]} == {"unmethylated", "hypermethylated"}


@pytest.mark.parametrize(
    ("asked", "genes"),
    [
        ({"sample": "animal"}, {"CD44"}),
        ({"gene": "p53"}, set()),
        ({"disease": "cancer", "gene": "MLH1"}, {"MLH1"}),
        ({"disease": STOMACH, "first_year": 2000}, set()),
    ],
)
def test_rows_pass_all_that_is_asked(table, asked, genes):
    result = table.use(query_evidence, **asked)
    assert {row["gene"] for row in result["evidence"]} == genes
    assert result["relevant"] is bool(genes)


def test_what_is_asked_wrongly_says_what_there_is(table):
    with pytest.raises(ToolException, match="Name a gene, a cancer"):
        table.use(query_evidence)
    with pytest.raises((LibraryError, ToolException)):
        table.use(query_evidence, gene="MLH1", status="burnt")


def test_a_long_list_is_cut_with_a_count_and_a_file_of_all(home, starter, tmp_path):
    genes = ["MLH1", "MSH2", "MGMT", "CDKN2A", "RUNX3", "RASSF1A", "DAPK1", "GSTP1", "APC", "BRCA1", "VHL", "RB1"]
    bench = Bench(tmp_path / "kept", TinyPredictors.__new__(TinyPredictors))
    bench.paste("")
    with home.library("long") as library:
        rows = [(gene, "hypermethylated", STOMACH, None) for gene in genes]
        library.add(StarterRecord.model_validate_json(digest(1, rows)).paper(None, 1))
        library.derive()
        bench.turn.libraries = [library]
        result = bench.use(query_evidence, disease=STOMACH)
    assert sum(said["is_item"] for said in result["says"]) == MOST_LINES
    assert result["says"][-1]["en"] == f"All {len(genes)} genes, row by row, are in {result['files'][0]['handle']}."
    assert len(bench.file(result, ".csv").splitlines()) == 1 + len(genes)
