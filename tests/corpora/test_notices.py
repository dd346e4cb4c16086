"""Notices are read as they are published, with all that is wrong with them."""

import csv
import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.failure import Failure
from corpora.notices import Notice, notices_of, read_notices
from corpora.paper import Paper, Relation

COLUMNS = (
    "Record ID,Title,Subject,Institution,Journal,Publisher,Country,Author,URLS,ArticleType,RetractionDate,"
    "RetractionDOI,RetractionPubMedID,OriginalPaperDate,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,"
    "Reason,Paywalled,Notes"
).split(",")
ROW = {
    "Record ID": "20946",
    "Title": "A gene that was never silenced",
    "Subject": "(BLS) Genetics;",
    "RetractionDate": "5/1/2019 0:00",
    "RetractionDOI": "10.1000/Notice.1",
    "RetractionPubMedID": "31000001",
    "OriginalPaperDate": "3/14/2011 0:00",
    "OriginalPaperDOI": "10.1000/Gene.1",
    "OriginalPaperPubMedID": "21000001",
    "RetractionNature": "Retraction",
    "Reason": "+Error in Data;+Investigation by Journal/Publisher;",
    "Paywalled": "No",
}
NOTICE = Notice(
    "retraction",
    pmid="21000001",
    doi="10.1000/gene.1",
    title="A gene that was never silenced",
    date="2019-05-01",
    notice_pmid="31000001",
    notice_doi="10.1000/notice.1",
    reason="Error in Data; Investigation by Journal/Publisher",
)


def file_of(folder, *rows, name="retraction_watch.csv", encoding="utf-8"):
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows({**ROW, **row} for row in rows)
    path = folder / name
    content = written.getvalue().encode(encoding)
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def only(path):
    (found,) = read_notices(path)
    return found


