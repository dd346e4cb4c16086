"""Conversations as a person sees them: listed, read again, deleted. The agent's own memory lies beside them."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiosqlite
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from pydantic import BaseModel, ConfigDict

from agent.errors import UnknownConversation
from agent.events import Answer

_TITLE_LENGTH = 80
_TABLES = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, changed TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS turns (
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    number INTEGER NOT NULL, question TEXT NOT NULL, answer TEXT NOT NULL,
    PRIMARY KEY (conversation, number)
);
"""


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


class Conversations:
    """The conversations of one file, each visible to its owner only; `saver` is the agent's memory of them."""

    def __init__(self, connection: aiosqlite.Connection, saver: AsyncSqliteSaver) -> None:
        self._connection = connection
        self.saver = saver

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator["Conversations"]:
        """The conversations of a file, which is made where it is absent."""
        path.parent.mkdir(parents=True, exist_ok=True)
        async with aiosqlite.connect(path) as connection, AsyncSqliteSaver.from_conn_string(str(path)) as saver:
            await saver.setup()
            await connection.execute("PRAGMA foreign_keys = ON")
            await connection.executescript(_TABLES)
            yield cls(connection, saver)

    @staticmethod
    def new_id() -> str:
        """A name for a new conversation."""
        return uuid.uuid4().hex

    async def check(self, conversation: str, owner: str) -> None:
        """Raise UnknownConversation where a conversation belongs to somebody else."""
        async with self._connection.execute("SELECT owner FROM conversations WHERE id = ?", (conversation,)) as rows:
            row = await rows.fetchone()
        if row is not None and row[0] != owner:
            raise UnknownConversation(conversation)

    async def exists(self, conversation: str, owner: str) -> bool:
        """Whether an owner has a conversation."""
        query = "SELECT count(*) FROM conversations WHERE id = ? AND owner = ?"
        async with self._connection.execute(query, (conversation, owner)) as rows:
            return any([row[0] async for row in rows])

    async def record(self, conversation: str, owner: str, question: str, answer: Answer) -> None:
        """Keep a question and its answer, and only the last state of the agent's memory."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        await self._connection.execute(
            "INSERT INTO conversations VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET changed = excluded.changed",
            (conversation, owner, question[:_TITLE_LENGTH], now),
        )
        await self._connection.execute(
            "INSERT INTO turns SELECT ?, count(*) + 1, ?, ? FROM turns WHERE conversation = ?",
            (conversation, question, answer.model_dump_json(), conversation),
        )
        await self._connection.commit()
        await self._forget_steps(conversation)

    async def summaries(self, owner: str) -> list[Summary]:
        """An owner's conversations, the latest first."""
        query = "SELECT id, title, changed FROM conversations WHERE owner = ? ORDER BY changed DESC, rowid DESC"
        async with self._connection.execute(query, (owner,)) as rows:
            return [Summary(id=row[0], title=row[1], changed=row[2]) async for row in rows]

    async def exchanges(self, conversation: str, owner: str) -> list[Exchange]:
        """All questions and answers of a conversation, in order."""
        await self.check(conversation, owner)
        query = "SELECT question, answer FROM turns WHERE conversation = ? ORDER BY number"
        async with self._connection.execute(query, (conversation,)) as rows:
            return [Exchange(question=row[0], answer=Answer.model_validate_json(row[1])) async for row in rows]

    async def delete(self, conversation: str, owner: str) -> None:
        """Forget a conversation, the agent's memory of it included."""
        await self.check(conversation, owner)
        await self._connection.execute("DELETE FROM conversations WHERE id = ?", (conversation,))
        await self._connection.commit()
        await self.saver.adelete_thread(conversation)

    async def _forget_steps(self, conversation: str) -> None:
        """Drop all checkpoints of a thread but the last: each holds the whole conversation."""
        last = "(SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = :thread)"
        for table in ("checkpoints", "writes"):
            await self._connection.execute(
                f"DELETE FROM {table} WHERE thread_id = :thread AND checkpoint_id < {last}",  # noqa: S608
                {"thread": conversation},
            )
        await self._connection.commit()
