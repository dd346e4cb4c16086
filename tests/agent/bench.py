"""A turn with attachments and tiny predictors, in which a tool can be used without a conversation."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from langchain.tools import ToolRuntime
from langchain_core.tools import BaseTool

from agent.attachments.attaching import Attaching
from agent.attachments.attachment import Attachments
from agent.predictors import Predictors
from agent.turn import Turn


def dna(length: int, seed: int = 0, letters: str = "ACGT") -> str:
    return "".join(np.random.default_rng(seed).choice(list(letters), length))


class Bench:
    """Attachments that were pasted or uploaded, and tools that work on them."""

    def __init__(self, folder: Path, predictors: Predictors) -> None:
        self._folder = folder
        self._taken = Attaching(Attachments(), folder)
        self.turn = Turn([], predictors=predictors)

    def paste(self, message: str) -> str:
        """A message with handles for what is pasted into it."""
        return self._taken_in(message)

    def upload(self, name: str, content: str | bytes) -> str:
        """The mark of an uploaded file."""
        path = self._folder.parent / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return self._taken_in("", path)

    def use(self, tool: BaseTool, **arguments: Any) -> dict[str, Any]:
        """What a tool gives for arguments as a model writes them."""
        runtime: ToolRuntime[Turn, Any] = ToolRuntime(
            state={}, context=self.turn, config={}, stream_writer=print, tool_call_id=None, store=None
        )
        result: dict[str, Any] = json.loads(tool.invoke({**arguments, "runtime": runtime}))
        return result

    def file(self, result: dict[str, Any], end: str) -> str:
        """The content of the file of a result whose name ends so."""
        handles = {each["name"]: each["handle"] for each in result["files"]}
        return self.turn.attachments.read(next(handles[name] for name in handles if name.endswith(end))).text()

    def _taken_in(self, message: str, *files: Path) -> str:
        lifted = self._taken.take(message, files)
        self.turn.attachments = Attachments(self._taken.new)
        self.turn.results = Attaching(self.turn.attachments, self._folder)
        return lifted
