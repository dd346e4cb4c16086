"""The library: what adding, changing and removing papers does, and what is found afterwards."""

import logging
import shutil
import threading

import numpy as np
import pytest
from sqlalchemy import select

from corpora import genes
from retrieval import derivation, store
from retrieval.errors import IdentifierConflict, LibraryError, UnknownPaper
from retrieval.filters import Filters
from retrieval.library import Library
from retrieval.query import parse_query
from retrieval.schema import vectors
from retrieval.upkeep import verify


def found(library, question, **asked):
    """The numbers of the papers that a question finds by its words."""
    return {hit.paper_id for hit in library.search(question, **asked).hits}


def by_words(library, word):
    """The texts of the passages whose own words match, whatever the vectors say."""
    library.follow()
    numbers = library.words.candidates(parse_query(word).groups, 100)
    with library.database.reading() as connection:
        return sorted(stored.paper.text for stored in store.of_passages(connection, list(numbers)))


def passage_numbers(library):
    with library.database.reading() as connection:
        return sorted(connection.execute(select(vectors.c.passage_id, vectors.c.passage)).all())


# Adding


def test_a_paper_is_added_once_whatever_file_it_is_read_from(quick, paper):
    first = paper("MLH1 is silenced.", file="a.jsonl", pmid="1", year=1999)
    assert quick.add(first) == "added"
    change = quick.database.change()
    assert quick.add(first) == "unchanged"
    assert quick.add(paper("MLH1 is silenced.", file="b.jsonl", pmid="1", year=1999)) == "unchanged"
    assert quick.counts() == (1, 1)
    assert quick.database.change() == change


def test_an_unchanged_paper_is_not_derived_again(filled, starter):
    assert [filled.add(paper) for paper in starter[:60]] == ["unchanged"] * 60
    assert filled.pending() == {"vectors": 0, "gene names": 0, "evidence": 0}


def test_a_stored_paper_is_the_paper_that_was_added(quick, starter):
    for number, paper in enumerate(starter[:20], start=1):
        quick.add(paper)
        assert quick.paper(number) == paper
    assert [stored.paper for stored in quick.papers()] == starter[:20]
    assert [stored.id for stored in quick.papers()] == list(range(1, 21))


def test_a_paper_is_known_by_its_hash(quick, paper):
    quick.add(paper("MLH1 is silenced.", pmid="1"))
    sha256 = quick.paper(1).sha256
    assert quick.by_hash(sha256).id == 1
    assert quick.by_hash(sha256[::-1]) is None


def test_the_same_text_without_identifier_is_one_paper_in_whatever_files_it_lies(quick, paper):
    assert quick.add(paper("MLH1 is silenced.", file="a.txt", place=None)) == "added"
    assert quick.add(paper("MLH1 is silenced.", file="b.txt", place=None)) == "unchanged"
    assert quick.add(paper("MLH1 is silenced.", file="c.jsonl")) == "unchanged"


def test_records_without_identifier_in_one_file_are_papers_of_their_own(quick, paper):
    for line, text in enumerate(["MLH1 is silenced.", "p53 is lost."], start=1):
        assert quick.add(paper(text, place=f"line {line}")) == "added"


def test_a_record_without_identifier_never_takes_the_place_of_one_with_it(quick, paper):
    quick.add(paper("MLH1 is silenced.", pmid="1", doi="10.1000/a"))
    quick.add(paper("MLH1 is silenced."))
    assert quick.paper(1).pmid == "1"
    assert quick.find_paper("10.1000/a")[0].paper.doi == "10.1000/a"


def test_an_identifier_of_ones_own_counts_within_its_file_only(quick, paper):
    assert quick.add(paper("MLH1 is silenced.", file="a.jsonl", id="1")) == "added"
    assert quick.add(paper("p53 is lost.", file="b.jsonl", id="1")) == "added"
    assert quick.add(paper("p53 is gone.", file="b.jsonl", id="1")) == "updated"
    assert [stored.paper.text for stored in quick.papers()] == ["MLH1 is silenced.", "p53 is gone."]


def test_a_moved_file_changes_nothing_but_is_known_at_its_new_place(quick, paper, tmp_path):
    (tmp_path / "old.txt").write_text("x")
    quick.add(paper("MLH1 is silenced.", file="old.txt", place=None))
    (tmp_path / "old.txt").rename(tmp_path / "new.txt")
    change = quick.database.change()
    assert quick.add(paper("MLH1 is silenced.", file="new.txt", place=None)) == "unchanged"
    assert quick.database.change() == change
    assert quick.add(paper("MLH1 is not silenced.", file="new.txt", place=None)) == "updated"
    assert quick.counts().papers == 1


