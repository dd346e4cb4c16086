import json
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

WHOLE = {
    "id": "yi2011",
    "type": "article-journal",
    "title": "Methylation of <i>BNC1</i>",
    "abstract": "<jats:p>It is found late (p < 0.05).</jats:p>",
    "container-title": "Clinical Cancer Research",
    "DOI": "10.1000/Own.1",
    "note": "PMID: 21000001\nPMCID: PMC3000001",
    "author": [
        {"family": "Yi", "given": "Joo Mi"},
        {"literal": "Study Group"},
        {"family": "Berg", "non-dropping-particle": "van den"},
    ],
    "issued": {"date-parts": [["2011", 10, 7]]},
    "language": "en-US",
    "URL": "https://example.org/a",
    "keyword": "ctDNA, BNC1",
}


def outcomes(folder: Path, content: Any) -> list[Paper | Failure | Withdrawn]:
    path = folder / "library.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return list(read(path))


def item(**fields: Any) -> dict[str, Any]:
    return {"type": "article-journal", "issued": {}} | fields


def test_an_item_becomes_a_paper_with_all_its_fields(tmp_path: Path) -> None:
    paper = only_paper(outcomes(tmp_path, [WHOLE]))
    assert sections(paper) == [
        ("title", "prose", "Methylation of BNC1"),
        (None, "prose", "It is found late (p < 0.05)."),
    ]
    assert (paper.pmid, paper.pmcid, paper.doi, paper.id) == ("21000001", "PMC3000001", "10.1000/own.1", "yi2011")
    assert (paper.journal, paper.year, paper.published, paper.language) == (
        "Clinical Cancer Research",
        2011,
        "2011-10-07",
        "en",
    )
    assert (paper.authors, paper.keywords) == (("Yi JM", "Study Group", "van den Berg"), ("ctDNA", "BNC1"))
    assert str(paper.source) == f"{tmp_path / 'library.json'}, record 1"


@pytest.mark.parametrize(
    ("issued", "published"),
    [
        ({"date-parts": [[2011]]}, "2011"),
        ({"date-parts": [[2011, 10]]}, "2011-10"),
        ({"raw": "2011-10"}, "2011-10"),
        ({"literal": "soon"}, None),
        ({"date-parts": [[]]}, None),
        (None, None),
    ],
)
def test_dates_are_as_exact_as_they_are_given(tmp_path: Path, issued: Any, published: str | None) -> None:
    assert only_paper(outcomes(tmp_path, [item(title="T", issued=issued)])).published == published


@settings(max_examples=40, deadline=None)
@given(papers=st.lists(st.tuples(PROSE, PROSE), min_size=1, max_size=5))
def test_every_item_comes_back_whole_and_in_order(
    papers: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = outcomes(tmp_path_factory.getbasetemp(), [item(title=title, abstract=body) for title, body in papers])
    assert [paper.text for paper in found if isinstance(paper, Paper)] == [f"{title}\n{body}" for title, body in papers]


def test_an_item_without_text_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    first, failure, odd, last = outcomes(tmp_path, [item(title="A"), item(), "odd", item(title="D")])
    assert isinstance(first, Paper)
    assert isinstance(last, Paper)
    assert isinstance(failure, Failure)
    assert isinstance(odd, Failure)
    assert (failure.source.place, odd.source.place) == ("record 2", "record 3")


def test_the_items_before_a_cut_are_read(tmp_path: Path) -> None:
    text = json.dumps([item(title="A"), item(title="B")])
    paper, failure = outcomes(tmp_path, text[:-5])
    assert isinstance(paper, Paper)
    assert isinstance(failure, Failure)
    assert failure.reason.startswith("is damaged or no JSON")


def test_records_like_those_of_json_lines_are_read_from_json(tmp_path: Path) -> None:
    found = outcomes(tmp_path, [{"pmid": 1, "title": "A", "abstract": "B"}, {"title": ""}])
    assert isinstance(found[0], Paper)
    assert (found[0].pmid, found[0].text) == ("1", "A\nB")
    assert isinstance(found[1], Failure)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[1, 2]", "holds no records: its JSON is neither a list of objects nor an object"),
        ("[]", "holds no records: its JSON is neither a list of objects nor an object"),
        ('{"a": 1}', "holds records of a kind that is not read (their fields are a)"),
        ("rubbish", "is damaged or no JSON: Expecting value (line 1, column 1)"),
        ("[" * 100_000, "is damaged or no JSON:"),
    ],
)
def test_what_is_no_list_of_records_is_one_failure(tmp_path: Path, content: str, reason: str) -> None:
    assert only_failure(outcomes(tmp_path, content)).reason.startswith(reason)
