import gzip
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.failure import Failure
from corpora.paper import Paper
from corpora.reading import read
from corpora.streams import MIB
from corpora.withdrawal import Withdrawn
from tests.corpora.written import PROSE, only_failure, only_paper, sections

WHOLE = """TY  - JOUR
TI  - Methylation of BNC1
AU  - Yi, Joo Mi
AU  - Li, Bo
PY  - 2011/10/07/
T2  - Clinical Cancer Research
AB  - Pancreatic cancer is found late.
It was silent.
KW  - ctDNA
KW  - BNC1
DO  - 10.1000/Own.1
AN  - 21000001
DB  - PubMed
C2  - PMC3000001
LA  - eng
UR  - https://example.org/a;jsessionid=1
N1  - A note
ER  -
"""


def outcomes(folder: Path, *records: str, encoding: str = "utf-8") -> list[Paper | Failure | Withdrawn]:
    path = folder / "library.ris"
    path.write_bytes("\n".join(records).encode(encoding))
    return list(read(path))


def record(*lines: str) -> str:
    return "\n".join(("TY  - JOUR", *lines, "ER  - ", ""))


def test_a_record_becomes_a_paper_with_all_its_fields(tmp_path: Path) -> None:
    paper = only_paper(outcomes(tmp_path, WHOLE))
    assert sections(paper) == [
        ("title", "prose", "Methylation of BNC1"),
        (None, "prose", "Pancreatic cancer is found late. It was silent."),
    ]
    assert (paper.pmid, paper.pmcid, paper.doi) == ("21000001", "PMC3000001", "10.1000/own.1")
    assert (paper.journal, paper.year, paper.published, paper.language) == (
        "Clinical Cancer Research",
        2011,
        "2011-10-07",
        "en",
    )
    assert (paper.authors, paper.keywords) == (("Yi JM", "Li B"), ("ctDNA", "BNC1"))
    assert paper.url == "https://example.org/a;jsessionid=1"
    assert str(paper.source) == f"{tmp_path / 'library.ris'}, line 1"


@pytest.mark.parametrize(
    ("lines", "pmid"),
    [
        (["N1  - PMID: 123"], "123"),
        (["UR  - https://pubmed.ncbi.nlm.nih.gov/123/"], "123"),
        (["AN  - 123", "DP  - NLM"], "123"),
        (["AN  - WOS:000123"], None),
        (["AN  - 123", "DB  - Embase"], None),
    ],
)
def test_a_pmid_is_taken_where_it_can_be_no_other_number(tmp_path: Path, lines: list[str], pmid: str | None) -> None:
    assert only_paper(outcomes(tmp_path, record("TI  - T", *lines))).pmid == pmid


def test_malformed_identifiers_and_dates_do_not_cost_the_record(tmp_path: Path) -> None:
    lines = ("T1  - T", "DO  - none", "C2  - PMCx", "Y1  - soon", "LA  - Klingon", "UR  - file.pdf")
    paper = only_paper(outcomes(tmp_path, record(*lines)))
    assert (paper.title, paper.doi, paper.pmcid, paper.language, paper.url) == ("T", None, None, None, None)
    assert (paper.year, paper.published) == (None, None)


@settings(max_examples=50, deadline=None)
@given(papers=st.lists(st.tuples(PROSE, PROSE), min_size=1, max_size=5), ending=st.sampled_from(["\n", "\r\n"]))
def test_every_record_comes_back_whole_and_in_order(
    papers: list[tuple[str, str]], ending: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = "".join(record(f"TI  - {title}", f"AB  - {abstract}") for title, abstract in papers).replace("\n", ending)
    found = outcomes(tmp_path_factory.getbasetemp(), text)
    assert [paper.text for paper in found if isinstance(paper, Paper)] == [f"{title}\n{body}" for title, body in papers]


def test_one_space_before_the_dash_and_lines_between_records_are_borne(tmp_path: Path) -> None:
    found = outcomes(tmp_path, "1.", record("TI  - A").replace("  -", " -"), "", "2.", record("TI  - B"))
    assert [paper.text for paper in found if isinstance(paper, Paper)] == ["A", "B"]


def test_a_record_without_end_is_read_where_the_next_begins_and_refused_where_the_file_ends(tmp_path: Path) -> None:
    first, second, cut = outcomes(tmp_path, "TY  - JOUR\nTI  - A\n", record("TI  - B"), "TY  - JOUR\nTI  - C")
    assert isinstance(first, Paper)
    assert isinstance(second, Paper)
    assert (first.text, second.text) == ("A", "B")
    assert isinstance(cut, Failure)
    assert (cut.source.place, cut.reason) == ("line 8", "ends before its end: there is no line ER")


def test_a_record_without_text_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    first, failure, last = outcomes(tmp_path, record("TI  - A"), record("AU  - Yi, J"), record("TI  - B"))
    assert isinstance(first, Paper)
    assert isinstance(failure, Failure)
    assert isinstance(last, Paper)
    assert str(failure).startswith(f"{tmp_path / 'library.ris'}, line 5: has no text. Give")


CHINESE = record(
    "TI  - 胰腺癌患者血清中基因甲基化的研究",
    "AU  - 张三",
    "AB  - 目的：探讨血清中基因甲基化与胰腺癌的关系。",
    "LA  - 中文",
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_chinese_records_are_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    paper = only_paper(outcomes(tmp_path, CHINESE, encoding=encoding))
    assert (paper.title, paper.authors, paper.language) == ("胰腺癌患者血清中基因甲基化的研究", ("张三",), "zh")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("TI  - Köln", "latin-1"), ("TI  - がんにおけるメチル化の研究", "euc-jp")],
)
def test_another_encoding_is_named_with_the_byte_that_does_not_fit(tmp_path: Path, text: str, encoding: str) -> None:
    failure = only_failure(outcomes(tmp_path, record(text), encoding=encoding))
    assert failure.reason.startswith("is not UTF-8: byte 0x")
    assert "iconv" in failure.remedy


def test_what_is_no_ris_is_one_failure(tmp_path: Path) -> None:
    assert only_failure(outcomes(tmp_path, "TI: A title")).reason == "holds no RIS record"


def test_a_large_file_is_read_record_by_record(tmp_path: Path) -> None:
    path = tmp_path / "large.ris"
    path.write_text(record("TI  - T", "AB  - " + "word " * 2000) * 1000)
    only_paper(outcomes(tmp_path, record("TI  - warm")))
    tracemalloc.start()
    found = sum(isinstance(paper, Paper) for paper in read(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == 1000
    assert peak < 8 * MIB


def test_a_record_that_does_not_end_is_given_up_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "endless.ris"
    path.write_text("TY  - JOUR\n" + ("AB  - " + "x" * 1000 + "\n") * 40_000)
    tracemalloc.start()
    failure = only_failure(list(read(path)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert failure.reason == "holds a record that does not end"
    assert peak < 64 * MIB


def test_gzip_is_not_taken_for_ris(tmp_path: Path) -> None:
    (tmp_path / "a.ris").write_bytes(gzip.compress(WHOLE.encode()))
    assert only_failure(list(read(tmp_path / "a.ris"))).reason
