from pathlib import Path
from typing import Any

from page.shelf import Shelf


def test_all_libraries_of_a_home_are_offered(home: Any) -> None:
    assert list(Shelf(home).libraries()) == ["starter", "mine"]


def test_a_library_that_was_made_meanwhile_appears_and_one_that_is_gone_does_not(home: Any) -> None:
    shelf = Shelf(home)
    kept = shelf.libraries()["starter"]
    home.made = ["starter", "new"]
    assert list(shelf.libraries()) == ["starter", "new"]
    assert shelf.libraries()["starter"] is kept


def test_named_folders_are_offered_and_nothing_else(home: Any) -> None:
    assert list(Shelf(home, [Path("a/lab"), Path("b/thesis")]).libraries()) == ["lab", "thesis"]


def test_two_libraries_of_one_name_are_told_apart_by_their_folders(home: Any) -> None:
    folders = [Path("a/lab"), Path("b/lab"), Path("b/thesis")]
    assert list(Shelf(home, folders).libraries()) == [str(Path("a/lab")), str(Path("b/lab")), "thesis"]


def test_progress_of_the_starter_library_is_passed_on(home: Any) -> None:
    seen: list[tuple[str, int, int | None]] = []
    Shelf(home, (), lambda *report: seen.append(report))
    assert seen == [("reading", 1, None)]
