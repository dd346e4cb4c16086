"""The user's own conversations: questions, the tools that were called, and the answers that their proof let pass."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from agent.events import Answer
from agent.graph import SYSTEM_PROMPT
from agent.packing import unpack
from agent.tools import TOOLS
from agent.wording import language_of
from finetune.data.rows import Row
from finetune.data.tool_use import is_held_out
from finetune.errors import DataError

# What is learnt from: claims that are quotes, or were borne out by them or by tools.
_PROVED = {"quoted", "supported", "computed", "predicted", "own words"}
_TURNS = "SELECT conversation, question, answer FROM turns ORDER BY conversation, number"


def build(count: int, seed: int = 0, held_out: bool = False, source: Path | None = None) -> Iterator[Row]:
    """At most so many turns, each with those before it in its conversation. Conversations are split by their names.

    A turn with a claim that was flagged or withheld is not learnt, nor one that came to nothing. Raises DataError
    where `source` is no conversations.db.
    """
    del seed
    if source is None or not source.is_file():
        raise DataError(f"{source or 'No file'} holds no conversations", "Give --source HOME/conversations.db.")
    before: list[dict[str, Any]] = []
    now, written = "", 0
    for conversation, question, answer in _turns(source):
        if conversation != now:
            now, before = conversation, []
        turn = _messages(question, answer)
        if written < count and is_held_out(conversation) == held_out and _is_proved(answer):
            written += 1
            yield _row([*before, *turn], question)
        before = [*before, *turn]


def _turns(path: Path) -> Iterator[tuple[str, str, Answer]]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute(_TURNS).fetchall()
    except sqlite3.Error as error:
        raise DataError(f"{path} holds no conversations ({error})", "Give HOME/conversations.db.") from error
    for conversation, question, answer in rows:
        yield conversation, question, Answer.model_validate_json(unpack(answer))


def _is_proved(answer: Answer) -> bool:
    return bool(answer.answer.strip()) and all(claim.verdict in _PROVED for claim in answer.claims)


def _messages(question: str, answer: Answer) -> list[dict[str, Any]]:
    """A turn as its model saw it: calls and results in order, then the answer with its marks."""
    said: list[dict[str, Any]] = [{"role": "user", "content": question}]
    for tool in answer.tools:
        said += _called(tool)
    return [*said, {"role": "assistant", "content": answer.answer}]


def _called(tool: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    call = {"type": "function", "function": {"name": tool["name"], "arguments": tool["arguments"]}}
    result = json.dumps(tool["result"], ensure_ascii=False)
    return (
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "name": tool["name"], "content": result},
    )


def _row(messages: Sequence[dict[str, Any]], question: str) -> Row:
    return Row(
        messages=({"role": "system", "content": SYSTEM_PROMPT}, *messages),
        tools=tuple(tool.name for tool in TOOLS),
        kind="chat",
        language=language_of(question),
    )
