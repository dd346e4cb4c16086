"""The agent of a home, put together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from langchain_core.messages import HumanMessage

from agent.conversation import Agent, Speaker
from agent.conversations import Conversations
from agent.embedded.extractive import ExtractiveChatModel
from agent.graph import build_graph
from agent.predictors import Predictors
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

    Its tools run `predictors`, those that ship where none are given.
    """
    async with AsyncExitStack() as opened:
        conversations = await opened.enter_async_context(Conversations.open(home.root / "conversations.db"))
        embedded = ExtractiveChatModel(embedder=home.embedder)
        graph = build_graph(embedded, TOOLS, conversations.saver, _EMBEDDED_BUDGET, offer_all=True)
        speakers = [Speaker(EMBEDDED, graph)]
        if settings.url:
            from agent.served import served_model  # the client of endpoints takes a second to import

            served = await opened.enter_async_context(served_model(settings))
            budget = int(settings.context * _SHARE_OF_CONTEXT)
            graph = build_graph(served, TOOLS, conversations.saver, budget)
            speakers.insert(0, Speaker(settings.name or settings.url, graph, settings.patience))
        prepare = partial(embedded.bind_tools(TOOLS).invoke, [HumanMessage("Hello")])
        yield Agent(speakers, conversations, home.embedder, prepare, predictors)
