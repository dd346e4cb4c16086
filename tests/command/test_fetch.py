"""`epicite fetch`: from the sources into a library, and what is said on the way."""

import gzip
import json
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

import pytest

from corpora.notices import read_notices
from retrieval.home import MINE
from tests.command.test_verbs import HEAVY
from tests.corpora.feeds.sources import Record, Reply, Sources, article, pubmed_set

ROOT = Path(__file__).parents[2]


@pytest.fixture
def sources(monkeypatch):
    """The played servers with five papers, named by variables."""
    with Sources() as played:
        played.records = [
            Record(
                str(number), f"Methylation of gene {number}", f"10.1000/m{number}", f"PMC{9000 + number}", is_open=True
            )
            for number in range(1, 6)
        ]
        for name, value in {
            "EMAIL": "me@example.org",
            "PUBMED": f"{played.url}/eutils",
            "PUBMED_FILES": f"{played.url}/pubmed",
            "EUROPEPMC": f"{played.url}/rest/",
            "RETRACTIONS": f"{played.url}/retraction_watch.csv",
        }.items():
            monkeypatch.setenv(f"EPICITE_FEEDS__{name}", value)
        monkeypatch.setattr("corpora.feeds.client.FIRST_PAUSE", 0.001)
        for name in ("eutils.KEYLESS", "europepmc.PER_SECOND", "pubmed_files.PER_SECOND", "retractions.PER_SECOND"):
            monkeypatch.setattr(f"corpora.feeds.{name}", 1000.0)
        yield played


def papers(home):
    from retrieval.home import Home

    with Home(home).library(MINE) as library:
        return {stored.paper.pmid: stored.paper for stored in library.papers()}


def test_what_a_query_finds_goes_into_ones_own_library_and_a_second_time_changes_nothing(
    sources, prepared_home, epicite
):
    first = epicite("fetch", "methylation")
    (folder,) = (prepared_home / "fetched").iterdir()
    assert folder.name.startswith("pubmed-methylation-")
    assert (first.code, first.err) == (0, "")
    assert first.out == f"fetched 5 records into {folder}\nadded 5, updated 0, unchanged 0, failed 0\n"
    assert set(papers(prepared_home)) == {"1", "2", "3", "4", "5"}
    sources.requests.clear()
    again = epicite("fetch", "methylation")
    assert again.out == f"fetched 5 records into {folder}\nadded 0, updated 0, unchanged 5, failed 0\n"
    assert sources.requests == []
    assert epicite("fetch", "methylation", "--anew").code == 0
    assert len(sources.requests) == 2
    assert epicite("ingest", folder).out == "added 0, updated 0, unchanged 5, failed 0\n"


def test_files_go_where_one_says_and_without_ingest_no_library_is_made(sources, home, tmp_path, epicite):
    outcome = epicite("fetch", "methylation", "--max", "2", "--out", tmp_path / "xml", "--no-ingest")
    assert (outcome.code, outcome.out) == (0, f"fetched 2 records into {tmp_path / 'xml'}\n")
    assert [path.name for path in (tmp_path / "xml").glob("[!.]*")] == ["pubmed-000001.xml"]
    assert not home.exists()


@pytest.mark.parametrize("source", ["pubmed", "europepmc"])
def test_papers_are_fetched_by_arguments_or_a_file_and_the_absent_are_named(sources, home, tmp_path, source, epicite):
    ids = tmp_path / "ids.txt"
    ids.write_text("1\nPMC9002\nhttps://doi.org/10.1000/M3\n4711\n", encoding="utf-8")
    for number, wanted in enumerate((["--ids", ids], ["1", "PMC9002", "doi:10.1000/m3", "pmid:4711"])):
        out = tmp_path / str(number)
        outcome = epicite("fetch", *wanted, "--source", source, "--out", out, "--no-ingest")
        assert (outcome.code, outcome.out) == (1, f"fetched 3 records into {out}\n")
        assert outcome.err == "pmid:4711: the source does not have it\n"


