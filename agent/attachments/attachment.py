"""Attachments of a conversation: what was pasted or uploaded, under handles that tools resolve."""

import gzip
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO, cast

from langchain_core.tools import ToolException
from pydantic import BaseModel, ConfigDict

from agent.attachments.pasted import SEQUENCES, Kind
from agent.errors import AgentError

# How handles begin: what is pasted is called after its kind, what is uploaded a file, what a tool made a result.
PREFIXES: dict[Kind, str] = {
    **dict.fromkeys((*SEQUENCES, "fasta"), "seq"),
    "table": "table",
    "vcf": "vcf",
    "file": "file",
}
UPLOADED = "file"
RESULT = "result"
_GZIP = b"\x1f\x8b"
_NO_LETTERS = re.compile(r"[^A-Za-z]+")


class UnknownHandle(AgentError, ToolException):
    """A handle that the conversation does not have; a language model is told, so that it can use another."""

    def __init__(self, handle: str, known: Sequence[str]) -> None:
        there_is = f"There are: {', '.join(known)}." if known else "Nothing is attached: ask for a sequence or file."
        super().__init__(f"This conversation has no attachment {handle!r}", there_is)
        self.handle = handle


class LostContent(AgentError, ToolException):
    """The file with the content of an attachment is gone."""

    def __init__(self, handle: str) -> None:
        super().__init__(f"The content of {handle} is no longer stored", "Paste or upload it again.")


class Attached(BaseModel):
    """Something pasted, uploaded or made by a tool, as it is told.

    `name` is that of a file, without folders, None where the content was pasted. `size` is in bytes,
    `length` in letters of sequence or rows without header and None where neither is counted; `parts` are the
    sequences of a FASTA or the lines of a bare sequence; `alphabet` is the letters that occur, in capitals;
    `preview` is the first 30 letters.
    """

    model_config = ConfigDict(frozen=True)

    handle: str
    kind: Kind
    name: str | None
    size: int
    length: int | None
    parts: int
    alphabet: str
    preview: str
    sha256: str


class Attachment(Attached):
    """Something pasted, uploaded or made by a tool, with its content, which lies at `path`."""

    path: Path

    def told(self) -> Attached:
        """All of it but where its content lies."""
        return Attached(**self.model_dump(exclude={"path"}))

    def open(self) -> TextIO:
        """The content as text, line ends as they came; gzip is read through. Raises LostContent."""
        # What was pasted comes back as it was; files of others may begin with a mark or hold other bytes.
        encoding, errors = ("utf-8", "strict") if self.name is None else ("utf-8-sig", "replace")
        try:
            if is_gzip(self.path):
                return cast(TextIO, gzip.open(self.path, "rt", encoding=encoding, errors=errors, newline=""))
            return self.path.open(encoding=encoding, errors=errors, newline="")
        except FileNotFoundError as error:
            raise LostContent(self.handle) from error

    def text(self) -> str:
        """The whole content."""
        with self.open() as file:
            return file.read()

    def letters(self) -> str:
        """The letters of a bare sequence, without spaces, line ends and the positions before lines."""
        return _NO_LETTERS.sub("", self.text())


class Attachments:
    """The attachments of one conversation."""

    def __init__(self, attachments: Sequence[Attachment] = ()) -> None:
        self._attachments = {attachment.handle: attachment for attachment in attachments}

    def __iter__(self) -> Iterator[Attachment]:
        return iter(self._attachments.values())

    def __contains__(self, handle: str) -> bool:
        return handle in self._attachments

    def add(self, attachment: Attachment) -> None:
        """Take in one more."""
        self._attachments[attachment.handle] = attachment

    def read(self, handle: str) -> Attachment:
        """The attachment of a handle. Raises UnknownHandle, which names those that exist."""
        found = self._attachments.get(handle.strip().strip("[]").lower())
        if found is None:
            raise UnknownHandle(handle, list(self._attachments))
        return found


def is_gzip(path: Path) -> bool:
    """Whether a file is compressed, by its first bytes (RFC 1952)."""
    with path.open("rb") as file:
        return file.read(len(_GZIP)) == _GZIP
