"""The tagger that a home reads its papers with: found without being loaded, told from every other by its hash."""

import pytest

from retrieval import paper_tagger
from retrieval.home import Home
from retrieval.paper_tagger import FolderTagger, find_tagger
from seqmodels.errors import ModelError


def fill(folder, weights=b"weights"):
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(weights)
    (folder / "card.json").write_text("{}")
    return folder


def test_a_home_without_weights_has_no_tagger(tmp_path):
    assert Home(tmp_path).tagger is None
    (tmp_path / "tagger").mkdir()
    assert find_tagger(tmp_path) is None


def test_the_tagger_that_is_named_comes_before_the_homes_own_and_that_before_the_packages(tmp_path, monkeypatch):
    package = fill(tmp_path / "package")
    monkeypatch.setattr(paper_tagger, "BUNDLED", package)
    home = tmp_path / "home"
    assert find_tagger(home).folder == package
    own = fill(home / "tagger")
    assert find_tagger(home).folder == own
    assert Home(home, tagger=tmp_path / "named").tagger.folder == tmp_path / "named"


def test_the_hash_changes_with_weights_and_notes_and_with_nothing_else(tmp_path):
    known = FolderTagger(fill(tmp_path / "one")).hash
    same = fill(tmp_path / "two")
    (same / "README.md").write_text("notes for people")
    assert FolderTagger(same).hash == known
    (same / "card.json").write_text('{"threshold": 0.4}')
    assert FolderTagger(same).hash != known
    assert FolderTagger(fill(tmp_path / "three", b"others")).hash != known


def test_a_folder_without_a_model_is_named_when_papers_are_read(tmp_path):
    with pytest.raises(ModelError) as caught:
        FolderTagger(tmp_path / "absent").tag_methylation(["p16 was methylated."])
    assert str(tmp_path / "absent") in str(caught.value)
    assert FolderTagger(tmp_path / "absent").tag_methylation([]) == []
