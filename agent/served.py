"""A language model behind an OpenAI-compatible endpoint, such as vLLM's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from langchain_core.language_models import BaseChatModel
from langchain_openai import ChatOpenAI
from openai import DefaultAsyncHttpxClient

from agent.settings import ModelSettings


@asynccontextmanager
async def served_model(settings: ModelSettings) -> AsyncIterator[BaseChatModel]:
    """The model of an endpoint; it is not asked before the first question."""
    # Its own client: the one that langchain keeps for all is never closed, and of use in one event loop only.
    async with DefaultAsyncHttpxClient(timeout=settings.patience) as client:
        yield ChatOpenAI(
            base_url=settings.url,
            api_key=settings.key,
            model=settings.name,
            timeout=settings.patience,
            max_retries=1,
            # Patience is the agent's to keep: the client's way of it swallows cancellations in Python 3.11.
            stream_chunk_timeout=None,
            stream_usage=True,
            temperature=0,
            http_async_client=client,
        )
