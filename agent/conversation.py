"""One conversation at a time: a question in, events out."""

import asyncio
import itertools
import logging
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.exceptions import LangChainException
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    AnyMessage,
    HumanMessage,
    RemoveMessage,
    ToolMessage,
)
from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph

from agent.claim import Claim
from agent.conversations import Conversations
from agent.drafting import Draft as Drafting
from agent.drafting import Sentence
from agent.errors import ModelUnusable
from agent.events import Done, Draft, Event, Notice, Speaking, Stated, ToolCall, ToolResult
from agent.ledger import Ledger
from agent.proof import prove
from agent.quotes import check
from agent.record import Record
from agent.results import result_of
from agent.turn import Turn
from retrieval.embedder import Embedder
from retrieval.library import Library

log = logging.getLogger(__name__)

_RECURSION_LIMIT = 40
# What a dead, slow or rubbish endpoint raises through its client: connection, protocol, decoding, wrong shapes.
_UNUSABLE = (
    LangChainException,
    OSError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    ModelUnusable,
)


@dataclass(frozen=True)
class Speaker:
    """A language model in the agent's graph; `patience` is how long it may keep silent, None for ever."""

    name: str
    graph: CompiledStateGraph[Any, Turn, Any, Any]
    patience: float | None = None


class Agent:
    """Answers questions in conversations; `speakers` are asked in order until one can answer."""

    def __init__(self, speakers: Sequence[Speaker], conversations: Conversations, embedder: Embedder) -> None:
        self._speakers = speakers
        self.conversations = conversations
        self._embedder = embedder
        # Two turns at once on one thread would overwrite each other's messages.
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def ask(
        self,
        question: str,
        libraries: Sequence[Library],
        conversation: str,
        owner: str,
        uploads: Sequence[Path] = (),
    ) -> AsyncGenerator[Event, None]:
        """Answer a question in a conversation; the last event is `Done`.

        What is pasted into the question, and the files of `uploads`, become attachments: no model sees them.
        """
        await self.conversations.check(conversation, owner)
        async with self._turns[conversation]:
            told = Record()
            question = await self.conversations.attach(conversation, owner, question, uploads)
            attachments = await self.conversations.attachments(conversation, owner)
            turn = Turn(libraries, await self._ledger(conversation), attachments)
            async for event in self._speak(question, conversation, turn):
                told.take(event)
                yield event
            answer = told.answer(conversation)
            await self.conversations.record(conversation, owner, question, answer)
            yield Done(answer=answer)

    async def _speak(self, question: str, conversation: str, turn: Turn) -> AsyncIterator[Event]:
        """The first speaker that can answer; where one fails, the next takes over with a notice."""
        incoming: dict[str, Any] | None = {"messages": [HumanMessage(question)]}
        for speaker, successor in itertools.zip_longest(self._speakers, self._speakers[1:]):
            yield Speaking(model=speaker.name)
            try:
                async for event in self._run(speaker, incoming, conversation, turn):
                    yield event
                return
            except _UNUSABLE as error:
                if successor is None:
                    raise
                log.warning("%s could not answer: %s", speaker.name, error)
                yield Notice(text=f"{speaker.name} could not answer ({_short(error)}); {successor.name} does.")
            incoming = await self._resume(conversation, question)

    async def _run(
        self, speaker: Speaker, incoming: dict[str, Any] | None, conversation: str, turn: Turn
    ) -> AsyncIterator[Event]:
        drafting, started = Drafting(), dict[str, tuple[float, str]]()
        modes: Any = ["messages", "tools"]  # langgraph's types do not know "tools" yet
        stream = speaker.graph.astream(incoming, _config(conversation), context=turn, stream_mode=modes)
        spoken = False
        async for mode, data in _patiently(stream, speaker.patience):
            if mode == "tools":
                if event := _tool_event(data, started):
                    yield event
                continue
            chunk, metadata = data
            if not isinstance(chunk, AIMessageChunk) or metadata.get("langgraph_node") != "model":
                continue
            for sentence in drafting.feed(chunk.text):
                spoken = True
                yield Stated(claim=self._prove(sentence, turn))
            if drafting.characters:
                yield Draft(characters=drafting.characters)
        for sentence in drafting.finish():
            spoken = True
            yield Stated(claim=self._prove(sentence, turn))
        if not spoken:
            raise ModelUnusable("it gave an empty answer", "Ask again.")

    def _prove(self, sentence: Sentence, turn: Turn) -> Claim:
        citations = [citation for number in sentence.cited if (citation := turn.ledger.citation(number))]
        unknown = [number for number in sentence.cited if turn.ledger.citation(number) is None]
        claim = Claim(text=sentence.text, citations=tuple(citations), verdict="own words", lead=sentence.lead)
        if unknown:
            return claim.model_copy(
                update={"verdict": "flagged", "reason": f"cites {unknown}, which no tool has shown"}
            )
        for citation in citations:
            library = turn.library(citation.library)
            reason = check(citation, library) if library else f"the library {citation.library} is not open"
            if reason:
                return claim.model_copy(update={"verdict": "withheld", "reason": reason})
        proof = prove(sentence.text, [citation.quote for citation in citations], self._embedder)
        return claim.model_copy(update={"verdict": proof.verdict, "reason": proof.reason})

    async def _ledger(self, conversation: str) -> Ledger:
        """The numbers given out so far; a question that a crash left unanswered is taken back."""
        messages = await self._messages(conversation)
        await self._take_back(conversation, _unanswered(messages))
        return Ledger.read(result_of(message) for message in messages if isinstance(message, ToolMessage))

    async def _resume(self, conversation: str, question: str) -> dict[str, Any]:
        """Take back what a failed speaker left behind, so that the next begins afresh with the question."""
        await self._take_back(conversation, _unanswered(await self._messages(conversation)))
        return {"messages": [HumanMessage(question)]}

    async def _messages(self, conversation: str) -> list[AnyMessage]:
        state = await self._speakers[0].graph.aget_state(_config(conversation))
        return list(state.values.get("messages", ()))

    async def _take_back(self, conversation: str, messages: Sequence[AnyMessage]) -> None:
        if messages:
            gone = [RemoveMessage(id=message.id) for message in messages if message.id]
            await self._speakers[0].graph.aupdate_state(_config(conversation), {"messages": gone}, as_node="model")


