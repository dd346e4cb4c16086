"""Conversations as a person sees them: listed, read again, deleted. The agent's own memory lies beside them."""

import asyncio
import hashlib
import re
import shutil
import sqlite3
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiosqlite
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from pydantic import BaseModel, ConfigDict

from agent.attachments.attaching import Attaching
from agent.attachments.attachment import Attached, Attachment, Attachments
from agent.attachments.handles import without_marks
from agent.errors import DeletedConversation, UnknownConversation, UnreadableConversations
from agent.events import Answer
from agent.packing import PackedSerializer, pack, unpack

_TITLE_LENGTH = 80
# In seconds: with many conversations at once a transaction of one waits for the loop, and those of others for it.
_PATIENCE = 60.0
# What is deleted is overwritten, and the log beside the file stays small: it is written back every 64 pages.
_PRAGMAS = ("foreign_keys = ON", "secure_delete = ON", "wal_autocheckpoint = 64", "journal_size_limit = 262144")
_TABLES = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, changed TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS turns (
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    number INTEGER NOT NULL, question TEXT NOT NULL, answer BLOB NOT NULL,
    PRIMARY KEY (conversation, number)
);
CREATE TABLE IF NOT EXISTS attachments (
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    handle TEXT NOT NULL, kind TEXT NOT NULL, name TEXT, size INTEGER NOT NULL, length INTEGER,
    parts INTEGER NOT NULL, alphabet TEXT NOT NULL, preview TEXT NOT NULL, sha256 TEXT NOT NULL,
    PRIMARY KEY (conversation, handle)
);
"""
# What the agent remembers of conversations whose first turn was never brought to its end.
_LEFTOVERS = """
DELETE FROM checkpoints WHERE thread_id NOT IN (SELECT id FROM conversations);
DELETE FROM writes WHERE thread_id NOT IN (SELECT id FROM conversations);
"""
_STORED = tuple(Attached.model_fields)
# A name that every file system takes as it is, in one case; any other is hashed, to 64 letters and digits.
_PLAIN = re.compile(r"[a-z0-9_-]{1,63}")


class Summary(BaseModel):
    """A conversation in a list."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    changed: datetime


class Exchange(BaseModel):
    """A question and its answer."""

    model_config = ConfigDict(frozen=True)

    question: str
    answer: Answer


@dataclass
class Standing:
    """A conversation as a turn found it: whether it was stored already, and how often it had been deleted."""

    conversation: str
    owner: str
    is_stored: bool
    deletions: int