def test_an_edited_file_replaces_its_old_passages(quick, paper):
    quick.add(paper("RASSF1A is silenced. Zebrafish were used.", file="a.txt", place=None))
    quick.add(paper("p53 is lost in maize.", file="b.txt", place=None))
    quick.derive()
    assert by_words(quick, "zebrafish") == ["RASSF1A is silenced. Zebrafish were used."]
    assert quick.add(paper("RASSF1A is silenced. Mice were used.", file="a.txt", place=None)) == "updated"
    assert by_words(quick, "zebrafish") == []
    assert by_words(quick, "mice") == ["RASSF1A is silenced. Mice were used."]
    assert quick.pending()["vectors"] == 1
    quick.derive()
    assert quick.counts() == (2, 2)
    assert verify(quick) == []
    assert [hit.text for hit in quick.search("zebrafish").hits if "Zebrafish" in hit.text] == []


def test_a_file_without_source_path_can_be_stored_too(quick, paper):
    assert quick.add(paper("MLH1 is silenced.", file=None)) == "added"
    assert quick.add(paper("MLH1 is silenced.", file=None)) == "unchanged"
    assert quick.add(paper("p53 is lost.", file=None)) == "added"


# Records


def test_news_of_a_record_are_taken_over_without_touching_passages_or_vectors(quick, paper):
    quick.add(paper("MLH1 is silenced.", pmid="1"))
    quick.derive()
    before = passage_numbers(quick)
    news = paper("MLH1 is silenced.", pmid="1", doi="10.1000/a", year=2001, retracted=True, journal="Gut")
    assert quick.add(news) == "updated"
    [hit] = quick.search("MLH1").hits
    assert (hit.doi, hit.year, hit.retracted, hit.journal) == ("10.1000/a", 2001, True, "Gut")
    assert passage_numbers(quick) == before
    assert quick.pending() == {"vectors": 0, "gene names": 0, "evidence": 0}
    assert verify(quick) == []


def test_a_poorer_record_from_another_file_takes_nothing_away(quick, paper, tmp_path):
    for name in ("rich.jsonl", "poor.jsonl"):
        (tmp_path / name).write_text("x")
    rich = {"doi": "10.1000/a", "year": 2001, "journal": "Gut", "authors": ("A B",), "genes": ("MGMT",)}
    quick.add(paper("MLH1 is silenced.", file="rich.jsonl", pmid="1", **rich))
    assert quick.add(paper("MLH1 is silenced.", file="poor.jsonl", pmid="1", url="https://example.org")) == "updated"
    known = quick.paper(1)
    assert {name: getattr(known, name) for name in rich} == rich
    assert known.url == "https://example.org"
    assert found(quick, "silenced", filters=Filters(gene="MGMT")) == {1}
    assert quick.add(paper("MLH1 is silenced.", file="poor.jsonl", pmid="1")) == "unchanged"


def test_a_record_that_takes_something_back_is_believed_where_it_is_the_same_file(quick, paper, tmp_path):
    (tmp_path / "papers.jsonl").write_text("x")
    quick.add(paper("MLH1 is silenced.", pmid="1", year=2001, genes=("MGMT",), retracted=True))
    assert quick.add(paper("MLH1 is silenced.", pmid="1")) == "updated"
    assert (quick.paper(1).year, quick.paper(1).retracted) == (None, False)
    assert found(quick, "silenced", filters=Filters(gene="MGMT")) == set()


def test_a_new_title_is_found_and_the_old_one_is_not(quick, paper):
    quick.add(paper("MLH1 is silenced.", pmid="1", title="Zebrafish mismatch repair"))
    assert [stored.id for stored in quick.find_paper("zebrafish mismatch")] == [1]
    quick.add(paper("MLH1 is silenced.", pmid="1", title="Maize mismatch repair"))
    assert quick.find_paper("zebrafish") == []
    assert [stored.id for stored in quick.find_paper("maize mismatch")] == [1]


# Conflicts


def test_one_identifier_with_two_texts_in_one_run_is_a_conflict_even_in_one_file(quick, paper):
    run = quick.begin_run()
    quick.add(paper("MLH1 is silenced.", pmid="1", place="line 1"), run=run)
    for replace in (False, True):
        with pytest.raises(IdentifierConflict, match=r"PMID 1 has two different texts.*Keep one"):
            quick.add(paper("p53 is lost.", pmid="1", place="line 2"), run=run, replace=replace)
    assert quick.paper(1).text == "MLH1 is silenced."