def test_records_and_open_full_texts_of_europe_pmc_become_papers(sources, prepared_home, epicite, monkeypatch):
    outcome = epicite("fetch", "gene 3", "--source", "europepmc")
    assert outcome.code == 0
    assert outcome.out.endswith("added 1, updated 0, unchanged 0, failed 0\n")
    assert papers(prepared_home)["3"].pmcid == "PMC9003"
    texts = epicite("fetch", "gene 4", "--source", "europepmc", "--full-text", "--no-ingest")
    assert texts.err == "1 open full texts of 1 that are told to be open.\n"


def test_after_an_error_what_had_come_is_in_the_library_and_the_same_command_goes_on(
    sources, prepared_home, epicite, monkeypatch
):
    monkeypatch.setattr("corpora.feeds.pubmed.BATCH", 2)
    sources.by_name["efetch.fcgi"] = deque([None, *[Reply(b"", 503)] * 6])
    outcome = epicite("fetch", "methylation")
    assert (outcome.code, outcome.out) == (1, "added 2, updated 0, unchanged 0, failed 0\n")
    kept, error = [line for line in outcome.err.splitlines() if not line.startswith("WARNING")]
    assert kept.startswith("1 files are kept in ")
    assert kept.endswith("; the same command goes on from there.")
    assert error.startswith("epicite: error: http://127.0.0.1")
    assert "could not be had in 6 attempts: HTTP 503. Try again later" in error
    assert epicite("fetch", "methylation").out.endswith("added 3, updated 0, unchanged 2, failed 0\n")


UPDATE = "<DeleteCitation><PMID Version='1'>2</PMID><PMID Version='1'>3</PMID></DeleteCitation>"


def release(sources, folder, number, *articles):
    content = gzip.compress(pubmed_set(*articles).encode())
    sources.add_release(folder, f"pubmed26n{number:04}.xml.gz", content)


def test_files_of_pubmed_are_applied_in_order_revising_and_deleting(sources, prepared_home, tmp_path, epicite):
    one, two, _, four, *_ = sources.records
    own = tmp_path / "own.jsonl"
    own.write_text(json.dumps({"pmid": "3", "title": "My own copy", "text": "Of the whole paper."}), encoding="utf-8")
    epicite("ingest", own)
    release(sources, "baseline", 1, article(one), article(two))
    release(sources, "updatefiles", 2, article(one, "Revised."), article(four), UPDATE)
    undecided = epicite("fetch", "--source", "pubmed-files")
    assert undecided.code == 1
    assert "--from 1 takes all of PubMed" in undecided.err
    outcome = epicite("fetch", "--source", "pubmed-files", "--from", "1")
    assert (outcome.code, outcome.out.splitlines()) == (
        0,
        [
            "pubmed26n0001.xml.gz",
            "added 2, updated 0, unchanged 0, failed 0",
            "pubmed26n0002.xml.gz",
            "added 1, updated 1, unchanged 0, failed 0, removed 1",
            f"applied 2 files from {prepared_home / 'fetched' / 'pubmed-files'}",
        ],
    )
    held = papers(prepared_home)
    assert set(held) == {"1", "3", "4"}
    assert held["1"].text.endswith("Revised.")
    assert "whole paper" in held["3"].text
    release(sources, "updatefiles", 3, article(two))
    following = epicite("fetch", "--source", "pubmed-files")
    assert following.out.splitlines()[0] == "pubmed26n0003.xml.gz"
    assert "2" in papers(prepared_home)
    assert epicite("fetch", "--source", "pubmed-files").out.startswith("applied 0 files")


def test_files_of_pubmed_can_be_fetched_only(sources, home, tmp_path, epicite):
    for number in (1, 2, 3):
        release(sources, "baseline", number, article(sources.records[0]))
    asked = ("fetch", "--source", "pubmed-files", "--no-ingest", "--out", tmp_path / "files")
    assert epicite(*asked, "--from", "1", "--max", "2").out == f"fetched 2 files into {tmp_path / 'files'}\n"
    assert epicite(*asked).out == f"fetched 1 files into {tmp_path / 'files'}\n"
    assert not home.exists()