@pytest.mark.parametrize("name", ["retraction_watch.csv", "retraction_watch.csv.gz", "NOTICES.CSV"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_row_becomes_a_notice(tmp_path, name, encoding):
    assert only(file_of(tmp_path, {}, name=name, encoding=encoding)) == NOTICE


@pytest.mark.parametrize(
    ("nature", "kind"),
    [
        ("Retraction", "retraction"),
        ("Correction", "correction"),
        ("Expression of concern", "expression of concern"),
        ("Expression of Concern ", "expression of concern"),
        ("Reinstatement", "reinstatement"),
    ],
)
def test_the_kind_is_what_the_nature_says(tmp_path, nature, kind):
    assert only(file_of(tmp_path, {"RetractionNature": nature})).kind == kind


@pytest.mark.parametrize("absent", ["", "0", "unavailable", "Unavailable", " N/A "])
def test_an_identifier_that_is_not_known_is_none(tmp_path, absent):
    names = ("OriginalPaperDOI", "OriginalPaperPubMedID", "RetractionDOI", "RetractionPubMedID")
    found = only(file_of(tmp_path, dict.fromkeys(names, absent)))
    assert (found.pmid, found.doi, found.notice_pmid, found.notice_doi) == (None, None, None, None)
    assert found.title == ROW["Title"]


@pytest.mark.parametrize(
    ("written", "doi"),
    [
        ("10.1016/J.CELL.2010.01.001", "10.1016/j.cell.2010.01.001"),
        ("https://doi.org/10.1016/j.cell.2010.01.001", "10.1016/j.cell.2010.01.001"),
        ("http://dx.doi.org/10.1016%2Fj.cell.2010.01.001", "10.1016/j.cell.2010.01.001"),
        ("https://onlinelibrary.wiley.com/doi/10.1002/abc.1?af=R", "10.1002/abc.1"),
        ("doi: 10.1002/abc.1.", "10.1002/abc.1"),
        ("\u200b10.1002/abc.1\u00a0", "10.1002/abc.1"),
        ("10.1002/(SICI)1097(19980815/30)17:15<1661::AID-SIM968>3.0.CO;2-2",
         "10.1002/(sici)1097(19980815/30)17:15<1661::aid-sim968>3.0.co;2-2"),
        ("no doi", None),
    ],
)  # fmt: skip
def test_a_doi_is_found_however_it_is_written(tmp_path, written, doi):
    assert only(file_of(tmp_path, {"OriginalPaperDOI": written})).doi == doi


@pytest.mark.parametrize("between", [";", "; ", ", ", " "])
def test_a_row_about_several_papers_is_a_notice_for_each(tmp_path, between):
    dois = between.join(["10.1000/A", "https://doi.org/10.1000/B"])
    path = file_of(tmp_path, {"OriginalPaperDOI": dois, "OriginalPaperPubMedID": between.join("12")})
    assert [(found.doi, found.pmid) for found in read_notices(path)] == [("10.1000/a", "1"), ("10.1000/b", "2")]


@pytest.mark.parametrize(
    ("written", "pmids"),
    [
        ("21000001", ["21000001"]), ("21000001.0", ["21000001"]), (" 21000001 ", ["21000001"]),
        ("1;2;3", ["1", "2", "3"]), ("007", [None]), ("PMC7", [None]), ("1234567890", [None]), ("-", [None]),
    ],
)  # fmt: skip
def test_a_pmid_is_one_to_nine_digits(tmp_path, written, pmids):
    path = file_of(tmp_path, {"OriginalPaperPubMedID": written})
    assert [found.pmid for found in read_notices(path)] == pmids


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("5/1/2019 0:00", "2019-05-01"),
        ("05/01/2019 12:00:00 AM", "2019-05-01"),
        ("12/31/1999", "1999-12-31"),
        ("31/12/1999 0:00", "1999-12-31"),
        ("2019-05-01T00:00:00", "2019-05-01"),
        ("2/30/2019 0:00", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_date_is_month_day_year_unless_that_is_no_date(tmp_path, written, date):
    assert only(file_of(tmp_path, {"RetractionDate": written})).date == date


@given(st.dates())
def test_every_day_is_read_back(tmp_path_factory, day):
    written = f"{day.month}/{day.day}/{day.year:04} 0:00"
    assert only(file_of(tmp_path_factory.mktemp("notices"), {"RetractionDate": written})).date == day.isoformat()


def test_bytes_that_are_no_utf8_are_read_as_windows_1252_and_the_others_are_kept(tmp_path):
    path = tmp_path / "notices.csv"
    path.write_bytes(
        b"Title,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature\r\n"
        + "αβ of M\udcfcller \udc93x\udc94,10.1/x,7,Retraction\r\n".encode("utf-8", "surrogateescape")
    )
    assert only(path).title == "αβ of Müller “x”"


def test_titles_over_several_lines_and_a_column_without_a_name_are_read(tmp_path):
    path = tmp_path / "notices.csv"
    path.write_text(
        'Title,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,\n"One ""gene"",\n two",0,7,Retraction,\n',
        encoding="utf-8",
    )
    assert only(path) == Notice("retraction", "7", None, 'One "gene", two')


def test_a_row_that_is_no_notice_is_named_with_its_line_and_the_rest_is_read(tmp_path):
    nameless = {"Title": "unavailable", "OriginalPaperDOI": "0", "OriginalPaperPubMedID": ""}
    path = file_of(tmp_path, {"RetractionNature": "Rumour"}, nameless, {})
    rumour, no_paper, notice = read_notices(path)
    assert isinstance(rumour, Failure)
    assert (rumour.source.place, rumour.reason) == ("line 2", "has the unknown nature 'Rumour'")
    assert isinstance(no_paper, Failure)
    assert (no_paper.source.place, no_paper.reason) == ("line 3", "names no paper by DOI, PMID or title")
    assert notice == NOTICE


def test_a_quote_that_is_never_closed_costs_what_it_swallows_and_no_more_is_held(tmp_path):
    csv.field_size_limit(1 << 25)  # as readers of tables leave it
    path = file_of(tmp_path, *[{}] * 3000)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[10] = b'1,"never closed\r\n'
    path.write_bytes(b"".join(lines))
    found = list(read_notices(path))
    assert any(isinstance(item, Failure) and "field larger than" in item.reason for item in found)
    assert found.count(NOTICE) > 1000


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "has no column RetractionNature, Title"),
        (b"Title,DOI\nx,y\n", "it has: Title, DOI"),
    ],
)
def test_a_file_of_something_else_is_refused_with_what_it_has(tmp_path, content, reason):
    path = tmp_path / "notices.csv"
    path.write_bytes(content)
    failure = only(path)
    assert isinstance(failure, Failure)
    assert reason in failure.reason
    assert "epicite fetch --source retractions" in failure.remedy


def test_a_missing_file_a_folder_and_damaged_gzip_are_failures(tmp_path):
    whole = file_of(tmp_path, *[{}] * 50, name="whole.csv.gz").read_bytes()
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(whole[: len(whole) // 2])
    for path in (tmp_path / "missing.csv", tmp_path, cut):
        *_, failure = read_notices(path)
        assert isinstance(failure, Failure)


def test_the_notices_of_a_paper_are_what_its_record_says_of_it():
    paper = Paper(
        text="T", kind="abstract", pmid="1", doi="10.1000/A", title="T", published="2011",
        relations=(
            Relation(kind="retracted by", pmid="2"),
            Relation(kind="concern expressed by", doi="https://doi.org/10.1000/C"),
            Relation(kind="corrected by", pmid="4"),
            Relation(kind="published version of", pmid="5"),
        ),
    )  # fmt: skip
    assert list(notices_of(paper)) == [
        Notice("retraction", "1", "10.1000/a", "T", notice_pmid="2"),
        Notice("expression of concern", "1", "10.1000/a", "T", notice_doi="10.1000/c"),
        Notice("correction", "1", "10.1000/a", "T", notice_pmid="4"),
    ]


def test_the_notices_of_a_notice_are_about_the_papers_that_it_names():
    paper = Paper(
        text="T", kind="abstract", pmid="2", doi="10.1000/N", title="Retraction", published="2019-05",
        relations=(Relation(kind="retraction of", pmid="1"), Relation(kind="correction of", title="Another")),
    )  # fmt: skip
    assert list(notices_of(paper)) == [
        Notice("retraction", "1", None, None, "2019-05", "2", "10.1000/n"),
        Notice("correction", None, None, "Another", "2019-05", "2", "10.1000/n"),
    ]
