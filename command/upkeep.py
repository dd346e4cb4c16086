"""`epicite library list`, `verify`, `compact` and `upgrade`: each library in turn."""

from collections.abc import Sequence
from pathlib import Path

from command.libraries import Open, existing
from command.output import plain, say, warn
from command.progress import Bars
from command.settings import read_settings
from retrieval import notice_store, works
from retrieval.errors import LibraryError, OutdatedFormat
from retrieval.library import Library
from retrieval.migration import migrate
from retrieval.upkeep import compact, upgrade, verify
from seqmodels.errors import ModelError


def look_after(folders: Sequence[Path], action: str) -> int:
    """Do one of the four with the libraries in these folders, or with all; 1 where one is not well.

    A library that cannot be opened does not keep the others from their turn.
    """
    healthy = True
    libraries = existing(read_settings(), folders)
    for name, open_library in libraries:
        try:
            with _opened(open_library, action) as library:
                healthy &= _ACTIONS[action](library)
        except (LibraryError, ModelError) as error:
            healthy = False
            warn(plain(f"{name}: {error}"))
    if not libraries:
        say("no library yet; the first search builds the starter library")
    return 0 if healthy else 1


def _opened(open_library: Open, action: str) -> Library:
    """The library; one of an earlier format that is large is brought to the current one only if that is asked for."""
    try:
        return open_library()
    except OutdatedFormat as error:
        if action != "upgrade":
            raise
        with Bars() as progress:
            migrate(error.folder, progress)
    return open_library()


def _describe(library: Library) -> bool:
    counts = library.counts()
    with library.database.reading() as connection:
        in_works, retracted, notices = works.count(connection), *notice_store.counts(connection)
    waiting = [f"{papers} papers wait for {what}" for what, papers in library.pending().items() if papers]
    holds = [f"{counts.papers} papers" + (f", {in_works} works" if in_works != counts.papers else "")]
    holds.append(f"{counts.passages} passages")
    holds += [f"{count} {what}" for count, what in ((retracted, "retracted"), (notices, "notices")) if count]
    say(plain(f"{library.name}: {', '.join([*holds, *waiting])}, in {library.folder}"))
    return True


def _verify(library: Library) -> bool:
    with Bars() as progress:
        problems = verify(library, progress)
    for problem in problems:
        warn(plain(f"{library.name}: {problem}"))
    if not problems:
        say(f"{library.name}: healthy")
    return not problems


def _compact(library: Library) -> bool:
    compact(library)
    say(f"{library.name}: compacted")
    return True


def _upgrade(library: Library) -> bool:
    with Bars() as progress:
        changed = upgrade(library, progress)
    say(f"{library.name}: {'brought up to date' if changed else 'is current'}")
    return True


_ACTIONS = {"list": _describe, "verify": _verify, "compact": _compact, "upgrade": _upgrade}
