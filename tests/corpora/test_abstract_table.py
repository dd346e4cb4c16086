import csv
import gzip
import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora import abstract_table
from corpora.failure import Failure
from corpora.paper import Paper
from corpora.reading import read
from corpora.streams import MIB
from corpora.withdrawal import Withdrawn
from tests.corpora.written import PROSE, only_failure, only_paper, sections


def outcomes(
    folder: Path, *rows: list[str], name: str = "table.csv", encoding: str = "utf-8", delimiter: str = ","
) -> list[Paper | Failure | Withdrawn]:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    content = text.getvalue().encode(encoding)
    (folder / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return list(read(folder / name))


def test_a_row_becomes_a_paper_with_all_its_fields(tmp_path: Path) -> None:
    header = [
        "PMID",
        "Article Title",
        "Abstract",
        "DOI",
        "PMCID",
        "Journal/Book",
        "Publication Date",
        "Authors",
        "Keywords",
        "Language",
        "URL",
    ]
    row = [
        "21000001",
        "Methylation of BNC1",
        "It is found late.",
        "https://doi.org/10.1000/Own.1",
        "3000001",
        "Clin Cancer Res",
        "2011 Oct 7",
        "Yi, Joo Mi; Li, Bo",
        "ctDNA; BNC1",
        "English",
        "https://example.org/a",
    ]
    paper = only_paper(outcomes(tmp_path, header, row))
    assert sections(paper) == [("title", "prose", "Methylation of BNC1"), (None, "prose", "It is found late.")]
    assert (paper.pmid, paper.pmcid, paper.doi) == ("21000001", "PMC3000001", "10.1000/own.1")
    assert (paper.journal, paper.year, paper.published, paper.language) == ("Clin Cancer Res", 2011, "2011-10-07", "en")
    assert (paper.authors, paper.keywords) == (("Yi JM", "Li B"), ("ctDNA", "BNC1"))
    assert str(paper.source) == f"{tmp_path / 'table.csv'}, line 2"


def test_the_table_that_zotero_exports_is_read(tmp_path: Path) -> None:
    header = [
        "Key",
        "Item Type",
        "Publication Year",
        "Author",
        "Title",
        "Publication Title",
        "DOI",
        "Url",
        "Abstract Note",
        "Date",
        "Extra",
        "Manual Tags",
    ]
    row = [
        "AB12",
        "journalArticle",
        "2011",
        "Yi, Joo Mi; Li, B",
        "T",
        "J",
        "10.1000/a",
        "http://a.b/c",
        "A.",
        "2011-10",
        "PMID: 7 PMCID: PMC8",
        "x; y",
    ]
    paper = only_paper(outcomes(tmp_path, header, row))
    assert (paper.pmid, paper.pmcid, paper.doi, paper.id) == ("7", "PMC8", "10.1000/a", "AB12")
    assert (paper.journal, paper.published, paper.keywords, paper.text) == ("J", "2011-10", ("x", "y"), "T\nA.")


def test_the_table_that_pubmed_exports_is_read(tmp_path: Path) -> None:
    header = [
        "PMID",
        "Title",
        "Authors",
        "Citation",
        "First Author",
        "Journal/Book",
        "Publication Year",
        "Create Date",
        "PMCID",
        "NIHMS ID",
        "DOI",
    ]
    row = ["7", "T.", "Yi JM, Li B.", "J. 2011;1:2.", "Yi JM", "J", "2011", "2011/10/07", "", "", "10.1000/a"]
    paper = only_paper(outcomes(tmp_path, header, row))
    assert (paper.pmid, paper.doi, paper.journal, paper.year, paper.authors) == (
        "7",
        "10.1000/a",
        "J",
        2011,
        ("Yi JM", "Li B"),
    )


@pytest.mark.parametrize(
    ("name", "delimiter"), [("a.csv", ";"), ("a.csv", "\t"), ("a.tsv", "\t"), ("a.tsv.gz", "\t"), ("a.csv.gz", ",")]
)
def test_the_sign_between_cells_is_told_from_the_header(tmp_path: Path, name: str, delimiter: str) -> None:
    found = outcomes(tmp_path, ["title", "abstract"], ["A, b", "C; d"], name=name, delimiter=delimiter)
    assert only_paper(found).text == "A, b\nC; d"


@settings(max_examples=40, deadline=None)
@given(papers=st.lists(st.tuples(PROSE, PROSE), min_size=1, max_size=5))
def test_every_row_comes_back_whole_and_in_order(
    papers: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = outcomes(tmp_path_factory.getbasetemp(), ["Title", "Abstract"], *map(list, papers))
    assert [paper.text for paper in found if isinstance(paper, Paper)] == [f"{title}\n{body}" for title, body in papers]


def test_a_cell_of_many_lines_and_a_long_one_are_whole(tmp_path: Path) -> None:
    long = "word " * 60_000
    first, second = outcomes(tmp_path, ["title", "abstract"], ["A", 'two\nlines "quoted"'], ["B", long])
    assert isinstance(first, Paper)
    assert isinstance(second, Paper)
    assert first.text == 'A\ntwo\nlines "quoted"'
    assert second.text == f"B\n{long.strip()}"
    assert second.source is not None
    assert second.source.place == "line 4"


@pytest.mark.parametrize(
    "header", [["sequence", "label"], ["sample", "SNP1", "SNP2", "title"], ["name", "text message"], ["title", "price"]]
)
def test_an_unknown_table_is_refused_with_the_columns_found_and_those_needed(tmp_path: Path, header: list[str]) -> None:
    failure = only_failure(outcomes(tmp_path, header, ["a"] * len(header)))
    assert failure.reason == f"is a table without the columns of papers (found: {', '.join(header)})"
    assert "a title or an abstract" in failure.remedy


def test_a_row_without_text_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    first, failure, last = outcomes(tmp_path, ["title", "year"], ["A", "2001"], ["", "2002"], [], ["C", "soon"])
    assert isinstance(first, Paper)
    assert isinstance(last, Paper)
    assert isinstance(failure, Failure)
    assert (failure.source.place, failure.reason) == ("line 3", "has no text")
    assert last.year is None


def test_a_quotation_that_does_not_end_is_a_failure_in_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(abstract_table, "RECORD_LIMIT", MIB)
    path = tmp_path / "table.csv"
    path.write_text('title,abstract\nA,B\nC,"' + "word word word\n" * 200_000)
    tracemalloc.start()
    *papers, failure = read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(papers) == 1
    assert isinstance(failure, Failure)
    assert failure.reason.startswith("is damaged or no table")
    assert peak < 16 * MIB


def test_a_header_alone_is_a_failure(tmp_path: Path) -> None:
    assert only_failure(outcomes(tmp_path, ["title", "abstract"])).reason == "has no row below its header"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_chinese_tables_are_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    header = ["题名", "作者", "摘要", "刊名", "年份", "关键词"]
    row = [
        "胰腺癌患者血清中基因甲基化的研究",
        "张三;李四",
        "目的：探讨血清中基因甲基化与胰腺癌的关系。",
        "中华医学杂志",
        "2019",
        "胰腺癌;甲基化",
    ]
    paper = only_paper(outcomes(tmp_path, header, row, encoding=encoding))
    assert (paper.title, paper.authors, paper.journal) == (row[0], ("张三", "李四"), "中华医学杂志")
    assert (paper.year, paper.keywords) == (2019, ("胰腺癌", "甲基化"))


def test_latin_text_is_never_taken_for_chinese(tmp_path: Path) -> None:
    failure = only_failure(
        outcomes(tmp_path, ["title", "abstract"], ["naïve café à Köln", "größer é è ü ö ä"], encoding="latin-1")
    )
    assert failure.reason.startswith("is not UTF-8: byte 0xef at byte 19 of the file")


def test_a_large_table_is_read_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_text("title,abstract\n" + ("T," + "word " * 1000 + "\n") * 1500)
    tracemalloc.start()
    found = sum(isinstance(paper, Paper) for paper in read(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == 1500
    assert peak < 6 * MIB
