import json
from html import escape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.failure import Failure
from corpora.paper import Paper
from corpora.reading import read
from corpora.withdrawal import Withdrawn
from tests.corpora.written import PROSE, only_failure, only_paper, sections

Passages = list[tuple[dict[str, str], str]]

PMC: Passages = [
    (
        {
            "type": "front",
            "section_type": "TITLE",
            "article-id_pmid": "21000001",
            "article-id_pmc": "3000001",
            "article-id_doi": "10.1000/Own.1",
            "journal-title": "Epigenome J",
            "year": "2011",
            "name_0": "surname:Yi;given-names:Joo Mi",
            "name_1": "surname:Li;given-names:B",
            "kwd": "ctDNA; BNC1",
        },
        "Methylation of BNC1",
    ),
    ({"type": "abstract_title_1", "section_type": "ABSTRACT"}, "Background"),
    ({"type": "abstract", "section_type": "ABSTRACT"}, "It is found late."),
    ({"type": "paragraph", "section_type": "INTRO"}, "It is common."),
    ({"type": "title_1", "section_type": "METHODS"}, "Methods and patients"),
    ({"type": "title_2", "section_type": "METHODS"}, "Cell culture"),
    ({"type": "paragraph", "section_type": "METHODS"}, "Cells grew."),
    ({"type": "paragraph", "section_type": "METHODS"}, "They were counted."),
    ({"type": "fig_caption", "section_type": "FIG", "id": "F1"}, "Figure 1. Silence."),
    ({"type": "table_caption", "section_type": "TABLE", "id": "T1"}, "Table 1. Rates"),
    (
        {
            "type": "table",
            "section_type": "TABLE",
            "xml": "<table><tr><td/><td>A</td></tr><tr><td>x</td><td>1</td></tr></table>",
        },
        "\tA\t \tx\t1",
    ),
    ({"type": "table_footnote", "section_type": "TABLE"}, "* p < 0.05"),
    ({"type": "paragraph", "section_type": "METHODS"}, "And again."),
    ({"type": "title_1", "section_type": "REF"}, "References"),
    ({"type": "ref", "section_type": "REF"}, "Cited 2010"),
]


def xml(*documents: tuple[str, Passages], source: str = "PMC") -> str:
    def infons(given: dict[str, str]) -> str:
        return "".join(f'<infon key="{key}">{escape(value)}</infon>' for key, value in given.items())

    inner = "".join(
        f"<document><id>{identity}</id>"
        + "".join(
            f"<passage>{infons(given)}<offset>0</offset><text>{escape(text)}</text></passage>"
            for given, text in passages
        )
        + "</document>"
        for identity, passages in documents
    )
    head = '<!DOCTYPE collection SYSTEM "BioC.dtd">'
    return f"{head}<collection><source>{source}</source><date>2020</date><key/>{inner}</collection>"


def document(identity: str, passages: Passages, **more: Any) -> dict[str, Any]:
    return {"id": identity, "passages": [{"infons": given, "text": text} for given, text in passages]} | more


def outcomes(folder: Path, content: Any, name: str = "papers.json") -> list[Paper | Failure | Withdrawn]:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return list(read(path))


def written(
    folder: Path, form: str, *documents: tuple[str, Passages], source: str = "PMC"
) -> list[Paper | Failure | Withdrawn]:
    """The same documents in each of the forms in which they are given out."""
    if form == "xml":
        return outcomes(folder, xml(*documents, source=source), "papers.xml")
    made = [document(identity, passages) for identity, passages in documents]
    collection = {"source": source, "date": "2020", "documents": made}
    if form == "lines":
        return outcomes(folder, "\n".join(json.dumps(one) for one in made), "papers.json")
    return outcomes(folder, collection if form == "collection" else [collection])


@pytest.mark.parametrize("form", ["xml", "collection", "list"])
def test_a_full_text_of_pmc_becomes_a_paper_with_all_its_fields(tmp_path: Path, form: str) -> None:
    paper = only_paper(written(tmp_path, form, ("3000001", PMC)))
    assert sections(paper) == [
        ("title", "prose", "Methylation of BNC1"),
        ("Abstract / Background", "prose", "It is found late."),
        ("Introduction", "prose", "It is common."),
        ("Methods and patients / Cell culture", "prose", "Cells grew.\n\nThey were counted."),
        ("Figure 1", "caption", "Figure 1. Silence."),
        ("Table 1", "caption", "Table 1. Rates"),
        ("Methods and patients / Cell culture", "table", "\tA\nx\t1"),
        ("Methods and patients / Cell culture", "caption", "* p < 0.05"),
        ("Methods and patients / Cell culture", "prose", "And again."),
    ]
    assert (paper.pmid, paper.pmcid, paper.doi) == ("21000001", "PMC3000001", "10.1000/own.1")
    assert (paper.journal, paper.year, paper.kind) == ("Epigenome J", 2011, "full text")
    assert (paper.authors, paper.keywords) == (("Yi JM", "Li B"), ("ctDNA", "BNC1"))


ABSTRACT: Passages = [({"type": "title"}, "Methylation of BNC1"), ({"type": "abstract"}, "It is found late.")]


