"""What the tests keep between runs is made once, whole or not at all, and anew when what it is made of changes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.kept import fingerprint, kept


class Maker:
    def __init__(self, content: str = "made") -> None:
        self.content = content
        self.times = 0

    def __call__(self, folder: Path) -> None:
        self.times += 1
        (folder / "file").write_text(self.content)


def test_it_is_made_once_and_found_again(tmp_path):
    make = Maker()
    folders = {kept(tmp_path, "key", make) for _ in range(3)}
    assert make.times == 1
    assert [(folder / "file").read_text() for folder in folders] == ["made"]


def test_another_key_is_another_folder_and_the_old_one_goes(tmp_path):
    old = kept(tmp_path, "old", Maker("old"))
    new = kept(tmp_path, "new", Maker("new"))
    assert (new / "file").read_text() == "new"
    assert not old.exists()


def test_what_was_cut_short_is_made_again(tmp_path):
    def cut_short(folder: Path) -> None:
        (folder / "file").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept(tmp_path, "key", cut_short)
    assert (kept(tmp_path, "key", Maker()) / "file").read_text() == "made"


def test_runs_at_once_make_it_once(tmp_path):
    make = Maker()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: kept(tmp_path, "key", make), range(4)))
    assert make.times == 1


def test_a_fingerprint_changes_with_any_content_and_any_value(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("1")
    other.write_text("2")
    prints = [fingerprint([one, other], "rule"), fingerprint([one, other], "another rule"), fingerprint([one], "rule")]
    other.write_text("3")
    prints.append(fingerprint([one, other], "rule"))
    assert len(set(prints)) == 4
    assert fingerprint([other, one], "rule") == prints[-1]