def test_one_identifier_with_two_texts_in_two_files_is_a_conflict_unless_told_to_replace(quick, paper, tmp_path):
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text("x")
    quick.add(paper("MLH1 is silenced.", file="a.jsonl", doi="10.1000/A"), run=quick.begin_run())
    second = paper("p53 is lost.", file="b.jsonl", doi="10.1000/a")
    with pytest.raises(IdentifierConflict, match=r"DOI 10\.1000/a has two different texts: .*a\.jsonl.*--replace"):
        quick.add(second, run=quick.begin_run())
    assert quick.add(second, replace=True, run=quick.begin_run()) == "updated"
    assert quick.paper(1).text == "p53 is lost."


def test_a_new_text_is_taken_where_the_old_file_is_gone(quick, paper):
    quick.add(paper("MLH1 is silenced.", file="gone.jsonl", pmid="1"))
    assert quick.add(paper("p53 is lost.", file="new.jsonl", pmid="1")) == "updated"


def test_a_pmid_and_a_doi_of_two_papers_are_a_conflict_that_changes_neither(quick, paper):
    quick.add(paper("MLH1 is silenced.", pmid="1"))
    quick.add(paper("p53 is lost.", doi="10.1000/a"))
    before = quick.database.change()
    for text in ("MLH1 is silenced.", "p53 is lost.", "another"):
        with pytest.raises(IdentifierConflict, match=r"PMID 1 and DOI 10\.1000/a belong to two different papers"):
            quick.add(paper(text, pmid="1", doi="10.1000/a"), replace=True)
    assert quick.database.change() == before


def test_a_doi_that_is_known_under_another_pmid_is_a_conflict(quick, paper):
    quick.add(paper("MLH1 is silenced.", pmid="1", doi="10.1000/a"))
    with pytest.raises(IdentifierConflict, match="PMID 2"):
        quick.add(paper("MLH1 is silenced.", pmid="2", doi="10.1000/a"))


def test_a_pmid_completes_a_paper_that_was_known_by_its_doi_only(quick, paper):
    quick.add(paper("MLH1 is silenced.", doi="10.1000/a"))
    assert quick.add(paper("MLH1 is silenced.", pmid="1", doi="https://doi.org/10.1000/A")) == "updated"
    assert quick.counts().papers == 1
    assert quick.find_paper("1")[0].paper.doi == "10.1000/a"


# Removing


def test_a_removed_paper_is_gone_from_everywhere(filled):
    text = filled.paper(1).text
    word = "RASSF1A nasopharyngeal"
    assert 1 in found(filled, word)
    filled.remove(1)
    assert 1 not in found(filled, word, k=100)
    assert text not in by_words(filled, word)
    assert filled.counts().papers == 59
    assert verify(filled) == []
    with pytest.raises(UnknownPaper, match="no paper number 1"):
        filled.paper(1)
    with pytest.raises(UnknownPaper):
        filled.remove(1)


def test_a_number_is_never_given_twice(quick, paper):
    quick.add(paper("MLH1 is silenced.", pmid="1"))
    quick.remove(1)
    quick.add(paper("MLH1 is silenced.", pmid="1"))
    assert [stored.id for stored in quick.papers()] == [2]


# Finding a paper by what it is called


@pytest.fixture
def titled(quick, paper):
    quick.add(paper("One.", pmid="123", title="RASSF1A promoter methylation in lung cancer: a review"))
    quick.add(paper("Two.", doi="10.1000/ABC(1).x", title="Epigenetic clocks of mammals"))
    quick.add(paper("三。", title="胃癌的甲基化研究"))
    quick.add(paper("Four.", pmid="1234"))
    return quick


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("123", 1), ("PMID: 123", 1), ("pmid:123", 1), ("PMID 123", 1), (" 123 ", 1), ("PMID:1234", 4),
        ("10.1000/abc(1).x", 2), ("https://doi.org/10.1000/ABC(1).X", 2), ("DOI: 10.1000/ABC(1).x", 2),
        ("http://dx.doi.org/10.1000/abc(1).x", 2),
        ("RASSF1A promoter methylation in lung cancer: a review", 1),
        ("rassf1a PROMOTER-methylation in lung cancer, a review.", 1),
        ("promoter methylation RASSF1A lung cancer", 1), ("the epigenetic clock of a mammal", 2),
        ("胃癌的甲基化研究", 3), ("胃癌甲基化研究", 3),
    ],
)  # fmt: skip
def test_a_paper_is_found_by_pmid_doi_or_title(titled, asked, number):
    assert [stored.id for stored in titled.find_paper(asked)] == [number]


