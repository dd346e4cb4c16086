"""Where a library's truth lies when it has outgrown one machine: a schema of its own on a PostgreSQL server."""

import hashlib
import re
from typing import Any, ClassVar

from pydantic import SecretStr
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.exc import ArgumentError

from retrieval.errors import LibraryError
from retrieval.schema import metadata
from retrieval.settings import concealed

_DRIVER = "postgresql+psycopg"
_SCHEMES = ("postgresql", "postgres", _DRIVER)
_BUSY_SECONDS = 60
_CONNECT_SECONDS = 10
_LIBRARY_ID = re.compile(r"[0-9a-f]{32}")
_SECRET = re.compile("pass|secret|token|key", re.IGNORECASE)


class PostgresSchema:
    """The database of one library on a server; each library has its own schema, so that many share a server.

    Args:
        uri: `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`; what is secret in it is told nowhere.
        library_id: of the manifest; it names the schema.

    Raises:
        LibraryError: the URI is none of PostgreSQL, or the driver is not installed.

    """

    reading_options: ClassVar[dict[str, Any]] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    # The lock is taken before anything is read, so every statement sees what the writer before has committed.
    writing_options: ClassVar[dict[str, Any]] = {"isolation_level": "READ COMMITTED", "write": True}
    to_open = "See that the server runs, and that its user may connect to the database and create schemas in it."
    to_read = "See that the server runs, then run the same command again."
    to_write = "See that the server runs and has space, then run the same command again: what was stored is safe."

    def __init__(self, uri: SecretStr | str, library_id: str) -> None:
        self._url = _parsed(uri.get_secret_value() if isinstance(uri, SecretStr) else uri)
        if not _LIBRARY_ID.fullmatch(library_id):
            raise LibraryError(
                f"{library_id!r} is no number of a library and cannot name a schema",
                "Restore the library's manifest from a copy.",
            )
        self.schema = f"epicite_{library_id}"
        place = self._url.host or self._url.query.get("host") or "this machine"
        port = f":{self._url.port}" if self._url.port else ""
        self.name = f"The PostgreSQL database {self._url.database!r} at {place}{port}"
        self._secrets = [text for text in _secrets(self._url) if text]

    def engine(self) -> Engine:
        """What connects to it."""
        try:
            engine = create_engine(
                self._url,
                pool_pre_ping=True,  # a server that was restarted is found again
                connect_args={"connect_timeout": _CONNECT_SECONDS},
                execution_options={"schema_translate_map": {None: self.schema}},
            )
        except ModuleNotFoundError as error:
            raise LibraryError(
                f"The package {error.name} is not installed, which connects to PostgreSQL",
                'Run `pip install "epicite[cluster]"`.',
            ) from error
        digest = hashlib.sha256(self.schema.encode()).digest()
        key = int.from_bytes(digest[:8], "big", signed=True)

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            if connection.get_execution_options().get("write"):
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_BUSY_SECONDS}s'")
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (key,))

        return engine

    def prepare(self, connection: Connection) -> None:
        """Make the schema that the tables lie in."""
        connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{self.schema}"')

    def said(self, error: BaseException | None) -> str:
        """What the driver says of an error, without what is secret in the URI."""
        return concealed(str(error), self._secrets)

    def problems(self, connection: Connection) -> list[str]:
        """Tables that are gone, and pages of the database that the server found damaged."""
        held = set(inspect(connection).get_table_names(schema=self.schema))
        found = [f"{self.name} has lost the table {name}" for name in metadata.tables if name not in held]
        damaged = connection.exec_driver_sql(
            "SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()"
        ).scalar()
        return [*found, f"{self.name} has {damaged} damaged pages"] if damaged else found

    def shrink(self, connection: Connection) -> None:
        """Let new rows take the space of deleted ones."""
        settled = connection.execution_options(isolation_level="AUTOCOMMIT")
        for name in metadata.tables:
            settled.exec_driver_sql(f'VACUUM (ANALYZE) "{self.schema}"."{name}"')


def _parsed(uri: str) -> URL:
    try:
        url = make_url(uri)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in _SCHEMES or not url.database:
        # Not even a part of it is told: it may hold a password anywhere.
        raise LibraryError(
            "The address of a library's database is not one of PostgreSQL",
            "Write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE, special characters in percent encoding.",
        ) from None
    return url.set(drivername=_DRIVER)


def _secrets(url: URL) -> list[str]:
    given = [str(url.password)] if url.password else []
    for name, value in url.query.items():
        if _SECRET.search(name):
            given += [value] if isinstance(value, str) else list(value)
    return given
