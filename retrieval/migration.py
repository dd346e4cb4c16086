"""Bringing a library of an earlier format to the current one, in its place."""

import contextlib
import sqlite3
from pathlib import Path

from filelock import FileLock
from sqlalchemy import Connection, MetaData, func, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from retrieval import store
from retrieval.database import FILE_NAME, Database
from retrieval.errors import LibraryError, OutdatedFormat
from retrieval.manifest import FORMAT_VERSION, read_manifest, write_manifest
from retrieval.progress import Progress, silent
from retrieval.schema import AnyRow, papers

# So many papers take a few seconds, which whoever opens a library can wait for.
_AT_ONCE = 5_000
_BUSY_SECONDS = 60
_BATCH = 500
_NEW_TABLE = "papers_of_format_2"
# As `published_last` it marks a paper that has not been put into its work.
_WAITING = ""


def migrate(folder: Path, progress: Progress = silent, most: int | None = None) -> bool:
    """Bring a library to the current format; says whether there was anything to do.

    It may be killed and run again at any time. The table of papers is written anew in one transaction, as an
    identifier no longer stands for one text only; works are found afterwards, some papers at a time.

    Args:
        folder: the library's.
        progress: told how many papers have been put into their works.
        most: how many papers it may have.

    Raises:
        OutdatedFormat: it has more papers.
        LibraryError: its database is damaged or cannot be written.

    """
    if read_manifest(folder).format_version >= FORMAT_VERSION:
        return False
    with FileLock(folder / "migration.lock"):
        manifest = read_manifest(folder)
        if manifest.format_version >= FORMAT_VERSION:
            return False
        _rewrite_papers(folder, most)
        with contextlib.closing(Database(folder)) as database:
            _settle(database, progress)
        write_manifest(folder, manifest.model_copy(update={"format_version": FORMAT_VERSION}))
    return True


def migrate_small(folder: Path) -> None:
    """Bring a library to the current format where that takes a few seconds at most, else raise OutdatedFormat."""
    migrate(folder, most=_AT_ONCE)


def _rewrite_papers(folder: Path, most: int | None) -> None:
    path = folder / FILE_NAME
    if not path.exists():
        return
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
            names = {row[1] for row in connection.execute("PRAGMA table_info(papers)")}
            if not names or "work" in names:
                return
            if most is not None and (held := connection.execute("SELECT count(*) FROM papers").fetchone()[0]) > most:
                raise OutdatedFormat(folder, held)
            # Outside a transaction, or it would have no effect: passages refer to the table that is replaced.
            connection.execute("PRAGMA foreign_keys=OFF")
            connection.execute("BEGIN IMMEDIATE")
            names = {row[1] for row in connection.execute("PRAGMA table_info(papers)")}
            if "work" not in names:
                _copy(connection, names)
            connection.execute("COMMIT")
    except sqlite3.DatabaseError as error:
        raise LibraryError(
            f"{path} cannot be brought to format {FORMAT_VERSION} ({error})",
            "See to the disk's space and the folder's permissions and run `epicite library upgrade "
            f"--library {folder}` again; where the file is damaged, restore it from a copy. Nothing was changed.",
        ) from error


def _copy(connection: sqlite3.Connection, names: set[str]) -> None:
    dialect = sqlite.dialect()
    target = papers.to_metadata(MetaData(), name=_NEW_TABLE)
    kept = ", ".join(column.name for column in papers.columns if column.name in names)
    last = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'papers'").fetchone()
    connection.execute(str(CreateTable(target).compile(dialect=dialect)))
    kind = "CASE WHEN json_valid(record) THEN coalesce(json_extract(record, '$.kind'), '') ELSE '' END"
    connection.execute(
        f"INSERT INTO {_NEW_TABLE} ({kept}, kind, published_last) "  # noqa: S608
        f"SELECT {kept}, {kind}, '{_WAITING}' FROM papers"
    )
    connection.execute("DROP TABLE papers")
    connection.execute(f"ALTER TABLE {_NEW_TABLE} RENAME TO papers")
    if last is not None:
        # The number of a paper that was removed is never given to another one.
        connection.execute("DELETE FROM sqlite_sequence WHERE name = 'papers'")
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('papers', ?)", last)
    for index in sorted(papers.indexes, key=lambda index: str(index.name)):
        connection.execute(str(CreateIndex(index).compile(dialect=dialect)))


def _settle(database: Database, progress: Progress) -> None:
    """Put papers into their works that have not been yet."""
    waiting = papers.c.published_last == _WAITING
    with database.reading() as connection:
        total = connection.scalar(select(func.count()).select_from(papers).where(waiting)) or 0
    done = last = 0
    while True:
        query = select(papers.c.id, papers.c.record, papers.c.text).where(waiting, papers.c.id > last)
        with database.writing() as connection:
            batch = connection.execute(query.order_by(papers.c.id).limit(_BATCH)).all()
            for row in batch:
                _settle_one(connection, row)
        if not batch:
            return
        last = batch[-1].id
        done += len(batch)
        progress("works", done, total)


def _settle_one(connection: Connection, row: AnyRow) -> None:
    try:
        paper = store.load(row)
    except ValueError:  # its record is damaged, of which `verify` tells
        connection.execute(update(papers).filter_by(id=row.id).values(work=row.id, published_last=None))
        return
    told = store.columns(paper)
    newly = {name: told[name] for name in ("pmcid", "published_last")}
    connection.execute(update(papers).filter_by(id=row.id).values(newly))
    store.settle(connection, row.id, paper, new=True)
