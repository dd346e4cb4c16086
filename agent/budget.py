"""What a language model is given is cut to a budget; what the conversation remembers is not."""

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from langchain.agents.middleware import AgentMiddleware, AgentState, ModelRequest, ModelResponse
from langchain_core.exceptions import ContextOverflowError, ModelInvalidRequestError
from langchain_core.messages import AnyMessage, HumanMessage, ToolMessage
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from agent.citations.results import result_of
from agent.turn import Turn

# A token of English holds about four characters, one of Chinese about one (both on the safe side).
_CHARACTERS_PER_TOKEN = 3.5
_HAN = re.compile(r"[\u4e00-\u9fff]")
# How OpenAI, vLLM and llama.cpp say that a request is too long, which their client takes for any wrong request.
_TOO_LONG = re.compile(r"maximum context length|context window|available context size")


class BudgetMiddleware(AgentMiddleware[AgentState[Any], Turn]):
    """Cuts the messages of each call, and once more to half where the model still finds them too long."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self._tokens = tokens

    async def awrap_model_call(
        self, request: ModelRequest[Turn], handler: Callable[[ModelRequest[Turn]], Awaitable[ModelResponse[Any]]]
    ) -> ModelResponse[Any]:
        """Call the model with messages that fit beside the system prompt and the schemas of the tools."""
        system = [request.system_message] if request.system_message else []
        beside = sum(map(count_tokens, system)) + sum(map(_tokens_of_schema, request.tools))
        fitting = cut(request.messages, self._tokens - beside)
        try:
            return await handler(request.override(messages=fitting))
        except (ContextOverflowError, ModelInvalidRequestError) as error:
            if not _is_overflow(error):
                raise
            half = sum(map(count_tokens, fitting)) // 2
            return await handler(request.override(messages=cut(fitting, half)))


def cut(messages: Sequence[AnyMessage], tokens: int) -> list[AnyMessage]:
    """Messages within a budget: earlier tool results shrink to what they cited, then turns go, both oldest first.

    The current turn, from the last question on, always stays whole.
    """
    current = max((i for i, message in enumerate(messages) if isinstance(message, HumanMessage)), default=0)
    earlier, sizes = list(messages[:current]), [count_tokens(message) for message in messages]
    over = sum(sizes) - tokens
    for index, message in enumerate(earlier):
        if over > 0 and isinstance(message, ToolMessage):
            earlier[index] = _shrunk(message)
            over += count_tokens(earlier[index]) - sizes[index]
    turns = _turns(earlier)
    while turns and over > 0:
        over -= sum(map(count_tokens, turns.pop(0)))
    return [*(message for turn in turns for message in turn), *messages[current:]]


def count_tokens(message: AnyMessage) -> int:
    """An estimate of a message's tokens that errs on the high side."""
    return _tokens_of(f"{message.text}{getattr(message, 'tool_calls', '')}")


def _tokens_of_schema(tool: BaseTool | dict[str, Any]) -> int:
    return _tokens_of(json.dumps(convert_to_openai_tool(tool), ensure_ascii=False))


def _tokens_of(text: str) -> int:
    han = len(_HAN.findall(text))
    return int(han + (len(text) - han) / _CHARACTERS_PER_TOKEN) + 4


def _is_overflow(error: Exception) -> bool:
    return isinstance(error, ContextOverflowError) or _TOO_LONG.search(str(error)) is not None


def _shrunk(message: ToolMessage) -> ToolMessage:
    """A tool's result without its sentences: which papers it gave, and under which numbers."""
    papers = result_of(message).get("papers")
    if papers is None:
        return message
    listed = [
        {
            "paper": paper["paper"],
            "pmid": paper["pmid"],
            "title": paper["title"],
            "sentences": [{"n": sentence["n"]} for sentence in paper["sentences"]],
        }
        for paper in papers
    ]
    return message.model_copy(update={"content": json.dumps({"papers": listed}, ensure_ascii=False)})


def _turns(messages: Sequence[AnyMessage]) -> list[list[AnyMessage]]:
    """Messages by turn; each begins with a question."""
    turns: list[list[AnyMessage]] = []
    for message in messages:
        if isinstance(message, HumanMessage) or not turns:
            turns.append([])
        turns[-1].append(message)
    return turns
