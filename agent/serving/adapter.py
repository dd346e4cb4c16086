"""An adapter as it lies in its folder, written by peft."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from agent.errors import AgentError
from agent.serving.base import read_json
from agent.serving.card import AdapterCard, read_card, weights_sha256
from agent.serving.weights import Shapes, shapes_of

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
# What vLLM 0.32 starts with (`--max-lora-rank`).
RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PART = re.compile(r"(?:base_model\.model\.)?(.+?)\.(?:lora_([AB])\.weight|lora_embedding_([AB]))")


@dataclass(frozen=True)
class Adapter:
    """A folder with the configuration and the weights of a LoRA adapter."""

    folder: Path

    @classmethod
    def read(cls, folder: Path) -> "Adapter":
        """An adapter's folder. Raises AgentError where it is none."""
        if not folder.is_dir():
            raise AgentError(f"There is no folder {folder}", "Name the folder of an adapter.")
        if not (folder / CONFIG).is_file():
            raise AgentError(f"{folder} is no adapter: it has no {CONFIG}", "Name the folder that peft has written.")
        return cls(folder.resolve())

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """What peft says of it."""
        return read_json(self.folder / CONFIG)

    @cached_property
    def card(self) -> AdapterCard | None:
        """What training says of it, where it does."""
        return read_card(self.folder)

    @cached_property
    def shapes(self) -> Shapes:
        """Its weights; empty where it has none that are safe to read."""
        return shapes_of(self.folder, WEIGHTS)

    @property
    def modules(self) -> dict[str, dict[str, tuple[int, ...]]]:
        """The modules that it adapts, each with the shapes of its A and B."""
        found: dict[str, dict[str, tuple[int, ...]]] = {}
        for name, shape in self.shapes.items():
            if part := _PART.fullmatch(name):
                found.setdefault(part[1], {})[part[2] or part[3]] = shape
        return found

    @property
    def foreign(self) -> list[str]:
        """Weights that are no part of a LoRA."""
        return [name for name in self.shapes if not _PART.fullmatch(name)]

    @property
    def rank(self) -> int:
        """Its highest rank over all modules, 0 where its configuration names none."""
        ranks = [self.config.get("r", 0), *(self.config.get("rank_pattern") or {}).values()]
        return max((rank for rank in ranks if isinstance(rank, int)), default=0)

    @cached_property
    def sha256(self) -> str:
        """The hash of its weights."""
        return weights_sha256(self.folder)


def named(text: str) -> tuple[str, Path]:
    """The name and folder of `NAME=PATH`. Raises AgentError where it is none."""
    name, equals, path = text.partition("=")
    if not equals or not path or not _NAME.fullmatch(name):
        raise AgentError(f"{text!r} names no adapter", "Write NAME=PATH, the name in letters, digits, dots, - and _.")
    return name, Path(path).expanduser()


def rank_to_serve(ranks: list[int]) -> int:
    """The smallest `--max-lora-rank` that takes adapters of these ranks. Raises AgentError where there is none."""
    highest = max(ranks, default=1)
    allowed = next((rank for rank in RANKS if rank >= highest), None)
    if allowed is None:
        raise AgentError(f"vLLM serves no adapter of rank {highest}", f"Train it with a rank of at most {RANKS[-1]}.")
    return allowed
