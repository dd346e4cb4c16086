"""Connections to a library's database: transactions that never half-happen."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, select, update
from sqlalchemy.exc import DatabaseError, OperationalError

from retrieval.errors import LibraryError
from retrieval.schema import counters, metadata

FILE_NAME = "library.sqlite"
_BUSY_SECONDS = 60


class Database:
    """The truth of one library in SQL.

    Readers see a stable snapshot and never wait; writers take turns.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self._engine = _engine(self.path)
        try:
            # Two processes that turn a new file to write-ahead logging at once do not wait for each other.
            with FileLock(folder / "opening.lock"), self.writing() as connection:
                metadata.create_all(connection)
                for name in ("change", "run"):
                    if connection.scalar(select(counters.c.value).filter_by(name=name)) is None:
                        connection.execute(insert(counters).values(name=name, value=0))
        except DatabaseError as error:
            self.close()
            raise LibraryError(
                f"{self.path} cannot be opened ({error.orig})",
                "Restore it from a copy, or delete the library's folder and ingest again.",
            ) from error

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment of the library."""
        try:
            with self._engine.connect() as connection:
                yield connection
        except DatabaseError as error:
            raise LibraryError(
                f"{self.path} cannot be read ({error.orig})",
                "Run `epicite library verify`, and restore the library from a copy where it tells of damage.",
            ) from error

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all of it happens, or nothing."""
        try:
            with self._engine.connect().execution_options(write=True) as connection, connection.begin():
                yield connection
        except OperationalError as error:
            raise LibraryError(
                f"{self.path} cannot be written ({error.orig})",
                "See to the disk's space and the folder's permissions, then run the same command again: "
                "what was stored is safe.",
            ) from error

    def problems(self) -> list[str]:
        """What the database itself finds wrong with its file."""
        try:
            with self.reading() as connection:
                rows = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        except LibraryError as error:
            return [error.reason]
        return [f"{self.path}: {row}" for row in rows if row != "ok"]

    def shrink(self) -> None:
        """Give the space of deleted rows back to the disk."""
        with contextlib.closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def change(self) -> int:
        """The number of the last change."""
        with self.reading() as connection:
            return counter(connection, "change")


def counter(connection: Connection, name: str) -> int:
    """The value of a counter."""
    value: int = connection.scalars(select(counters.c.value).filter_by(name=name)).one()
    return value


def advance(connection: Connection, name: str) -> int:
    """Count a counter up by one and give its new value."""
    step = update(counters).filter_by(name=name).values(value=counters.c.value + 1)
    value: int = connection.scalars(step.returning(counters.c.value)).one()
    return value


def _engine(path: Path) -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # sqlite3 would begin transactions of its own
        # A killed process loses nothing that was committed; a power cut can cost the last commits, never the file.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-16384"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later fails at once when another writer came between.
        write = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine
