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

from retrieval import dense
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


class CodedAgainstNumPy(DenseAgainstNumPy):
    """The same where segments have codes: of a few dozen vectors all are rated."""

    @initialize()
    def begin(self):
        super().begin()
        self._coded_from, dense._CODED_FROM = dense._CODED_FROM, 20

    def teardown(self):
        dense._CODED_FROM = self._coded_from
        super().teardown()


TestCodedAgainstNumPy = CodedAgainstNumPy.TestCase
TestCodedAgainstNumPy.settings = settings(max_examples=20, stateful_step_count=20)


@pytest.fixture
def coded(tmp_path, monkeypatch):
    """An index of 5,000 vectors by codes, of which few are rated, and what it holds."""
    monkeypatch.setattr(dense, "_CODED_FROM", 1_000)
    monkeypatch.setattr(dense, "_RATED", 200)
    index, held = DenseIndex(tmp_path, "library", "embedder", 64), {}
    vectors = unit(np.random.default_rng(3).standard_normal((5_000, 64)))
    held = dict(enumerate(vectors, start=1))
    index.add(held, 1)
    assert len(list(index.folder.glob("*.faiss"))) == 2
    return index, held


def recall(index, held, allowed=None):
    """The share of the true first ten that are found, over questions, each found one with its true score."""
    shares = []
    for question in unit(np.random.default_rng(4).standard_normal((30, 64))):
        found = index.candidates(question, 10, None if allowed is None else np.array(sorted(allowed), np.int64))
        true = exact(held, question, 10, allowed)
        assert all(score == pytest.approx(float(held[number] @ question), abs=1e-6) for number, score in found.items())
        shares.append(len(found.keys() & true.keys()) / 10)
    return np.mean(shares)


def test_by_codes_nearly_all_of_the_nearest_are_found(coded):
    assert recall(*coded) >= 0.98


@pytest.mark.parametrize("every", [2, 4, 6, 100])
def test_a_filter_loses_none_of_them(coded, every):
    assert recall(*coded, allowed=set(range(1, 5_001, every))) >= 0.98


def test_a_filter_that_leaves_only_the_far_is_answered_exactly(coded):
    index, held = coded
    [question] = unit(np.random.default_rng(5).standard_normal((1, 64)))
    far = sorted(held, key=lambda number: held[number] @ question)[:1_500]
    found = index.candidates(question, 10, np.array(sorted(far), np.int64))
    assert_same(found, exact(held, question, 10, set(far)))


def test_what_is_removed_is_not_found_by_its_code(coded):
    index, held = coded
    [question] = unit(np.random.default_rng(6).standard_normal((1, 64)))
    gone = list(exact(held, question, 300))
    index.remove(gone, 2)
    left = {number: vector for number, vector in held.items() if number not in gone}
    found = index.candidates(question, 10).keys()
    assert not found & set(gone)
    assert len(found & exact(left, question, 10).keys()) >= 9


def test_centroids_are_learnt_again_only_when_a_segment_has_outgrown_them(coded, monkeypatch):
    index, _ = coded
    learnt = []
    original = dense.trained
    monkeypatch.setattr(dense, "trained", lambda rows: learnt.append(len(rows)) or original(rows))
    vectors = unit(np.random.default_rng(7).standard_normal((25_000, 64)))
    index.add(dict(enumerate(vectors[:5_000], start=5_001)), 2)
    assert (index.count(), learnt) == (10_000, [])
    index.add(dict(enumerate(vectors[5_000:], start=10_001)), 3)
    assert (index.count(), learnt) == (30_000, [30_000])


def test_adding_a_few_to_many_writes_none_of_the_many_again(coded):
    index, _ = coded
    before = {path: path.stat().st_ino for path in index.folder.glob("*.faiss")}
    index.add({9_000: unit(np.ones((1, 64)))[0]}, 2)
    assert before.items() <= {path: path.stat().st_ino for path in index.folder.glob("*.faiss")}.items()


def test_segments_do_not_grow_beyond_what_fits_into_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(dense, "_LARGEST", 50)
    index = opened(tmp_path)
    for number in range(1, 201):
        index.add({number: random_vectors(number, 1)[0]}, number)
    state = json.loads((index.folder / "state.json").read_text())
    assert max(segment["count"] for segment in state["segments"]) <= 50
    assert index.count() == 200


def test_damaged_codes_make_it_an_empty_index(coded):
    index, _ = coded
    codes = json.loads((index.folder / "state.json").read_text())["segments"][0]["codes"]["file"]
    content = (index.folder / codes).read_bytes()
    (index.folder / codes).write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    assert DenseIndex(index.folder.parent, "library", "embedder", 64).count() == 0


def test_an_index_of_before_there_were_codes_is_read(coded):
    index, held = coded
    path = index.folder / "state.json"
    state = json.loads(path.read_text())
    del state["segments"][0]["codes"]
    path.write_text(json.dumps(state))
    assert recall(DenseIndex(index.folder.parent, "library", "embedder", 64), held) == 1


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
