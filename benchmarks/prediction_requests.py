"""Whether requests to predict from sequences reach the right tool with the right arguments, in the embedded model.

The requests were written by someone who had seen the tools' descriptions but neither the examples nor the readers, and
frozen by hash before the router was tuned. What is pasted and uploaded is lifted as the agent does it, and the call is
read from the model's message: no predictor runs.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage

from agent.attachments.attaching import Attaching
from agent.attachments.attachment import Attachments
from agent.embedded.extractive import ExtractiveChatModel
from agent.tools import TOOLS
from benchmarks.shared import embedder, frozen
from corpora import species

REQUESTS = Path(__file__).parent / "data" / "prediction_requests.jsonl"
SHA256 = "c07b4d268505990d472ff87f7ecedfe2fd3f154ff7f0ef23d52b5bd6fc2ac510"
_UPLOADS = "files"

Call = tuple[str | None, dict[str, Any]]


def main() -> None:
    """Print the shares of right tools and of calls right in all arguments; `--misses` names the other rows."""
    rows = frozen(REQUESTS, SHA256)
    tools, calls, asked = Counter[str](), Counter[str](), Counter[str]()
    for row, called in zip(rows, answered(rows), strict=True):
        is_tool, is_call = judged(row, called)
        for group in groups(row):
            asked[group] += 1
            tools[group] += is_tool
            calls[group] += is_call
        if not is_call and "--misses" in sys.argv:
            print(f"    {row['id']}")
    for group, count in asked.items():
        shares = f"{tools[group] / count:.0%} right tool, {calls[group] / count:.0%} all arguments right"
        print(f"{group:>26}: {tools[group]} and {calls[group]} of {count} ({shares})")


def answered(rows: Sequence[Mapping[str, Any]]) -> Iterator[Call]:
    """What the embedded model calls for each row; no tool where it asks back or answers."""
    model = ExtractiveChatModel(embedder=embedder()).bind_tools(TOOLS)
    for row in rows:
        with tempfile.TemporaryDirectory() as folder:
            message = _message(row, Path(folder))
            reply = model.invoke([HumanMessage(message)])
        calls = reply.tool_calls if isinstance(reply, AIMessage) else []
        yield (calls[0]["name"], calls[0]["args"]) if calls else (None, {})


def judged(row: Mapping[str, Any], called: Call) -> tuple[bool, bool]:
    """Whether a call is of the right tool, and whether all of its arguments are right too."""
    is_tool = called[0] == row["tool"]
    return is_tool, is_tool and (row["tool"] is None or _plain(called[1]) == _plain(row["arguments"]))


def groups(row: Mapping[str, Any]) -> list[str]:
    """What a row is counted under: all, its language, how its attachments came, its tool."""
    kinds = {"uploaded" if attachment["name"] else "pasted" for attachment in row["attachments"]}
    came = " and ".join(sorted(kinds)) or "nothing attached"
    return ["all", row["language"], came, row["tool"] or "no tool"]


def _message(row: Mapping[str, Any], folder: Path) -> str:
    """The message as a model sees it: what was pasted stands behind the words, uploads are files."""
    uploads, message = [], row["request"]
    for number, attachment in enumerate(row["attachments"]):
        if attachment["name"]:
            path = folder / _UPLOADS / str(number) / attachment["name"]
            path.parent.mkdir(parents=True)
            path.write_text(attachment["content"], encoding="utf-8")
            uploads.append(path)
        else:
            message = f"{message}\n\n{attachment['content']}"
    return Attaching(Attachments(), folder / "attached").take(message, uploads)


def _plain(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments in one form: what is left out is left out, and one value is a list of one, in any order."""
    return {name: _form(name, value) for name, value in arguments.items() if value not in (None, [], "")}


def _form(name: str, value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    if name == "species":
        return sorted(species.species(str(each)) or str(each) for each in values)
    return sorted(f"{each:.6g}" if isinstance(each, float | int) else str(each) for each in values)


if __name__ == "__main__":
    main()
