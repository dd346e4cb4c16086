"""A folder that is being filled: whole files only, whatever is killed, and one fetch at a time."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from corpora.feeds.errors import Occupied

_PLAN = ".fetch.json"
_LOCK = ".lock"
_MISSING = ".missing"


@contextmanager
def occupied(path: Path) -> Iterator[None]:
    """A folder, made where there is none, that others are kept out of; raises Occupied where another is in it."""
    path.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Occupied(f"Another process is fetching into {path}", "Wait for it, or name another --out.") from None
    try:
        yield
    finally:
        lock.release()


class Folder:
    """The files of one fetch, in the order of their names; a context manager that keeps others out.

    `asked` says in words what is fetched; a folder holds the answer to one question only. Hidden files remember
    what was asked and planned, so that the folder itself can be ingested.
    """

    def __init__(self, path: Path, asked: str, anew: bool = False) -> None:
        self.path = path
        self._asked = asked
        self._anew = anew
        self._plan: dict[str, Any] = {}
        self._others = ExitStack()

    def __enter__(self) -> Self:
        """Raises Occupied where another process is filling the folder, or it holds something else."""
        with ExitStack() as others:
            others.enter_context(occupied(self.path))
            self._open()
            self._others = others.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Let others in."""
        self._others.close()

    def _open(self) -> None:
        if self._anew:
            for path in (*self.files(), self.path / _PLAN, self.path / _MISSING):
                path.unlink(missing_ok=True)
        told = self._told()
        if told.get("asked", self._asked) != self._asked:
            raise Occupied(
                f"{self.path} holds the answer to something else ({told['asked']})",
                "Name another folder with --out, or repeat exactly that to go on with it.",
            )
        if not told and self.files():
            raise Occupied(f"{self.path} has files in it that were not fetched", "Name a new folder with --out.")
        self._plan = told.get("plan", {})
        if not told:
            self.plan = {}

    def _told(self) -> dict[str, Any]:
        try:
            told = json.loads((self.path / _PLAN).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise Occupied(f"{self.path / _PLAN} is damaged", "Name another folder with --out, or start --anew.")
        return told

    @property
    def plan(self) -> dict[str, Any]:
        """What the source has planned; empty before it has."""
        return self._plan

    @plan.setter
    def plan(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        written = json.dumps({"asked": self._asked, "plan": plan}, ensure_ascii=False)
        write_whole(self.path / _PLAN, written.encode())

    def has(self, name: str) -> bool:
        """Whether a file is there, and so whole."""
        return (self.path / name).exists()

    def keep(self, name: str, content: bytes) -> Path:
        """Store a file: it is there whole, or not at all."""
        write_whole(self.path / name, content)
        return self.path / name

    def files(self) -> list[Path]:
        """The files that are whole, by name."""
        if not self.path.exists():
            return []
        return sorted(path for path in self.path.iterdir() if path.is_file() and path.suffix == ".xml")

    def note_missing(self, names: list[str]) -> None:
        """Remember what the source does not have."""
        if names:
            with (self.path / _MISSING).open("a", encoding="utf-8") as file:
                file.writelines(f"{name}\n" for name in names)
                _to_disk(file.fileno())

    def missing(self) -> list[str]:
        """What the source does not have."""
        try:
            return list(dict.fromkeys((self.path / _MISSING).read_text(encoding="utf-8").splitlines()))
        except FileNotFoundError:
            return []


def folder_name(asked: str) -> str:
    """A name for the folder of what is asked for: its first words and a hash."""
    words = re.sub(r"\W+", "-", asked.casefold()).strip("-")[:48].rstrip("-")
    return f"{words}-{hashlib.sha256(asked.encode()).hexdigest()[:8]}"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that, killed at any moment, the old or the new one is there, whole."""
    written = path.with_name(f".{path.name}.part")
    with written.open("wb") as file:
        file.write(content)
        _to_disk(file.fileno())
    written.replace(path)


def _to_disk(descriptor: int) -> None:
    os.fsync(descriptor)
