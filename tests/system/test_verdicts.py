"""What an agent may say and how it may fail, seen in a real browser; the agent's part is played here."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from agent.citations.claim import Citation, Claim, Verdict
from agent.conversations import Exchange, Summary
from agent.errors import ModelUnusable
from agent.events import Draft, Event, Notice, Speaking, Stated, ToolCall, ToolResult
from page import launch
from page.address import free_port
from page.shelf import Shelf
from tests.page.conftest import FakeHome, make_citation
from tests.system.visit import HOST, Visit, save_screenshot

pytestmark = pytest.mark.system


def stated(text: str, verdict: Verdict, reason: str | None = None, *citations: Citation, lead: str = "\n- ") -> Stated:
    return Stated(claim=Claim(text=text, verdict=verdict, reason=reason, citations=citations, lead=lead))


async def verdicts() -> AsyncIterator[Event]:
    yield Speaking(model="served")
    yield stated("This is taken back.", "own words")
    yield Notice(text="served could not answer (it gave an empty answer); embedded does.")
    yield Speaking(model="embedded")
    yield stated("Here is what I found:", "own words", lead="")
    yield stated("BNC1 was methylated in 92% of tumours.", "supported", None, make_citation())
    yield stated("BNC1 was methylated in 29% of tumours.", "flagged", "29 is not in the quote", make_citation())
    yield stated("You should not see this.", "withheld", "the text of the paper has changed since it was cited")


async def waiting() -> AsyncIterator[Event]:
    yield Speaking(model="served")
    yield ToolCall(id="a", name="search_literature", arguments={"query": "BNC1"})
    yield Draft(characters=30)
    await asyncio.Event().wait()


async def failing() -> AsyncIterator[Event]:
    yield Speaking(model="served")
    raise ModelUnusable("The endpoint is gone", "Start it again")


async def breaking() -> AsyncIterator[Event]:
    yield Speaking(model="served")
    yield ToolResult(id="a", name="find_paper", seconds=0.1, result={})
    raise RuntimeError("nobody expected this")


SCENES: dict[str, Callable[[], AsyncIterator[Event]]] = {
    "verdicts": verdicts,
    "wait": waiting,
    "fail": failing,
    "break": breaking,
}


class Actor:
    """Plays the agent and its conversations."""

    owner = "local"

    def __init__(self) -> None:
        self.conversations = self
        self.left = asyncio.Event()
        self.kept = ["old"]

    async def agent(self) -> "Actor":
        return self

    @asynccontextmanager
    async def lifespan(self, _: object) -> AsyncIterator[None]:
        yield

    async def summaries(self, owner: str) -> list[Summary]:
        return [Summary(id=name, title=f"An {name} question", changed=datetime.now(UTC)) for name in self.kept]

    async def delete(self, conversation: str, owner: str) -> None:
        self.kept.remove(conversation)

    async def exchanges(self, conversation: str, owner: str) -> list[Exchange]:
        return []

    async def ask(self, question: str, *_: object) -> AsyncGenerator[Event, None]:
        try:
            async for event in SCENES[question]():
                yield event
        finally:
            if question == "wait":
                self.left.set()


@pytest.fixture(scope="module")
def actor() -> Actor:
    return Actor()


@pytest.fixture(scope="module")
def address(actor: Actor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    async def serve() -> tuple[Any, str]:
        home = FakeHome("starter")
        shelf = Shelf(home, [Path("home/starter")])  # type: ignore[arg-type]
        blocks = launch.build(home, actor, shelf)  # type: ignore[arg-type]
        return blocks, launch.serve(blocks, actor, shelf, HOST, free_port(HOST, 7900))  # type: ignore[arg-type]

    # In a thread of its own: the browser keeps an event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        blocks, where = thread.submit(lambda: asyncio.run(serve())).result()
    yield where
    blocks.close(verbose=False)


@pytest.fixture
def visited(browser: Browser, address: str) -> Iterator[Visit]:
    visit = Visit(browser, address)
    yield visit
    visit.context.close()
    assert [trouble for trouble in visit.troubles if "nobody expected this" not in trouble] == []


def test_each_verdict_is_told_apart_and_what_is_withheld_gives_its_reason_only(visited: Visit) -> None:
    answer = visited.ask("verdicts")
    expect(answer).not_to_contain_text("This is taken back")
    expect(answer).to_contain_text("served could not answer")
    expect(answer.locator(".supported")).to_have_text("BNC1 was methylated in 92% of tumours.")
    flagged = answer.locator(".flagged")
    assert "29 is not in the quote" in (flagged.get_attribute("title") or "")
    expect(answer.locator(".reason")).to_have_text("Check this sentence: 29 is not in the quote")
    flagged.focus()
    expect(flagged).to_be_focused()
    fill = "element => getComputedStyle(element).backgroundColor"
    assert flagged.evaluate(fill) != answer.locator(".supported").evaluate(fill)
    expect(answer.locator(".withheld")).to_contain_text("the text of the paper has changed")
    expect(answer).not_to_contain_text("You should not see this")
    save_screenshot(visited.page, "chat-verdicts")


def test_stop_ends_the_turn_at_once_and_the_next_question_is_answered(visited: Visit, actor: Actor) -> None:
    page = visited.page
    page.locator(".box textarea").fill("wait")
    page.locator(".box textarea").press("Enter")
    expect(page.locator(".chat .doing")).to_contain_text("Writing a sentence")
    page.locator(".box .stop-button").click()
    expect(page.locator(".chat .stopped")).to_have_text("Stopped.")
    expect(page.locator(".chat .doing")).to_have_count(0)
    assert actor.left.is_set()
    expect(visited.ask("verdicts")).to_contain_text("Here is what I found")


def test_another_conversation_can_be_deleted_while_an_answer_comes(visited: Visit, actor: Actor) -> None:
    page = visited.page
    actor.left.clear()
    page.locator(".box textarea").fill("wait")
    page.locator(".box textarea").press("Enter")
    doing = page.locator(".chat .doing")
    expect(doing).to_contain_text("Writing a sentence")
    entry = page.locator(".history li", has_text="An old question")
    for answer in ("Keep", "Delete"):
        entry.get_by_role("button", name="Delete").click()
        page.locator(".deleting").get_by_role("button", name=answer, exact=True).click()
        expect(page.locator(".deleting")).to_have_count(0)
    expect(entry).to_have_count(0)
    expect(doing).to_have_count(1)
    assert not actor.left.is_set()
    page.locator(".box .stop-button").click()
    expect(page.locator(".chat .stopped")).to_have_text("Stopped.")


def test_an_error_is_told_with_the_way_out_and_nothing_hangs(visited: Visit) -> None:
    expect(visited.ask("fail")).to_contain_text("The endpoint is gone. Start it again")
    expect(visited.ask("break")).to_contain_text("The answer broke off. Ask again")
    expect(visited.ask("verdicts")).to_contain_text("Here is what I found")
