"""The evidence view between its fields and the libraries: what is asked, what is there, what is stored."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from page import words
from page.evidence_files import files, routes, take_in
from page.evidence_quote import evidence_card
from page.evidence_told import head
from page.gathering import asked_evidence, gather, judge
from page.looking import Evidence, Looking, Said, identity
from page.outcome import Failed, Refused
from page.shelf import Shelf
from retrieval.errors import LibraryError
from retrieval.evidence_row import Correction, EvidenceQuestion
from tests.page.conftest import FIRST, SECOND, FakeHome, FakeLibrary, make_paper, make_row
from tests.page.test_cards import Reader

ROWS = (make_row(), make_row(SECOND, gene="ADAMTS1", symbols=("ADAMTS1",)))
NOTHING_ASKED = (None, "", "", "", " ", "", "")


class Home(FakeHome):
    """A home with one library of evidence."""

    def __init__(self, library: FakeLibrary) -> None:
        super().__init__(library.name)
        self._library = library

    def library(self, name: str) -> FakeLibrary:
        return self._library


def make_library(*rows, **changes) -> FakeLibrary:  # type: ignore[no-untyped-def]
    return FakeLibrary(Path("home/starter"), rows=rows, paper1=make_paper(), **changes)


def shelf_of(library: FakeLibrary) -> Shelf:
    return Shelf(Home(library))  # type: ignore[arg-type]


def found_in(library: FakeLibrary, asked: EvidenceQuestion | None = None) -> Evidence:
    found = gather(shelf_of(library), [library.name], asked or EvidenceQuestion())
    assert isinstance(found, Evidence)
    return found


def told(library: FakeLibrary, language="en", asked: EvidenceQuestion | None = None) -> str:  # type: ignore[no-untyped-def]
    looking = Looking()
    looking.take(found_in(library, asked))
    return Reader(head(looking, [], language)).text


@pytest.fixture
def client() -> Callable[[FakeLibrary], TestClient]:
    return lambda library: TestClient(Starlette(routes=routes(shelf_of(library))))


# What is asked


def test_empty_fields_ask_nothing():
    assert asked_evidence(*NOTHING_ASKED, False, False) == EvidenceQuestion()


def test_fields_become_a_question():
    asked = asked_evidence(" p16 ", "胃癌", "+", "tumour", "２００５", "2012", "curated", True, True)
    assert asked == EvidenceQuestion("p16", "胃癌", "+", "tumour", 2005, 2012, "curated", True, True)


def test_years_that_make_no_range_are_shown_back():
    refused = asked_evidence(None, None, None, None, "2012", "2005", None, False, False)
    assert isinstance(refused, Refused)
    assert "2012 to 2005" in refused.html("en")


# What is there


def test_rows_genes_diseases_and_papers_are_counted():
    assert "2 rows · 2 genes · 1 diseases · 1 papers" in told(make_library(*ROWS))


def test_rows_that_were_rejected_before_are_counted_and_not_shown():
    shown = told(make_library(ROWS[0], replace(ROWS[1], verdict="rejected")))
    assert "1 rows" in shown
    assert "1 rejected rows are not shown" in shown


@pytest.mark.parametrize(("language", "advice"), [("en", "epicite ingest"), ("zh", "没有证据记录")])
def test_a_library_without_evidence_says_so_and_what_to_do(language, advice):
    assert advice in told(make_library(), language)


def test_filters_that_nothing_passes_are_answered_with_advice():
    assert "Clear some of them" in told(make_library(), asked=EvidenceQuestion(gene="XYZ"))


def test_without_a_library_one_is_asked_for():
    nothing = gather(shelf_of(make_library()), [], EvidenceQuestion())
    assert isinstance(nothing, Refused)
    assert "Tick a library" in nothing.html("en")


def test_without_a_tagger_it_is_said_that_only_curated_rows_are_there():
    library = make_library(*ROWS)
    assert "No tagger is installed" in told(library)
    library.reader.tagger = SimpleNamespace()  # type: ignore[assignment]
    assert "No tagger is installed" not in told(library)


def test_papers_that_were_not_read_yet_are_counted():
    library = make_library(*ROWS)
    library.unread = 7
    assert "starter: 7 papers have not been read for evidence yet" in told(library)


def test_a_library_that_cannot_be_read_says_why(monkeypatch):
    def broken(self, question):  # type: ignore[no-untyped-def]
        raise LibraryError("The disk is <b>gone", "Mount it.")

    monkeypatch.setattr(FakeLibrary, "evidence", broken)
    failed = gather(shelf_of(make_library()), ["starter"], EvidenceQuestion())
    assert isinstance(failed, Failed)
    assert "The disk is &lt;b&gt;gone" in failed.html("en")


# Quotes


def test_a_row_opens_its_quote_marked_where_it_stands():
    card = Reader(evidence_card(1, make_row(), [make_library()], "en"))  # type: ignore[list-item]
    assert card.marked == [FIRST]
    assert SECOND in card.text
    assert "Checked" in card.text
    assert card.foreign == []


def test_a_quote_that_is_no_longer_there_says_why():
    changed = FakeLibrary(Path("home/starter"), paper1=make_paper(text="All is changed."))
    assert "has changed" in evidence_card(1, make_row(), [changed], "en")  # type: ignore[list-item]
    gone = FakeLibrary(Path("home/starter"))
    assert "no longer" in evidence_card(1, make_row(), [gone], "en")  # type: ignore[list-item]


# Verdicts


def test_a_verdict_is_stored_in_the_library_of_its_row_and_can_be_taken_back():
    library = make_library(*ROWS)
    judge([library], ROWS[0], "rejected")  # type: ignore[list-item]
    assert library.rows[ROWS[0].key].verdict == "rejected"
    judge([library], ROWS[0], None)  # type: ignore[list-item]
    assert library.rows[ROWS[0].key].verdict is None
    judge([library], ROWS[0], "corrected", Correction(gene="MLH1"))  # type: ignore[list-item]
    assert library.rows[ROWS[0].key].gene == "MLH1"


def test_a_row_whose_paper_is_gone_cannot_be_judged():
    with pytest.raises(LibraryError, match="has no evidence row"):
        judge([FakeLibrary(Path("home/starter"))], ROWS[0], "rejected")  # type: ignore[list-item]


def test_what_was_just_rejected_stays_in_sight_and_a_new_visit_does_not_show_it():
    library = make_library(*ROWS)
    looking = Looking()
    looking.take(found_in(library))
    judge([library], ROWS[0], "rejected")  # type: ignore[list-item]
    looking.judged.add(identity(ROWS[0]))
    looking.take(found_in(library))
    assert [row.verdict for row in looking.rows()] == ["rejected", None]
    later = Looking()
    later.take(found_in(library))
    assert [row.gene for row in later.rows()] == ["ADAMTS1"]


# Files


def test_the_table_is_downloaded_as_csv_with_the_filters_of_the_view(client):
    asked = EvidenceQuestion(disease="胃癌", status="+", with_rejected=True)
    library = make_library(*ROWS)
    (_, address), _ = files(found_in(library, asked))
    assert "with_retracted" not in address
    answer = client(library).get(f"/{address}")
    assert answer.headers["content-disposition"] == 'attachment; filename="evidence.csv"'
    assert [row["gene"] for row in csv.DictReader(StringIO(answer.text))] == ["BNC1", "ADAMTS1"]


def test_rejected_rows_are_in_the_file_only_where_they_are_asked_for(client):
    library = make_library(replace(ROWS[0], verdict="rejected"), ROWS[1])
    assert "BNC1,BNC1" not in client(library).get("/evidence/rows.csv?library=starter").text
    assert "BNC1,BNC1" in client(library).get("/evidence/rows.csv?library=starter&with_rejected=1").text


def test_libraries_that_are_not_on_the_shelf_are_not_read(client):
    answer = client(make_library(*ROWS)).get("/evidence/rows.csv?library=../other")
    assert len(answer.text.splitlines()) == 1


@pytest.mark.parametrize("query", ["first_year=soon", "first_year=2012&last_year=2005"])
def test_a_question_that_is_none_is_refused(client, query):
    assert client(make_library(*ROWS)).get(f"/evidence/rows.csv?{query}").status_code == 400


def test_what_is_exported_corrected_and_imported_again_is_stored(client, tmp_path):
    library = make_library(*ROWS)
    lines = client(library).get("/evidence/corrections.jsonl?library=starter").text.splitlines()
    exported = [json.loads(line) for line in lines]
    exported[0]["verdict"] = "rejected"
    exported[1]["correction"]["gene"] = "MLH1"
    edited = tmp_path / "evidence.jsonl"
    edited.write_text("".join(json.dumps(line) + "\n" for line in exported), encoding="utf-8")
    assert take_in([library], edited) == Said(words.IMPORTED, {"count": 2})  # type: ignore[list-item]
    assert [(row.verdict, row.gene) for row in library.rows.values()] == [("rejected", "BNC1"), ("corrected", "MLH1")]


@pytest.mark.parametrize("content", [b"rubbish", b"{}", b"\xff\xfe\x00", b'{"key": "a", "verdict": "maybe"}', b"[1]\n"])
def test_rubbish_is_refused_with_its_place_and_nothing_is_stored(tmp_path, content):
    library = make_library(*ROWS)
    rubbish = tmp_path / "rubbish.jsonl"
    rubbish.write_bytes(content)
    said = take_in([library], rubbish)  # type: ignore[list-item]
    assert said.phrase is words.IMPORT_FAILED
    assert said.reason is not None
    assert said.reason.startswith("rubbish.jsonl")
    assert str(tmp_path) not in said.reason
    assert all(row.verdict is None for row in library.rows.values())


def test_a_file_without_a_verdict_says_how_to_give_one(tmp_path):
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    assert take_in([make_library()], empty) == Said(words.IMPORTED_NOTHING)  # type: ignore[list-item]


def test_rows_that_are_gone_are_counted(tmp_path):
    edited = tmp_path / "evidence.jsonl"
    edited.write_text(json.dumps({"key": "aa:1-2:3-4", "verdict": "accepted"}))
    said = take_in([make_library(*ROWS)], edited)  # type: ignore[list-item]
    assert said == Said(words.IMPORTED_IN_PART, {"count": 0, "gone": 1})


def test_what_came_of_an_import_is_told_and_its_reason_escaped():
    looking = Looking(said=Said(words.IMPORT_FAILED, reason="line 1 is <script>"))
    assert "&lt;script&gt;" in head(looking, [], "en")


def test_why_a_file_is_refused_reads_in_chinese_on_a_chinese_page(tmp_path):
    rubbish = tmp_path / "rubbish.jsonl"
    rubbish.write_text("rubbish")
    looking = Looking(said=take_in([make_library()], rubbish))  # type: ignore[list-item]
    assert "rubbish.jsonl, line 1 不是证据记录" in head(looking, [], "zh")
