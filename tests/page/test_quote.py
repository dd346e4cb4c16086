import re
from pathlib import Path

import pytest

from page.quote import paper_card, quote_card
from tests.page.conftest import FIRST, SECOND, TITLE, FakeLibrary, make_citation, make_nearest, make_paper
from tests.page.test_cards import HOSTILE, Reader


def card(citation=None, paper=None, language="en") -> Reader:  # type: ignore[no-untyped-def]
    library = FakeLibrary(Path("home/starter"), paper1=paper or make_paper())
    return Reader(quote_card(3, citation or make_citation(), [library], language))  # type: ignore[list-item]


def test_the_quote_is_marked_where_it_stands() -> None:
    shown = card()
    assert shown.marked == [SECOND]
    assert f"{FIRST} {SECOND}" in shown.text
    assert "Checked" in shown.text
    assert shown.foreign == []


def test_the_paper_says_what_it_is_and_where_it_is_found() -> None:
    shown = card()
    for told in ("Quote 3", TITLE, "Yi JM", "Clin Cancer Res", "2013", "Digest", "section “findings”", "starter"):
        assert told in shown.text
    assert "https://pubmed.ncbi.nlm.nih.gov/24088737/" in shown.links
    assert shown.text.count(TITLE) == 1


def test_what_the_paper_does_not_give_is_said() -> None:
    bare = make_paper(journal=None, year=None, authors=(), pmid=None, doi=None)
    shown = card(make_citation(paper=bare), bare)
    for told in ("authors not given", "journal not given", "year not given"):
        assert told in shown.text
    assert shown.links == []


def test_only_sentences_near_the_quote_surround_it() -> None:
    text = " ".join(f"Sentence number {number} says little." for number in range(40))
    long = make_paper(text=text, title=None)
    shown = card(make_citation("Sentence number 20 says little.", long), long)
    assert "… Sentence number 18 says little. Sentence number 19" in shown.text
    assert "number 22 says little. …" in shown.text
    assert "number 17" not in shown.text
    assert "number 23" not in shown.text


def test_a_quote_of_the_title_is_marked_too() -> None:
    shown = card(make_citation(TITLE))
    assert shown.marked == [TITLE]


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        (make_paper(text=f"{TITLE}\n\nAll changed."), "has changed"),
        (make_paper(pmid="1"), "another paper"),
    ],
)
def test_a_quote_that_no_longer_stands_is_not_shown_but_the_reason_is(stored, reason: str) -> None:  # type: ignore[no-untyped-def]
    shown = card(paper=stored)
    assert shown.marked == []
    assert SECOND not in shown.text
    assert reason in shown.text


def test_a_library_that_is_not_open_is_named() -> None:
    assert "the library “gone” is not open" in card(make_citation(library="gone")).text


def near(nearest=None, paper=None, language="en") -> Reader:  # type: ignore[no-untyped-def]
    library = FakeLibrary(Path("home/starter"), paper1=paper or make_paper())
    return Reader(paper_card(nearest or make_nearest(), [library], language))  # type: ignore[list-item]


def test_a_paper_near_a_question_is_shown_from_its_beginning_without_a_mark() -> None:
    shown = near()
    assert shown.marked == []
    for told in (TITLE, "Yi JM", "Clin Cancer Res", "2013", f"{FIRST} {SECOND}", "nothing is cited from it"):
        assert told in shown.text
    assert "https://pubmed.ncbi.nlm.nih.gov/24088737/" in shown.links
    assert shown.foreign == []
    assert "未发现其中有答案" in near(language="zh").text


def test_of_a_long_paper_only_whole_first_sentences_are_shown() -> None:
    long = make_paper(text=" ".join(f"Sentence number {number} says little." for number in range(90)), title=None)
    text = near(make_nearest(long), long).text
    assert "Sentence number 0 says little. Sentence number 1" in text
    assert re.search(r"number [12]\d says little\. …", text)
    assert "number 40" not in text


@pytest.mark.parametrize("nearest", [make_nearest(sha256="1" * 64), make_nearest(paper_id=2)])
def test_a_paper_that_is_gone_is_named_with_the_reason(nearest) -> None:  # type: ignore[no-untyped-def]
    shown = near(nearest)
    assert "can no longer be shown: the paper is no longer in the library" in shown.text
    assert TITLE in shown.text
    assert FIRST not in shown.text


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_paper_near_a_question_is_shown_as_the_characters_that_it_is(text: str) -> None:
    hostile = make_paper(text=f"{text}\n\n{text} end.", title=text, journal=text, authors=(text,), pmid=None, doi=None)
    shown = near(make_nearest(hostile), hostile)
    assert shown.foreign == []
    assert shown.links == []


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_paper_is_shown_as_the_characters_that_it_is(text: str) -> None:
    hostile = make_paper(text=f"{text}\n\n{text} end.", title=text, journal=text, authors=(text,), pmid=None, doi=None)
    shown = card(make_citation("end.", hostile, section=text), hostile)
    assert shown.foreign == []
    assert shown.links == []
    assert shown.text.count(text) == 5
