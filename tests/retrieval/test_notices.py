"""Notices: retracted papers are known by any name, whichever comes first, and on any day."""

import csv
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.notices import Notice
from corpora.paper import Paper, Relation
from retrieval import notice_store
from retrieval.filters import Filters
from retrieval.notices import keep_notices, said_of, take_notices, told
from retrieval.upkeep import verify

TITLE = "RASSF1A promoter methylation in nasopharyngeal carcinoma"
COLUMNS = (
    "Record ID", "Title", "RetractionDate", "RetractionDOI", "RetractionPubMedID", "OriginalPaperDOI",
    "OriginalPaperPubMedID", "RetractionNature", "Reason",
)  # fmt: skip
RETRACTED = Paper(text=f"{TITLE}\nRASSF1A is methylated.", title=TITLE, kind="abstract", pmid="7", doi="10.1000/x")
SOUND = Paper(text="RASSF1A is silent in mice.", kind="abstract", pmid="8", year=2001)


@pytest.fixture
def watch(tmp_path):
    """Writes a file as Retraction Watch does."""

    def write(*rows, name="watch.csv"):
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            for row in rows:
                writer.writerow({"RetractionNature": "Retraction", "RetractionDate": "5/1/2019 0:00"} | row)
        return path

    return write


def marked(library):
    """The papers that are retracted, by number."""
    with library.database.reading() as connection:
        return {stored.id for stored in library.papers() if library.paper(stored.id).retracted} | set(
            connection.exec_driver_sql("SELECT id FROM papers WHERE retracted").scalars()
        )


