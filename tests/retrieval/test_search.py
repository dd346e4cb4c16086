"""Search: what comes back is real, best first, and found in English and Chinese alike."""

import json
from importlib import resources

import numpy as np
import pytest

from retrieval import search as searching
from retrieval.errors import LibraryError
from retrieval.filters import Filters
from retrieval.home import Home
from retrieval.ingest import ingest
from retrieval.library import Library
from retrieval.search import search


@pytest.fixture(scope="module")
def home(starter_home):
    return Home(starter_home)


@pytest.fixture(scope="module")
def starter_library(home):
    with home.starter() as library:
        yield library


def pmids(results):
    return [hit.pmid for hit in results.hits]


def assert_real(library, hit):
    """Everything that a hit says of its paper is so."""
    paper = library.paper(hit.paper_id)
    assert hit.text == paper.text[hit.start : hit.end]
    assert hit.sha256 == paper.sha256
    assert (hit.pmid, hit.doi, hit.title, hit.kind) == (paper.pmid, paper.doi, paper.title, paper.kind)
    assert (hit.section, hit.page) == (paper.section_at(hit.start), paper.page_at(hit.start))
    for sentence in hit.sentences:
        assert hit.start <= sentence.start < sentence.end <= hit.end
        assert hit.quote(sentence) == paper.text[sentence.start : sentence.end]
        assert sentence.section == paper.section_at(sentence.start)
    if rated := [sentence.similarity for sentence in hit.sentences if sentence.similarity is not None]:
        assert hit.best_sentence.similarity == max(rated)


@pytest.mark.parametrize(
    "question",
    [
        "Which genes are hypermethylated in pancreatic cancer, and can they be found in blood?",
        "DNA language model",
        "甲基化",
    ],
)
def test_hits_are_spans_of_their_papers_best_first_and_one_a_paper(starter_library, question):
    results = starter_library.search(question, k=20)
    assert len(results.hits) == 20
    for hit in results.hits:
        assert_real(starter_library, hit)
    scores = [hit.score for hit in results.hits]
    assert scores == sorted(scores, reverse=True)
    assert len({hit.paper_id for hit in results.hits}) == 20
    assert results.notices == ()
    assert results == starter_library.search(question, k=20)


def test_a_title_finds_its_paper(starter_library, starter):
    asked = starter[::5]
    first = [pmids(starter_library.search(paper.title, k=1)) == [paper.pmid] for paper in asked]
    assert sum(first) >= len(asked) - 1


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Which genes are hypermethylated in pancreatic cancer?", "pancrea"),
        ("胰腺癌中哪些基因高甲基化？", "pancrea"),
        ("RASSF1A 在鼻咽癌中的启动子甲基化", "nasopharyngeal"),
        ("an epigenetic clock of human tissues", "clock"),
        ("MGMT silencing and temozolomide in glioblastoma", "MGMT"),
        ("O6-methylguanine-DNA methyltransferase in glioma", "MGMT"),
    ],
)
def test_a_question_finds_a_paper_about_it_in_english_and_chinese(starter_library, question, words):
    hits = starter_library.search(question, k=3).hits
    assert words.lower() in starter_library.paper(hits[0].paper_id).text.lower()


def test_the_text_that_was_searched_is_told(starter_library):
    assert starter_library.search("MLH1 methylation").query == "MLH1 methylation"
    assert "pancreatic cancer" in starter_library.search("胰腺癌中哪些基因高甲基化？").query


def test_the_best_sentence_answers_the_question(starter_library):
    [hit] = starter_library.search("RASSF1A promoter methylation in primary nasopharyngeal tumours", k=1).hits
    assert "RASSF1A" in hit.quote(hit.best_sentence)


def test_background_is_lower_than_the_best_and_says_little_fits_where_little_does(starter_library):
    good = starter_library.search("RASSF1A promoter methylation in nasopharyngeal carcinoma")
    assert 0 < good.background < good.hits[0].score
    poor = starter_library.search("recipe for apple pie with cinnamon")
    assert poor.hits[0].score - poor.background < good.hits[0].score - good.background


ODD = {
    "only function words": "what is the of and",
    "only punctuation": "?!... ,;:",
    "10,000 characters": "methylation of RASSF1A " * 435,
    "one long word": "x" * 10_000,
    "emoji": "🧬🧪",
    "operators of query languages": 'AND OR NOT NEAR "',
    "an injection": "'; DROP TABLE papers; --",
    "a wildcard": "methyl* title:x^2 [a TO b] {c}",
    "a NUL character": "methy\0lation",
    "control characters": "\x01\x02 \x1b[31m methylation",
    "a half of a surrogate pair": "methylation \ud83e",
    "right to left": "\u202eمثيلة DNA",
    "unknown Chinese": "魑魅魍魉",
    "numbers": "0.05 66.7% 14/21",
}


@pytest.mark.parametrize("odd", ODD)
def test_any_text_can_be_asked(starter_library, odd):
    results = starter_library.search(ODD[odd], k=5)
    assert len(results.hits) == 5
    assert all(np.isfinite(hit.score) for hit in results.hits)


