from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.failure import Failure
from corpora.paper import Paper
from corpora.reading import read
from corpora.withdrawal import Withdrawn
from tests.corpora.written import PROSE, only_failure, only_paper, sections


def styled(text: str) -> str:
    return f'<style face="normal" font="default" size="100%">{text}</style>'


WHOLE = f"""<record><rec-number>7</rec-number><ref-type name="Journal Article">17</ref-type>
<contributors><authors><author>{styled("Yi, Joo Mi")}</author>
<author>{styled("Li, B.")}</author></authors></contributors>
<titles><title>{styled("Methylation of ")}{styled("BNC1")}</title>
<secondary-title>{styled("Clin Cancer Res")}</secondary-title></titles>
<periodical><full-title>{styled("Clinical Cancer Research")}</full-title></periodical>
<keywords><keyword>{styled("ctDNA")}</keyword><keyword>{styled("BNC1")}</keyword></keywords>
<dates><year>{styled("2011")}</year><pub-dates><date>{styled("Oct 7")}</date></pub-dates></dates>
<accession-num>{styled("21000001")}</accession-num><custom2>{styled("PMC3000001")}</custom2>
<electronic-resource-num>{styled("10.1000/Own.1")}</electronic-resource-num>
<abstract>{styled("It is found late.")}</abstract><language>{styled("eng")}</language>
<remote-database-name>{styled("Medline")}</remote-database-name>
<urls><related-urls><url>{styled("https://example.org/a")}</url></related-urls></urls></record>"""


def outcomes(folder: Path, *records: str) -> list[Paper | Failure | Withdrawn]:
    (folder / "library.xml").write_text(f"<xml><records>{''.join(records)}</records></xml>", encoding="utf-8")
    return list(read(folder / "library.xml"))


def record(title: str, abstract: str = "") -> str:
    return f"<record><titles><title>{title}</title></titles><abstract>{abstract}</abstract></record>"


def test_a_record_becomes_a_paper_with_all_its_fields(tmp_path: Path) -> None:
    paper = only_paper(outcomes(tmp_path, WHOLE))
    assert sections(paper) == [("title", "prose", "Methylation of BNC1"), (None, "prose", "It is found late.")]
    assert (paper.pmid, paper.pmcid, paper.doi, paper.id) == ("21000001", "PMC3000001", "10.1000/own.1", "7")
    assert (paper.journal, paper.year, paper.published, paper.language) == (
        "Clinical Cancer Research",
        2011,
        "2011-10-07",
        "en",
    )
    assert (paper.authors, paper.keywords) == (("Yi JM", "Li B"), ("ctDNA", "BNC1"))
    assert paper.url == "https://example.org/a"


def test_the_number_of_another_database_is_no_pmid(tmp_path: Path) -> None:
    assert only_paper(outcomes(tmp_path, WHOLE.replace("Medline", "Embase"))).pmid is None


@settings(max_examples=40, deadline=None)
@given(papers=st.lists(st.tuples(PROSE, PROSE), min_size=1, max_size=5))
def test_every_record_comes_back_whole_and_in_order(
    papers: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = outcomes(tmp_path_factory.getbasetemp(), *(record(escape(title), escape(body)) for title, body in papers))
    assert [paper.text for paper in found if isinstance(paper, Paper)] == [f"{title}\n{body}" for title, body in papers]


def test_a_record_without_text_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    first, failure, last = outcomes(tmp_path, record("A"), record(""), record("C"))
    assert isinstance(first, Paper)
    assert isinstance(last, Paper)
    assert isinstance(failure, Failure)
    assert (failure.source.place, failure.reason) == ("record 2", "has no text")


def test_the_records_before_a_cut_are_read(tmp_path: Path) -> None:
    path = tmp_path / "cut.xml"
    path.write_text(f"<xml><records>{record('A')}{record('B')}"[:-20])
    paper, failure = read(path)
    assert isinstance(paper, Paper)
    assert isinstance(failure, Failure)
    assert failure.reason.startswith("is damaged or no XML")


def test_declared_entities_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "hostile.xml"
    path.write_text(f'<!DOCTYPE xml [<!ENTITY a "ha">]><xml><records>{record("&a;")}</records></xml>')
    assert only_failure(list(read(path))).reason.startswith("declares entities")
