"""The agent behind the page is there before anybody asks, and a home that cannot be opened stops nobody."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from agent.errors import UnreadableConversations
from agent.settings import ModelSettings
from page.answering import Answering
from retrieval.embedder import Embedder
from retrieval.home import Home
from seqmodels.encoder import BUNDLED, Vector

SECONDS = 20


class Watched(Embedder):
    """An embedder that says when it is first used, and where."""

    def __init__(self, cache: Path) -> None:
        super().__init__(BUNDLED, cache)
        self.used = threading.Event()
        self.thread: threading.Thread | None = None

    def encode_query(self, query: str) -> Vector:
        self.thread = self.thread or threading.current_thread()
        self.used.set()
        return super().encode_query(query)


def test_what_the_first_answer_needs_is_loaded_while_the_page_is_already_served(
    tmp_path: Path, encoder_cache: Path
) -> None:
    home = Home(tmp_path)
    home.embedder = watched = Watched(encoder_cache)

    async def serve() -> None:
        answering = Answering(home, ModelSettings())
        async with answering.lifespan(None):
            assert await asyncio.to_thread(watched.used.wait, SECONDS)
            assert watched.thread is not threading.current_thread()
            assert await answering.agent() is await answering.agent()

    asyncio.run(serve())


def test_a_server_that_ends_at_once_leaves_nothing_behind(tmp_path: Path, embedder: Any) -> None:
    home = Home(tmp_path)
    home.embedder = embedder

    async def serve() -> None:
        async with Answering(home, ModelSettings()).lifespan(None):
            pass

    for _ in range(3):
        asyncio.run(serve())


def test_what_cannot_be_opened_is_told_to_who_asks(tmp_path: Path, embedder: Any) -> None:
    (tmp_path / "conversations.db").mkdir()
    home = Home(tmp_path)
    home.embedder = embedder

    async def serve() -> None:
        answering = Answering(home, ModelSettings())
        async with answering.lifespan(None):
            with pytest.raises(UnreadableConversations):
                await answering.agent()

    asyncio.run(serve())