@pytest.mark.parametrize("nothing", ["", " ", "\n\t\u3000"])
def test_no_question_has_no_hits(starter_library, nothing):
    assert starter_library.search(nothing).hits == ()


def test_an_empty_library_has_no_hits(library):
    results = library.search("RASSF1A methylation")
    assert (results.hits, results.notices, results.background) == ((), (), 0.0)
    assert search([], "RASSF1A methylation").hits == ()


@pytest.mark.parametrize("k", [0, 1, 7])
def test_no_more_hits_come_than_are_asked_for(starter_library, k):
    assert len(starter_library.search("promoter methylation", k=k).hits) == k


def test_all_papers_come_where_more_are_asked_for_than_there_are(filled):
    hits = filled.search("promoter methylation in cancer", k=1000).hits
    assert sorted(hit.paper_id for hit in hits) == list(range(1, 61))


@pytest.fixture
def long(quick, paper):
    """Two papers, one with many passages."""
    sentences = [
        f"Maize plant number {number} had methylated leaves. " + "Roots were not. " * 30 for number in range(12)
    ]
    quick.add(paper(" ".join(sentences), pmid="1"))
    quick.add(paper("Maize leaves were methylated.", pmid="2"))
    quick.derive()
    return quick


@pytest.mark.parametrize("per_paper", [1, 3, 100])
def test_each_paper_gives_at_most_as_many_passages_as_asked_for(long, per_paper):
    passages = long.counts().passages
    assert passages > 5
    hits = long.search("methylated maize leaves", k=100, per_paper=per_paper).hits
    assert len(hits) == min(per_paper, passages - 1) + 1
    assert len({hit.passage_id for hit in hits}) == len(hits)
    for hit in hits:
        assert_real(long, hit)


def test_words_in_neighbouring_passages_count(long):
    best = long.search("maize plant number 7 methylated", per_paper=1).hits[0]
    assert best.pmid == "1"


def test_several_libraries_are_searched_as_one(filled, tmp_path, cheap, starter, paper):
    with Library.create(tmp_path / "other", cheap) as other:
        other.add(paper("Zebrafish fins regenerate after demethylation.", pmid="7"))
        for stored in starter[60:70]:
            other.add(stored)
        other.derive()
        results = search([filled, other], "zebrafish fins and nasopharyngeal carcinoma RASSF1A", k=100)
        assert {hit.library for hit in results.hits} == {"filled", "other"}
        assert len(results.hits) == 71
        first = {hit.pmid for hit in results.hits[:2]}
        assert first == {"7", "11358799"}
        for hit in results.hits:
            assert_real(filled if hit.library == "filled" else other, hit)


def test_one_paper_in_two_libraries_is_found_in_both(filled, tmp_path, cheap, starter):
    with Library.create(tmp_path / "other", cheap) as other:
        other.add(starter[0])
        other.derive()
        hits = search([filled, other], starter[0].title, k=2).hits
        assert [hit.pmid for hit in hits] == [starter[0].pmid] * 2


def test_libraries_of_two_embedders_are_searched_each_by_its_own(filled, tmp_path, bag_of_words, paper):
    with Library.create(tmp_path / "other", bag_of_words("another", 32)) as other:
        other.add(paper("Zebrafish fins regenerate after demethylation.", pmid="7"))
        other.derive()
        hits = search([filled, other], "zebrafish fins regenerate", k=5).hits
        assert hits[0].pmid == "7"
        assert hits[0].best_sentence.similarity > 0.5


def test_notices_name_the_library_they_speak_of(filled, quick, paper):
    quick.add(paper("Maize."))
    notices = search([filled, quick], "maize", filters=Filters(year_from=2000)).notices
    assert [notice.split(":")[0] for notice in notices] == ["filled", "quick", "quick"]


def test_the_starter_corpus_answers_the_same_as_jsonl_as_it_does_built_in(library, starter_library, tmp_path):
    path = tmp_path / "starter.jsonl"
    lines = (resources.files("corpora") / "data" / "starter.jsonl").read_text(encoding="utf-8").splitlines()[:25]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert ingest(library, [path]).added == 25
    title = json.loads(lines[3])["title"]
    assert pmids(library.search(title, k=1)) == pmids(starter_library.search(title, k=1))


def test_a_hit_that_is_removed_or_edited_while_it_is_looked_up_is_left_out(filled, starter, monkeypatch):
    best = searching._best

    def others_come_between(*given):
        chosen = best(*given)
        filled.remove(1)
        filled.add(starter[1].model_copy(update={"text": "Short."}), replace=True)
        return chosen

    monkeypatch.setattr(searching, "_best", others_come_between)
    for hit in filled.search("RASSF1A promoter methylation", k=100).hits:
        assert_real(filled, hit)


def test_a_model_that_fails_is_told_as_such(filled, monkeypatch):
    def fail(query):
        raise LibraryError("no memory", "Buy some.")

    monkeypatch.setattr(filled.embedder, "encode_query", fail)
    with pytest.raises(LibraryError, match="no memory"):
        filled.search("RASSF1A")
