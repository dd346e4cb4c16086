"""The libraries that the page offers."""

import threading
from collections.abc import Collection, Sequence
from pathlib import Path

from retrieval.home import MINE, Home
from retrieval.library import Library
from retrieval.progress import Progress, silent


class Shelf:
    """The libraries of some folders or, where none is named, all of a home, whenever they came into being.

    Raises LibraryError where one cannot be opened.
    """

    def __init__(self, home: Home, folders: Sequence[Path] = (), progress: Progress = silent) -> None:
        self._home = home
        self._follows_home = not folders
        self._opening = threading.Lock()
        opened = [home.open(folder) for folder in folders] or home.libraries(progress)
        self._libraries = {library.folder: library for library in opened}

    def libraries(self) -> dict[str, Library]:
        """The libraries by what the page calls them: the name, or the folder where two have one name."""
        with self._opening:
            if self._follows_home:
                self._follow_home()
            libraries = list(self._libraries.values())
        names = [library.name for library in libraries]
        return {
            library.name if names.count(library.name) == 1 else str(library.folder): library for library in libraries
        }

    def choices(self) -> list[tuple[str, str]]:
        """The libraries as they are offered: what is shown, with the number of papers, and what it is called."""
        return [(f"{name} ({library.counts().papers:,})", name) for name, library in self.libraries().items()]

    def ticked(self, names: Collection[str]) -> list[Library]:
        """The libraries of some names."""
        return [library for name, library in self.libraries().items() if name in names]

    def uploads(self) -> Library:
        """The reader's private library, made where there is none, and offered from then on."""
        with self._opening:
            known = (library for library in self._libraries.values() if library.name == MINE)
            library = next(known, None) or self._home.library(MINE)
            self._libraries[library.folder] = library
        return library

    def _follow_home(self) -> None:
        """Open what has been made since, and drop what is gone."""
        known = {library.name: library for library in self._libraries.values()}
        names = self._home.names()
        new = [self._home.library(name) for name in names if name not in known]
        kept = [library for library in known.values() if library.name in names]
        self._libraries = {library.folder: library for library in [*kept, *new]}
