"""Which libraries a verb works on."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from agent.extraction.opening import reading
from command.errors import InputError
from command.progress import Bars
from command.settings import Settings
from retrieval.home import MINE, Home
from retrieval.library import Library
from retrieval.manifest import read_manifest

Open = Callable[[], Library]


def home_of(settings: Settings) -> Home:
    """The home that the settings name."""
    return Home(
        settings.home,
        owner=settings.owner,
        embedder=settings.embedder,
        tagger=settings.tagger,
        reading=partial(reading, settings.model, settings.home),
        databases=settings.databases,
        milvus=settings.milvus if settings.index == "milvus" else None,
        reranker=settings.reranker,
    )


@contextmanager
def searched(settings: Settings, folders: Sequence[Path]) -> Iterator[list[Library]]:
    """The libraries in these folders, which must be there; without folders all of the home, the starter built."""
    home = home_of(settings)
    with ExitStack() as libraries:
        if folders:
            yield [libraries.enter_context(_there(home, folder)) for folder in folders]
            return
        with Bars() as progress:
            opened = home.libraries(progress)
        yield [libraries.enter_context(library) for library in opened]


def existing(settings: Settings, folders: Sequence[Path] = ()) -> list[tuple[str, Open]]:
    """What opens each library in these folders, or each that the home has; nothing is made."""
    home = home_of(settings)
    if folders:
        return [(str(folder), partial(_there, home, folder)) for folder in folders]
    return [(name, partial(home.library, name)) for name in home.names()]


def own(settings: Settings, folder: Path | None, create: bool = True) -> Library:
    """The library in a folder, by default one's own in the home; made where absent, if `create`."""
    home = home_of(settings)
    if folder is not None:
        return home.open(folder) if create else _there(home, folder)
    if not create and MINE not in home.names():
        raise InputError("You have no library of your own yet. Make it with `epicite ingest PATH`.")
    return home.library(MINE)


def _there(home: Home, folder: Path) -> Library:
    read_manifest(folder)
    return home.open(folder)
