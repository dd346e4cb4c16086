"""The templates of requests, which lie in YAML, a file a language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Any

from agent.wording import Language

_FILES: dict[Language, tuple[str, ...]] = {
    "en": ("english.yaml", "english_wordings.yaml"),
    "zh": ("chinese.yaml", "chinese_wordings.yaml"),
}


@dataclass(frozen=True)
class Requests:
    """One language's: `frames` stand around any request, `phrases` within any, by name; `asking` are by tool.

    `bare` are by tool too, for where what it works on is missing; `unanswered` are by kind, with their answers.
    """

    frames: tuple[str, ...]
    phrases: dict[str, tuple[str, ...]]
    asking: dict[str, tuple[str, ...]]
    bare: dict[str, tuple[str, ...]]
    unanswered: dict[str, dict[str, str]]


@cache
def requests_in(language: Language) -> Requests:
    """The templates of a language."""
    from omegaconf import OmegaConf

    read: list[Any] = []
    for name in _FILES[language]:
        with as_file(files("finetune") / "configs" / "requests" / name) as path:
            read.append(OmegaConf.to_container(OmegaConf.load(path)))
    return Requests(
        frames=tuple(frame for told in read for frame in _lines(told.get("frames"))),
        phrases=_joined(told.get("phrases", {}) for told in read),
        asking=_joined(told.get("requests", {}) for told in read),
        bare=_joined(told.get("bare", {}) for told in read),
        unanswered={
            kind: {
                ask: one["answer"]
                for told in read
                for one in told.get("unanswered", {}).get(kind, ())
                for ask in _lines(one["ask"])
            }
            for kind in read[0]["unanswered"]
        },
    )


def _lines(told: str | list[str] | None) -> list[str]:
    """A list as it is; a text by its lines."""
    return told.splitlines() if isinstance(told, str) else told or []


def _joined(parts: Iterable[Mapping[str, str | list[str]]]) -> dict[str, tuple[str, ...]]:
    """What several files say under the same names, each once."""
    found: dict[str, tuple[str, ...]] = {}
    for part in parts:
        for name, several in part.items():
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), *_lines(several))))
    return found
