"""The index by vectors: what plain NumPy would find, whatever happened to it before."""

import json
import logging
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from retrieval.dense import DenseIndex
from seqmodels.encoder import unit

DIMENSION = 8


def random_vectors(seed, count):
    return unit(np.random.default_rng(seed).standard_normal((count, DIMENSION)))


def opened(folder):
    return DenseIndex(folder, "library", "embedder", DIMENSION)


def exact(held, question, limit, allowed=None):
    """The nearest vectors by their inner products, all of them computed."""
    scores = {n: float(vector @ question) for n, vector in held.items() if allowed is None or n in allowed}
    return dict(sorted(scores.items(), key=lambda pair: -pair[1])[:limit])


def assert_same(found, expected):
    """The same numbers in the same order, but for those that lie equally near."""
    scores = list(expected.values())
    np.testing.assert_allclose(list(found.values()), scores, atol=1e-6)
    for number in found.keys() & expected.keys():
        assert found[number] == pytest.approx(expected[number], abs=1e-6)
    assert all(found[number] == pytest.approx(scores[-1], abs=1e-6) for number in found.keys() - expected.keys())


def test_of_equally_near_vectors_the_first_comes_first(tmp_path):
    index = opened(tmp_path)
    [vector] = random_vectors(0, 1)
    index.add({2: vector, 1: vector}, 1)
    index.add({3: vector}, 2)
    assert list(index.candidates(vector, 3)) == [1, 2, 3]


class DenseAgainstNumPy(RuleBasedStateMachine):
    """Vectors come and go, the index is closed and opened, and every search finds what NumPy finds."""

    @initialize()
    def begin(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self.temporary.name)
        self.index = opened(self.folder)
        self.held = {}
        self.next, self.change = 1, 0

    def teardown(self):
        self.temporary.cleanup()

    @rule(count=st.integers(0, 30), seed=st.integers(0, 10**6))
    def add(self, count, seed):
        new = dict(zip(range(self.next, self.next + count), random_vectors(seed, count), strict=True))
        self.next += count
        self.change += 1
        self.index.add(new, self.change)
        self.held |= new

    @precondition(lambda self: self.next > 1)
    @rule(data=st.data())
    def remove(self, data):
        gone = data.draw(st.lists(st.integers(1, self.next + 5), max_size=20))
        self.change += 1
        self.index.remove(gone, self.change)
        self.held = {number: vector for number, vector in self.held.items() if number not in gone}

    @rule()
    def clear(self):
        self.index.clear()
        self.held, self.change = {}, 0

    @rule()
    def reopen(self):
        self.index = opened(self.folder)

    @rule(seed=st.integers(0, 10**6), limit=st.integers(1, 40))
    def search(self, seed, limit):
        [question] = random_vectors(seed, 1)
        assert_same(self.index.candidates(question, limit), exact(self.held, question, limit))

    @rule(data=st.data(), seed=st.integers(0, 10**6), limit=st.integers(1, 40))
    def search_among_some(self, data, seed, limit):
        allowed = data.draw(st.lists(st.integers(1, self.next + 5), unique=True))
        [question] = random_vectors(seed, 1)
        found = self.index.candidates(question, limit, np.array(sorted(allowed), np.int64))
        assert_same(found, exact(self.held, question, limit, set(allowed)))

    @invariant()
    def counts_and_changes_are_told(self):
        assert (self.index.count(), self.index.changed_to) == (len(self.held), self.change)


TestDenseAgainstNumPy = DenseAgainstNumPy.TestCase
TestDenseAgainstNumPy.settings = settings(max_examples=40, stateful_step_count=25)


def test_segments_are_merged_so_that_their_number_grows_with_the_logarithm_only(tmp_path):
    index = opened(tmp_path)
    for number in range(1, 201):
        index.add({number: random_vectors(number, 1)[0]}, number)
    assert len(list(index.folder.glob("*.faiss"))) <= 8
    assert index.count() == 200


