"""Which tools a language model is offered: those on attachments only where something is attached."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from langchain.agents.middleware import AgentMiddleware, AgentState, ModelRequest, ModelResponse
from langchain_core.messages import AnyMessage, HumanMessage
from langchain_core.tools import BaseTool

from agent.attachments.handles import attached
from agent.tools.declaration import declaration_of
from agent.turn import Turn

OfferedTool = TypeVar("OfferedTool", bound=BaseTool | dict[str, Any])


class OfferingMiddleware(AgentMiddleware[AgentState[Any], Turn]):
    """Leaves out the schemas of tools that can do nothing yet: they would take a quarter of a small window."""

    async def awrap_model_call(
        self, request: ModelRequest[Turn], handler: Callable[[ModelRequest[Turn]], Awaitable[ModelResponse[Any]]]
    ) -> ModelResponse[Any]:
        """Call the model with the tools that it may need."""
        return await handler(request.override(tools=offered(request.tools, request.messages)))


def offered(tools: Sequence[OfferedTool], messages: Sequence[AnyMessage]) -> list[OfferedTool]:
    """The tools that can do something after these messages."""
    if any(map(_attaches, messages)):
        return list(tools)
    return [tool for tool in tools if not _needs_attachment(tool)]


def _attaches(message: AnyMessage) -> bool:
    return isinstance(message, HumanMessage) and bool(attached(message.text))


def _needs_attachment(tool: BaseTool | dict[str, Any]) -> bool:
    declared = declaration_of(tool) if isinstance(tool, BaseTool) else None
    return declared is not None and declared.asks is not None
