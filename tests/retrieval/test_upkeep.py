"""Looking after a library: damage is found, healthy ones are left in peace, and nothing is lost."""

import json
import sqlite3

import numpy as np
import pytest

from retrieval import passages
from retrieval.errors import LibraryError
from retrieval.library import Library
from retrieval.passages import PASSAGE_RULE
from retrieval.upkeep import compact, upgrade, verify


def behind_its_back(library, statement, *values):
    """Change the database as a faulty disk or another program would."""
    connection = sqlite3.connect(library.folder / "library.sqlite")
    with connection:
        connection.execute(statement, values)
    connection.close()


def hits(library, question="RASSF1A promoter methylation in nasopharyngeal carcinoma"):
    return [(hit.passage_id, hit.text) for hit in library.search(question, k=99).hits]


def test_a_healthy_library_has_no_problems_before_and_after_derive(filled, starter):
    assert verify(filled) == []
    filled.add(starter[100])
    filled.remove(7)
    assert verify(filled) == []
    filled.derive()
    assert verify(filled) == []


def test_an_empty_library_is_healthy(quick):
    assert verify(quick) == []


def test_verify_tells_how_far_it_is(filled):
    told = []
    verify(filled, lambda *progress: told.append(progress))
    assert [progress for progress in told if progress[0] == "verifying"][-1] == ("verifying", 60, 60)


