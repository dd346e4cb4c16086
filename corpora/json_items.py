"""The objects of a JSON file, one after the other: those of its list, of a list within it, or of its lines."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpora.encoding import decoded
from corpora.streams import MIB, TEXT_LIMIT, open_stream
from corpora.unreadable import Unreadable

_REMEDY = "Export it again, or give it as JSON lines (.jsonl), which may be of any size."
_SPACE = re.compile(r"[\s,\x1e]*")


def items(path: Path, lists: frozenset[str] = frozenset()) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Each item of the outermost list, or of the first list under one of these keys, with what stood before it.

    A file of several objects, one behind the other, gives each. Raises Unreadable where the file is too long, empty,
    or no JSON, after the items before that place; and what `open_stream` raises.
    """
    text = _text(path)
    start = _skip(text, 0)
    if text.startswith("[", start):
        yield from ((item, {}) for item, _ in _elements(text, start + 1, "]"))
        return
    inner, envelope = _within(text, start, lists)
    if inner is not None:
        yield from ((item, envelope) for item, _ in _elements(text, inner, "]"))
    else:
        yield from ((item, {}) for item, _ in _elements(text, start, ""))


def _text(path: Path) -> str:
    with open_stream(path) as stream:
        content = stream.read(TEXT_LIMIT + 1)
    if len(content) > TEXT_LIMIT:
        raise Unreadable(f"is larger than {TEXT_LIMIT // MIB} MiB, the limit for one JSON file", _REMEDY)
    text = decoded(content)
    if not text.strip():
        raise Unreadable("is empty", "Give a file with JSON in it.")
    return text


def _elements(text: str, at: int, end: str) -> Iterator[tuple[Any, int]]:
    """Values one behind the other up to the sign that ends them, or the end of the text."""
    while True:
        at = _skip(text, at)
        if at >= len(text):
            if end:
                raise _damaged(f"its list does not end ({end!r} is missing)")
            return
        if end and text[at] == end:
            return
        value, at = _value(text, at)
        yield value, at


def _within(text: str, at: int, lists: frozenset[str]) -> tuple[int | None, dict[str, Any]]:
    """Where the list begins that an object holds under one of these keys, and what stands before it."""
    before: dict[str, Any] = {}
    if not lists or not text.startswith("{", at):
        return None, before
    at = _skip(text, at + 1)
    while text.startswith('"', at):
        key, at = _value(text, at)
        at = _skip(text, at)
        if not text.startswith(":", at):
            break
        at = _skip(text, at + 1)
        if key in lists and text.startswith("[", at):
            return at + 1, before
        before[str(key)], at = _value(text, at)
        at = _skip(text, at)
    return None, before


def _value(text: str, at: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        raise _damaged(f"{error.msg} (line {error.lineno}, column {error.colno})") from error
    except (ValueError, RecursionError) as error:
        raise _damaged(str(error)) from error


_DECODER = json.JSONDecoder(parse_constant=lambda _: None)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _damaged(flaw: str) -> Unreadable:
    return Unreadable(f"is damaged or no JSON: {flaw}", _REMEDY)
