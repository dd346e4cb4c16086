"""Files of other people's formats as rows: OpenAI messages, ShareGPT, Alpaca."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from finetune.data.rows import Row, checked, read_lines, schemas_beside
from finetune.errors import DataError

Format = Literal["messages", "sharegpt", "alpaca"]
_ROLES = {
    "system": "system",
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "model": "assistant",
    "assistant": "assistant",
    "function_call": "call",
    "observation": "tool",
    "tool": "tool",
    "function_response": "tool",
}


def read_rows(path: Path, form: Format) -> list[Row]:
    """The rows of a file: JSONL, or one JSON list. Raises DataError with the place of what cannot be read."""
    beside = schemas_beside(path)
    rows = []
    for place, found in _objects(path):
        try:
            told = _READERS[form](found)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise DataError(
                f"{place} is no row of {form} ({error})", "Choose the format with data=messages, sharegpt or alpaca."
            ) from error
        rows.append(checked(told, place, beside))
    if not rows:
        raise DataError(f"{path} has no rows", "Give a file with at least one.")
    return rows


def _objects(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if path.suffix != ".json":
        yield from ((f"{path}, line {number}", found) for number, found in read_lines(path))
        return
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read ({error})", "Give JSON in UTF-8.") from error
    if not isinstance(told, list):
        raise DataError(f"{path} is no list", "Give a list of objects, or JSONL.")
    yield from ((f"{path}, row {number}", found) for number, found in enumerate(told, 1))


def _messages(found: Mapping[str, Any]) -> Mapping[str, Any]:
    return found


def _sharegpt(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Turns by `from` and `value`; calls and schemas are JSON texts."""
    messages: list[dict[str, Any]] = []
    if found.get("system"):
        messages.append({"role": "system", "content": found["system"]})
    for turn in found["conversations"]:
        said = turn["from"]
        if said not in _ROLES:
            raise ValueError(f"nobody is called {said!r}")
        role = _ROLES[said]
        if role == "call":
            calls = json.loads(turn["value"])
            calls = calls if isinstance(calls, list) else [calls]
            told = [{"type": "function", "function": call} for call in calls]
            messages.append({"role": "assistant", "content": "", "tool_calls": told})
        else:
            messages.append({"role": role, "content": turn["value"]})
    return {"messages": messages, "tools": _schemas(found.get("tools"))}


def _schemas(told: Any) -> list[Any]:
    """Schemas of tools, each with its name under `function`."""
    tools = json.loads(told) if isinstance(told, str) and told else told or []
    return [
        tool if isinstance(tool, str) or "function" in tool else {"type": "function", "function": tool}
        for tool in tools
    ]


def _alpaca(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """An instruction with its input, and the exchanges before it."""
    messages = [{"role": "system", "content": found["system"]}] if found.get("system") else []
    for asked, answered in found.get("history") or ():
        messages += [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]
    asked = "\n".join(filter(None, [found["instruction"], found.get("input")]))
    return {
        "messages": [*messages, {"role": "user", "content": asked}, {"role": "assistant", "content": found["output"]}]
    }


_READERS: dict[Format, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
    "messages": _messages,
    "sharegpt": _sharegpt,
    "alpaca": _alpaca,
}
