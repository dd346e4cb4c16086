"""`epicite ingest`: what became of every file, in one line, and each failure by name."""

import json

from retrieval.home import MINE

RECORD = {"pmid": "7", "title": "TP53 in glioma", "abstract": "TP53 was unmethylated in 30 gliomas."}


def write(path, *records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_papers_go_into_ones_own_library_and_a_second_time_changes_nothing(prepared_home, papers, epicite):
    first = epicite("ingest", papers)
    assert (first.code, first.out) == (0, "added 3, updated 0, unchanged 0, failed 0\n")
    again = epicite("ingest", papers)
    assert (again.code, again.out) == (0, "added 0, updated 0, unchanged 3, failed 0\n")
    assert (prepared_home / "libraries" / MINE / "manifest.json").exists()


def test_a_library_may_lie_anywhere(prepared_home, papers, tmp_path, epicite):
    assert epicite("ingest", papers, "--library", tmp_path / "lab").code == 0
    assert "3 papers" in epicite("library", "list", "--library", tmp_path / "lab").out
    assert not (prepared_home / "libraries" / MINE).exists()


def test_each_failure_is_a_line_with_its_file_and_the_rest_is_added(prepared_home, tmp_path, epicite):
    path = write(tmp_path / "papers.jsonl", RECORD, {"pmid": "no number", "title": "x", "abstract": "y"})
    missing = tmp_path / "missing.jsonl"
    outcome = epicite("ingest", path, missing)
    assert (outcome.code, outcome.out) == (1, "added 1, updated 0, unchanged 0, failed 2\n")
    assert len(outcome.err.splitlines()) == 2
    assert f"{path}, line 2: " in outcome.err
    assert f"{missing}: " in outcome.err


def test_what_a_file_no_longer_holds_is_counted_as_removed(prepared_home, tmp_path, epicite):
    path = tmp_path / "papers.jsonl"
    unnamed = {"title": "A note", "abstract": "It has no identifier at all."}
    epicite("ingest", write(path, RECORD, unnamed))
    outcome = epicite("ingest", write(path, RECORD))
    assert outcome.out == "added 0, updated 0, unchanged 1, failed 0, removed 1\n"


def test_another_text_of_the_same_identifier_wins_only_when_asked(prepared_home, tmp_path, epicite):
    epicite("ingest", write(tmp_path / "one.jsonl", RECORD))
    other = write(tmp_path / "two.jsonl", RECORD | {"abstract": "TP53 was methylated in 3 gliomas."})
    refused = epicite("ingest", other)
    assert (refused.code, refused.out) == (1, "added 0, updated 0, unchanged 0, failed 1\n")
    assert "--replace" in refused.err
    assert epicite("ingest", other, "--replace").out == "added 0, updated 1, unchanged 0, failed 0\n"


def test_a_folder_of_something_else_never_becomes_a_library(prepared_home, papers, tmp_path, epicite):
    outcome = epicite("ingest", papers, "--library", tmp_path)
    assert outcome.code == 1
    assert outcome.err.startswith(f"epicite: error: {tmp_path} is not empty and not a library")
