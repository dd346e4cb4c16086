"""Moving: a library lies somewhere else afterwards, whole, unless somebody uses it."""

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.errors import LibraryError, NotALibrary
from retrieval.library import Library
from retrieval.moving import move
from retrieval.upkeep import verify

HOLDER = """
import sys
from retrieval.database import Database
database = Database(__import__("pathlib").Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


def test_a_moved_library_is_whole_at_its_new_place(filled, cheap, tmp_path):
    before = [hit.text for hit in filled.search("RASSF1A promoter methylation").hits]
    filled.close()
    move(filled.folder, tmp_path / "far" / "away")
    assert not filled.folder.exists()
    with Library.open(tmp_path / "far" / "away", cheap) as library:
        assert [hit.text for hit in library.search("RASSF1A promoter methylation").hits] == before
        assert verify(library) == []


def test_a_library_that_is_open_here_or_in_another_process_is_not_moved(filled, cheap, tmp_path):
    with pytest.raises(LibraryError, match="is used by another process"):
        move(filled.folder, tmp_path / "away")
    filled.close()
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", HOLDER, str(filled.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root) as holder:
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(LibraryError, match="is used by another process"):
            move(filled.folder, tmp_path / "away")
        holder.stdin.close()
        holder.wait()
    assert not (tmp_path / "away").exists()
    with Library.open(filled.folder, cheap) as library:
        assert verify(library) == []
        library.remove(1)


@pytest.mark.parametrize("target", ["full", "full/file", "filled/inside"])
def test_a_target_that_will_not_do_is_named_and_nothing_moved(filled, tmp_path, target):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("x")
    filled.close()
    with pytest.raises(LibraryError, match=str(tmp_path / target)):
        move(filled.folder, tmp_path / target)
    assert (filled.folder / "manifest.json").exists()


def test_what_is_no_library_is_not_moved(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(NotALibrary):
        move(tmp_path / "folder", tmp_path / "away")


@pytest.mark.parametrize("full", [False, True])
def test_a_library_moves_to_another_disk_whole_or_not_at_all(filled, cheap, tmp_path, monkeypatch, full):
    filled.close()
    replace = Path.replace

    def between_disks(path, target):
        if path == filled.folder:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", between_disks)
        if full:
            with pytest.raises(LibraryError, match="No space left"):
                move(filled.folder, tmp_path / "away")
        else:
            move(filled.folder, tmp_path / "away")
    where = filled.folder if full else tmp_path / "away"
    assert filled.folder.exists() == full
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    with Library.open(where, cheap) as library:
        assert verify(library) == []