def test_retractions_are_fetched_and_the_next_step_is_named(sources, home, tmp_path, epicite):
    sources.files["/retraction_watch.csv"] = (
        b"Title,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature\nT,10.1000/A,1,Retraction\n"
    )
    outcome = epicite("fetch", "--source", "retractions", "--out", tmp_path)
    file = tmp_path / "retraction_watch.csv"
    assert (outcome.code, outcome.out.splitlines()[0]) == (0, f"fetched {file}")
    assert f"epicite library notices {file}" in outcome.out
    assert [notice.doi for notice in read_notices(file)] == ["10.1000/a"]


def test_a_folder_with_something_else_is_refused(sources, tmp_path, epicite):
    epicite("fetch", "gene 1", "--out", tmp_path / "xml", "--no-ingest")
    outcome = epicite("fetch", "gene 2", "--out", tmp_path / "xml", "--no-ingest")
    assert outcome.code == 1
    assert "holds the answer to something else (pubmed: gene 1)" in outcome.err


def test_it_says_once_that_the_sources_want_to_know_who_asks(sources, monkeypatch, epicite):
    monkeypatch.delenv("EPICITE_FEEDS__EMAIL")
    outcome = epicite("fetch", "methylation", "--no-ingest")
    assert outcome.err == "The sources ask to be told who asks: set EPICITE_FEEDS__EMAIL.\n"
    assert outcome.code == 0


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "say what to fetch: a QUERY, identifiers, or --ids FILE"),
        (["methylation", "--ids", "ids.txt"], "say what to fetch"),
        (["12345", "DNA methylation"], "'DNA methylation' is no PMID, PMCID or DOI; put a QUERY in quotes"),
        ([""], "argument QUERY: it is empty"),
        (["x", "--source", "retractions"], "--source retractions takes no QUERY and no --ids"),
        (["x", "--full-text"], "--full-text needs --source europepmc"),
        (["x", "--from", "3"], "--from needs --source pubmed-files"),
        (["x", "--max", "0"], "argument --max: '0' is not a whole number"),
        (["x", "--source", "scopus"], "invalid choice: 'scopus'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_bad_argument_is_named_with_exit_code_2(epicite, words, complaint):
    outcome = epicite("fetch", *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert complaint in outcome.err


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("EMAIL", "me", "EPICITE_FEEDS__EMAIL cannot be 'me'"),
        ("PUBMED", "ftp://example.org", "EPICITE_FEEDS__PUBMED cannot be"),
        ("PATIENCE", "0", "EPICITE_FEEDS__PATIENCE cannot be '0'"),
        ("EMIAL", "x", "Unknown variable EPICITE_FEEDS__EMIAL. The nearest known one is EPICITE_FEEDS__EMAIL."),
    ],
)
def test_a_wrong_setting_is_named(epicite, monkeypatch, name, value, complaint):
    monkeypatch.setenv(f"EPICITE_FEEDS__{name}", value)
    outcome = epicite("fetch", "methylation")
    assert outcome.code == 1
    assert complaint in outcome.err


def test_a_missing_list_is_named(sources, tmp_path, epicite):
    outcome = epicite("fetch", "--ids", tmp_path / "none.txt")
    assert (outcome.code, outcome.err) == (1, f"epicite: error: {tmp_path / 'none.txt'}: No such file or directory.\n")


def test_help_answers_at_once_and_loads_nothing_heavy():
    program = f"""
import contextlib, io, sys
from app import main
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    main(["fetch", "--help"])
print([name for name in {(*HEAVY, "httpx")!r} if name in sys.modules])
"""

    def seconds(*command):
        start = time.perf_counter()
        run = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=True)
        return time.perf_counter() - start, run.stdout

    took, loaded = min(seconds("-c", program) for _ in range(3))
    assert loaded == "[]\n"
    assert took - min(seconds("-c", "pass")[0] for _ in range(3)) < 0.3