@pytest.mark.parametrize(
    "asked",
    [
        "12",
        "PMID: 99",
        "10.1000/abd",
        "wheat yield",
        "lung",
        "RASSF1A in wheat and maize leaves",
        "",
        " ",
        "?!",
        "the of",
    ],
)
def test_what_is_no_paper_of_the_library_is_not_guessed(titled, asked):
    found_papers = titled.find_paper(asked)
    assert [stored.id for stored in found_papers] == ([1] if asked == "lung" else [])


def test_no_model_is_asked_for_a_paper(titled, monkeypatch):
    monkeypatch.setattr(titled.embedder, "encode_query", None)
    assert titled.find_paper("epigenetic clocks")


# What is derived


def test_a_paper_is_found_by_its_words_as_soon_as_it_is_added(filled, paper):
    filled.add(paper("Zebrafish fins regenerate after demethylation.", pmid="7"))
    results = filled.search("zebrafish fins")
    assert results.hits[0].pmid == "7"
    assert results.hits[0].best_sentence is None
    assert [notice for notice in results.notices if "1 papers are found by their words only" in notice]
    assert filled.pending()["vectors"] == filled.pending_vectors() == 1
    filled.derive()
    results = filled.search("zebrafish fins")
    assert results.hits[0].pmid == "7"
    assert results.hits[0].best_sentence.similarity > 0
    assert results.notices == ()
    assert filled.pending_vectors() == 0


def test_derive_goes_on_where_a_stopped_one_was(quick, starter, monkeypatch):
    monkeypatch.setattr(derivation, "_PAPERS_PER_BATCH", 4)
    for paper in starter[:12]:
        quick.add(paper)

    def stop(stage, done, total):
        if (stage, done) == ("embedding", 6):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        quick.derive(stop)
    assert quick.pending() == {"vectors": 6, "gene names": 0, "evidence": 12}
    assert verify(quick) == []
    stages = []
    quick.derive(lambda *progress: stages.append(progress))
    assert [progress for progress in stages if progress[0] == "embedding"] == [
        ("embedding", done, 6) for done in range(1, 7)
    ]
    assert quick.pending()["vectors"] == 0
    assert verify(quick) == []


def test_a_paper_removed_while_others_are_derived_disturbs_nobody(quick, starter):
    for paper in starter[:6]:
        quick.add(paper)
    with quick.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM derivations")
    removed = []

    def remove(stage, done, total):
        if not removed:
            removed.append(stage)
            quick.remove(3)
            quick.remove(6)

    quick.derive(remove)
    assert removed == ["gene names"]
    assert quick.pending() == {"vectors": 0, "gene names": 0, "evidence": 0}
    assert quick.counts().papers == 4
    assert verify(quick) == []


def test_a_paper_edited_while_others_are_derived_stays_pending(quick, starter, paper):
    for stored in starter[:3]:
        quick.add(stored)

    def edit(stage, done, total):
        if (stage, done) == ("embedding", 1):
            quick.add(starter[1].model_copy(update={"text": "Zebrafish fins."}), replace=True)

    quick.derive(edit)
    assert quick.pending()["vectors"] == 1
    assert verify(quick) == []
    quick.derive()
    assert quick.pending()["vectors"] == 0
    assert quick.search("zebrafish fins").hits[0].best_sentence.similarity > 0.5


def test_another_embedder_makes_every_paper_pending_and_leaves_it_found_by_its_words(filled, bag_of_words):
    before = found(filled, "RASSF1A nasopharyngeal carcinoma")
    filled.close()
    with Library.open(filled.folder, bag_of_words("another", 32)) as other:
        assert other.pending() == {"vectors": 60, "gene names": 0, "evidence": 0}
        results = other.search("RASSF1A nasopharyngeal carcinoma")
        assert "60 papers are found by their words only" in results.notices[0]
        assert results.hits[0].paper_id in before
        other.derive()
        assert other.pending()["vectors"] == 0
        assert other.manifest.embedder.name == "another"
        assert verify(other) == []
    with Library.open(filled.folder, filled.embedder) as again:
        assert again.pending()["vectors"] == 0
        assert found(again, "RASSF1A nasopharyngeal carcinoma") == before


def test_another_table_of_genes_files_every_paper_anew(filled, monkeypatch):
    monkeypatch.setattr(genes, "table_hash", lambda: "f" * 64)
    assert filled.pending()["gene names"] == 60
    filled.derive()
    assert filled.pending()["gene names"] == 0
    assert found(filled, "methylation", filters=Filters(gene="RASSF1A"), k=99)


