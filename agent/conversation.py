"""One conversation at a time: a question in, events out."""

import asyncio
import itertools
import logging
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from langchain.agents.middleware.model_call_limit import ModelCallLimitExceededError
from langchain_core.exceptions import LangChainException
from langchain_core.messages import AnyMessage, HumanMessage, RemoveMessage, ToolMessage
from langchain_core.runnables import RunnableConfig
from langgraph.graph.message import REMOVE_ALL_MESSAGES
from langgraph.graph.state import CompiledStateGraph

from agent.attachments.attachment import Attachments
from agent.attachments.handles import attached
from agent.citations.claim import Citation, Claim, Proof
from agent.citations.evidence import evidence_json
from agent.citations.ledger import Ledger
from agent.citations.results import result_of
from agent.conversations import Conversations
from agent.drafting import Sentence
from agent.errors import AgentError, ModelUnusable
from agent.events import Done, Event, Lifted, Notice, Speaking, Stated, ToolResult
from agent.hearing import MODES, Hearing
from agent.predictors import Predictors
from agent.proof.counts import prove_evidence
from agent.proof.predictions import prove_prediction
from agent.proof.proving import prove
from agent.proof.quotes import check
from agent.record import Record
from agent.turn import Turn
from retrieval.embedder import Embedder
from retrieval.library import Library

log = logging.getLogger(__name__)

Graph = CompiledStateGraph[Any, Turn, Any, Any]

