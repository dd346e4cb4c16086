"""The search view and the frame around the views, as people see them: the real program in a real browser."""

import re
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.system.visit import CHINESE, CONTRAST, ENGLISH, HOSTILE, PANEL, Visit, save_screenshot

pytestmark = pytest.mark.system


@pytest.fixture
def visit(visit: Callable[..., Visit]) -> Callable[..., Visit]:
    """A visit that begins in the search view."""

    def begin(**context: Any) -> Visit:
        begun = visit(**context)
        begun.turn_to_search()
        return begun

    return begin


PARTS = [
    ".tagline p",
    ".language label:not(.selected) span",
    ".language label.selected span",
    ".question label > span",
    ".question textarea",
    ".go",
    ".example:visible",
    ".libraries label span",
    ".filters .label-wrap span",
    ".summary",
    ".hit h2",
    ".rank",
    ".byline",
    ".absent",
    ".passage",
    ".hit mark",
    ".kind",
    ".facts li:nth-child(2)",
    ".facts a",
    ".how-to-read p:visible",
]


@pytest.mark.parametrize("question", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_a_question_finds_the_paper_with_links_that_open_elsewhere(visit: Callable[..., Visit], question: str) -> None:
    found = visit()
    hits = found.search(question)
    of_panel = hits.filter(has=found.page.locator(f'a[href="https://pubmed.ncbi.nlm.nih.gov/{PANEL}/"]'))
    expect(of_panel).to_have_count(1)
    expect(of_panel.locator("mark")).to_have_count(1)
    expect(of_panel).to_contain_text("Digest: written for Epicite, not the abstract")
    expect(hits.first).to_contain_text(re.compile("pancrea", re.IGNORECASE))
    for link in hits.locator("a").all():
        assert re.match("https?://", link.get_attribute("href") or "")
        assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener noreferrer")
    searched = found.page.locator(".searched-as q")
    expect(searched).to_have_count(1 if question == CHINESE else 0)
    if question == CHINESE:
        expect(searched).to_contain_text("pancreatic cancer")
    save_screenshot(found.page, "english" if question == ENGLISH else "chinese")


def test_the_switch_changes_every_word_and_the_choice_outlives_a_reload(visit: Callable[..., Visit]) -> None:
    found = visit()
    found.search(ENGLISH)
    page = found.page
    expect(page.locator(".go")).to_have_text("Search")
    page.get_by_label("中文").check()
    expect(page.locator(".go")).to_have_text("检索")
    expect(page.locator(".hit").first).to_contain_text("摘编")
    expect(page.locator(".question label")).to_contain_text("您想了解什么")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    found.reload()
    found.turn_to_search()
    expect(page.locator(".go")).to_have_text("检索")
    expect(page.locator(".language label.selected")).to_have_text("中文")
    own_words = " ".join(page.locator(".tagline, .ask, .filters, .how-to-read").all_inner_texts())
    assert not re.search("search|question|filter|result", own_words, re.IGNORECASE)


@pytest.mark.parametrize(
    ("locale", "search"),
    [("zh-CN", "检索"), ("zh", "检索"), ("zh-TW", "检索"), ("en-GB", "Search"), ("de-DE", "Search")],
)
def test_the_page_begins_in_the_language_of_the_browser(visit: Callable[..., Visit], locale: str, search: str) -> None:
    expect(visit(locale=locale).page.locator(".go")).to_have_text(search)


def test_a_hostile_paper_is_shown_as_text_and_does_nothing(visit: Callable[..., Visit]) -> None:
    found = visit()
    hostile = found.search("Zebrafish fin regrowth").filter(has_text="evil.example/title").first
    expect(hostile).to_contain_text(HOSTILE["title"])
    expect(hostile).to_contain_text("<script>alert(2)</script>")
    expect(hostile).to_contain_text("${alert(3)} {{constructor}}")
    expect(hostile.locator("img, script, iframe, svg, b, [onmouseover]")).to_have_count(0)


def test_filters_that_nothing_passes_are_answered_with_advice(visit: Callable[..., Visit]) -> None:
    found = visit()
    page = found.page
    page.locator(".filters button").first.click()
    page.get_by_label("Journal").fill("Journal of Nothing")
    expect(found.search(ENGLISH)).to_have_count(0)
    expect(page.locator(".outcome .message")).to_contain_text("Try fewer or more general words")
    page.get_by_label("Journal").fill("")
    page.get_by_label("Year from").fill("2020")
    page.get_by_label("Year to").fill("2010")
    found.search(ENGLISH)
    expect(page.locator(".outcome .message")).to_contain_text("2020 to 2010 is no range of years")


def test_an_example_is_asked_with_one_click_and_libraries_can_be_left_out(visit: Callable[..., Visit]) -> None:
    page = visit().page
    page.get_by_role("button", name="RASSF1A nasopharyngeal carcinoma").click()
    expect(page.locator(".hit").first).to_contain_text("RASSF1A", timeout=60_000)
    for library in page.locator(".libraries input").all():
        library.uncheck()
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator(".outcome .message")).to_contain_text("Tick at least one library")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_is_legible_on_phone_and_desktop_by_day_and_night(
    visit: Callable[..., Visit], width: int, scheme: str
) -> None:
    found = visit(viewport={"width": width, "height": 844}, color_scheme=scheme)
    found.search(CHINESE)
    page = found.page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for part in PARTS:
        shown = page.locator(part).first
        assert shown.evaluate(CONTRAST) >= 4.5, part
    save_screenshot(page, f"{scheme}-{width}")


def test_the_keyboard_sees_where_it_is(visit: Callable[..., Visit]) -> None:
    page = visit().page
    page.locator(".question textarea").focus()
    seen = []
    for _ in range(5):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
    assert seen == ["solid"] * 5


def test_the_server_asks_nobody_outside(visit: Callable[..., Visit], proxy: socket.socket) -> None:
    visit().search(ENGLISH)
    asked = []
    with suppress(BlockingIOError):
        while True:
            with closing(proxy.accept()[0]) as connection:
                asked.append(connection.recv(200).decode(errors="replace"))
    assert asked == []
