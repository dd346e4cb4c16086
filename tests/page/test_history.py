from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from agent.conversations import Summary
from page.history import listing
from tests.page.test_cards import HOSTILE

WHEN = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)


class Buttons(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.acts: list[tuple[str | None, str | None]] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        values = dict(attrs)
        if tag == "button":
            self.acts.append((values["name"], values["value"]))


def summary(identifier: str = "a", title: str = "What of BNC1?") -> Summary:
    return Summary(id=identifier, title=title, changed=WHEN)


def test_conversations_can_be_opened_and_asked_to_be_deleted_and_the_current_one_is_marked() -> None:
    html = listing([summary("a"), summary("b")], "b", None, "en")
    assert Buttons(html).acts == [("open", "a"), ("ask", "a"), ("open", "b"), ("ask", "b")]
    assert html.count("aria-current") == 1
    assert f"{WHEN.astimezone():%Y-%m-%d %H:%M}" in html


def test_only_the_one_that_is_asked_about_can_be_deleted() -> None:
    html = listing([summary("a"), summary("b")], "b", "a", "en")
    assert Buttons(html).acts == [("delete", "a"), ("keep", "a"), ("open", "b"), ("ask", "b")]


def test_to_delete_the_current_one_is_to_leave_it() -> None:
    html = listing([summary("a"), summary("b")], "a", "a", "en")
    assert Buttons(html).acts == [("drop", "a"), ("keep", "a"), ("open", "b"), ("ask", "b")]


def test_an_empty_list_says_what_it_will_hold() -> None:
    assert "kept here" in listing([], "a", None, "en")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_question_is_a_title_like_any_other(text: str) -> None:
    html = listing([summary(text, text), summary("b", text)], "a", "b", "zh")
    assert Buttons(html).tags == {"ul", "li", "button", "span", "time", "p"}