_RECURSION_LIMIT = 40
# How many times as long as it may keep silent a model may take for all that it says.
_PATIENCES = 10
# What a dead, slow or rubbish endpoint raises through its client: connection, protocol, decoding, wrong shapes.
_UNUSABLE = (
    LangChainException,
    ModelCallLimitExceededError,
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
    graph: Graph
    patience: float | None = None


class Agent:
    """Answers questions in conversations; `speakers` tells who can answer now, and they are asked in that order.

    `memory` is any graph over the conversations' checkpoints.
    `predictors` are the trained models that tools run, those that ship where none are given.
    `prepare` loads what the first answer would wait for otherwise; it may be called in any thread, or never.
    """

    def __init__(
        self,
        speakers: Callable[[], Awaitable[Sequence[Speaker]]],
        memory: Graph,
        conversations: Conversations,
        embedder: Embedder,
        prepare: Callable[[], object] = lambda: None,
        predictors: Predictors | None = None,
    ) -> None:
        self._speakers = speakers
        self._memory = memory
        self.conversations = conversations
        self.prepare = prepare
        self._embedder = embedder
        self._predictors = predictors or Predictors()
        # Two turns at once on one thread would overwrite each other's messages.
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def ask(
        self,
        question: str,
        libraries: Sequence[Library],
        conversation: str,
        owner: str,
        uploads: Sequence[Path] = (),
        *,
        as_of: date | None = None,
        with_retracted: bool = False,
    ) -> AsyncGenerator[Event, None]:
        """Answer a question in a conversation; the last event is `Done`.

        Only papers that were out on the day `as_of` answer, and retracted ones only `with_retracted`.

        What is pasted into the question, and the files of `uploads`, become attachments: no model sees them. Raises
        DeletedConversation where the conversation is deleted meanwhile; nothing of it comes back.
        """
        standing = await self.conversations.begin(conversation, owner)
        async with self._turns[conversation], self.conversations.turn(standing):
            told = Record()
            question = await self.conversations.attach(standing, question, uploads)
            attachments = await self.conversations.attachments(conversation, owner)
            if lifted := _lifted(question, attachments):
                told.take(lifted)
                yield lifted
            results = self.conversations.results(standing, attachments)
            ledger = await self._ledger(conversation)
            turn = Turn(libraries, ledger, attachments, self._predictors, results)
            turn.as_of, turn.with_retracted = as_of, with_retracted
            with closing(results):
                async with aclosing(self._speak(question, conversation, turn)) as events:
                    async for event in events:
                        self.conversations.check_standing(standing)
                        told.take(event)
                        yield event
            answer = told.answer(conversation, evidence_json(turn.evidence, turn.ledger))
            await self.conversations.record(standing, question, answer, results.new)
            yield Done(answer=answer)

    async def _speak(self, question: str, conversation: str, turn: Turn) -> AsyncGenerator[Event, None]:
        """The first speaker that can answer; where one fails, the next takes over with a notice."""
        speakers = await self._speakers()
        for speaker, successor in itertools.zip_longest(speakers, speakers[1:]):
            yield Speaking(model=speaker.name)
            try:
                async with aclosing(self._run(speaker, question, conversation, turn)) as events:
                    async for event in events:
                        yield event
                return
            except _UNUSABLE as error:
                if successor is None:
                    raise
                log.warning("%s could not answer: %s", speaker.name, error)
                yield Notice(text=f"{speaker.name} could not answer ({_short(error)}); {successor.name} does.")
            # What the failed speaker left behind would stand between the question and its answer.
            await self._take_back(conversation)

    async def _run(self, speaker: Speaker, question: str, conversation: str, turn: Turn) -> AsyncGenerator[Event, None]:
        hearing, modes = Hearing(), list[Any](MODES)  # langgraph's types do not know "tools" yet
        turn.predictions.clear()
        turn.evidence.clear()
        asked = {"messages": [HumanMessage(question)]}
        # Stored once, at the end: a turn that is not brought to its end is taken back.
        stream: Any = speaker.graph.astream(
            asked, _config(conversation), context=turn, stream_mode=modes, durability="exit"
        )
        async with aclosing(stream):
            async for mode, data in _patiently(stream, lambda: None if hearing.tools_run else speaker.patience):
                for heard in hearing.take(mode, data):
                    if isinstance(heard, ToolResult) and "predicted" in heard.result:
                        turn.predictions.append(heard.result)
                    yield Stated(claim=self._prove(heard, turn)) if isinstance(heard, Sentence) else heard
        if not hearing.answered:
            raise ModelUnusable("it gave no answer", "Ask again.")

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
        proof = self._proof(sentence.text, citations, turn)
        return claim.model_copy(update={"verdict": proof.verdict, "reason": proof.reason})

    def _proof(self, text: str, citations: Sequence[Citation], turn: Turn) -> Proof:
        """The proof by quotes, by rows of the evidence table where it counts them, or by predictions."""
        proof = prove(text, [citation.quote for citation in citations], self._embedder)
        if proof.verdict != "quoted" and turn.evidence:
            proof = prove_evidence(text, citations, turn.evidence) or proof
        if not citations and turn.predictions and proof.verdict == "own words":
            proof = prove_prediction(text, turn.predictions, self._embedder) or proof
        return proof

    async def _ledger(self, conversation: str) -> Ledger:
        """The numbers given out so far; a question that was left unanswered is taken back."""
        messages = await self._take_back(conversation)
        return Ledger.read(result_of(message) for message in messages if isinstance(message, ToolMessage))

    async def _take_back(self, conversation: str) -> list[AnyMessage]:
        """What the agent remembers, all but the recorded turns forgotten; a crash or failure leaves more than those."""
        graph, config = self._memory, _config(conversation)
        messages: list[AnyMessage] = (await graph.aget_state(config)).values.get("messages", [])
        asked = [index for index, message in enumerate(messages) if isinstance(message, HumanMessage)]
        left = asked[await self.conversations.length(conversation) :]
        kept, gone = (messages[: left[0]], messages[left[0] :]) if left else (messages, [])
        if gone:
            # One by one they cannot be removed: those of a step that was cut short have other names each time.
            only = {"messages": [RemoveMessage(REMOVE_ALL_MESSAGES), *kept]}
            await graph.aupdate_state(config, only, as_node="model")
        return kept


def _lifted(question: str, attachments: Attachments) -> Lifted | None:
    """What stands for attachments in a question; None where nothing does."""
    found = tuple(attachments.read(handle).told() for handle in attached(question) if handle in attachments)
    return Lifted(question=question, attachments=found) if found else None


async def _patiently(
    stream: AsyncGenerator[Any, None], patience: Callable[[], float | None]
) -> AsyncGenerator[Any, None]:
    """A stream that may not keep silent for longer than so many seconds, asked before each wait; None is for ever.

    Nor may it be waited for much longer than that in all.
    """
    waited = 0.0
    while True:
        allowed, began = patience(), time.monotonic()
        try:
            async with asyncio.timeout(allowed):
                item = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise ModelUnusable(f"it kept silent for {allowed:g} s", "Ask again.") from error
        if allowed is not None:
            waited += time.monotonic() - began
            if waited > _PATIENCES * allowed:
                raise ModelUnusable(f"it was not done after {_PATIENCES * allowed:g} s", "Ask again.")
        yield item


def _config(conversation: str) -> RunnableConfig:
    return {"configurable": {"thread_id": conversation}, "recursion_limit": _RECURSION_LIMIT}


def _short(error: BaseException) -> str:
    reason = error.reason if isinstance(error, AgentError) else str(error)
    return (reason.strip().splitlines() or [""])[0][:200] or type(error).__name__
