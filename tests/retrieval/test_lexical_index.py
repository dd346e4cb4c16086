"""The index by words: BM25 as the textbook has it, whatever happened to the index before."""

import logging
import math
import os
import tempfile
import threading
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from retrieval import lexical
from retrieval.analysis import index_terms
from retrieval.lexical import LexicalIndex, PassageWords
from retrieval.query import Wording, parse_query

K1, B = 1.2, 0.75
WORDS = ["zebra", "wheat", "p53", "甲基", "kidnei", "maiz"]
contents = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)


def opened(folder):
    return LexicalIndex(folder, "library")


def words(text, title=None):
    return PassageWords(text, title)


def asked(*terms):
    return tuple((Wording((term,)),) for term in terms)


def bm25(texts, terms):
    """BM25 (Robertson and Zaragoza 2009), as a share of the most that the terms could reach.

    The index counts one document more than it holds: the one that says how far it has got.
    """
    counts = {number: Counter(index_terms(text)) for number, text in texts.items()}
    total = len(texts) + 1
    average = sum(map(Counter.total, counts.values())) / total
    frequency = {term: sum(term in own for own in counts.values()) for term in terms}
    idf = {term: math.log(1 + (total - n + 0.5) / (n + 0.5)) for term, n in frequency.items() if n}
    most = (K1 + 1) * sum(idf.values())
    scores = {}
    for number, own in counts.items():
        norm = K1 * (1 - B + B * own.total() / average)
        score = sum(weight * own[term] * (K1 + 1) / (own[term] + norm) for term, weight in idf.items())
        if score:
            scores[number] = score / most
    return scores


@settings(max_examples=40)
@given(
    st.dictionaries(st.integers(1, 2**40), contents, min_size=1, max_size=20),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True),
)
def test_scores_are_bm25_as_a_share_of_the_most_that_the_question_could_reach(texts, terms):
    with tempfile.TemporaryDirectory() as folder:
        index = opened(Path(folder))
        index.add({number: words(text) for number, text in texts.items()}, 1)
        found = index.candidates(asked(*terms), 100)
        expected = bm25(texts, terms)
        assert found == pytest.approx(expected, rel=1e-4)
        assert list(found.values()) == sorted(found.values(), reverse=True)
        best = index.candidates(asked(*terms), 3)
        assert sorted(best.values()) == pytest.approx(sorted(expected.values())[-3:], rel=1e-4)


class LexicalAgainstSets(RuleBasedStateMachine):
    """Passages come, change and go, the index is closed and opened, and every word finds what has it."""

    @initialize()
    def begin(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self.temporary.name)
        self.index = opened(self.folder)
        self.held = {}
        self.change = 0

    def teardown(self):
        self.temporary.cleanup()

    @rule(new=st.dictionaries(st.integers(1, 30), contents, max_size=5))
    def add(self, new):
        self.change += 1
        self.index.add({number: words(text) for number, text in new.items()}, self.change)
        self.held |= new

    @rule(gone=st.lists(st.integers(1, 35), max_size=8))
    def remove(self, gone):
        self.change += 1
        self.index.remove(gone, self.change)
        self.held = {number: text for number, text in self.held.items() if number not in gone}

    @rule()
    def clear(self):
        self.index.clear()
        self.held, self.change = {}, 0

    @rule()
    def reopen(self):
        self.index = opened(self.folder)

    @rule(word=st.sampled_from(WORDS), allowed=st.none() | st.sets(st.integers(1, 35)), few=st.sampled_from([0, 5000]))
    def search(self, word, allowed, few):
        numbers = None if allowed is None else np.array(sorted(allowed), np.int64)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lexical, "_FEW", few)
            found = self.index.candidates(asked(word), 50, numbers)
        expected = {number for number, text in self.held.items() if word in text.split()}
        assert set(found) == (expected if allowed is None else expected & allowed)
        assert all(0 < share <= 1 for share in found.values())

    @invariant()
    def counts_and_changes_are_told(self):
        assert (self.index.count(), self.index.changed_to) == (len(self.held), self.change)


TestLexicalAgainstSets = LexicalAgainstSets.TestCase
TestLexicalAgainstSets.settings = settings(max_examples=12, stateful_step_count=12)


def test_a_share_never_exceeds_one_however_often_a_passage_was_replaced(tmp_path):
    index = opened(tmp_path)
    index.add({number: words("wheat leaves") for number in range(2, 5)}, 1)
    for change in range(2, 8):
        index.add({1: words("zebra zebra zebra")}, change)
        assert 0 < index.candidates(asked("zebra"), 5)[1] <= 1


@pytest.fixture
def graded(tmp_path):
    """30 passages, each with the word once more than the one before, and so with a higher score."""
    index = opened(tmp_path)
    index.add({number: words("zebra " * number + "wheat " * (40 - number)) for number in range(1, 31)}, 1)
    return index


@pytest.mark.parametrize("few", [0, 5000])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 40])
@pytest.mark.parametrize("allowed", [[], [1], [1, 2, 3], list(range(1, 31)), list(range(1, 31, 7)), [99]])
def test_the_best_allowed_passages_come_best_first_and_never_more_than_asked_for(
    graded, monkeypatch, few, limit, allowed
):
    monkeypatch.setattr(lexical, "_FEW", few)
    found = graded.candidates(asked("zebra"), limit, np.array(allowed, np.int64))
    assert list(found) == [number for number in range(30, 0, -1) if number in allowed][:limit]


