"""`epicite search`: the passages that answer best, for people and for programs."""

import hashlib
import json

import pytest


@pytest.fixture
def search(mine, epicite):
    def run(*words):
        return epicite("search", *words, "--library", mine)

    return run


def test_without_a_library_the_starter_is_searched(starter_home, monkeypatch, epicite):
    monkeypatch.setenv("EPICITE_HOME", str(starter_home))
    outcome = epicite("search", "RASSF1A promoter hypermethylation in nasopharyngeal carcinoma", "-k", "3", "--json")
    hits = json.loads(outcome.out)["hits"]
    assert hits[0]["pmid"] == "11358799"
    assert {hit["library"] for hit in hits} == {"starter"}
    assert len(hits) == 3


def test_a_hit_shows_its_paper_its_place_and_the_sentence_nearest_to_the_question(search):
    outcome = search("Is RASSF1A methylated in normal epithelium?", "-k", "1")
    assert outcome.code == 0
    assert outcome.out.splitlines()[:3] == [
        "  1. RASSF1A is silenced in nasopharyngeal carcinoma",
        "     Journal of Examples · 2001 · PMID 101 · DOI 10.1000/rassf1a · abstract · library My papers",
        "     “Normal epithelium was unmethylated.”",
    ]


def test_what_a_paper_does_not_give_is_said_not_guessed(search):
    outcome = search("CDH1")
    assert "journal not given · year not given · abstract" in outcome.out
    assert "None" not in outcome.out


def test_chinese_is_searched_in_english_and_says_so(search):
    answer = json.loads(search("胃癌", "--json").out)
    assert answer["query"] == "胃癌"
    assert "gastric cancer" in answer["searched"]
    assert "searched for: " in search("胃癌").err


def test_json_holds_a_passage_that_can_be_checked_against_its_paper(search, mine, tmp_path, epicite):
    answer = json.loads(search("RASSF1A", "--json", "-k", "1").out)
    assert set(answer) == {"query", "searched", "hits", "notices"}
    [hit] = answer["hits"]
    assert hit.keys() == {
        "pmid", "doi", "title", "passage", "start", "end", "score", "journal", "year", "url", "kind", "section",
        "page", "retracted", "library", "sha256", "versions", "notices",
    }  # fmt: skip
    assert (hit["pmid"], hit["year"], hit["kind"], hit["url"]) == ("101", 2001, "abstract", "https://example.org/101")
    epicite("library", "export", tmp_path / "export.jsonl")
    text = json.loads((tmp_path / "export.jsonl").read_text(encoding="utf-8").splitlines()[0])["text"]
    assert text[hit["start"] : hit["end"]] == hit["passage"]
    assert hashlib.sha256(text.encode()).hexdigest() == hit["sha256"]


def test_filters_hold_for_every_hit_and_say_what_they_leave_out(search):
    outcome = search("methylation", "--year-from", "2000", "--json")
    answer = json.loads(outcome.out)
    assert [hit["pmid"] for hit in answer["hits"]] == ["101"]
    assert "1 papers give no year" in answer["notices"][0]


@pytest.mark.parametrize(
    ("words", "pmids"),
    [
        (["--gene", "hMLH1"], {"102"}),
        (["--journal", "journal of examples"], {"101", "102"}),
        (["--year-to", "1999"], {"102"}),
        (["--no-retracted"], {"101", "102", None}),
    ],
)
def test_each_filter_reaches_the_search(search, words, pmids):
    answer = json.loads(search("methylation", "--json", *words).out)
    assert {hit["pmid"] for hit in answer["hits"]} == pmids


def test_notices_are_no_part_of_the_answer(search):
    outcome = search("methylation", "--year-from", "2000")
    assert "give no year" in outcome.err
    assert "give no year" not in outcome.out


def test_nothing_found_is_an_answer(search):
    outcome = search("methylation", "--year-from", "2150")
    assert (outcome.code, outcome.out) == (0, "nothing found\n")


def test_a_misspelt_library_is_an_error_and_is_not_made(prepared_home, tmp_path, epicite):
    outcome = epicite("search", "BRCA1", "--library", tmp_path / "lirbary")
    assert outcome.code == 1
    assert outcome.err.startswith(f"epicite: error: {tmp_path / 'lirbary'} is not a library")
    assert not (tmp_path / "lirbary").exists()
