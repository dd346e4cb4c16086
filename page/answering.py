"""The agent behind the page: opened by the first who asks, closed with the server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from agent.assembly import open_agent
from agent.conversation import Agent
from agent.settings import ModelSettings
from retrieval.home import Home


class Answering:
    """One agent for all visits, in the server's event loop: its connections belong to the loop that opened them."""

    def __init__(self, home: Home, model: ModelSettings) -> None:
        self.owner = home.owner
        self._home = home
        self._model = model
        self._open = AsyncExitStack()
        self._opening = asyncio.Lock()
        self._agent: Agent | None = None

    async def agent(self) -> Agent:
        """The agent. Raises LibraryError, AgentError or ModelError where it cannot be opened."""
        async with self._opening:
            if self._agent is None:
                self._agent = await self._open.enter_async_context(open_agent(self._home, self._model))
            return self._agent

    @asynccontextmanager
    async def lifespan(self, _server: object) -> AsyncIterator[None]:
        """What the server runs in."""
        async with self._open:
            yield
            self._agent = None
