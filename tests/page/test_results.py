"""Files that tools have made are served to the owner of their conversation, and no other file is."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from agent.conversations import Conversations
from agent.events import Answer
from page.results import address, routes

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def client(tmp_path: Path):  # type: ignore[no-untyped-def]
    async with Conversations.open(tmp_path / "conversations.db") as conversations:
        for owner in ("local", "other"):
            standing = await conversations.begin(f"of-{owner}", owner)
            question = await conversations.attach(standing, "6mA of ACGTACGTACGTACGTACGTACGTACGT")
            results = conversations.results(standing, await conversations.attachments(f"of-{owner}", owner))
            results.keep("sites.csv", "table", "name,score\nseq1,0.5\n")
            results.keep("plot.svg", "file", "<svg/>")
            answer = Answer(
                answer="", claims=(), citations=(), tools=(), notices=(), abstained=False, conversation="c", model="m"
            )
            await conversations.record(standing, question, answer, results.new)

        async def agent() -> SimpleNamespace:
            return SimpleNamespace(conversations=conversations)

        answering = SimpleNamespace(owner="local", agent=agent)
        yield TestClient(Starlette(routes=routes(answering)))  # type: ignore[arg-type]


async def get(client: TestClient, conversation: str, handle: str):  # type: ignore[no-untyped-def]
    import anyio.to_thread

    return await anyio.to_thread.run_sync(client.get, f"/{address(conversation, handle)}")


async def test_a_table_is_downloaded_under_its_name(client):
    answer = await get(client, "of-local", "result1")
    assert answer.text == "name,score\nseq1,0.5\n"
    assert answer.headers["content-disposition"] == 'attachment; filename="sites.csv"'


async def test_a_picture_is_shown(client):
    answer = await get(client, "of-local", "result2")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["content-disposition"].startswith("inline")


@pytest.mark.parametrize(
    ("conversation", "handle"),
    [("of-local", "seq1"), ("of-local", "result9"), ("of-other", "result1"), ("none", "result1"), ("..", "result1")],
)
async def test_anything_else_is_not_found(client, conversation, handle):
    assert (await get(client, conversation, handle)).status_code == 404
