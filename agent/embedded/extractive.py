"""The embedded language model: it calls tools by their examples and answers in quotes.

It cannot write. What it says of the literature is verbatim sentences with their numbers; the few words around
them are fixed.
"""

import json
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    ToolMessage,
)
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from pydantic import ConfigDict, PrivateAttr

from agent.attachments.handles import attached, file_names, meant, without_handles, without_marks
from agent.citations.marks import numbers
from agent.citations.results import result_of
from agent.embedded.answer import compose, is_wanting, is_without_rows, say, unable, wanted
from agent.embedded.follow_up import is_follow_up, is_reply
from agent.embedded.router import Router
from agent.tools.declaration import Request, declaration_of, read_arguments
from agent.wording import language_of
from corpora import glossary
from retrieval.embedder import Embedder

# After so many tools that failed, their errors are the answer.
_MOST_FAILURES = 1
_HAS_WORDS = re.compile(r"\w")


class ExtractiveChatModel(BaseChatModel):
    """A chat model for LangChain that needs no GPU, no network and no server: it quotes and does not write."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    embedder: Embedder
    _router: Router = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Make the router."""
        super().model_post_init(context)
        self._router = Router(self.embedder)

    @property
    def _llm_type(self) -> str:
        return "extractive"

    def bind_tools(
        self, tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool], **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The model with tools to call; only those that declare examples can be called."""
        return self.bind(tools=[tool for tool in tools if isinstance(tool, BaseTool)], **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        chunks = list(self._stream(messages, stop, run_manager, **kwargs))
        whole = chunks[0]
        for chunk in chunks[1:]:
            whole = whole + chunk
        message = AIMessage(content=whole.message.content, tool_calls=getattr(whole.message, "tool_calls", []))
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        asked = max(index for index, message in enumerate(messages) if isinstance(message, HumanMessage))
        request = _request(messages[: asked + 1], kwargs.get("tools", ()))
        answered = [message for message in messages[asked + 1 :] if isinstance(message, ToolMessage)]
        failed = {message.name for message in answered if message.status == "error" or is_without_rows(message)}
        tools = _meant(request, kwargs.get("tools", ()))
        untried = [tool for tool in tools if tool.name not in failed]
        # What is asked of an attachment is asked of one tool: where that fails, its error is the answer. Where the
        # evidence table has no row, the papers are asked.
        is_final = (failed and request.handles) or any(_is_alone(tool) for tool in tools if tool.name in failed)
        gave_nothing = len(failed) == len(answered) and not is_final
        call = self._router.choose(request, untried) if gave_nothing else None
        asks = None if answered or request.handles else self._router.asks(request, tools)
        if answered and (call is None or len(answered) > _MOST_FAILURES):
            yield from (_text(piece) for piece in compose(request.text, answered))
        elif request.kinds and not tools:
            yield _text(unable(request))
        elif request.kinds and (call is None or not _HAS_WORDS.search(without_handles(request.text))):
            yield from (_text(piece) for piece in wanted(request, tools))
        elif asks is not None:
            yield _text(asks.say(language_of(request.text)))
        elif call is None:
            yield _text(say("introduction", request.text))
        else:
            for index, (tool, arguments) in enumerate([call, *_beside(request, call[0], kwargs.get("tools", ()))]):
                yield _call(index, tool.name, arguments)


def _beside(request: Request, chosen: BaseTool, tools: Sequence[BaseTool]) -> Iterator[tuple[BaseTool, dict[str, Any]]]:
    """The calls that are meant beside that of a tool, of an attachment's request."""
    for tool in tools if request.kinds else ():
        declared = declaration_of(tool)
        other = declared.beside(request) if declared and tool is not chosen else None
        arguments = read_arguments(tool, declared, other) if declared and other else None
        if arguments is not None:
            yield tool, arguments


def _meant(request: Request, tools: Sequence[BaseTool]) -> Sequence[BaseTool]:
    """The tools that may be meant: what is asked of an attachment is no question to the papers."""
    if not request.handles:
        return tools
    able = [tool for tool in tools if _takes(tool, request)]
    return able if able or request.kinds else tools


