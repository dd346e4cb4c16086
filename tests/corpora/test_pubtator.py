from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.failure import Failure
from corpora.paper import Paper
from corpora.reading import read
from corpora.withdrawal import Withdrawn
from tests.corpora.written import PROSE, only_failure, only_paper, sections


def outcomes(folder: Path, *records: str, encoding: str = "utf-8") -> list[Paper | Failure | Withdrawn]:
    (folder / "papers.pubtator").write_bytes("\n\n".join(records).encode(encoding))
    return list(read(folder / "papers.pubtator"))


def record(pmid: object, title: str, abstract: str) -> str:
    return f"{pmid}|t|{title}\n{pmid}|a|{abstract}\n{pmid}\t0\t4\tBNC1\tGene\t646\n{pmid}\tCID\tD1\tD2"


def test_a_record_becomes_a_paper_and_annotations_are_passed_over(tmp_path: Path) -> None:
    paper = only_paper(outcomes(tmp_path, record(21000001, "BNC1 is silent", "It is found | late.")))
    assert (paper.pmid, paper.title, paper.kind) == ("21000001", "BNC1 is silent", "abstract")
    assert sections(paper) == [("title", "prose", "BNC1 is silent"), (None, "prose", "It is found | late.")]
    assert str(paper.source) == f"{tmp_path / 'papers.pubtator'}, line 1"


@settings(max_examples=40, deadline=None)
@given(papers=st.lists(st.tuples(PROSE, PROSE), min_size=1, max_size=5))
def test_every_record_comes_back_whole_and_in_order(
    papers: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    found = outcomes(folder, *(record(number, *texts) for number, texts in enumerate(papers, start=1)))
    assert [paper.text for paper in found if isinstance(paper, Paper)] == ["\n".join(texts) for texts in papers]


def test_an_identifier_that_is_no_pmid_is_kept_as_such(tmp_path: Path) -> None:
    paper = only_paper(outcomes(tmp_path, record("PMC7", "T", "A")))
    assert (paper.pmid, paper.id) == (None, "PMC7")


def test_a_record_that_is_none_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    first, failure, empty, last = outcomes(
        tmp_path, record(1, "A", "B"), "rubbish", record(3, "", ""), record(4, "C", "")
    )
    assert isinstance(first, Paper)
    assert isinstance(last, Paper)
    assert isinstance(failure, Failure)
    assert (failure.source.place, failure.reason) == (
        "line 6",
        "has a line that is neither text nor annotation ('rubbish')",
    )
    assert isinstance(empty, Failure)
    assert empty.reason == "has neither title nor abstract"


def test_a_chinese_record_is_read(tmp_path: Path) -> None:
    text = record(1, "胰腺癌患者血清中基因甲基化的研究", "目的：探讨血清中基因甲基化与胰腺癌的关系。")
    assert only_paper(outcomes(tmp_path, text, encoding="gb18030")).title == "胰腺癌患者血清中基因甲基化的研究"


def test_an_empty_file_is_one_failure(tmp_path: Path) -> None:
    assert only_failure(outcomes(tmp_path, "\n \n")).reason == "is empty"
