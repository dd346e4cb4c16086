"""`epicite library`: looks after libraries, and never harms one by a slip."""

import json
import sqlite3

import pytest


@pytest.fixture
def library(mine, epicite):
    return lambda *words: epicite("library", *words)


def test_without_a_library_there_is_nothing_to_list_and_none_is_made(home, epicite):
    for action in ("list", "verify", "compact", "upgrade"):
        outcome = epicite("library", action)
        assert (outcome.code, outcome.out) == (0, "no library yet; the first search builds the starter library\n")
    assert not home.exists()


def test_list_says_what_each_holds(library, mine):
    assert library("list").out == f"My papers: 3 papers, 3 passages, in {mine}\n"


def test_a_healthy_library_is_called_so(library):
    outcome = library("verify")
    assert (outcome.code, outcome.out, outcome.err) == (0, "My papers: healthy\n", "")


def test_a_changed_text_is_found(library, mine):
    with sqlite3.connect(mine / "library.sqlite") as connection:
        connection.execute("UPDATE papers SET text = replace(text, '14 of 21', '41 of 21')")
    connection.close()
    outcome = library("verify")
    assert outcome.code == 1
    assert outcome.out == ""
    assert outcome.err.startswith("My papers: Paper 1 (101)")


def test_one_library_that_cannot_be_opened_does_not_hide_the_others(library, mine):
    broken = mine.parent / "broken"
    broken.mkdir()
    (broken / "manifest.json").write_text("{")
    outcome = library("list")
    assert outcome.code == 1
    assert outcome.out.startswith("My papers: 3 papers")
    assert outcome.err.startswith("broken: ")


def test_compact_keeps_what_can_be_found(library, mine, epicite):
    outcome = library("compact")
    assert (outcome.code, outcome.out) == (0, "My papers: compacted\n")
    assert "1. MLH1 methylation" in epicite("search", "MLH1", "-k", "1", "--library", mine).out


def test_upgrade_says_whether_there_was_anything_to_do(library, mine):
    assert library("upgrade").out == "My papers: is current\n"
    manifest = json.loads((mine / "manifest.json").read_text())
    (mine / "manifest.json").write_text(json.dumps(manifest | {"passage_rule": "an old one"}))
    assert library("upgrade", "--library", mine).out == "My papers: brought up to date\n"
    assert library("verify").code == 0


def test_what_is_exported_can_be_imported_whole(library, tmp_path, epicite):
    file = tmp_path / "export.jsonl"
    assert library("export", file).out == f"exported 3 papers to {file}\n"
    into = ["--library", tmp_path / "copy"]
    assert library("import", file, *into).out == "added 3, updated 0, unchanged 0, failed 0\n"
    library("export", tmp_path / "again.jsonl", *into)
    assert (tmp_path / "again.jsonl").read_bytes() == file.read_bytes()


def test_a_line_that_is_no_paper_is_named_on_import(library, tmp_path):
    file = tmp_path / "export.jsonl"
    file.write_text('{"titel": "x"}\n')
    outcome = library("import", file)
    assert (outcome.code, outcome.out) == (1, "added 0, updated 0, unchanged 0, failed 1\n")
    assert f"{file}, line 1: " in outcome.err


@pytest.mark.parametrize(
    ("identifier", "said"),
    [
        ("pmid:102", "removed PMID 102, MLH1 methylation in sporadic colorectal cancer\n"),
        ("102", "removed PMID 102, MLH1 methylation in sporadic colorectal cancer\n"),
        (
            "doi:10.1000/RASSF1A",
            "removed PMID 101, DOI 10.1000/rassf1a, RASSF1A is silenced in nasopharyngeal carcinoma\n",
        ),
        ("甲基化与胃癌", "removed 甲基化与胃癌\n"),
    ],
)
def test_a_paper_is_removed_by_pmid_doi_or_title(library, identifier, said):
    assert library("remove", identifier).out == said
    assert library("list").out.startswith("My papers: 2 papers")


def test_nothing_is_removed_where_one_identifier_is_wrong(library):
    outcome = library("remove", "pmid:101", "MLH1 methylation in colorectal cancer")
    assert outcome.code == 1
    assert "holds no paper 'MLH1 methylation in colorectal cancer'" in outcome.err
    assert "The nearest are: PMID 102" in outcome.err
    assert library("list").out.startswith("My papers: 3 papers")


def test_a_title_of_several_papers_names_none(library, tmp_path, epicite):
    twins = [{"pmid": str(number), "title": "Erratum", "abstract": f"Figure {number} was wrong."} for number in (8, 9)]
    (tmp_path / "twins.jsonl").write_text("\n".join(map(json.dumps, twins)))
    epicite("ingest", tmp_path / "twins.jsonl")
    outcome = library("remove", "Erratum")
    assert outcome.code == 1
    assert "names several papers: PMID 8, Erratum; PMID 9, Erratum" in outcome.err


