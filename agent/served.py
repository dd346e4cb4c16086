"""A language model behind an OpenAI-compatible endpoint, such as vLLM's."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk
from langchain_openai import ChatOpenAI
from openai import DefaultAsyncHttpxClient

from agent.errors import ModelUnusable
from agent.settings import ModelSettings

_HERE = ("127.0.0.1", "::1", "localhost")


@asynccontextmanager
async def served_model(settings: ModelSettings) -> AsyncIterator[BaseChatModel]:
    """The model of an endpoint; it is not asked before the first question."""
    # Its own client: the one that langchain keeps for all is never closed, and of use in one event loop only.
    # What runs on this machine is not asked through a proxy.
    abroad = urlsplit(settings.url or "").hostname not in _HERE
    async with DefaultAsyncHttpxClient(timeout=settings.patience, trust_env=abroad) as client:
        yield ServedModel(
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


class ServedModel(ChatOpenAI):
    """An endpoint's model whose messages are whole: what was cut off is never taken for an answer or a call.

    Langchain mends the JSON of a call that was cut off, and would run the tool with what is left of it.
    """

    def _get_request_payload(self, *given: Any, **named: Any) -> dict[str, Any]:
        """What is sent. The client goes through every schema of a tool before each request, unless it is an extra."""
        payload = super()._get_request_payload(*given, **named)
        if tools := payload.pop("tools", None):
            payload["extra_body"] = {**(payload.get("extra_body") or {}), "tools": tools}
        return payload

    async def _astream(self, *given: Any, **named: Any) -> AsyncIterator[ChatGenerationChunk]:
        """The message in pieces; raises ModelUnusable at its end where it is not whole."""
        ended, arguments = None, defaultdict[Any, str](str)
        async for chunk in super()._astream(*given, **named):
            ended = (chunk.generation_info or {}).get("finish_reason") or ended
            if isinstance(chunk.message, AIMessageChunk):
                for call in chunk.message.tool_call_chunks:
                    arguments[call["index"]] += call["args"] or ""
            yield chunk
        _refuse_cut_off(ended)
        for written in arguments.values():
            _refuse_broken(written)


def _refuse_cut_off(ended: str | None) -> None:
    """Whether a message came to its end is told by how it ended."""
    if ended is None:
        raise ModelUnusable("its answer was cut off", "Ask again.")
    if ended == "length":
        raise ModelUnusable("its answer did not fit into its window", "Ask again.")


def _refuse_broken(written: str) -> None:
    """The arguments of a call are one JSON object; none at all is a call without arguments."""
    try:
        found = json.loads(written or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ModelUnusable("it wrote a tool call that is no JSON", "Ask again.")
