"""Where a library's truth lies by default: a SQLite file in its folder."""

import sqlite3
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import URL, Connection, Engine, create_engine, event

FILE_NAME = "library.sqlite"
_BUSY_SECONDS = 60


class SqliteFile:
    """The database in a library's own folder."""

    reading_options: ClassVar[dict[str, Any]] = {}
    writing_options: ClassVar[dict[str, Any]] = {"write": True}
    to_open = "Restore it from a copy, or delete the library's folder and ingest again."
    to_read = "Run `epicite library verify`, and restore the library from a copy where it tells of damage."
    to_write = (
        "See to the disk's space and the folder's permissions, then run the same command again: "
        "what was stored is safe."
    )

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self.name = str(self.path)

    def engine(self) -> Engine:
        """What connects to it."""
        engine = create_engine(URL.create("sqlite", database=self.name), connect_args={"timeout": _BUSY_SECONDS})

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

    def prepare(self, connection: Connection) -> None:
        """Nothing has to be there before the tables."""

    def said(self, error: BaseException | None) -> str:
        """What the driver says of an error."""
        return str(error)

    def problems(self, connection: Connection) -> list[str]:
        """What the file itself is found to be damaged in."""
        rows = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        return [f"{self.name}: {row}" for row in rows if row != "ok"]

    def shrink(self, connection: Connection) -> None:
        """Give the space of deleted rows back to the disk."""
        cursor = connection.connection.cursor()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