DAMAGE = {
    "a text": "UPDATE papers SET text = replace(text, '14 of 21', '41 of 21') WHERE id = 1",
    "a text cut off": "UPDATE papers SET text = substr(text, 1, 50) WHERE id = 1",
    "a text's hash": "UPDATE papers SET sha256 = '0' WHERE id = 1",
    "passages": "DELETE FROM passages WHERE paper_id = 1",
    "the place of a sentence": "UPDATE passages SET sentences = '[[0,10],[20,30]]' WHERE paper_id = 1",
    "a passage twice": "INSERT INTO passages (paper_id, start, end, sentences) "
    "SELECT paper_id, start, end, sentences FROM passages WHERE paper_id = 1",
    "sentences that are no JSON": "UPDATE passages SET sentences = '[[0,' WHERE paper_id = 1",
    "a record that is no JSON": "UPDATE papers SET record = '{\"kind\":' WHERE id = 1",
    "a record that is no paper": 'UPDATE papers SET record = \'{"kind": "novel"}\' WHERE id = 1',
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_paper_that_was_changed_behind_its_back_is_named_and_no_other(filled, damage):
    behind_its_back(filled, DAMAGE[damage])
    problems = [problem for problem in verify(filled) if problem.startswith("Paper")]
    assert len(problems) == 1
    assert problems[0].startswith("Paper 1 (")
    assert "ingest it again" in problems[0]


@pytest.mark.parametrize("index", ["words", "meanings"])
def test_an_index_that_lost_passages_is_named_and_mended_by_compact(filled, index):
    before = hits(filled)
    lost = getattr(filled, index)
    lost.remove(list(range(1, 30)), lost.changed_to)
    [problem] = verify(filled)
    assert "epicite library compact" in problem
    compact(filled)
    assert verify(filled) == []
    assert hits(filled) == before


ASTRAY = {
    "a work": "UPDATE papers SET work = 3 WHERE id = 5",
    "no work": "UPDATE papers SET work = NULL WHERE id = 5",
    "a mark": "UPDATE papers SET retracted = 1 WHERE id = 5",
}


@pytest.mark.parametrize("astray", ASTRAY)
def test_a_paper_in_a_wrong_work_or_with_a_wrong_mark_is_told_and_mended_by_compact(filled, astray):
    behind_its_back(filled, ASTRAY[astray])
    [problem] = verify(filled)
    assert "epicite library compact" in problem
    compact(filled)
    assert verify(filled) == []


def test_an_emptied_index_fills_itself(filled):
    before = hits(filled)
    filled.words.clear()
    filled.meanings.clear()
    assert hits(filled) == before
    assert verify(filled) == []


def test_lost_vectors_are_told_and_come_back(filled):
    before = hits(filled)
    behind_its_back(filled, "DELETE FROM vectors WHERE passage_id < 10")
    assert "9 passages" in verify(filled)[0]
    compact(filled)
    assert filled.pending()["vectors"] > 0
    filled.derive()
    assert verify(filled) == []
    assert hits(filled) == before


@pytest.fixture
def torn(filled, cheap):
    """A library whose database file has pages of nonsense."""
    filled.close()
    path = filled.folder / "library.sqlite"
    content = bytearray(path.read_bytes())
    for page in range(60, len(content) // 4096, 5):
        content[4096 * page : 4096 * page + 4096] = b"\x99" * 4096
    path.write_bytes(content)
    with Library.open(filled.folder, cheap) as library:
        yield library


def test_a_damaged_database_file_is_told_and_nothing_raised(torn):
    problems = verify(torn)
    assert problems
    assert all(str(torn.folder / "library.sqlite") in problem for problem in problems)
    assert all(problem.endswith("Restore the library from a copy.") for problem in problems)


def test_whoever_meets_the_damage_first_is_told_what_to_do(torn):
    with pytest.raises(LibraryError, match=r"library\.sqlite cannot be read .*epicite library verify"):
        list(torn.papers())


def test_compact_changes_no_hit_and_gives_space_back(filled, starter, bag_of_words):
    for paper in starter[60:90]:
        filled.add(paper)
    filled.derive()
    for number in range(61, 91):
        filled.remove(number)
    filled.close()
    with Library.open(filled.folder, bag_of_words("another", 512)) as other:
        other.derive()
    with Library.open(filled.folder, filled.embedder) as library:
        library.derive()
        before = library.search("RASSF1A promoter methylation", k=99).hits
        size = (library.folder / "library.sqlite").stat().st_size
        assert len(list(library.folder.glob("vectors-*"))) == 2
        compact(library)
        assert len(list(library.folder.glob("vectors-*"))) == 1
        after = library.search("RASSF1A promoter methylation", k=99).hits
        assert [hit.passage_id for hit in after] == [hit.passage_id for hit in before]
        np.testing.assert_allclose([hit.score for hit in after], [hit.score for hit in before], atol=0.02)
        assert (library.folder / "library.sqlite").stat().st_size < size
        assert library.pending() == {"vectors": 0, "gene names": 0, "evidence": 0}
        assert verify(library) == []


def test_compact_serves_a_library_that_another_one_has_open(filled, cheap):
    with Library.open(filled.folder, cheap) as other:
        before = hits(other)
        compact(filled)
        assert hits(other) == hits(filled) == before
        assert verify(other) == []


def test_a_current_library_needs_no_upgrade(filled):
    change = filled.database.change()
    assert upgrade(filled) is False
    assert filled.database.change() == change


@pytest.fixture
def older(quick, starter):
    """A library whose papers were cut into smaller passages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passages, "_ROOM", 80)
        for paper in starter[:30]:
            quick.add(paper)
    quick.derive()
    quick.rewrite_manifest(passage_rule="an older one")
    return quick


def test_upgrade_cuts_papers_of_an_older_passage_rule_anew(older, starter):
    assert older.counts().passages > 60
    assert upgrade(older) is True
    manifest = json.loads((older.folder / "manifest.json").read_text())
    assert manifest["passage_rule"] == PASSAGE_RULE
    assert older.counts() == (30, sum(len(passages.passages(paper)) for paper in starter[:30]))
    assert older.pending() == {"vectors": 0, "gene names": 0, "evidence": 0}
    assert verify(older) == []
    assert upgrade(older) is False


def test_an_upgrade_that_was_stopped_is_finished_by_the_next(filled):
    filled.rewrite_manifest(passage_rule="an older one")

    def stop(stage, done, total):
        if stage == "embedding" and done == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        upgrade(filled, stop)
    assert upgrade(filled) is True
    assert filled.pending() == {"vectors": 0, "gene names": 0, "evidence": 0}
    assert verify(filled) == []


def test_upgrade_brings_a_library_to_another_embedder(filled, bag_of_words):
    with Library.open(filled.folder, bag_of_words("another", 32)) as other:
        assert upgrade(other) is True
        assert other.pending()["vectors"] == 0
        assert other.manifest.embedder.name == "another"
        assert upgrade(other) is False
