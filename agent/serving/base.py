"""The base model that an adapter is served on: its files on this machine."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from agent.errors import AgentError
from agent.serving.weights import Shapes, shapes_of

_TEMPLATE = "chat_template.jinja"
_TOKENIZER = "tokenizer_config.json"


@dataclass(frozen=True)
class Base:
    """A model by name or path; `folder` is where its files lie, None where they are not on this machine."""

    name: str
    folder: Path | None

    @classmethod
    def find(cls, name: str) -> "Base":
        """A folder, else a name that this machine's cache of downloaded models has. Nothing is fetched.

        Raises AgentError where a path is no folder of a model.
        """
        folder = Path(name).expanduser()
        if (folder / "config.json").is_file():
            return cls(str(folder.resolve()), folder.resolve())
        if folder.exists() or name.startswith((".", "/", "~")) or name.count("/") > 1:
            raise AgentError(f"{name} is no folder of a model: it has no config.json", "Name a model or its folder.")
        return cls(name, _cached(name))

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """The model's configuration; empty where its files are not here."""
        return read_json(self.folder / "config.json") if self.folder else {}

    @cached_property
    def template(self) -> str | None:
        """The chat template that vLLM renders with; None where there is none, or its files are not here."""
        return template_of(self.folder) if self.folder else None

    @cached_property
    def shapes(self) -> Shapes:
        """The model's weights; empty where its files are not here."""
        return shapes_of(self.folder) if self.folder else {}


def template_of(folder: Path) -> str | None:
    """The chat template that lies in a folder, as transformers finds it."""
    if (folder / _TEMPLATE).is_file():
        return (folder / _TEMPLATE).read_text(encoding="utf-8")
    if not (folder / _TOKENIZER).is_file():
        return None
    told = read_json(folder / _TOKENIZER).get("chat_template")
    if isinstance(told, list):
        told = next((entry["template"] for entry in told if entry.get("name") == "default"), None)
    return told if isinstance(told, str) else None


def read_json(path: Path) -> Mapping[str, Any]:
    """A JSON object of a file. Raises AgentError where it is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AgentError(f"{path} cannot be read ({error})", "Copy it again from where it was made.") from error
    if not isinstance(found, dict):
        raise AgentError(f"{path} is no JSON object", "Copy it again from where it was made.")
    return found


def _cached(name: str) -> Path | None:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(name, "config.json")
    except HFValidationError as error:
        raise AgentError(f"{name!r} cannot name a model", "Name a model or its folder.") from error
    return Path(found).parent if isinstance(found, str) else None