@pytest.mark.parametrize("form", ["xml", "collection", "list", "lines"])
def test_an_abstract_of_pubtator_is_named_by_its_pmid(tmp_path: Path, form: str) -> None:
    paper = only_paper(written(tmp_path, form, ("21000001", ABSTRACT), source="PubTator"))
    assert (paper.pmid, paper.pmcid, paper.kind) == ("21000001", None, "abstract")
    assert sections(paper) == [("title", "prose", "Methylation of BNC1"), (None, "prose", "It is found late.")]


def test_the_envelope_of_pubtator_3_is_read(tmp_path: Path) -> None:
    more = {
        "pmid": 21000001,
        "pmcid": "PMC7",
        "journal": "Cell",
        "date": "2011-10-07T00:00:00Z",
        "authors": ["Yi JM", "Li B"],
    }
    paper = only_paper(outcomes(tmp_path, {"PubTator3": [document("21000001|PMC7", ABSTRACT, **more)]}))
    assert (paper.pmid, paper.pmcid, paper.journal, paper.published) == ("21000001", "PMC7", "Cell", "2011-10-07")
    assert paper.authors == ("Yi JM", "Li B")


def test_bioc_in_json_lines_is_read_by_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(document(str(n), ABSTRACT)) for n in (1, 2)))
    assert [paper.pmid for paper in read(tmp_path / "a.jsonl") if isinstance(paper, Paper)] == ["1", "2"]


@settings(max_examples=40, deadline=None)
@given(
    form=st.sampled_from(["xml", "collection", "list", "lines"]),
    papers=st.lists(st.lists(PROSE, min_size=1, max_size=4), min_size=1, max_size=4),
)
def test_every_passage_comes_back_whole_and_in_order(
    form: str, papers: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    documents: list[tuple[str, Passages]] = [
        (str(n), [({"type": "paragraph", "section_type": "RESULTS"}, text) for text in texts])
        for n, texts in enumerate(papers, 1)
    ]
    found = written(tmp_path_factory.getbasetemp(), form, *documents)
    assert [sections(paper) for paper in found if isinstance(paper, Paper)] == [
        [("Results", "prose", "\n\n".join(texts))] for texts in papers
    ]


def test_sentences_stand_in_for_the_text_of_a_passage(tmp_path: Path) -> None:
    made = {"id": "1", "passages": [{"infons": {}, "sentences": [{"text": "One."}, {"text": "Two."}]}]}
    assert only_paper(outcomes(tmp_path, {"documents": [made]})).text == "One. Two."


@pytest.mark.parametrize("form", ["xml", "collection"])
def test_a_document_without_text_is_named_and_the_others_are_read(tmp_path: Path, form: str) -> None:
    first, failure, last = written(tmp_path, form, ("1", ABSTRACT), ("2", []), ("3", ABSTRACT))
    assert isinstance(first, Paper)
    assert isinstance(last, Paper)
    assert isinstance(failure, Failure)
    assert (failure.source.place, failure.reason) == ("record 2", "has no text")


def test_a_document_that_is_none_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    first, failure, last = outcomes(
        tmp_path, {"documents": [document("1", ABSTRACT), {"id": 2}, document("3", ABSTRACT)]}
    )
    assert isinstance(first, Paper)
    assert isinstance(last, Paper)
    assert isinstance(failure, Failure)
    assert failure.reason == "is no BioC document: it has no list of passages"


def test_the_documents_before_a_cut_are_read(tmp_path: Path) -> None:
    whole = json.dumps({"source": "a", "documents": [document("1", ABSTRACT), document("2", ABSTRACT)]})
    paper, failure = outcomes(tmp_path, whole[:-30])
    assert isinstance(paper, Paper)
    assert isinstance(failure, Failure)
    assert failure.reason.startswith("is damaged or no JSON")
    paper, failure = outcomes(tmp_path, xml(("1", ABSTRACT), ("2", ABSTRACT))[:-30], "cut.xml")
    assert isinstance(paper, Paper)
    assert isinstance(failure, Failure)
    assert failure.reason.startswith("is damaged or no XML")


def test_declared_entities_are_refused_also_in_the_xml_of_a_table(tmp_path: Path) -> None:
    bad = xml(("1", ABSTRACT)).replace('SYSTEM "BioC.dtd"', '[<!ENTITY a "ha">]')
    assert only_failure(outcomes(tmp_path, bad, "bad.xml")).reason.startswith("declares entities")
    table = '<!DOCTYPE table [<!ENTITY a "ha">]><table><tr><td>&a;</td></tr></table>'
    made: Passages = [({"type": "table", "section_type": "TABLE", "xml": table}, "x\ty")]
    assert only_paper(written(tmp_path, "collection", ("1", made))).text == "x\ty"


def test_a_chinese_document_is_read(tmp_path: Path) -> None:
    made: Passages = [({"type": "title"}, "胰腺癌中的甲基化"), ({"type": "abstract"}, "发现得晚。")]
    assert only_paper(written(tmp_path, "xml", ("1", made))).text == "胰腺癌中的甲基化\n发现得晚。"