@pytest.mark.parametrize("words", [["export", "out.jsonl"], ["remove", "pmid:1"]])
def test_ones_own_library_is_not_made_to_be_emptied(home, epicite, words):
    outcome = epicite("library", *words)
    assert outcome.code == 1
    assert "no library of your own yet" in outcome.err
    assert not home.exists()


NOTICES = (
    "RetractionNature,Title,OriginalPaperDOI,OriginalPaperPubMedID,RetractionDate\n"
    "Retraction,,https://doi.org/10.1000/RASSF1A,,5/1/2019 0:00\n"
)


@pytest.fixture
def watch(tmp_path):
    path = tmp_path / "watch.csv"
    path.write_text(NOTICES, encoding="utf-8")
    return path


def test_notices_of_a_file_mark_papers_and_are_listed(library, mine, watch, epicite):
    assert library("notices", watch).out == "My papers: 1 notices stored, of 1 papers that are here\n"
    assert library("list").out == f"My papers: 3 papers, 3 passages, 1 retracted, 1 notices, in {mine}\n"
    asked = ["search", "RASSF1A nasopharyngeal", "-k", "1", "--library", mine]
    assert "[RETRACTED]" in epicite(*asked).out
    assert "Retraction (2019-05-01)" in epicite(*asked).out
    assert "[RETRACTED]" not in epicite(*asked, "--as-of", "2019-04-30").out
    left = epicite(*asked, "--no-retracted")
    assert "RASSF1A" not in left.out
    assert "Left out as retracted, though among the best matches: RASSF1A is silenced" in left.err


def test_rows_that_are_no_notices_are_named(library, watch):
    watch.write_text(NOTICES + "Novel,A title,,,\n", encoding="utf-8")
    outcome = library("notices", watch)
    assert (outcome.code, outcome.out) == (1, "My papers: 1 notices stored, of 1 papers that are here\n")
    assert f"{watch}, line 3: " in outcome.err


@pytest.mark.parametrize("day", ["2001", "1 May 2019", "2019-02-30"])
def test_a_day_that_is_none_is_refused(epicite, mine, day):
    assert "is not a day such as 2019-06-30" in epicite("search", "MLH1", "--as-of", day).err


def test_papers_that_came_later_or_give_no_date_are_not_found(epicite, mine):
    outcome = epicite("search", "promoter methylation", "--as-of", "2000-06-30", "--library", mine)
    assert "MLH1" in outcome.out
    assert "RASSF1A" not in outcome.out
    assert "1 papers give no date and were left out by the as-of day" in outcome.err


def test_references_are_exported_as_ris(library, tmp_path):
    assert library("export", tmp_path / "out.ris").out == f"exported 3 papers to {tmp_path / 'out.ris'}\n"
    assert (tmp_path / "out.ris").read_text(encoding="utf-8").count("\nER  - \n") == 3


def test_a_library_is_moved_to_another_name_and_to_a_folder(library, mine, tmp_path):
    there = mine.parent / "Renamed"
    assert library("move", "My papers", "Renamed").out == f"My papers is now Renamed, in {there}\n"
    assert library("list").out == f"Renamed: 3 papers, 3 passages, in {there}\n"
    away = tmp_path / "some" / "where"
    assert library("move", "Renamed", away).out == f"Renamed is now where, in {away}\n"
    assert library("list", "--library", away).code == 0


def test_what_is_not_there_is_not_moved(library):
    assert "There is no library 'Nobody'" in library("move", "Nobody", "Somebody").err


def test_an_older_library_that_is_large_is_upgraded_only_when_that_is_asked_for(library, mine, monkeypatch):
    manifest = json.loads((mine / "manifest.json").read_text())
    (mine / "manifest.json").write_text(json.dumps(manifest | {"format_version": 1}))
    with sqlite3.connect(mine / "library.sqlite") as connection:
        for index in ("ix_papers_work", "papers_by_pmcid", "ix_papers_published_last"):
            connection.execute(f"DROP INDEX {index}")
        for column in ("work", "pmcid", "published_last"):
            connection.execute(f"ALTER TABLE papers DROP COLUMN {column}")
    connection.close()
    monkeypatch.setattr("retrieval.migration._AT_ONCE", 2)
    outcome = library("list")
    assert outcome.code == 1
    assert "epicite library upgrade" in outcome.err
    assert library("upgrade").code == 0
    assert library("verify").out == "My papers: healthy\n"


def test_abstract_and_full_text_of_an_identifier_go_together(library, mine, tmp_path, epicite):
    (tmp_path / "full.jsonl").write_text('{"pmid": "102", "title": "MLH1", "text": "All of it."}\n')
    assert epicite("ingest", tmp_path / "full.jsonl").out.startswith("added 1")
    assert library("list").out.startswith("My papers: 4 papers, 3 works,")
    assert library("remove", "pmid:102").out.count("removed PMID 102") == 2
