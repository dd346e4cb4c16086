"""Connections to a library's database: transactions that never half-happen."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock
from pydantic import SecretStr
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DatabaseError, OperationalError

from retrieval.errors import LibraryError
from retrieval.manifest import Manifest
from retrieval.postgres import PostgresSchema
from retrieval.schema import counters, metadata
from retrieval.sqlite_file import FILE_NAME, SqliteFile

__all__ = ["FILE_NAME", "Database", "advance", "counter", "schema_of"]


class Database:
    """The truth of one library in SQL.

    Readers see a stable snapshot and never wait; writers take turns.

    Args:
        folder: the library's.
        schema: where the truth lies on a server; by default it is a file in the folder.

    """

    def __init__(self, folder: Path, schema: PostgresSchema | None = None) -> None:
        self._place = schema or SqliteFile(folder)
        self._engine = self._place.engine()
        try:
            # Two processes that turn a new file to write-ahead logging at once do not wait for each other.
            with FileLock(folder / "opening.lock"), self.writing() as connection:
                self._place.prepare(connection)
                metadata.create_all(connection)
                for name in ("change", "run"):
                    if connection.scalar(select(counters.c.value).filter_by(name=name)) is None:
                        connection.execute(insert(counters).values(name=name, value=0))
        except LibraryError:
            self.close()
            raise
        except DatabaseError as error:
            self.close()
            raise LibraryError(
                f"{self._place.name} cannot be opened ({self._place.said(error.orig)})", self._place.to_open
            ) from error

    def close(self) -> None:
        """Let go of the file or the server."""
        self._engine.dispose()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment of the library."""
        try:
            with self._engine.connect().execution_options(**self._place.reading_options) as connection:
                yield connection
        except DatabaseError as error:
            raise LibraryError(
                f"{self._place.name} cannot be read ({self._place.said(error.orig)})", self._place.to_read
            ) from error

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all of it happens, or nothing."""
        try:
            options = self._place.writing_options
            with self._engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except OperationalError as error:
            raise LibraryError(
                f"{self._place.name} cannot be written ({self._place.said(error.orig)})", self._place.to_write
            ) from error

    def problems(self) -> list[str]:
        """What the database itself finds wrong with what it holds."""
        try:
            with self.reading() as connection:
                return self._place.problems(connection)
        except LibraryError as error:
            return [error.reason]

    def shrink(self) -> None:
        """Give the space of deleted rows back."""
        with self._engine.connect() as connection:
            self._place.shrink(connection)

    def change(self) -> int:
        """The number of the last change."""
        with self.reading() as connection:
            return counter(connection, "change")


def schema_of(folder: Path, manifest: Manifest, uri: SecretStr | str | None) -> PostgresSchema | None:
    """Where the truth of a library lies on a server; None where it is a file in its folder.

    Raises LibraryError where the library and the settings do not say the same.
    """
    if manifest.database == "postgresql" and uri is None:
        raise LibraryError(
            f"{folder} keeps its papers in PostgreSQL, and no setting says where",
            f'Give the address in epicite.toml, under [databases]: "{folder.name}" = "postgresql://..."',
        )
    if manifest.database == "sqlite" and uri is not None:
        raise LibraryError(
            f"{folder} keeps its papers in {FILE_NAME}, and the settings name a PostgreSQL server for it",
            f'Take "{folder.name}" out of [databases] in epicite.toml. To move the papers, export them with '
            "`epicite library export` and import them into a library of another name that is in [databases].",
        )
    return None if uri is None else PostgresSchema(uri, manifest.library_id)


def counter(connection: Connection, name: str) -> int:
    """The value of a counter."""
    value: int = connection.scalars(select(counters.c.value).filter_by(name=name)).one()
    return value


def advance(connection: Connection, name: str) -> int:
    """Count a counter up by one and give its new value."""
    step = update(counters).filter_by(name=name).values(value=counters.c.value + 1)
    value: int = connection.scalars(step.returning(counters.c.value)).one()
    return value
