"""Milvus Lite as a library's index: the same hits, filters and catching up as the indexes in its folder."""

import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval import bm25, catch_up
from retrieval.analysis import index_terms
from retrieval.errors import IndexAway
from retrieval.filters import Filters
from retrieval.library import Library
from retrieval.milvus import MilvusServer, _expression
from retrieval.query import Wording, parse_query
from retrieval.settings import MilvusSettings
from retrieval.upkeep import compact, verify

QUESTIONS = ("RASSF1A promoter methylation in nasopharyngeal carcinoma", "E-cadherin in gastric cancer", "MGMT")


@pytest.fixture
def both(tmp_path, sixty, cheap):
    """One library of 60 papers, indexed in its folder and in Milvus Lite."""
    copies = [shutil.copytree(sixty, tmp_path / name) for name in ("local", "milvus")]
    with Library.open(copies[0], cheap) as local, Library.open(copies[1], cheap, milvus=MilvusSettings()) as milvus:
        yield local, milvus


def hits(library, filters=None):
    return [[(hit.passage_id, hit.text) for hit in library.search(text, 5, filters).hits] for text in QUESTIONS]


def test_hits_are_those_of_the_indexes_in_the_folder_through_a_librarys_whole_life(both, starter):
    local, milvus = both
    assert hits(milvus) == hits(local)
    assert [paper.id for paper in milvus.find_paper(starter[7].title)] == [8]
    for filters in (Filters(year_from=2015), Filters(journal=starter[3].journal), Filters(owner="nobody")):
        assert hits(milvus, filters) == hits(local, filters)
    for library in both:
        library.add(starter[61])
        library.add(starter[0].model_copy(update={"year": 1990}))
        library.remove(5)
        library.derive()
    assert hits(milvus) == hits(local)
    assert hits(milvus, Filters(year_to=1990)) == hits(local, Filters(year_to=1990)) != [[], [], []]
    assert verify(milvus) == []
    compact(milvus)
    assert hits(milvus) == hits(local)
    assert verify(milvus) == []
    assert not any(path.suffix == ".faiss" for path in milvus.folder.rglob("*"))


def test_a_follower_that_was_stopped_goes_on_where_it_was(both, monkeypatch, cheap):
    local, milvus = both
    monkeypatch.setattr(catch_up, "_PAPERS_PER_BATCH", 20)

    def stop(stage, done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        milvus.follow(stop)
    told = []
    # What was written last may have been written twice, had it been killed before it noted that.
    milvus.words.add({}, milvus.words.changed_to - 1)
    milvus.follow(lambda *progress: told.append(progress))
    assert told[-1][1] < 60
    assert hits(milvus) == hits(local)
    assert verify(milvus) == []


def test_a_collection_that_is_gone_and_a_state_that_is_damaged_are_built_anew(both):
    local, milvus = both
    hits(milvus)
    milvus._milvus.client.drop_collection(milvus.words._name())
    (milvus.meanings.folder / "state.npz").write_bytes(b"PK damaged")
    folder = milvus.folder
    milvus.close()
    with Library.open(folder, milvus.embedder, milvus=MilvusSettings()) as again:
        assert hits(again) == hits(local)
        assert verify(again) == []


def test_many_allowed_passages_are_sifted_and_few_are_named(both, monkeypatch):
    local, milvus = both
    filters = Filters(retracted=False)
    named = hits(milvus, filters)
    monkeypatch.setattr("retrieval.milvus._FEW_NUMBERS", 3)
    assert hits(milvus, filters) == named == hits(local, filters)
    monkeypatch.setattr("retrieval.milvus._DEEPEST", 20)
    monkeypatch.setattr("retrieval.milvus._MOST_NUMBERS", 30)
    assert [found[:3] for found in hits(milvus, filters)] == [found[:3] for found in named]


@pytest.mark.parametrize("settings", [{"uri": "http://me:hush@localhost:1", "token": "me:hush"}])
def test_a_server_that_is_away_is_named_with_a_way_out_and_without_its_token(
    sixty, tmp_path, cheap, settings, monkeypatch
):
    monkeypatch.setattr("retrieval.milvus._SECONDS", 0.2)
    folder = shutil.copytree(sixty, tmp_path / "away")
    with (
        Library.open(folder, cheap, milvus=MilvusSettings.model_validate(settings)) as library,
        pytest.raises(IndexAway, match="Milvus at localhost:1") as caught,
    ):
        library.search(QUESTIONS[0])
    assert "hush" not in str(caught.value)
    assert 'index = "local"' in caught.value.remedy


def test_opening_a_library_asks_milvus_nothing(tmp_path):
    server = MilvusServer(MilvusSettings(), tmp_path)
    server.close()
    assert list(tmp_path.iterdir()) == []


@given(st.text(min_size=1, max_size=30))
def test_no_journal_or_owner_breaks_out_of_its_condition(text):
    said = _expression(Filters(owner=text))
    inner = said.removeprefix('owner == "').removesuffix('"')
    assert '"' not in inner.replace("\\\\", "").replace('\\"', "")


TERM = st.sampled_from(["methyl", "promot", "gene", "cancer", "p16"])


@settings(max_examples=50)
@given(st.lists(TERM, max_size=30), st.lists(TERM, min_size=1, max_size=4))
def test_no_passage_reaches_more_than_the_most_that_a_question_can(terms, asked):
    question = [(Wording((term,)), Wording((term, "gene"), 0.8, phrase=True)) for term in asked]
    idf = {"methyl": 0.5, "promot": 1.0, "gene": 0.1, "cancer": 2.0, "p16": 5.0}.__getitem__
    assert 0 <= bm25.rate(terms, question, idf, 20.0) <= bm25.most(question, idf) + 1e-9


def test_a_phrase_counts_only_where_its_terms_stand_side_by_side():
    question = parse_query("E-cadherin").groups

    def rated(text):
        return bm25.rate(index_terms(text), question, lambda term: 1.0, 10.0)

    assert rated("CDH1 encodes E-cadherin.") > rated("Cadherin of type E.") == 0