def test_what_was_removed_is_gone_for_good_once_its_segment_is_merged(tmp_path):
    index = opened(tmp_path)
    index.add(dict(enumerate(random_vectors(1, 10), start=1)), 1)
    index.remove([3, 4], 2)
    index.add(dict(enumerate(random_vectors(2, 10), start=11)), 3)
    assert index.count() == 18
    assert len(list(index.folder.glob("*.faiss"))) == 1
    assert set(index.candidates(random_vectors(0, 1)[0], 99)) == {1, 2, *range(5, 21)}


@pytest.fixture
def filled(tmp_path):
    index = opened(tmp_path)
    index.add(dict(enumerate(random_vectors(1, 100), start=1)), 1)
    index.add(dict(enumerate(random_vectors(2, 20), start=101)), 2)
    index.remove([5, 105], 3)
    assert len(list(index.folder.glob("*.faiss"))) == 2
    return index


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content[:-40] + bytes([content[-40] ^ 1]) + content[-39:],
        lambda content: b"x" + content[1:],
    ],
)
def test_a_damaged_segment_makes_it_an_empty_index_that_asks_to_be_filled(filled, which, damage, caplog):
    path = sorted(filled.folder.glob("*.faiss"))[which]
    path.write_bytes(damage(path.read_bytes()))
    with caplog.at_level(logging.WARNING):
        index = opened(filled.folder.parent)
        assert (index.count(), index.changed_to) == (0, 0)
    assert "is damaged" in caplog.text
    assert index.candidates(random_vectors(0, 1)[0], 10) == {}
    index.add({7: random_vectors(7, 1)[0]}, 9)
    assert list(opened(filled.folder.parent).candidates(random_vectors(0, 1)[0], 10)) == [7]


def test_a_missing_segment_makes_it_an_empty_index(filled):
    next(filled.folder.glob("*.faiss")).unlink()
    assert opened(filled.folder.parent).changed_to == 0


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"changed_to": "x"}', b"[]"])
def test_a_damaged_state_makes_it_an_empty_index(filled, content):
    (filled.folder / "state.json").write_bytes(content)
    assert (opened(filled.folder.parent).count(), opened(filled.folder.parent).changed_to) == (0, 0)


def test_what_a_killed_writer_left_behind_is_not_read(filled):
    before = filled.candidates(random_vectors(0, 1)[0], 120)
    (filled.folder / "0123456789abcdef.faiss").write_bytes(b"half of a segment")
    (filled.folder / "state.json.99.tmp").write_text(json.dumps({"changed_to": 99}))
    assert opened(filled.folder.parent).candidates(random_vectors(0, 1)[0], 120) == before


def test_embedders_and_libraries_never_share_vectors(tmp_path):
    names = {
        DenseIndex(tmp_path, library, embedder, DIMENSION).folder for library in ("a", "b") for embedder in ("x", "y")
    }
    assert len(names) == 4


def test_searches_go_on_while_another_index_of_the_same_folder_adds_and_removes(tmp_path):
    writer, reader = opened(tmp_path), opened(tmp_path)
    first = dict(enumerate(random_vectors(0, 50), start=1))
    writer.add(first, 1)
    [question] = random_vectors(99, 1)
    best = next(iter(exact(first, question, 1)))
    failures, done = [], threading.Event()

    def search():
        while not done.is_set():
            try:
                # What comes is far from the question, so the best of the first stays the best.
                if next(iter(reader.candidates(question, 3))) != best:
                    failures.append("another passage was best")
            except Exception as error:  # noqa: BLE001 - told to the test below
                failures.append(repr(error))

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for change in range(2, 60):
        numbers = range(1000 * change, 1000 * change + 20)
        writer.add(dict.fromkeys(numbers, -question), change)
        if change % 3 == 0:
            writer.remove(list(numbers)[::2], change)
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