def _is_alone(tool: BaseTool) -> bool:
    declared = declaration_of(tool)
    return declared is not None and declared.is_alone


def _takes(tool: BaseTool, request: Request) -> bool:
    """Whether a tool works on an attachment of the request, or on any where the request names only unknown ones."""
    declared = declaration_of(tool)
    kinds = declared.takes if declared else frozenset()
    return bool(kinds & set(request.kinds.values()) if request.kinds else kinds)


def _request(messages: Sequence[BaseMessage], tools: Sequence[BaseTool] = ()) -> Request:
    """The last message as a request, with what it may refer to."""
    text = _plain(messages[-1])
    asked_at = [index for index, message in enumerate(messages[:-1]) if isinstance(message, HumanMessage)]
    earlier = [_plain(messages[index]) for index in asked_at]
    asked_last, end = text, len(messages) - 1
    while earlier and is_reply(asked_last) and _was_asked_back(messages[asked_at[-1] + 1 : end], tools):
        asked_last, end = earlier.pop(), asked_at.pop()
        text = f"{asked_last}\n{text}"
    handles = meant(text, earlier)
    before: list[str] = []
    leans = is_follow_up(text) and (handles or not _is_for_papers(text, tools))
    while leans and earlier:
        before.insert(0, earlier.pop())
        handles = handles or meant(before[0], earlier)
        leans = is_follow_up(before[0])
    began = asked_at[-max(1, len(before))] if asked_at else 0
    known = {
        handle: kind
        for message in messages
        if isinstance(message, HumanMessage)
        for handle, kind in attached(_plain(message)).items()
    }
    asked, asked_before = without_marks(text), " ".join(map(without_marks, before))
    return Request(
        asked,
        glossary.translate(asked).english,
        handles=handles,
        kinds={handle: known[handle] for handle in handles if handle in known},
        cited=_cited(messages, began),
        before=asked_before or None,
        given=frozenset(attached(text)),
        there=known,
        files=file_names(" ".join(_plain(message) for message in messages if isinstance(message, HumanMessage))),
    )


def _was_asked_back(told: Sequence[BaseMessage], tools: Sequence[BaseTool]) -> bool:
    """Whether a tool or its declaration has asked for more in a turn, instead of an answer."""
    able = {tool.name: declared.asks for tool in tools if (declared := declaration_of(tool)) and declared.asks}
    if any(isinstance(each, ToolMessage) and each.status == "error" and each.name in able for each in told):
        return True
    asked = {text for phrase in able.values() if phrase for text in (phrase.en, phrase.zh)}
    last = _plain(told[-1]).strip() if told else ""
    return last in asked or is_wanting(last)


def _is_for_papers(text: str, tools: Sequence[BaseTool]) -> bool:
    """Whether a message that names no attachment asks for what stands beside a prediction."""
    request = Request(text, glossary.translate(text).english)
    declared = (declaration_of(tool) for tool in tools)
    return any(each is not None and each.beside(request) is not None for each in declared)


def _cited(messages: Sequence[BaseMessage], began: int) -> tuple[str, ...]:
    """Handles of the papers that the last answer cited that cited any, in the order of the citations.

    `began` is the place of the question that what is asked now goes back to.
    """
    handle_of = {
        sentence["n"]: paper["paper"]
        for message in messages
        if isinstance(message, ToolMessage)
        for paper in result_of(message).get("papers", ())
        for sentence in paper["sentences"]
    }
    for message in reversed(messages[began:]):
        if isinstance(message, AIMessage) and not message.tool_calls:
            cited = [handle_of[number] for number in numbers(_plain(message)) if number in handle_of]
            if cited:
                return tuple(dict.fromkeys(cited))
    return ()


def _plain(message: BaseMessage) -> str:
    return message.content if isinstance(message.content, str) else message.text


def _text(text: str) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(content=text))


def _call(index: int, name: str, arguments: dict[str, Any]) -> ChatGenerationChunk:
    call = tool_call_chunk(
        name=name, args=json.dumps(arguments, ensure_ascii=False), id=f"call_{uuid.uuid4().hex}", index=index
    )
    return ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=[call]))