NAMES = {
    "a DOI in capitals": {"OriginalPaperDOI": "https://doi.org/10.1000/X"},
    "a PMID": {"OriginalPaperPubMedID": "7", "OriginalPaperDOI": "unavailable"},
    "a title in another case": {"Title": TITLE.upper()},
    "a title that says so itself": {"Title": f"{TITLE}."},
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("notices_first", [True, False])
def test_a_retracted_paper_is_marked_by_any_name_whichever_comes_first(quick, watch, name, notices_first):
    path = watch(NAMES[name])
    steps = [lambda: take_notices(quick, path), lambda: [quick.add(paper) for paper in (RETRACTED, SOUND)]]
    for step in steps if notices_first else reversed(steps):
        step()
    assert marked(quick) == {1}
    assert [hit.retracted for hit in sorted(quick.search("RASSF1A").hits, key=lambda hit: hit.paper_id)] == [
        True,
        False,
    ]
    assert [hit.paper_id for hit in quick.search("RASSF1A", filters=Filters(retracted=False)).hits] == [2]
    assert verify(quick) == []


def test_a_title_that_the_publisher_has_marked_is_known(quick, watch):
    quick.add(RETRACTED.model_copy(update={"title": f"RETRACTED ARTICLE: {TITLE}", "pmid": None, "doi": None}))
    take_notices(quick, watch({"Title": TITLE}))
    assert marked(quick) == {1}


def test_a_title_is_not_enough_where_an_identifier_is_anothers(quick, watch):
    quick.add(RETRACTED)
    take_notices(quick, watch({"Title": TITLE, "OriginalPaperDOI": "10.1000/other"}))
    assert marked(quick) == set()


def test_a_title_that_many_papers_have_marks_none(quick, watch, paper):
    quick.add(paper("Text.", title="Editorial"))
    take_notices(quick, watch({"Title": "Editorial"}))
    assert marked(quick) == set()


def test_the_full_text_is_retracted_with_the_abstract_that_shares_its_identifier(quick, watch):
    full = {"text": "All of it.", "kind": "full text", "pmid": None, "doi": None, "pmcid": "PMC7"}
    quick.add(RETRACTED.model_copy(update=full))
    quick.add(RETRACTED.model_copy(update={"pmcid": "PMC7"}))
    take_notices(quick, watch({"OriginalPaperPubMedID": "7"}))
    assert marked(quick) == {1, 2}
    quick.remove(2)
    assert marked(quick) == set()
    quick.add(RETRACTED.model_copy(update={"pmcid": "PMC7"}))
    assert marked(quick) == {1, 3}
    assert verify(quick) == []


def test_a_file_that_is_read_again_takes_back_what_it_no_longer_says(quick, watch):
    quick.add(RETRACTED)
    report = take_notices(quick, watch({"OriginalPaperPubMedID": "7"}, {"OriginalPaperPubMedID": "99"}))
    assert (report.stored, report.papers, report.failures) == (2, 1, ())
    assert marked(quick) == {1}
    report = take_notices(quick, watch({"OriginalPaperPubMedID": "99"}))
    assert (report.stored, report.papers) == (1, 0)
    assert marked(quick) == set()
    assert verify(quick) == []


def test_a_file_that_cannot_be_read_changes_nothing_and_is_named(quick, watch, tmp_path):
    quick.add(RETRACTED)
    path = watch({"OriginalPaperPubMedID": "7"})
    take_notices(quick, path)
    path.write_text("<html>Sign in</html>")
    report = take_notices(quick, path)
    assert (report.stored, [failure.source.path for failure in report.failures]) == (0, [path])
    assert marked(quick) == {1}
    assert len(take_notices(quick, tmp_path / "missing.csv").failures) == 1


def test_what_papers_say_of_themselves_and_of_others_counts_and_goes_with_them(quick, paper):
    quick.add(paper("A notice.", pmid="20", published="2019-05", relations=(Relation(kind="retraction of", pmid="7"),)))
    quick.add(RETRACTED)
    own = (Relation(kind="retracted by", pmid="21"),)
    quick.add(paper("Told by itself.", pmid="9", relations=own))
    assert marked(quick) == {2, 3}
    quick.remove(1)
    assert marked(quick) == {3}
    assert verify(quick) == []


def test_a_record_that_is_no_longer_said_to_be_retracted_is_not(quick, paper):
    quick.add(paper("Told by itself.", pmid="9", relations=(Relation(kind="retracted by", pmid="21"),)))
    quick.add(paper("Told by itself.", pmid="9"))
    assert marked(quick) == set()


def test_corrections_and_concerns_are_told_and_leave_nothing_out(quick, watch):
    quick.add(RETRACTED)
    rows = [
        {
            "RetractionNature": "Correction",
            "OriginalPaperPubMedID": "7",
            "RetractionDOI": "10.1000/c",
            "Reason": "+Error;",
        },
        {
            "RetractionNature": "Expression of concern",
            "OriginalPaperDOI": "10.1000/X",
            "RetractionDate": "3/2/2018 0:00",
        },
    ]
    take_notices(quick, watch(*rows))
    [hit] = quick.search("RASSF1A", filters=Filters(retracted=False)).hits
    assert hit.notices == ("Expression of concern (2018-03-02)", "Correction (2019-05-01, DOI 10.1000/c): Error")
    assert not hit.retracted


def test_what_was_left_out_is_told_only_if_it_would_have_been_found(quick, watch, paper):
    quick.add(RETRACTED)
    quick.add(SOUND)
    quick.add(paper("Zebrafish are kept at 28 degrees.", pmid="30"))
    take_notices(quick, watch({"OriginalPaperPubMedID": "7"}))
    quick.derive()
    found = quick.search("RASSF1A methylated", k=1, filters=Filters(retracted=False))
    assert ([hit.paper_id for hit in found.hits], [hit.paper_id for hit in found.left_out]) == ([2], [1])
    assert quick.search("zebrafish 28 degrees", k=1, filters=Filters(retracted=False)).left_out == ()
    assert quick.search("RASSF1A methylated", k=1).left_out == ()


# Days


def dated(kind, day=None):
    return Notice(kind, pmid="7", date=day)


@pytest.mark.parametrize(
    ("flagged", "said", "day", "expected"),
    [
        (False, [], None, False),
        (True, [], None, True),
        (True, [], "2000-01-01", True),
        (False, [dated("retraction", "2019-05-01")], None, True),
        (False, [dated("retraction", "2019-05-01")], "2019-04-30", False),
        (False, [dated("retraction", "2019-05-01")], "2019-05-01", True),
        (True, [dated("retraction", "2019-05-01")], "2019-04-30", False),
        (False, [dated("retraction", "2019")], "2018-12-31", False),
        (False, [dated("retraction", "2019")], "2019-01-01", True),
        (False, [dated("retraction")], "1990-01-01", True),
        (True, [dated("retraction", "2019"), dated("reinstatement", "2020")], None, False),
        (True, [dated("retraction", "2019"), dated("reinstatement", "2020")], "2019-06-01", True),
        (True, [dated("reinstatement", "2020"), dated("retraction", "2021")], None, True),
        (True, [dated("reinstatement", "2020")], "2019-06-01", True),
        (True, [dated("reinstatement", "2020")], "2020-06-01", False),
        (True, [dated("reinstatement")], None, False),
        (False, [dated("correction", "2019"), dated("expression of concern", "2019")], None, False),
    ],
)
def test_whether_a_paper_is_retracted_is_what_was_said_last(flagged, said, day, expected):
    assert notice_store.is_retracted(flagged, said, day) is expected


@given(
    st.permutations([dated("retraction", "2019"), dated("reinstatement", "2020-03"), dated("retraction", "2020-04-02")])
)
def test_the_order_of_notices_does_not_matter(said):
    on = {day: notice_store.is_retracted(False, said, day) for day in ("2018-12-31", "2019-07-01", "2020-03-31", None)}
    assert on == {"2018-12-31": False, "2019-07-01": True, "2020-03-31": False, None: True}


def test_a_retraction_that_came_later_does_not_count_on_the_day(quick, watch):
    quick.add(RETRACTED.model_copy(update={"published": "2010-03"}))
    take_notices(quick, watch({"OriginalPaperPubMedID": "7", "RetractionDate": "5/1/2019 0:00"}))

    def found(day):
        filters = Filters(as_of=date.fromisoformat(day), retracted=False)
        return [(hit.paper_id, hit.retracted, hit.notices) for hit in quick.search("RASSF1A", filters=filters).hits]

    assert found("2019-04-30") == [(1, False, ())]
    assert found("2019-05-01") == []
    [hit] = quick.search("RASSF1A", filters=Filters(as_of=date(2019, 5, 1))).hits
    assert (hit.retracted, hit.notices) == (True, ("Retraction (2019-05-01)",))


# Names that are looked up


def test_what_was_said_is_known_of_papers_that_are_not_here(quick, watch):
    take_notices(quick, watch({"OriginalPaperDOI": "10.1000/ABC", "OriginalPaperPubMedID": "55", "Title": TITLE}))
    for name in ("10.1000/aBc", "https://doi.org/10.1000/ABC", "pmid:55", "55", TITLE.title()):
        assert [told(notice) for notice in said_of(quick, name)] == ["Retraction (2019-05-01)"]
    assert said_of(quick, "10.1000/abd") == []


@pytest.mark.parametrize("said", [[Notice("retraction", pmid="7")], []])
def test_notices_of_one_source_take_the_place_of_those_before(quick, said):
    quick.add(RETRACTED)
    keep_notices(quick, "one", [Notice("retraction", doi="10.1000/X", title="Another")])
    keep_notices(quick, "other", [Notice("correction", pmid="7")])
    keep_notices(quick, "one", said)
    assert marked(quick) == ({1} if said else set())
    assert [origin for origin, _ in _kept(quick)] == ["other", *["one"] * len(said)]


def _kept(library):
    with library.database.reading() as connection:
        return list(notice_store.of_files(connection))