@pytest.mark.parametrize("few", [0, 5000])
def test_being_among_the_allowed_changes_no_score(graded, monkeypatch, few):
    monkeypatch.setattr(lexical, "_FEW", few)
    free = graded.candidates(asked("zebra", "wheat"), 100)
    chosen = graded.candidates(asked("zebra", "wheat"), 100, np.arange(1, 31, 3))
    assert chosen == pytest.approx({number: free[number] for number in range(1, 31, 3)})


def test_a_phrase_counts_only_side_by_side_and_the_best_wording_of_a_group_only(tmp_path):
    index = opened(tmp_path)
    texts = {1: "cyclin dependent kinase", 2: "kinase dependent cyclin", 3: "cdk4", 4: "cyclin dependent kinase cdk4"}
    index.add({number: words(text) for number, text in texts.items()}, 1)
    phrase = Wording(tuple(index_terms("cyclin dependent kinase")), phrase=True)
    symbol = Wording(("cdk4",), 0.8)
    assert set(index.candidates([(phrase,)], 9)) == {1, 4}
    either = index.candidates([(phrase, symbol)], 9)
    assert set(either) == {1, 3, 4}
    assert max(either.values()) <= 1


def test_words_that_nobody_wrote_find_nothing_and_lower_no_score(graded):
    assert graded.candidates(asked("aardvark"), 5) == {}
    assert graded.candidates((), 5) == {}
    assert graded.candidates(asked("zebra", "aardvark"), 50) == pytest.approx(graded.candidates(asked("zebra"), 50))


@pytest.mark.parametrize(
    "text", ["", "AND OR NOT", 'NEAR("zebra", 2)', "*:*", "zebra*", "title:zebra", "+-\"'()[]{}^~\\/", "\0"]
)
def test_what_looks_like_an_operator_is_only_words(graded, text):
    found = graded.candidates(parse_query(text).groups, 50)
    assert set(found) == (set(range(1, 31)) if "zebra" in text else set())


def test_titles_are_found_by_their_first_passage_only(tmp_path):
    index = opened(tmp_path)
    index.add({1: words("wheat leaves", "Zebra stripes"), 2: words("Zebra stripes once more")}, 1)
    assert list(index.titles(asked("zebra"), 5)) == [1]
    assert list(index.candidates(asked("zebra"), 5)) == [2]


@pytest.fixture(scope="module")
def original(tmp_path_factory, starter):
    """An index of several segments with deletions, and what it finds."""
    index = opened(tmp_path_factory.mktemp("original"))
    for change in range(1, 4):
        batch = starter[20 * change : 20 * change + 20]
        index.add({20 * change + n: words(p.text, p.title) for n, p in enumerate(batch)}, change)
    index.remove([21, 45], 4)
    return index


PARTS = ["fast", "fieldnorm", "idx", "pos", "store", "term", "del", "meta.json"]
DAMAGE = {
    "missing": None,
    "emptied": lambda content: b"",
    "cut in half": lambda content: content[: len(content) // 2],
    "one bit flipped": lambda content: (
        content[: len(content) // 3] + bytes([content[len(content) // 3] ^ 0x20]) + content[len(content) // 3 + 1 :]
    ),
    "overwritten": lambda content: os.urandom(len(content)),
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_folder_makes_it_an_empty_index_that_works(original, tmp_path, part, damage, caplog):
    copy = tmp_path / original.folder.name
    copy.mkdir()
    for path in original.folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    path = next(path for path in sorted(copy.iterdir()) if path.name.endswith(part))
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(DAMAGE[damage](path.read_bytes()))
    with caplog.at_level(logging.WARNING):
        index = opened(tmp_path)
    assert (index.count(), index.changed_to) == (0, 0)
    index.add({7: words("zebra")}, 9)
    assert list(index.candidates(asked("zebra"), 5)) == [7]
    assert (opened(tmp_path).count(), opened(tmp_path).changed_to) == (1, 9)


def test_an_undamaged_folder_is_opened_as_it_is(original):
    assert opened(original.folder.parent).candidates(asked("promot"), 99) == original.candidates(asked("promot"), 99)
    assert (original.count(), original.changed_to) == (58, 4)


def test_libraries_never_share_words(tmp_path):
    assert LexicalIndex(tmp_path, "a").folder != LexicalIndex(tmp_path, "b").folder


def test_searches_and_openings_go_on_while_another_index_of_the_same_folder_adds_and_removes(tmp_path, caplog):
    writer = opened(tmp_path)
    writer.add({1: words("zebra zebra")}, 1)
    reader = opened(tmp_path)
    failures, done = [], threading.Event()

    def search(fresh):
        while not done.is_set():
            try:
                if 1 not in (opened(tmp_path) if fresh else reader).candidates(asked("zebra"), 500):
                    failures.append("the first passage was not found")
            except Exception as error:  # noqa: BLE001 - told to the test below
                failures.append(repr(error))

    threads = [threading.Thread(target=search, args=(fresh,)) for fresh in (False, False, True)]
    for thread in threads:
        thread.start()
    for change in range(2, 25):
        numbers = range(1000 * change, 1000 * change + 20)
        writer.add({number: words("zebra wheat") for number in numbers}, change)
        if change % 3 == 0:
            writer.remove(list(numbers)[::2], change)
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert "damaged" not in caplog.text
