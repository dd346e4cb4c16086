"""Taggers swapped in and out: nothing is lost, whatever was there, and whenever it is killed."""

from pathlib import Path

import pytest

from finetune import tagger_swap
from finetune.errors import FinetuneError
from finetune.tagger_swap import CANDIDATE, undo_use, use_candidate
from retrieval import paper_tagger
from retrieval.paper_tagger import find_tagger


def fill(folder: Path, weights: str) -> Path:
    (folder / "deeper").mkdir(parents=True)
    (folder / "model.safetensors").write_text(weights)
    (folder / "deeper" / "notes.json").write_text(weights * 2)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def in_use(home: Path) -> str:
    """The weights that papers are read with."""
    found = find_tagger(home)
    assert found is not None
    return (found.folder / "model.safetensors").read_text()


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A home without a tagger of its own, of a package with one."""
    monkeypatch.setattr(paper_tagger, "BUNDLED", fill(tmp_path / "package", "package"))
    return tmp_path / "home"


def test_a_candidate_is_used_and_undo_goes_back_to_the_packages_own(home):
    fill(home / CANDIDATE, "learnt")
    use_candidate(home)
    assert in_use(home) == "learnt"
    assert not (home / CANDIDATE).exists()
    assert undo_use(home) is False
    assert in_use(home) == "package"
    assert not (home / "tagger").exists()


def test_a_tagger_that_was_put_there_by_hand_comes_back_byte_for_byte(home):
    known = content(fill(home / "tagger", "by hand"))
    for weights in ("first", "second"):
        fill(home / CANDIDATE, weights)
        use_candidate(home)
    assert in_use(home) == "second"
    assert undo_use(home) is True
    assert in_use(home) == "first"
    undo_use(home)
    assert content(home / "tagger") == known
    with pytest.raises(FinetuneError, match="no other tagger"):
        undo_use(home)
    assert content(home / "tagger") == known


def test_what_was_undone_can_be_used_again_and_never_takes_the_place_of_another(home):
    fill(home / CANDIDATE, "learnt")
    use_candidate(home)
    undo_use(home)
    use_candidate(home)
    assert in_use(home) == "learnt"
    fill(home / CANDIDATE, "newer")
    undo_use(home)
    kept = {(path / "model.safetensors").read_text() for path in home.glob("tagger.*") if path.is_dir()}
    assert kept == {"learnt", "newer"}


def test_without_a_candidate_nothing_changes(home):
    fill(home / "tagger", "by hand")
    with pytest.raises(FinetuneError, match="--retrain"):
        use_candidate(home)
    assert in_use(home) == "by hand"


class Killed(BaseException):
    """The process ends."""


def killed_at(monkeypatch, step: int):
    """The process is killed before its so-manieth change of a folder."""
    steps = iter(range(step, -1, -1))
    for name in ("rename", "mkdir", "rmdir"):
        done = getattr(Path, name)

        def change(self, *given, _done=done, **named):
            if self.name.startswith("tagger") and next(steps) == 0:
                raise Killed
            return _done(self, *given, **named)

        monkeypatch.setattr(Path, name, change)


@pytest.mark.parametrize("by_hand", [True, False])
@pytest.mark.parametrize("step", [0, 1])
@pytest.mark.parametrize("then", ["use", "undo"])
def test_killed_on_the_way_in_a_tagger_works_and_the_next_command_mends_it(home, monkeypatch, by_hand, step, then):
    before = "by hand" if by_hand else "package"
    if by_hand:
        fill(home / "tagger", before)
    fill(home / CANDIDATE, "learnt")
    with monkeypatch.context() as patch:
        killed_at(patch, step)
        with pytest.raises(Killed):
            use_candidate(home)
    assert in_use(home) in (before, "package")
    if then == "use":
        use_candidate(home)
        assert in_use(home) == "learnt"
    if then == "use" or ((home / tagger_swap._MARK).is_file() and not (home / "tagger").exists()):
        undo_use(home)
    else:
        with pytest.raises(FinetuneError):
            undo_use(home)
    assert in_use(home) == before
    assert (home / CANDIDATE / "model.safetensors").read_text() == "learnt"


@pytest.mark.parametrize("by_hand", [True, False])
@pytest.mark.parametrize("step", [0, 1])
def test_killed_on_the_way_out_a_tagger_works_and_the_next_undo_ends_there(home, monkeypatch, by_hand, step):
    before = "by hand" if by_hand else "package"
    if by_hand:
        fill(home / "tagger", before)
    for weights in ("first", "second"):
        fill(home / CANDIDATE, weights)
        use_candidate(home)
    undo_use(home)
    with monkeypatch.context() as patch:
        killed_at(patch, step)
        with pytest.raises(Killed):
            undo_use(home)
    assert in_use(home) in ("first", before, "package")
    undo_use(home)
    assert in_use(home) == before
    kept = {(path / "model.safetensors").read_text() for path in home.glob("tagger.*") if path.is_dir()}
    assert kept >= {"first", "second"}
