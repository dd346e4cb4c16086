"""The agent of a home, put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib import import_module

from langchain_core.messages import HumanMessage
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from agent.conversation import Agent, Speaker
from agent.conversations import Conversations
from agent.embedded.extractive import ExtractiveChatModel
from agent.graph import build_graph
from agent.predictors import Predictors
from agent.serving.roles import of_role
from agent.settings import ModelSettings
from agent.tools import TOOLS
from retrieval.home import Home

EMBEDDED = "embedded"
# It has no window: what is beyond this only slows it down.
_EMBEDDED_BUDGET = 10_000
# Of an endpoint's window, the share that what it is given may fill; the rest is for what it writes.
_SHARE_OF_CONTEXT = 0.75


@asynccontextmanager
async def open_agent(home: Home, settings: ModelSettings, predictors: Predictors | None = None) -> AsyncIterator[Agent]:
    """The agent with the language model of the settings, and the embedded one behind it in case that fails.

    Where the settings name no endpoint, it is the one that `epicite serve` runs for the home, as long as it does. Its
    tools run `predictors`, those that ship where none are given.
    """
    async with AsyncExitStack() as opened:
        conversations = await opened.enter_async_context(Conversations.open(home.root / "conversations.db"))
        embedded = ExtractiveChatModel(embedder=home.embedder)
        graph = build_graph(embedded, TOOLS, conversations.saver, _EMBEDDED_BUDGET, offer_all=True)
        speakers = _Speakers(home, settings, Speaker(EMBEDDED, graph), conversations.saver, opened)
        prepare = partial(embedded.bind_tools(TOOLS).invoke, [HumanMessage("Hello")])
        yield Agent(speakers.now, graph, conversations, home.embedder, prepare, predictors)


class _Speakers:
    """Who can answer at a time: the model of the endpoint that is there, and the embedded one."""

    def __init__(
        self, home: Home, settings: ModelSettings, embedded: Speaker, saver: AsyncSqliteSaver, opened: AsyncExitStack
    ) -> None:
        self._home = home
        self._settings = settings
        self._embedded = embedded
        self._saver = saver
        self._opened = opened
        self._served: tuple[ModelSettings, Speaker] | None = None
        self._opening = asyncio.Lock()

    async def now(self) -> list[Speaker]:
        """In the order in which they are asked."""
        wanted = of_role("agent", self._settings, self._home.root)
        if not wanted.url:
            return [self._embedded]
        async with self._opening:
            if self._served is None or self._served[0] != wanted:
                self._served = wanted, await self._open(wanted)
            return [self._served[1], self._embedded]

    async def _open(self, wanted: ModelSettings) -> Speaker:
        # The client of endpoints takes a second to import.
        served = await asyncio.to_thread(import_module, "agent.served")
        model = await self._opened.enter_async_context(served.served_model(wanted))
        graph = build_graph(model, TOOLS, self._saver, int(wanted.context * _SHARE_OF_CONTEXT))
        return Speaker(wanted.name or wanted.url or "", graph, wanted.patience)
