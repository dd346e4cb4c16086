"""The templates of requests, which lie in YAML, a file a language."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Any

from agent.wording import Language

_FILES: dict[Language, str] = {"en": "english.yaml", "zh": "chinese.yaml"}


@dataclass(frozen=True)
class Requests:
    """One language's: `frames` stand around any request, `asking` are by tool.

    `bare` are by tool too, for where what it works on is missing; `unanswered` are by kind, with their answers.
    """

    frames: tuple[str, ...]
    asking: dict[str, tuple[str, ...]]
    bare: dict[str, tuple[str, ...]]
    unanswered: dict[str, dict[str, str]]


@cache
def requests_in(language: Language) -> Requests:
    """The templates of a language."""
    from omegaconf import OmegaConf

    with as_file(files("finetune") / "configs" / "requests" / _FILES[language]) as path:
        told: Any = OmegaConf.to_container(OmegaConf.load(path))
    return Requests(
        frames=tuple(told["frames"]),
        asking={tool: tuple(several) for tool, several in told["requests"].items()},
        bare={tool: tuple(several) for tool, several in told["bare"].items()},
        unanswered={kind: {one["ask"]: one["answer"] for one in of} for kind, of in told["unanswered"].items()},
    )
