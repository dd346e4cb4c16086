"""What tools have said, read from the messages of a conversation."""

import json
from typing import Any

from langchain_core.messages import ToolMessage


def result_of(message: ToolMessage) -> dict[str, Any]:
    """A tool's result; a tool that failed, or says something else than an object, gives none."""
    if message.status == "error" or not isinstance(message.content, str):
        return {}
    try:
        result = json.loads(message.content)
    except json.JSONDecodeError:
        return {}
    return result if isinstance(result, dict) else {}
