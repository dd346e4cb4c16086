"""Giving a library another folder."""

import contextlib
import errno
import os
import shutil
import sqlite3
from pathlib import Path

from filelock import FileLock, Timeout

from retrieval.database import FILE_NAME
from retrieval.errors import LibraryError
from retrieval.manifest import read_manifest

_PATIENCE_SECONDS = 5


def move(folder: Path, target: Path) -> None:
    """Move a library that nobody uses to a folder that is new or empty, also on another disk.

    Args:
        folder: the library's.
        target: where it shall lie.

    Raises:
        NotALibrary: there is none in `folder`.
        LibraryError: another process uses it, or there is something in `target`, or the disk does not allow it.

    """
    read_manifest(folder)
    folder, target = folder.resolve(), target.resolve()
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise LibraryError(f"{target} is there already and not empty", "Name a new or an empty folder.")
    if target.is_relative_to(folder):
        raise LibraryError(f"{target} lies in the library that is moved", "Name a folder outside it.")
    try:
        # Whoever would open it meanwhile waits for this lock.
        with FileLock(folder / "opening.lock").acquire(timeout=_PATIENCE_SECONDS):
            _refuse_used(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            _rename(folder, target)
    except Timeout as error:
        raise _in_use(folder) from error
    except OSError as error:
        raise LibraryError(
            f"{folder} cannot be moved to {target} ({error.strerror})",
            "See to the disk's space and the folders' permissions; the library is where it was.",
        ) from error


def _refuse_used(folder: Path) -> None:
    """Raise LibraryError where another connection to the database is open, though it may rest."""
    path = folder / FILE_NAME
    if not path.exists():
        return
    with contextlib.closing(sqlite3.connect(path, timeout=_PATIENCE_SECONDS, isolation_level=None)) as connection:
        try:
            # A database leaves write-ahead logging only when this connection is its only one.
            (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.OperationalError as error:
            raise _in_use(folder) from error
    if mode != "delete":
        raise _in_use(folder)


def _rename(folder: Path, target: Path) -> None:
    try:
        folder.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # Another disk: what is there appears only when it is complete, and goes here only then.
        unfinished = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            shutil.copytree(folder, unfinished)
            unfinished.replace(target)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(folder)


def _in_use(folder: Path) -> LibraryError:
    return LibraryError(f"{folder} is used by another process", "Close Epicite there, then move it.")
