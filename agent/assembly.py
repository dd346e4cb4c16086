"""The agent of a home, put together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from langchain_core.messages import HumanMessage

from agent.conversation import Agent, Speaker
from agent.conversations import Conversations
from agent.embedded.extractive import ExtractiveChatModel
from agent.graph import build_graph
from agent.settings import ModelSettings
from agent.tools import LITERATURE
from retrieval.home import Home

EMBEDDED = "embedded"
_EMBEDDED_BUDGET = 8_000
# Of an endpoint's window, the share that what it is given may fill; the rest is for what it writes.
_SHARE_OF_CONTEXT = 0.75


@asynccontextmanager
async def open_agent(home: Home, settings: ModelSettings) -> AsyncIterator[Agent]:
    """The agent with the language model of the settings, and the embedded one behind it in case that fails."""
    async with AsyncExitStack() as opened:
        conversations = await opened.enter_async_context(Conversations.open(home.root / "conversations.db"))
        embedded = ExtractiveChatModel(embedder=home.embedder)
        speakers = [Speaker(EMBEDDED, build_graph(embedded, LITERATURE, conversations.saver, _EMBEDDED_BUDGET))]
        if settings.url:
            from agent.served import served_model  # the client of endpoints takes a second to import

            served = await opened.enter_async_context(served_model(settings))
            budget = int(settings.context * _SHARE_OF_CONTEXT)
            graph = build_graph(served, LITERATURE, conversations.saver, budget)
            speakers.insert(0, Speaker(settings.name or settings.url, graph, settings.patience))
        prepare = partial(embedded.bind_tools(LITERATURE).invoke, [HumanMessage("Hello")])
        yield Agent(speakers, conversations, home.embedder, prepare)
