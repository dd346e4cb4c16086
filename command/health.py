"""What `epicite doctor` says of a home: its settings, its folder, its libraries."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from command.check import Check
from command.errors import SettingsError
from command.installation import not_installed

if TYPE_CHECKING:
    from command.settings import Settings
    from retrieval.library import Library

# The encoder's exported graph is 90 MB, the starter library under 100 MB.
_LITTLE_SPACE = 500 * 10**6


def check_home() -> Iterator[Check]:
    """Settings, folder and libraries; what depends on something broken is left out."""
    try:
        from command.settings import read_settings

        settings = read_settings()
    except ImportError as error:
        yield not_installed("settings", error)
        return
    except SettingsError as error:
        yield Check("settings", "broken", str(error), "edit what it names, then run epicite doctor again")
        return
    yield Check(
        "settings",
        "ok",
        f"read from {settings.file}" if settings.file.exists() else f"no {settings.file}, the defaults hold",
    )
    yield _folder(settings.home)
    yield from _libraries(settings)


def _folder(home: Path) -> Check:
    standing = next(folder for folder in (home, *home.parents) if folder.exists())
    if not standing.is_dir() or not os.access(standing, os.W_OK | os.X_OK):
        remedy = "export EPICITE_HOME=DIR, a folder that you can write to"
        return Check("EPICITE_HOME", "broken", f"{home} cannot be written to", remedy)
    free = shutil.disk_usage(standing).free
    space = f"{home}, {free / 1e9:.1f} GB free"
    if free < _LITTLE_SPACE:
        return Check("EPICITE_HOME", "broken", f"{space}, too little", "free some space, or set EPICITE_HOME elsewhere")
    return Check("EPICITE_HOME", "ok", space if home.exists() else f"{space}, made on first use")


def _libraries(settings: "Settings") -> Iterator[Check]:
    try:
        from command.libraries import existing
        from retrieval.errors import LibraryError
        from seqmodels.errors import ModelError
    except ImportError as error:
        yield not_installed("libraries", error)
        return
    libraries = existing(settings)
    if not libraries:
        yield Check("libraries", "note", "none yet; the first search builds the starter library")
    for name, open_library in libraries:
        try:
            with open_library() as library:
                yield from _library(library)
        except (LibraryError, ModelError) as error:
            yield Check(f"library {name}", "broken", error.reason, error.remedy)


def _library(library: "Library") -> Iterator[Check]:
    from retrieval.upkeep import verify

    name = f"library {library.name}"
    counts = library.counts()
    problems = verify(library)
    for problem in problems:
        yield Check(name, "broken", problem)
    if not problems:
        yield Check(name, "ok", f"{counts.papers} papers, {counts.passages} passages")
    for what, papers in library.pending().items():
        if papers:
            remedy = f'epicite library upgrade --library "{library.folder}"'
            yield Check(name, "note", f"{papers} papers wait for {what}", remedy)
