"""Libraries as files that can be sent and kept: JSONL, one whole paper a line."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from corpora.failure import Failure
from corpora.paper import Paper, Source
from retrieval.errors import LibraryError
from retrieval.ingest import Report, take_in
from retrieval.library import Library
from retrieval.progress import Progress, silent


def export_papers(library: Library, path: Path) -> int:
    """Write all papers to a file, which appears only when it is complete; gives their number."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    written = 0
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            for stored in library.papers():
                file.write(stored.paper.model_dump_json(exclude_defaults=True) + "\n")
                written += 1
        unfinished.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise LibraryError(
            f"{path} cannot be written ({error.strerror})", "Name a file in a folder that you can write to."
        ) from error
    return written


def import_papers(library: Library, path: Path, progress: Progress = silent) -> Report:
    """Take in a file that `export_papers` wrote."""
    return take_in(library, _exported(path), progress)


def _exported(path: Path) -> Iterator[Paper | Failure]:
    """Papers of an exported file, with the sources that they had; a line that is none becomes a Failure."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                try:
                    yield Paper.model_validate_json(line)
                except ValidationError as error:
                    reason = f"is not an exported paper ({error.errors()[0]['msg']})"
                    yield Failure(Source(path=path, place=f"line {number}"), reason, "Export the library again.")
    except (OSError, UnicodeDecodeError) as error:
        yield Failure(Source(path=path), f"cannot be read ({error})", "Name a file of `epicite library export`.")
