"""What is heard of a language model at work: the sentences that it writes and the tools that it uses."""

import time
from collections.abc import Iterator
from typing import Any, Literal

from langchain_core.messages import AIMessage, AIMessageChunk, ToolMessage

from agent.citations.results import result_of
from agent.drafting import Draft as Drafting
from agent.drafting import Sentence
from agent.errors import ModelUnusable
from agent.events import Draft, Event, ToolCall, ToolResult

Mode = Literal["messages", "tools", "updates"]
# Those of the graph's streams that are listened to.
MODES: tuple[Mode, ...] = ("messages", "tools", "updates")
_MODEL = "model"
# In characters: several times the longest answer that anybody would read.
_LONGEST = 40_000


class Hearing:
    """Turns the graph's streams into sentences and events; `answered` is whether the last message was an answer."""

    def __init__(self) -> None:
        self._drafting = Drafting()
        self._started: dict[str, tuple[float, str]] = {}
        self._written = 0
        self._spoken = False
        self.answered = False

    @property
    def tools_run(self) -> bool:
        """Whether it is a tool that is waited for, not the model."""
        return bool(self._started)

    def take(self, mode: Mode, data: Any) -> Iterator[Sentence | Event]:
        """What a piece of a stream tells. Raises ModelUnusable where the model does not come to an end."""
        if mode == "tools":
            yield from self._tool(data)
        elif mode == "updates":
            for message in (data.get(_MODEL) or {}).get("messages", ()):
                yield from self._message(message)
        elif isinstance(data[0], AIMessageChunk) and data[1].get("langgraph_node") == _MODEL:
            yield from self._chunk(data[0])

    def _chunk(self, chunk: AIMessageChunk) -> Iterator[Sentence | Event]:
        self._written += len(chunk.text) + sum(len(call["args"] or "") for call in chunk.tool_call_chunks)
        if self._written > _LONGEST:
            raise ModelUnusable("it does not come to an end", "Ask again.")
        for sentence in self._drafting.feed(chunk.text):
            self._spoken = True
            yield sentence
        if self._drafting.characters:
            yield Draft(characters=self._drafting.characters)

    def _message(self, message: AIMessage) -> Iterator[Sentence]:
        """The end of a message: what was said before a tool is used is no answer yet."""
        for sentence in self._drafting.finish():
            self._spoken = True
            yield sentence
        self.answered = self._spoken and not (message.tool_calls or message.invalid_tool_calls)
        self._spoken = False

    def _tool(self, data: dict[str, Any]) -> Iterator[Event]:
        identifier = data["tool_call_id"]
        if data["event"] == "tool-started":
            self._started[identifier] = (time.perf_counter(), data["tool_name"])
            arguments = {key: value for key, value in data["input"].items() if key != "runtime"}
            yield ToolCall(id=identifier, name=data["tool_name"], arguments=arguments)
        elif data["event"] in ("tool-finished", "tool-error"):
            began, name = self._started.pop(identifier)
            told = _told(data.get("output"), str(data.get("message")))
            yield ToolResult(id=identifier, name=name, seconds=round(time.perf_counter() - began, 3), **told)


def _told(output: Any, failure: str) -> dict[str, Any]:
    """The result of a tool, or why it gave none."""
    if not isinstance(output, ToolMessage):
        return {"result": {}, "error": failure}
    return {"result": result_of(output), "error": str(output.content) if output.status == "error" else None}
