"""The endpoint that `epicite serve` has started: told to a file of the home, and found there while it runs."""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

FILE_NAME = "serving.json"


class Served(BaseModel):
    """An adapter that is served: the copy that vLLM has read, the hash of its weights, and where they came from."""

    model_config = ConfigDict(frozen=True)

    path: Path
    sha256: str
    source: Path


class Endpoint(BaseModel):
    """A running vLLM: its URL, the name of its base model, its adapters, the highest rank that it takes.

    `context` is its window in tokens; `pid` and `began` tell its process from another that has got its number since.
    """

    model_config = ConfigDict(frozen=True)

    url: str
    model: str
    base: str
    adapters: Mapping[str, Served]
    rank: int
    context: int
    pid: int
    began: str

    def named(self, *wanted: str) -> str:
        """The first of these names that is served, else the base model's."""
        return next((name for name in wanted if name == self.model or name in self.adapters), self.model)


def running(home: Path) -> Endpoint | None:
    """The endpoint that runs for a home; None where none does, whatever a dead one has left behind."""
    try:
        endpoint = Endpoint.model_validate_json((home / FILE_NAME).read_bytes())
    except (OSError, ValidationError):
        return None
    return endpoint if beginning(endpoint.pid) == endpoint.began else None


def tell(home: Path, endpoint: Endpoint) -> None:
    """Tell the home of an endpoint; who reads meanwhile finds the old or the new one whole."""
    home.mkdir(parents=True, exist_ok=True)
    written = home / f"{FILE_NAME}.{os.getpid()}"
    written.write_text(endpoint.model_dump_json(indent=1), encoding="utf-8")
    written.replace(home / FILE_NAME)


def forget(home: Path, pid: int) -> None:
    """Take back what was told of a process; what another has told since stays."""
    try:
        told = Endpoint.model_validate_json((home / FILE_NAME).read_bytes())
    except (OSError, ValidationError):
        return
    if told.pid == pid:
        (home / FILE_NAME).unlink(missing_ok=True)


def beginning(pid: int) -> str | None:
    """When a process began, as its system tells it; None where it does not run."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass  # somebody else's, and it runs
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return "unknown"  # no Linux: the number must do
    state, *fields = told.rpartition(")")[2].split()
    return None if state in "ZX" else fields[18]
