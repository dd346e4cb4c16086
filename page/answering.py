"""The agent behind the page: opened when the server starts, closed with it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from agent.assembly import open_agent
from agent.conversation import Agent
from agent.errors import AgentError
from agent.predictors import Predictors
from agent.settings import ModelSettings
from retrieval.errors import LibraryError
from retrieval.home import Home
from seqmodels.errors import ModelError

log = logging.getLogger(__name__)


class Answering:
    """One agent for all visits, in the server's event loop: its connections belong to the loop that opened them."""

    def __init__(self, home: Home, model: ModelSettings, predictors: Predictors | None = None) -> None:
        self.owner = home.owner
        self._predictors = predictors
        self._home = home
        self._model = model
        self._open = AsyncExitStack()
        self._opening = asyncio.Lock()
        self._agent: Agent | None = None

    async def agent(self) -> Agent:
        """The agent. Raises LibraryError, AgentError or ModelError where it cannot be opened."""
        async with self._opening:
            if self._agent is None:
                self._agent = await self._open.enter_async_context(
                    open_agent(self._home, self._model, self._predictors)
                )
            return self._agent

    @asynccontextmanager
    async def lifespan(self, _server: object) -> AsyncIterator[None]:
        """What the server runs in; the agent is opened beside it, so that nobody waits for that."""
        async with self._open:
            opening = asyncio.create_task(self._open_early())
            yield
            await opening  # cut short, it would leave a connection open
            self._agent = None

    async def _open_early(self) -> None:
        try:
            agent = await self.agent()
            await asyncio.to_thread(agent.prepare)
        except (LibraryError, AgentError, ModelError, OSError) as error:
            log.warning("%s", error)  # who asks is told
