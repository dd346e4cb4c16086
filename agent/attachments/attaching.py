"""Takes what a message carries into the attachments of its conversation."""

import hashlib
import os
import threading
import uuid
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from agent.attachments.attachment import PREFIXES, RESULT, UPLOADED, Attachment, Attachments, is_gzip
from agent.attachments.extent import Extent, kind_of_file, measure
from agent.attachments.handles import mark
from agent.attachments.lifting import pasted
from agent.attachments.pasted import Kind, Pasted
from agent.errors import AgentError

_CHUNK = 1 << 20
# A message with more things in it than this is taken as one list of them, so that it stays short.
_MOST_PASTED = 50


class NotAFile(AgentError):
    """An upload that cannot be read."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is no file that can be read", "Give it again.")


class TurnEnded(AgentError):
    """A file came after the turn that it was made for had ended; a tool in a thread is not stopped with its turn."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Nobody waits for {name!r} any more", "Ask again.")


class Attaching:
    """Takes content into a conversation that has some; `new` is what came in.

    What is there already keeps its handle. Content lies in the folder under its SHA-256, so that no name that a
    person or a file gives is ever a path.
    """

    def __init__(self, known: Attachments, folder: Path) -> None:
        self._folder = folder
        self._known = {(item.sha256, item.kind, item.name): item for item in known}
        self.new: list[Attachment] = []
        # Tools of one step run side by side.
        self._lock = threading.Lock()
        self._closed = False

    def close(self) -> None:
        """Keep nothing any more; a file that is being written is waited for."""
        with self._lock:
            self._closed = True

    def take(self, message: str, files: Sequence[Path] = ()) -> str:
        """The message with marks for what is pasted into it, and for files behind it. Raises NotAFile."""
        pieces, end = [], 0
        for found in _few(list(pasted(message))):
            pieces += [message[end : found.start], mark(self._paste(message[found.start : found.end], found.kind))]
            end = found.end
        lifted = "".join([*pieces, message[end:]])
        return "\n".join([*filter(None, [lifted]), *(mark(self._upload(path)) for path in files)])

    def keep(self, name: str, kind: Kind, content: str) -> Attachment:
        """Keep what a tool has made, as a file of a name, under a handle of its own. Raises TurnEnded."""
        with self._lock:
            if self._closed:
                raise TurnEnded(name)
            sha256, size = self._keep([content.encode()])
            return self._enter(kind, name, sha256, size, measure(kind, content.splitlines()), RESULT)

    def _paste(self, content: str, kind: Kind) -> Attachment:
        sha256, size = self._keep([content.encode()])
        return self._enter(kind, None, sha256, size, measure(kind, content.splitlines()))

    def _upload(self, path: Path) -> Attachment:
        with _opened(path) as file:
            sha256, size = self._keep(iter(partial(file.read, _CHUNK), b""))
        stored, name = self._folder / sha256, _printable(path.name)
        kind = kind_of_file(stored)
        # What is compressed may hold a thousand times its size: it is not measured.
        if is_gzip(stored):
            return self._enter(kind, name, sha256, size, Extent())
        with stored.open(encoding="utf-8-sig", errors="replace") as lines:
            return self._enter(kind, name, sha256, size, measure(kind, lines))

    def _keep(self, chunks: Iterable[bytes]) -> tuple[str, int]:
        """Store bytes under their hash, whole or not at all; gives the hash and how many they are."""
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / uuid.uuid4().hex
        sha256, size = hashlib.sha256(), 0
        try:
            with unfinished.open("xb") as file:
                for chunk in chunks:
                    file.write(chunk)
                    sha256.update(chunk)
                    size += len(chunk)
            unfinished.replace(self._folder / sha256.hexdigest())
        finally:
            unfinished.unlink(missing_ok=True)
        return sha256.hexdigest(), size

    def _enter(
        self, kind: Kind, name: str | None, sha256: str, size: int, extent: Extent, prefix: str | None = None
    ) -> Attachment:
        key = (sha256, kind, name)
        if key not in self._known:
            handle = self._next(prefix or (UPLOADED if name else PREFIXES[kind]))
            self._known[key] = Attachment(
                handle=handle,
                kind=kind,
                name=name,
                size=size,
                sha256=sha256,
                path=self._folder / sha256,
                **extent._asdict(),
            )
            self.new.append(self._known[key])
        return self._known[key]

    def _next(self, prefix: str) -> str:
        handles = (attachment.handle for attachment in self._known.values())
        taken = [int(handle.removeprefix(prefix)) for handle in handles if handle.startswith(prefix)]
        return f"{prefix}{max(taken, default=0) + 1}"


def _few(found: list[Pasted]) -> list[Pasted]:
    """What was found, as one list where it is too many."""
    return found if len(found) <= _MOST_PASTED else [Pasted(found[0].start, found[-1].end, "file")]


def _opened(path: Path) -> BinaryIO:
    """A regular file to read. Raises NotAFile."""
    try:
        if path.is_file():
            return path.open("rb")
    except OSError as error:
        raise NotAFile(_printable(path.name)) from error
    raise NotAFile(_printable(path.name))


def _printable(name: str) -> str:
    """A file's name to show and store: bytes that are no UTF-8, and what is not printed, are replaced."""
    decoded = os.fsencode(name).decode("utf-8", "replace")
    return "".join(character if character.isprintable() else "\ufffd" for character in decoded)
