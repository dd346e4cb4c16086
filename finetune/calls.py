"""Tool calls as models write them (Hermes: JSON between <tool_call> tags), compared with what was wanted."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_CALL = re.compile(r"<tool_call>\s*(.*?)\s*</tool_call>", re.DOTALL)
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
# What a person may word in many ways: compared by presence only.
FREE = frozenset({"query", "question", "text"})


@dataclass(frozen=True)
class Judgement:
    """One answer beside the wanted one: the right tool (or none), the very arguments, and calls that fit schemas."""

    tool: bool
    exact: bool
    valid: bool


def written(text: str) -> list[dict[str, Any]] | None:
    """The calls in a model's text; None where one is no call."""
    found = []
    for body in _CALL.findall(text):
        try:
            call = json.loads(body)
        except ValueError:
            return None
        if not isinstance(call, dict) or not isinstance(call.get("name"), str):
            return None
        found.append({"name": call["name"], "arguments": call.get("arguments", {})})
    return None if text.count("<tool_call>") != len(found) else found


def judged(
    text: str, wanted: Mapping[str, Any], tools: Sequence[Mapping[str, Any]], free: Collection[str] = FREE
) -> Judgement:
    """How a model's text compares with the wanted message; words of `free` arguments are not compared."""
    found = written(text)
    calls = [call["function"] for call in wanted.get("tool_calls", ())]
    if found is None:
        return Judgement(False, False, False)
    # Where no call is wanted something must be said instead.
    if not text.strip():
        return Judgement(False, False, True)
    right = [call["name"] for call in found] == [call["name"] for call in calls]
    same = right and all(_freed(one, free) == _freed(other, free) for one, other in zip(found, calls, strict=True))
    return Judgement(right, same, not any(faults(call, tools) for call in found))


def _freed(call: Mapping[str, Any], free: Collection[str]) -> dict[str, Any]:
    arguments = call["arguments"] if isinstance(call["arguments"], dict) else {}
    return {name: None if name in free else value for name, value in arguments.items() if value is not None}


def faults(call: Mapping[str, Any], tools: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a tool would find wrong with a call, by its schema; nothing where it fits."""
    schema = next((tool["function"] for tool in tools if tool["function"]["name"] == call["name"]), None)
    if schema is None:
        return [f"there is no tool {call['name']}"]
    return _faults(call["arguments"], {"type": "object", **schema.get("parameters", {})}, "arguments")


def _faults(value: Any, schema: Mapping[str, Any], place: str) -> list[str]:
    """The part of JSON Schema that tool schemas of langchain use."""
    if options := schema.get("anyOf"):
        tried = [_faults(value, option, place) for option in options]
        return [] if [] in tried else tried[0]
    kind = schema.get("type")
    if kind and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return [f"{place} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{place} is none of {schema['enum']}"]
    if isinstance(value, (int, float)) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return [f"{place} is out of range"]
    if isinstance(value, list):
        return [fault for one in value for fault in _faults(one, schema.get("items", {}), place)]
    if isinstance(value, dict):
        known = schema.get("properties", {})
        missing = [f"{place} lack {name}" for name in schema.get("required", ()) if name not in value]
        unknown = [f"{place} have no {name}" for name in value if known and name not in known]
        inner = [fault for name in value if name in known for fault in _faults(value[name], known[name], name)]
        return missing + unknown + inner
    return []
