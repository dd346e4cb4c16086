from collections.abc import Callable, Sequence

import pytest

from page import outcome, words
from page.outcome import Failed, Found, Refused, find
from page.shelf import Shelf
from retrieval.errors import LibraryError
from retrieval.filters import Filters
from retrieval.hit import Hit, Results
from retrieval.library import Library
from seqmodels.errors import ModelError

MakeHit = Callable[..., Hit]
QUESTION = "BNC1 in serum"


@pytest.fixture
def shelf(home: object) -> Shelf:
    return Shelf(home)  # type: ignore[arg-type]


def test_a_question_is_searched_in_the_ticked_libraries_only(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf, hit: MakeHit
) -> None:
    asked = []

    def search(libraries: Sequence[Library], question: str, k: int, filters: Filters) -> Results:
        asked.append(([library.name for library in libraries], question, k, filters))
        return Results((hit(),), (), question)

    monkeypatch.setattr(outcome, "search", search)
    found = find(shelf, ["mine", "gone since"], f"  {QUESTION}\n", 5, Filters(year_from=2010))
    assert asked == [(["mine"], QUESTION, 5, Filters(year_from=2010))]
    assert found == Found(QUESTION, Results((hit(),), (), QUESTION), papers=3)


def test_an_empty_question_and_no_ticked_library_are_refused(shelf: Shelf) -> None:
    assert find(shelf, ["starter"], " \n", 10, Filters()) == Refused(words.NO_QUESTION)
    assert find(shelf, [], QUESTION, 10, Filters()) == Refused(words.NO_LIBRARY)


@pytest.mark.parametrize(
    "error",
    [
        LibraryError("lab/library.sqlite is damaged", "Restore it from a copy."),
        ModelError("No weights", "Run `make setup`."),
    ],
)
def test_what_a_library_or_model_cannot_do_is_told_in_its_own_words(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf, error: Exception
) -> None:
    def search(*_: object) -> Results:
        raise error

    monkeypatch.setattr(outcome, "search", search)
    failed = find(shelf, ["starter"], QUESTION, 10, Filters())
    assert failed == Failed(str(error))
    assert str(error) in failed.html("en")
    assert 'role="alert"' in failed.html("zh")


def test_notices_stand_above_the_cards(hit: MakeHit) -> None:
    html = Found(QUESTION, Results((hit(),), ("12 papers wait for vectors",), QUESTION), 3).html("en")
    assert html.index("12 papers wait for vectors") < html.index("1 result among 3 papers") < html.index("<ol")


def test_the_english_that_was_searched_is_shown_for_a_chinese_question(hit: MakeHit) -> None:
    chinese = Found("胰腺癌", Results((hit(),), (), "pancreatic cancer"), 3)
    assert '<q lang="en">pancreatic cancer</q>' in chinese.html("zh")
    assert "<q" not in Found(QUESTION, Results((hit(),), (), QUESTION), 3).html("zh")


def test_nothing_found_comes_with_advice_and_with_what_was_searched() -> None:
    html = Found("胰腺癌", Results((), (), "pancreatic cancer"), 3).html("en")
    assert words.NOTHING_FOUND.en in html
    assert "clear the filters" in html
    assert "pancreatic cancer" in html


def test_one_outcome_tells_itself_in_both_languages(hit: MakeHit) -> None:
    found = Found(QUESTION, Results((hit(), hit()), (), QUESTION), 3)
    assert "2 results among 3 papers" in found.html("en")
    assert "在 3 篇论文中找到 2 条结果" in found.html("zh")
