"""The agent over the starter library, as a person talks with it."""

from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path

import pytest

from agent.assembly import open_agent
from agent.settings import ModelSettings
from retrieval.home import Home
from retrieval.library import Library
from tests.agent.bench import Bench
from tests.agent.talk import Talk
from tests.agent.tiny import TinyPredictors


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def starter(starter_home: Path) -> Iterator[Library]:
    """The starter library; not to be changed. Its embedder remembers, as the router's examples come again."""
    home = Home(starter_home)
    home.embedder.encode_query = cache(home.embedder.encode_query)  # type: ignore[method-assign]
    with home.starter() as library:
        yield library


@pytest.fixture
def home(tmp_path: Path, starter: Library) -> Home:
    """A home with nothing in it, which shares the starter library's embedder."""
    home = Home(tmp_path / "home")
    home.embedder = starter.embedder
    return home


@pytest.fixture
async def talk(home: Home, starter: Library) -> AsyncIterator[Talk]:
    """A talk with the embedded model."""
    async with open_agent(home, ModelSettings()) as agent:
        yield Talk(agent, [starter])


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyPredictors:
    """Predictors with random weights."""
    return TinyPredictors(tmp_path_factory.mktemp("predictors"))


@pytest.fixture
async def lab(home: Home, starter: Library, tiny: TinyPredictors) -> AsyncIterator[Talk]:
    """A talk with the embedded model, whose tools run predictors with random weights."""
    async with open_agent(home, ModelSettings(), tiny) as agent:
        yield Talk(agent, [starter])


@pytest.fixture
def bench(tmp_path: Path, tiny: TinyPredictors) -> Bench:
    """Attachments and tools that work on them, without a conversation."""
    return Bench(tmp_path / "attached", tiny)