def _unanswered(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """The messages since a question that has no answer; none where the last message is an answer."""
    last = messages[-1] if messages else None
    if last is None or (isinstance(last, AIMessage) and not last.tool_calls and last.text):
        return []
    asked = max((i for i, message in enumerate(messages) if isinstance(message, HumanMessage)), default=0)
    return list(messages[asked:])


async def _patiently(stream: AsyncIterator[Any], patience: float | None) -> AsyncIterator[Any]:
    """A stream that may not keep silent for longer than `patience` seconds."""
    while True:
        try:
            async with asyncio.timeout(patience):
                item = await anext(stream)
        except StopAsyncIteration:
            return
        yield item


def _tool_event(data: dict[str, Any], started: dict[str, tuple[float, str]]) -> Event | None:
    identifier = data["tool_call_id"]
    if data["event"] == "tool-started":
        started[identifier] = (time.perf_counter(), data["tool_name"])
        arguments = {key: value for key, value in data["input"].items() if key != "runtime"}
        return ToolCall(id=identifier, name=data["tool_name"], arguments=arguments)
    if data["event"] not in ("tool-finished", "tool-error"):
        return None
    began, name = started[identifier]
    seconds = round(time.perf_counter() - began, 3)
    output = data.get("output")
    if isinstance(output, ToolMessage):
        error = str(output.content) if output.status == "error" else None
        return ToolResult(id=identifier, name=name, seconds=seconds, result=result_of(output), error=error)
    return ToolResult(id=identifier, name=name, seconds=seconds, result={}, error=str(data.get("message")))


def _config(conversation: str) -> RunnableConfig:
    return {"configurable": {"thread_id": conversation}, "recursion_limit": _RECURSION_LIMIT}


def _short(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:200] or type(error).__name__