class Conversations:
    """The conversations of one file, each visible to its owner only; `saver` is the agent's memory of them.

    What is attached to them lies in `uploads`, in a folder for each owner and in it one for each conversation.
    """

    def __init__(self, connection: aiosqlite.Connection, saver: AsyncSqliteSaver, uploads: Path) -> None:
        self._connection = connection
        self._writes = asyncio.Lock()
        self._uploads = uploads
        self._deletions: Counter[str] = Counter()
        self.saver = saver

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator["Conversations"]:
        """The conversations of a file, which is made where it is absent. Raises UnreadableConversations."""
        path.parent.mkdir(parents=True, exist_ok=True)
        _probe(path)
        async with (
            aiosqlite.connect(path, timeout=_PATIENCE) as connection,
            aiosqlite.connect(path, timeout=_PATIENCE) as memory,
        ):
            for pragma in _PRAGMAS:
                await connection.execute(f"PRAGMA {pragma}")
                await memory.execute(f"PRAGMA {pragma}")
            saver = AsyncSqliteSaver(memory, serde=PackedSerializer())
            await saver.setup()
            await connection.executescript(_TABLES + _LEFTOVERS)
            yield cls(connection, saver, path.parent / "uploads")

    @staticmethod
    def new_id() -> str:
        """A name for a new conversation."""
        return uuid.uuid4().hex

    async def check(self, conversation: str, owner: str) -> None:
        """Raise UnknownConversation where a conversation belongs to somebody else."""
        rows = await self._read("SELECT owner FROM conversations WHERE id = ?", conversation)
        if any(row[0] != owner for row in rows):
            raise UnknownConversation(conversation)

    async def exists(self, conversation: str, owner: str) -> bool:
        """Whether an owner has a conversation."""
        query = "SELECT count(*) FROM conversations WHERE id = ? AND owner = ?"
        return any(row[0] for row in await self._read(query, conversation, owner))

    async def length(self, conversation: str) -> int:
        """How many turns a conversation has."""
        query = "SELECT count(*) FROM turns WHERE conversation = ?"
        return sum(row[0] for row in await self._read(query, conversation))

    async def begin(self, conversation: str, owner: str) -> Standing:
        """How a conversation stands when a turn begins. Raises UnknownConversation where it is somebody else's."""
        await self.check(conversation, owner)
        return Standing(conversation, owner, await self.exists(conversation, owner), self._deletions[conversation])

    def check_standing(self, standing: Standing) -> None:
        """Raise DeletedConversation where a conversation was deleted since its turn began."""
        if self._deletions[standing.conversation] != standing.deletions:
            raise DeletedConversation

    @asynccontextmanager
    async def turn(self, standing: Standing) -> AsyncIterator[None]:
        """What a turn runs in, one at a time: what it leaves of a conversation that was deleted is deleted too."""
        try:
            self.check_standing(standing)
            yield
        except OSError:
            self.check_standing(standing)  # its files went while they were written
            raise
        finally:
            if self._deletions[standing.conversation] != standing.deletions:
                await self._erase(standing.conversation, standing.owner)

    async def record(
        self, standing: Standing, question: str, answer: Answer, results: Sequence[Attachment] = ()
    ) -> None:
        """Keep a question, its answer, the files that tools made, and only the last state of the agent's memory.

        Raises DeletedConversation where the conversation was deleted since its turn began.
        """
        conversation = standing.conversation
        async with self._writing():
            await self._check_stored(standing)
            await self._touch(conversation, standing.owner, question)
            await self._connection.execute(
                "INSERT INTO turns SELECT ?, count(*) + 1, ?, ? FROM turns WHERE conversation = ?",
                (conversation, question, pack(answer.model_dump_json()), conversation),
            )
            await self._enter(conversation, results)
            last = "(SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = ?1)"
            await self._forget(conversation, f"thread_id = ?1 AND checkpoint_id < {last}")

    async def attach(self, standing: Standing, message: str, uploads: Sequence[Path] = ()) -> str:
        """Keep what is pasted into a message, and uploaded files; gives the message with handles for them.

        Raises NotAFile for an upload that cannot be read, and DeletedConversation as `record` does.
        """
        conversation, owner = standing.conversation, standing.owner
        attaching = Attaching(await self.attachments(conversation, owner), self._folder(conversation, owner))
        message = await asyncio.to_thread(attaching.take, message, uploads)
        if attaching.new:
            async with self._writing():
                await self._check_stored(standing)
                await self._touch(conversation, owner, message)
                await self._enter(conversation, attaching.new)
            standing.is_stored = True
        return message

    def results(self, standing: Standing, attachments: Attachments) -> Attaching:
        """What keeps the files that tools make in a turn, beside what is attached already; see `record`."""
        return Attaching(attachments, self._folder(standing.conversation, standing.owner))

    async def attachments(self, conversation: str, owner: str) -> Attachments:
        """What is attached to a conversation of an owner, in the order in which it came."""
        await self.check(conversation, owner)
        folder = self._folder(conversation, owner)
        query = f"SELECT {', '.join(_STORED)} FROM attachments WHERE conversation = ? ORDER BY rowid"  # noqa: S608
        stored = [dict(zip(_STORED, row, strict=True)) for row in await self._read(query, conversation)]
        return Attachments([Attachment(**told, path=folder / told["sha256"]) for told in stored])

    async def summaries(self, owner: str) -> list[Summary]:
        """An owner's conversations, the latest first."""
        query = "SELECT id, title, changed FROM conversations WHERE owner = ? ORDER BY changed DESC, rowid DESC"
        return [Summary(id=row[0], title=row[1], changed=row[2]) for row in await self._read(query, owner)]

    async def exchanges(self, conversation: str, owner: str) -> list[Exchange]:
        """All questions and answers of a conversation, in order."""
        await self.check(conversation, owner)
        query = "SELECT question, answer FROM turns WHERE conversation = ? ORDER BY number"
        rows = await self._read(query, conversation)
        return [Exchange(question=row[0], answer=Answer.model_validate_json(unpack(row[1]))) for row in rows]

    async def delete(self, conversation: str, owner: str) -> None:
        """Forget a conversation, the agent's memory of it and what is attached to it included."""
        await self.check(conversation, owner)
        self._deletions[conversation] += 1
        await self._erase(conversation, owner)

    async def _read(self, query: str, *values: str) -> Iterable[Any]:
        """All rows at once: one that is read while others write would have them find the file locked."""
        return await self._connection.execute_fetchall(query, values)

    async def _erase(self, conversation: str, owner: str) -> None:
        # The files go first: should that be cut short, the conversation is still listed and can be deleted again.
        if (folder := self._folder(conversation, owner)).exists():
            await asyncio.to_thread(shutil.rmtree, folder)
        async with self._writing():
            await self._connection.execute("DELETE FROM conversations WHERE id = ?", (conversation,))
            await self._forget(conversation, "thread_id = ?1")

    async def _check_stored(self, standing: Standing) -> None:
        """Raise DeletedConversation where a conversation was deleted, by whatever program, since its turn began."""
        if standing.is_stored and not await self.exists(standing.conversation, standing.owner):
            self._deletions[standing.conversation] += 1
        self.check_standing(standing)

    async def _enter(self, conversation: str, attachments: Sequence[Attachment]) -> None:
        await self._connection.executemany(
            f"INSERT INTO attachments VALUES (?{', ?' * len(_STORED)})",  # noqa: S608
            [(conversation, *(getattr(attachment, name) for name in _STORED)) for attachment in attachments],
        )

    async def _touch(self, conversation: str, owner: str, title: str) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        await self._connection.execute(
            "INSERT INTO conversations VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET changed = excluded.changed",
            (conversation, owner, without_marks(title)[:_TITLE_LENGTH], now),
        )

    def _folder(self, conversation: str, owner: str) -> Path:
        """Where the content of a conversation's attachments lies, whatever it and its owner are called."""
        return self._uploads / _plain(owner) / _plain(conversation)

    async def _forget(self, conversation: str, condition: str) -> None:
        """Drop what the agent remembers of a conversation, where a condition on its checkpoints holds."""
        for table in ("checkpoints", "writes"):
            await self._connection.execute(f"DELETE FROM {table} WHERE {condition}", (conversation,))  # noqa: S608

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[None]:
        """A transaction, which is not left open by a task that is cancelled."""
        async with self._writes:
            try:
                yield
                await self._connection.commit()
            except BaseException:
                await self._connection.rollback()
                raise


def _probe(path: Path) -> None:
    """Raise UnreadableConversations where a file is no database; an aiosqlite connection that fails leaves a thread."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.Error as error:
        raise UnreadableConversations(path, error) from error


def _plain(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else hashlib.sha256(name.encode()).hexdigest()
