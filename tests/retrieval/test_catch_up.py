"""How the indexes follow the database: to wherever it is, in pieces of any size."""

import shutil

import numpy as np
import pytest

from retrieval import catch_up, store
from retrieval.library import Library
from retrieval.query import parse_query
from retrieval.upkeep import verify

WORDS = ["maize", "wheat", "barley", "rye"]
QUESTION = "RASSF1A promoter methylation in nasopharyngeal carcinoma"


def hits(library):
    """The first hits, and all: the order of the last ones hangs on how the index came about."""
    found = [hit.passage_id for hit in library.search(QUESTION, k=99).hits]
    return found[:10], sorted(found)


def by_words(library, word):
    library.follow()
    return sorted(library.words.candidates(parse_query(word).groups, 99))


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_indexes_built_in_batches_of_any_size_hold_everything_once(filled, monkeypatch, size):
    before = hits(filled)
    monkeypatch.setattr(catch_up, "_PAPERS_PER_BATCH", size)
    monkeypatch.setattr(catch_up, "_PASSAGES_PER_BATCH", size)
    filled.words.clear()
    filled.meanings.clear()
    told = []
    filled.follow(lambda *progress: told.append(progress))
    assert told[-1] == ("indexing", 60, 60)
    assert hits(filled) == before
    assert verify(filled) == []


def test_a_follower_that_was_stopped_goes_on_where_it_was(filled, monkeypatch):
    before = hits(filled)
    monkeypatch.setattr(catch_up, "_PAPERS_PER_BATCH", 7)
    filled.words.clear()

    def stop(stage, done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        filled.follow(stop)
    told = []
    filled.follow(lambda *progress: told.append(progress))
    assert told[-1] == ("indexing", 53, 53)
    assert hits(filled) == before
    assert verify(filled) == []


def test_indexes_follow_a_database_that_was_restored_from_a_copy(filled, cheap, starter, tmp_path):
    before = hits(filled)
    filled.close()
    shutil.copy(filled.folder / "library.sqlite", tmp_path / "copy.sqlite")
    with Library.open(filled.folder, cheap) as library:
        for paper in starter[60:70]:
            library.add(paper)
        library.remove(1)
        library.derive()
        assert hits(library) != before
    shutil.copy(tmp_path / "copy.sqlite", filled.folder / "library.sqlite")
    with Library.open(filled.folder, cheap) as library:
        assert hits(library) == before
        assert verify(library) == []


@pytest.fixture
def long(quick, paper):
    """A paper of four passages, each with a word of its own, and its title before them."""
    title = "Stripes of zebras"
    body = " ".join(f"{word} stood here. {'Roots were white. ' * 55}" for word in WORDS)
    quick.add(paper(f"{title}\n{body}", title=title))
    quick.add(paper("Other leaves.", title="Other"))
    with quick.database.reading() as connection:
        cut = dict(store.stored_passages(connection, 1))
    text = quick.paper(1).text
    places = [[word in text[passage.start : passage.end] for word in WORDS] for passage in cut.values()]
    assert list(cut) == [1, 2, 3, 4]
    assert places == np.eye(4, dtype=bool).tolist()
    return quick


def test_a_passage_is_found_by_the_words_of_its_neighbours_and_by_no_others(long):
    assert by_words(long, "maize") == [1, 2]
    assert by_words(long, "wheat") == [1, 2, 3]
    assert by_words(long, "rye") == [3, 4]


def test_a_passage_is_found_by_the_title_of_its_paper(long):
    assert by_words(long, "zebra stripes") == [1, 2, 3, 4]


def test_a_title_is_found_once_a_paper(long):
    long.follow()
    assert list(long.words.titles(parse_query("zebra stripes").groups, 9)) == [1]
