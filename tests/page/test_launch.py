import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import gradio as gr
import pytest

from agent.settings import ModelSettings
from page import launch
from page.address import free_port
from page.answering import Answering
from page.outcome import Refused
from page.search import EXAMPLES, asked_filters
from page.shelf import Shelf
from retrieval.filters import Filters

HOST = "127.0.0.1"
Result = TypeVar("Result")


def in_a_loop(function: Callable[..., Result], *arguments: Any) -> Result:
    """Call where an event loop runs: where none does, every Blocks makes some and never closes them."""

    async def call() -> Result:
        return function(*arguments)

    return asyncio.run(call())


class Silent(Answering):
    """An agent that is never opened, as nobody asks."""

    @asynccontextmanager
    async def lifespan(self, _server: object) -> AsyncIterator[None]:
        yield


@pytest.fixture(scope="module")
def answering(make_home: Any) -> Answering:
    return Silent(make_home("starter", "mine"), ModelSettings())


@pytest.fixture(scope="module")
def shelf(make_home: Any) -> Shelf:
    return Shelf(make_home("starter", "mine"))


@pytest.fixture(scope="module")
def blocks(make_home: Any, answering: Answering, shelf: Shelf) -> gr.Blocks:
    return in_a_loop(launch.build, make_home("starter", "mine"), answering, shelf)


@pytest.fixture(scope="module")
def address(blocks: gr.Blocks, answering: Answering, shelf: Shelf) -> Iterator[str]:
    yield in_a_loop(launch.serve, blocks, answering, shelf, HOST, free_port(HOST, 7860))
    blocks.close(verbose=False)


def answer(address: str) -> tuple[str, dict[str, str]]:
    connection = HTTPConnection(urlsplit(address).netloc, timeout=10)
    with closing(connection):
        connection.request("GET", urlsplit(address).path)
        response = connection.getresponse()
        return response.read().decode(), {name.lower(): value for name, value in response.getheaders()}


def config(address: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(answer(f"{address}config")[0])
    return loaded


def test_gradio_is_told_to_report_nothing_before_it_is_imported() -> None:
    from gradio.analytics import analytics_enabled

    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"
    assert not analytics_enabled()


def test_every_answer_forbids_the_browser_to_load_from_elsewhere(address: str) -> None:
    for path in ("", "config", "no/such/page"):
        headers = answer(address + path)[1]
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert not re.search(r"https?:|\*", policy)
        assert headers["referrer-policy"] == "no-referrer"


def test_the_page_loads_no_font_or_script_from_elsewhere(address: str) -> None:
    html = answer(address)[0]
    assert re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?:https?:)?//', html) == []
    assert "fonts.googleapis.com" not in html + answer(f"{address}theme.css")[0]


def test_nothing_of_a_visit_is_kept_in_the_browser_or_offered_for_sharing(address: str) -> None:
    page = config(address)
    assert page["run_history"] is False
    assert page["footer_links"] == []
    assert page["space_id"] is None


def test_no_handler_of_the_view_is_an_api(blocks: gr.Blocks) -> None:
    assert blocks.get_api_info()["named_endpoints"] == {}
    assert len(blocks.fns) > len(EXAMPLES)


@pytest.mark.parametrize("view", ["search", "chat", "evidence"])
def test_eight_questions_are_worked_on_at_once(blocks: gr.Blocks, view: str) -> None:
    assert {fn.concurrency_limit for fn in blocks.fns.values() if fn.concurrency_id == view} == {8}


def test_what_is_uploaded_is_limited_in_size_and_type(blocks: gr.Blocks, address: str) -> None:
    (box,) = [block for block in blocks.blocks.values() if isinstance(block, gr.MultimodalTextbox)]
    assert {".pdf", ".txt", ".md", ".xml", ".xml.gz", ".jsonl"} <= set(box.file_types)
    assert blocks.max_file_size == 100 * 1024 * 1024


def test_the_libraries_are_offered_all_ticked_with_their_papers(blocks: gr.Blocks) -> None:
    (libraries,) = [block for block in blocks.blocks.values() if isinstance(block, gr.CheckboxGroup)]
    assert libraries.choices == [("starter (3)", "starter"), ("mine (3)", "mine")]
    assert libraries.value == ["starter", "mine"]


def test_the_browser_is_given_the_words_of_both_languages(address: str) -> None:
    words = config(address)["i18n_translations"]
    assert words["en"]["SEARCH"] == "Search"
    assert words["zh"]["SEARCH"] == words["zh-CN"]["SEARCH"] == "检索"


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_empty_fields_ask_nothing(empty: str | None) -> None:
    assert asked_filters(empty, empty, empty, empty, False) == Filters()


def test_fields_become_filters() -> None:
    assert asked_filters("2010", " ２０１５ ", " Clin Cancer Res ", "RASSF1A", True) == Filters(
        year_from=2010, year_to=2015, journal="Clin Cancer Res", gene="RASSF1A", retracted=False
    )


@pytest.mark.parametrize("years", [("2015", "2010"), ("1", None), (None, "soon"), ("2010.5", None)])
def test_years_that_make_no_range_are_shown_back(years: tuple[str | None, str | None]) -> None:
    refused = asked_filters(*years, None, None, False)
    assert isinstance(refused, Refused)
    for language in ("en", "zh"):
        assert all(year in refused.html(language) for year in years if year)


def test_launch_says_where_the_page_is_and_that_the_port_was_taken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], address: str, make_home: Any
) -> None:
    taken = int(address.rstrip("/").rpartition(":")[2])
    opened = []
    monkeypatch.setattr(gr.Blocks, "block_thread", lambda self: self.close(verbose=False))
    monkeypatch.setattr(launch.webbrowser, "open", opened.append)
    monkeypatch.setattr(launch, "Answering", Silent)
    in_a_loop(launch.launch, make_home("starter"), ModelSettings(), HOST, taken, [Path("lab")], True)
    said = re.fullmatch(rf"Epicite: (\S+) \(port {taken} is taken; Ctrl\+C stops it\)\n", capsys.readouterr().err)
    assert said is not None
    assert opened == [said[1]]
    assert said[1] != address
