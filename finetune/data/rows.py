"""Rows of training data: conversations, one a line of JSON."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from finetune.errors import DataError

Message = Mapping[str, Any]
TOOLS = "tools.json"


class Row(BaseModel):
    """One conversation, of which the assistant's messages are learnt; or a plain text, which is learnt whole.

    `messages` are OpenAI's (role, content, tool_calls with arguments as an object), `tools` the schemas that the model
    is offered, or their names where a file `tools.json` beside the data has the schemas. `kind`, `language` and
    `template` say how a made row was made.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    messages: tuple[dict[str, Any], ...] = ()
    text: str = ""
    tools: tuple[dict[str, Any] | str, ...] = ()
    kind: str = ""
    language: str = ""
    template: str = ""

    @property
    def last(self) -> Message:
        """The assistant's last message."""
        return self.messages[-1]


def write_rows(path: Path, rows: Iterable[Row], schemas: Sequence[Mapping[str, Any]] = ()) -> None:
    """Write rows as JSONL, and the schemas that they name beside them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row.model_dump(exclude_defaults=True), ensure_ascii=False) + "\n")
    if schemas:
        told = json.dumps(list(schemas), ensure_ascii=False, indent=1)
        (path.parent / TOOLS).write_text(told + "\n", encoding="utf-8")


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSONL file with their line numbers. Raises DataError with the line that is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read ({error})", "Give a JSONL file in UTF-8.") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except ValueError as error:
            raise DataError(f"{path}, line {number} is no JSON ({error})", "Write one object a line.") from error
        if not isinstance(found, dict):
            raise DataError(f"{path}, line {number} is no JSON object", "Write one object a line.")
        yield number, found


def checked(found: Mapping[str, Any], place: str, schemas: Mapping[str, dict[str, Any]]) -> Row:
    """A row as it is trained on. Raises DataError where it holds no conversation that can be."""
    try:
        row = Row.model_validate(found)
    except ValidationError as error:
        raise DataError(
            f"{place} is no conversation ({error.errors()[0]['msg']})", "See `epicite finetune --help`."
        ) from error
    if not row.text and not any(message.get("role") == "assistant" for message in row.messages):
        raise DataError(
            f"{place} has no message of the assistant", "Only those are learnt from: add one, or leave it out."
        )
    unknown = [tool for tool in row.tools if isinstance(tool, str) and tool not in schemas]
    if unknown:
        raise DataError(f"{place} names the tool {unknown[0]!r}", f"Put its schema into {TOOLS} beside the data.")
    tools = tuple(schemas[tool] if isinstance(tool, str) else tool for tool in row.tools)
    return row.model_copy(update={"tools": tools, "messages": tuple(map(_with_objects, row.messages))})


def schemas_beside(path: Path) -> dict[str, dict[str, Any]]:
    """The schemas in `tools.json` beside a data file, by name."""
    beside = path.parent / TOOLS
    if not beside.is_file():
        return {}
    try:
        return {tool["function"]["name"]: tool for tool in json.loads(beside.read_text(encoding="utf-8"))}
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{beside} holds no list of tool schemas ({error})", "Build the data again.") from error


def _with_objects(message: dict[str, Any]) -> dict[str, Any]:
    """A message whose calls have objects for arguments, which templates render, and no strings of JSON."""
    calls = message.get("tool_calls")
    if not calls:
        return message
    told = []
    for call in calls:
        function = dict(call.get("function", call))
        if isinstance(function.get("arguments"), str):
            try:
                function["arguments"] = json.loads(function["arguments"])
            except ValueError as error:
                raise DataError(f"The arguments of a call are no JSON ({error})", "Write them as an object.") from error
        told.append({"type": "function", "function": function})
    return {**message, "content": message.get("content") or "", "tool_calls": told}


def data_sha256(rows: Iterable[Row]) -> str:
    """The hash of rows as they are trained on."""
    found = hashlib.sha256()
    for row in rows:
        found.update(json.dumps(row.model_dump(), ensure_ascii=False, sort_keys=True).encode())
    return found.hexdigest()