def test_stored_vectors_are_those_of_the_embedder_but_for_rounding(filled, cheap):
    with filled.database.reading() as connection:
        rows = connection.execute(select(vectors.c.passage_id, vectors.c.passage)).all()
        for number, row in rows[:10]:
            [stored] = store.of_passages(connection, [number])
            [cut] = [cut for own, cut in store.stored_passages(connection, stored.id) if own == number]
            expected = cheap.encode_query(stored.paper.text[cut.start : cut.end])
            np.testing.assert_allclose(derivation.load_vectors(row, 64)[0], expected, atol=1e-3)


def test_papers_of_an_older_passage_rule_are_searched_but_none_is_added(filled, paper):
    filled.rewrite_manifest(passage_rule="an older one")
    assert found(filled, "RASSF1A")
    with pytest.raises(LibraryError, match=r"cut by another passage rule \(an older one\).*epicite library upgrade"):
        filled.add(paper("MLH1 is silenced."))


# Several at once


def test_two_libraries_on_one_folder_see_each_other(filled, cheap, paper):
    with Library.open(filled.folder, cheap) as other:
        filled.add(paper("Zebrafish fins regenerate.", pmid="7"))
        assert other.search("zebrafish fins").hits[0].pmid == "7"
        other.derive()
        assert filled.pending()["vectors"] == 0
        assert filled.search("zebrafish fins").hits[0].best_sentence is not None
        other.remove(61)
        assert "7" not in {hit.pmid for hit in filled.search("zebrafish fins", k=99).hits}
        assert verify(filled) == verify(other) == []


def test_searches_go_on_while_papers_come_and_go(filled, cheap, paper, starter):
    failures, done = [], threading.Event()

    def search():
        with Library.open(filled.folder, cheap) as own:
            while not done.is_set():
                for library in (own, filled):
                    try:
                        hits = library.search("RASSF1A promoter methylation in nasopharyngeal carcinoma").hits
                        if hits[0].pmid != "11358799":
                            failures.append(f"{hits[0].pmid} came first")
                    except Exception as error:  # noqa: BLE001 - told to the test below
                        failures.append(repr(error))

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(1, 16):
        filled.add(paper(f"Zebrafish number {number} regenerates its fins.", pmid=str(number)))
        if number % 3 == 0:
            filled.derive()
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    filled.derive()
    assert verify(filled) == []


def test_derivations_at_the_same_time_do_the_work_once(quick, cheap, starter, monkeypatch):
    for paper in starter[:12]:
        quick.add(paper)
    embedded = []
    encode = type(cheap).encode
    monkeypatch.setattr(type(cheap), "encode", lambda *given: embedded.extend(given[1]) or encode(*given))
    others = [Library.open(quick.folder, cheap) for _ in range(2)]
    threads = [threading.Thread(target=library.derive) for library in (quick, *others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for library in others:
        library.close()
    assert len(embedded) == quick.counts().passages
    assert verify(quick) == []


@pytest.mark.parametrize(
    "name", ["words-*/meta.json", "words-*/*.term", "words-*/*.fast", "vectors-*/*.faiss", "vectors-*/state.json"]
)
@pytest.mark.parametrize("damage", ["missing", "emptied", "overwritten", "one bit flipped"])
def test_a_damaged_index_is_built_anew_and_loses_no_hit(filled, cheap, name, damage, caplog):
    question = "RASSF1A promoter methylation in nasopharyngeal carcinoma"
    before = filled.search(question, k=99).hits
    filled.close()
    for path in filled.folder.glob(name):
        content = path.read_bytes()
        if damage == "missing":
            path.unlink()
        elif damage == "one bit flipped":
            middle = len(content) // 2
            path.write_bytes(content[:middle] + bytes([content[middle] ^ 0x80]) + content[middle + 1 :])
        else:
            path.write_bytes(b"" if damage == "emptied" else b"\x99" * len(content))
    with caplog.at_level(logging.WARNING), Library.open(filled.folder, cheap) as library:
        after = library.search(question, k=99).hits
        assert [hit.passage_id for hit in after] == [hit.passage_id for hit in before]
        np.testing.assert_allclose([hit.score for hit in after], [hit.score for hit in before], atol=1e-4)
        assert verify(library) == []


def test_a_deleted_index_folder_is_built_anew(filled, cheap):
    before = found(filled, "RASSF1A", k=99)
    filled.close()
    for folder in (*filled.folder.glob("words-*"), *filled.folder.glob("vectors-*")):
        shutil.rmtree(folder)
    with Library.open(filled.folder, cheap) as library:
        assert found(library, "RASSF1A", k=99) == before
