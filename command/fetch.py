"""`epicite fetch`: papers from PubMed and Europe PMC, and the list of retractions."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from command.ingest import show_report
from command.options import add_library, whole_number, words
from command.output import plain, say, warn

if TYPE_CHECKING:
    from command.settings import Settings
    from corpora.feeds.fetched import Fetched, Progress
    from corpora.feeds.folder import Folder
    from corpora.feeds.identifiers import Identifier

_SOURCES = ("pubmed", "europepmc", "pubmed-files", "retractions")
_ASKED = frozenset({"pubmed", "europepmc"})
_MOST = 50_000_000


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the verb."""
    parser = subparsers.add_parser(
        "fetch",
        help="download papers from PubMed or Europe PMC and ingest them",
        description="Downloads records as they are published and ingests them. What was stopped goes on from there "
        "when it is asked for again. EPICITE_FEEDS__EMAIL says who asks; EPICITE_FEEDS__NCBI_KEY speeds PubMed up.",
    )
    parser.add_argument(
        "query",
        nargs="*",
        type=words,
        metavar="QUERY",
        help="a query in the source's own syntax, or PMIDs, PMCIDs and DOIs",
    )
    parser.add_argument(
        "--source",
        choices=_SOURCES,
        default="pubmed",
        help="pubmed and europepmc: what a query or list finds; pubmed-files: PubMed's baseline and update files, "
        "in their order; retractions: Retraction Watch's list (default: pubmed)",
    )
    parser.add_argument("--ids", type=Path, metavar="FILE", help="a file of PMIDs, PMCIDs and DOIs, one a line")
    parser.add_argument(
        "--max", type=whole_number(1, _MOST), metavar="N", help="at most N records, of pubmed-files N files"
    )
    parser.add_argument(
        "--from",
        dest="first",
        type=whole_number(1, 999_999),
        metavar="N",
        help="the number of the first of pubmed-files (default: behind the last that was applied)",
    )
    parser.add_argument(
        "--full-text", action="store_true", help="of europepmc also the full texts that are open access"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where the files go (default: `fetched` in EPICITE_HOME)"
    )
    parser.add_argument("--anew", action="store_true", help="ask again for what was fetched before")
    add_library(parser, default="your own, mine")
    parser.add_argument("--no-ingest", action="store_true", help="download only")
    parser.add_argument(
        "--replace", action="store_true", help="where an identifier stands for another text, the new one wins"
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Fetch and ingest; 1 where something could not be had or read."""
    _check(arguments)
    from command.settings import read_settings
    from corpora.feeds.errors import FeedError

    settings = read_settings()
    if not settings.feeds.email:
        warn("The sources ask to be told who asks: set EPICITE_FEEDS__EMAIL.")
    try:
        match arguments.source:
            case "retractions":
                return _retractions(settings, arguments)
            case "pubmed-files":
                return _pubmed_files(settings, arguments)
            case _:
                return _papers(settings, arguments)
    except FeedError as error:
        warn(f"epicite: error: {plain(str(error))}")
        return 1


def _check(arguments: argparse.Namespace) -> None:
    """Refuse what does not go together."""
    if arguments.source in _ASKED:
        if bool(arguments.query) == bool(arguments.ids):
            arguments.refuse("say what to fetch: a QUERY, identifiers, or --ids FILE")
    elif arguments.query or arguments.ids:
        arguments.refuse(f"--source {arguments.source} takes no QUERY and no --ids")
    if arguments.full_text and arguments.source != "europepmc":
        arguments.refuse("--full-text needs --source europepmc")
    if arguments.first is not None and arguments.source != "pubmed-files":
        arguments.refuse("--from needs --source pubmed-files")


def _papers(settings: "Settings", arguments: argparse.Namespace) -> int:
    """What a query or list finds, and into the library; what had come before an error is ingested, too."""
    from command.progress import Bars
    from corpora.feeds.errors import FeedError
    from corpora.feeds.folder import Folder, folder_name

    wanted = _identifiers(arguments)
    asked = _asked(arguments, wanted)
    path = arguments.out or settings.home / "fetched" / folder_name(asked)
    with Folder(path, asked, arguments.anew) as folder:
        try:
            with Bars() as progress:
                fetched = _fetch(settings, arguments, folder, wanted, progress)
        except FeedError:
            kept = folder.files()
            _ingest(settings, arguments, kept)
            warn(f"{len(kept)} files are kept in {path}; the same command goes on from there.")
            raise
        _show(fetched, path)
        code = _ingest(settings, arguments, fetched.files)
    return 1 if fetched.missing else code


def _fetch(
    settings: "Settings",
    arguments: argparse.Namespace,
    folder: "Folder",
    wanted: "Sequence[Identifier]",
    progress: "Progress",
) -> "Fetched":
    from corpora.feeds import europepmc, pubmed

    query = " ".join(arguments.query)
    match arguments.source, bool(wanted):
        case "pubmed", True:
            return pubmed.fetch_identifiers(settings.feeds, folder, wanted, progress)
        case "pubmed", False:
            return pubmed.fetch_query(settings.feeds, folder, query, arguments.max, progress)
        case _, True:
            return europepmc.fetch_identifiers(settings.feeds, folder, wanted, arguments.full_text, progress)
        case _:
            return europepmc.fetch_query(settings.feeds, folder, query, arguments.max, arguments.full_text, progress)


def _identifiers(arguments: argparse.Namespace) -> "list[Identifier]":
    """What the file or all arguments name; nothing where the argument is a query."""
    from corpora.feeds.identifiers import identifier, read_identifiers

    if arguments.ids is not None:
        return read_identifiers(arguments.ids)[: arguments.max]
    named = [identifier(word) for word in arguments.query]
    known = [one for one in dict.fromkeys(named) if one is not None]
    if len(arguments.query) > 1 and None in named:
        other = arguments.query[named.index(None)]
        arguments.refuse(f"{other!r} is no PMID, PMCID or DOI; put a QUERY in quotes")
    return known[: arguments.max]


def _asked(arguments: argparse.Namespace, wanted: "Sequence[Identifier]") -> str:
    """In words, what a folder holds."""
    from hashlib import sha256

    if wanted:
        digest = sha256("\n".join(map(str, wanted)).encode()).hexdigest()[:8]
        return f"{arguments.source}: {len(wanted)} papers from {wanted[0]} on, list {digest}"
    limit = "" if arguments.max is None else f", at most {arguments.max}"
    return f"{arguments.source}: {' '.join(arguments.query)}{limit}"


def _show(fetched: "Fetched", path: Path) -> None:
    for name in fetched.missing:
        warn(f"{plain(name)}: the source does not have it")
    for note in fetched.notes:
        warn(plain(note))
    say(f"fetched {fetched.records} records into {path}")


def _ingest(settings: "Settings", arguments: argparse.Namespace, files: "Sequence[Path]") -> int:
    """The files into the library, unless there are none or only the download was asked for."""
    if arguments.no_ingest or not files:
        return 0
    from command.libraries import own
    from command.progress import Bars
    from retrieval.ingest import ingest

    with own(settings, arguments.library) as library, Bars() as progress:
        return show_report(ingest(library, files, progress, replace=arguments.replace))


def _pubmed_files(settings: "Settings", arguments: argparse.Namespace) -> int:
    """PubMed's files, each applied before the next one is fetched: a later one revises and deletes."""
    from command.libraries import own
    from command.progress import Bars
    from corpora.feeds import pubmed_files

    path = arguments.out or settings.home / "fetched" / "pubmed-files"
    if arguments.no_ingest:
        found = pubmed_files.releases(settings.feeds)
        files = pubmed_files.wanted(found, arguments.first, pubmed_files.last_in(path), arguments.max)
        with Bars() as progress:
            done = list(pubmed_files.download(settings.feeds, path, files, progress))
        say(f"fetched {len(done)} files into {path}")
        return 0
    from retrieval.ingest import ingest

    codes = [0]
    with own(settings, arguments.library) as library, Bars() as progress:
        applied = pubmed_files.applied_to(path, library.folder)
        files = pubmed_files.wanted(pubmed_files.releases(settings.feeds), arguments.first, applied, arguments.max)
        for file in pubmed_files.download(settings.feeds, path, files, progress):
            say(file.name)
            codes.append(show_report(ingest(library, [file], progress, replace=True)))
            pubmed_files.mark_applied(path, library.folder, file.name)
    say(f"applied {len(codes) - 1} files from {path}")
    return max(codes)


def _retractions(settings: "Settings", arguments: argparse.Namespace) -> int:
    from corpora.feeds.retractions import fetch_retractions

    file = fetch_retractions(settings.feeds, arguments.out or settings.home / "fetched" / "retractions")
    say(f"fetched {file}")
    say(f"Mark the papers of a library by it: epicite library notices {file}")
    return 0
