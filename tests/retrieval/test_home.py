"""A user's data folder: libraries by name, and a starter library that is always whole."""

import pytest

from retrieval import home as homes
from retrieval.errors import LibraryError, NotALibrary
from retrieval.home import MINE, STARTER, Home
from retrieval.library import Library
from retrieval.manifest import read_manifest
from retrieval.upkeep import verify


@pytest.fixture
def home(tmp_path, cheap, monkeypatch):
    monkeypatch.setattr(Home, "embedder", cheap)
    return Home(tmp_path / "home")


def test_a_new_home_has_no_libraries_and_making_one_makes_nothing(home):
    assert home.names() == []
    assert not home.root.exists()


@pytest.mark.parametrize("name", [MINE, "Lab notes 2.0", "甲基化", "a", "x" * 64])
def test_a_library_has_the_name_it_was_made_with(home, name):
    home.library(name).close()
    assert home.names() == [name]
    with home.library(name) as library:
        assert library.name == name


@pytest.mark.parametrize("name", ["", ".", "..", "../up", "a/b", "a\\b", "/etc", "-rf", " a", "x" * 65, "a\n", "a\0"])
def test_what_could_lead_elsewhere_names_no_library(home, name):
    with pytest.raises(LibraryError, match="cannot name a library"):
        home.library(name)
    assert not home.root.exists()


def test_a_library_may_lie_in_any_folder(home, tmp_path):
    home.open(tmp_path / "elsewhere" / "mine").close()
    with home.open(tmp_path / "elsewhere" / "mine") as library:
        assert library.counts() == (0, 0)
    assert home.names() == []


def test_a_folder_of_other_things_is_not_taken(home, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(NotALibrary):
        home.open(tmp_path)


def test_a_library_that_another_process_makes_at_the_same_moment_is_opened(home, monkeypatch):
    create = Library.create

    def both(*given, **named):
        create(*given, **named).close()
        return create(*given, **named)

    monkeypatch.setattr(Library, "create", both)
    with home.library(MINE) as library:
        assert library.counts() == (0, 0)


def test_what_two_users_store_is_filed_under_their_names(tmp_path, cheap, paper, monkeypatch):
    monkeypatch.setattr(Home, "embedder", cheap)
    for owner in ("rosalind", "barbara"):
        with Home(tmp_path / "home", owner).library(f"{owner}s") as library:
            library.add(paper(f"Maize of {owner}."))
            assert read_manifest(library.folder).owner == owner
    opened = Home(tmp_path / "home").library("rosalinds")
    with opened:
        assert opened.manifest.owner == "rosalind"


def test_the_starter_library_is_built_once_and_holds_the_corpus(home, starter):
    told = []
    with home.starter(lambda *progress: told.append(progress)) as library:
        assert library.counts().papers == len(starter)
        assert library.pending() == {"vectors": 0, "gene names": 0, "evidence": 0}
        assert verify(library) == []
        change = library.database.change()
    assert ("embedding", len(starter), len(starter)) in told
    told.clear()
    with home.starter(lambda *progress: told.append(progress)) as library:
        assert (library.database.change(), told) == (change, [])


@pytest.mark.parametrize("stage", ["reading", "embedding"])
def test_a_starter_library_whose_building_was_stopped_is_finished(home, starter, stage):
    def stop(name, done, total):
        if (name, done) == (stage, 50):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        home.starter(stop)
    with home.starter() as library:
        assert library.counts().papers == len(starter)
        assert library.pending()["vectors"] == 0
        assert verify(library) == []


def test_a_new_corpus_takes_the_place_of_the_old_one(home, starter, monkeypatch):
    changed = [starter[0].model_copy(update={"text": "Maize leaves."}), *starter[1:10]]
    monkeypatch.setattr(homes, "starter_papers", lambda: iter([*changed, starter[12]]))
    monkeypatch.setattr(homes, "_corpus_hash", lambda: "older")
    home.starter().close()
    monkeypatch.setattr(homes, "starter_papers", lambda: iter(starter[:11]))
    monkeypatch.setattr(homes, "_corpus_hash", lambda: "newer")
    with home.starter() as library:
        assert {stored.paper.sha256 for stored in library.papers()} == {paper.sha256 for paper in starter[:11]}
        assert library.pending()["vectors"] == 0


def test_a_starter_library_of_an_older_passage_rule_and_corpus_is_brought_up_to_date(home, starter, monkeypatch):
    monkeypatch.setattr(homes, "starter_papers", lambda: iter(starter[:10]))
    with home.starter() as library:
        library.rewrite_manifest(passage_rule="an older one")
    monkeypatch.setattr(homes, "_corpus_hash", lambda: "newer")
    with home.starter() as library:
        assert library.counts().papers == 10
        assert verify(library) == []


def test_another_embedder_is_given_the_starter_library_anew(home, starter, bag_of_words, monkeypatch):
    monkeypatch.setattr(homes, "starter_papers", lambda: iter(starter[:10]))
    home.starter().close()
    monkeypatch.setattr(Home, "embedder", bag_of_words("another", 32))
    with home.starter() as library:
        assert library.pending()["vectors"] == 0
        assert library.manifest.embedder.name == "another"


def test_all_libraries_come_with_the_starter_first_and_each_once(home, starter, monkeypatch):
    monkeypatch.setattr(homes, "starter_papers", lambda: iter(starter[:3]))
    for name in ("zebra", "barley"):
        home.library(name).close()
    for _ in range(2):
        libraries = home.libraries()
        assert [library.name for library in libraries] == [STARTER, "barley", "zebra"]
        for library in libraries:
            library.close()


def test_another_tagger_reads_the_starter_library_anew(home, starter, spotter, monkeypatch):
    monkeypatch.setattr(homes, "starter_papers", lambda: iter(starter[:10]))
    with home.starter() as library:
        assert {row.source for row in library.evidence()} == {"curated"}
    monkeypatch.setattr(Home, "tagger", spotter())
    with Home(home.root).starter() as library:
        assert library.pending()["evidence"] == 0
        assert {row.source for row in library.evidence()} == {"curated", "tagger"}


def test_a_users_damaged_table_of_genes_is_named_when_papers_are_read(home, starter):
    path = home.root / "hgnc_complete_set.txt"
    path.parent.mkdir(exist_ok=True)
    path.write_text("not\tit\n")
    with home.library(MINE) as library:
        library.add(starter[0])
        with pytest.raises(LibraryError) as caught:
            library.derive()
    assert str(path) in str(caught.value)
