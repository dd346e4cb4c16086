"""Files and folders into a library."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from corpora.failure import Failure
from corpora.paper import Paper, Source
from corpora.reading import read, sources
from corpora.withdrawal import Withdrawn
from retrieval.errors import IdentifierConflict
from retrieval.library import Library
from retrieval.progress import Progress, silent
from retrieval.store import by_identifier

_VERSIONS = 100


@dataclass(frozen=True)
class Report:
    """What a run of ingest did: papers by outcome, and everything that did not become a paper."""

    added: int
    updated: int
    unchanged: int
    removed: int
    failures: tuple[Failure, ...]


class Run:
    """One run of ingest: what it has stored and what has failed so far."""

    def __init__(self, library: Library, progress: Progress, replace: bool) -> None:
        self._library = library
        self._progress = progress
        self._replace = replace
        self._number = library.begin_run()
        self._outcomes: Counter[str] = Counter()
        self.failures: list[Failure] = []

    def take(self, items: Iterable[Paper | Failure | Withdrawn]) -> None:
        """Store papers and take out withdrawn ones, each in a transaction of its own, and keep failures."""
        for item in items:
            match item:
                case Failure():
                    self.failures.append(item)
                case Withdrawn():
                    self._outcomes["removed"] += self._withdraw(item.pmid)
                case _:
                    self._store(item)
            self._progress("reading", self._outcomes.total() + len(self.failures), None)

    def take_file(self, path: Path, items: Iterable[Paper | Failure | Withdrawn]) -> None:
        """Store the papers of a file; only one that was read to its end can say what it no longer holds."""
        before = len(self.failures)
        self.take(items)
        if len(self.failures) == before:
            self._outcomes["removed"] += self._library.remove_unseen(path, self._number)

    def report(self) -> Report:
        """What came of it."""
        count = self._outcomes
        return Report(count["added"], count["updated"], count["unchanged"], count["removed"], tuple(self.failures))

    def _store(self, paper: Paper) -> None:
        try:
            self._outcomes[self._library.add(paper, replace=self._replace, run=self._number)] += 1
        except IdentifierConflict as conflict:
            source = paper.source or Source(path=self._library.folder)
            self.failures.append(Failure(source, conflict.reason, conflict.remedy))

    def _withdraw(self, pmid: str) -> int:
        """Take out what PubMed no longer has; a full text was not PubMed's and stays."""
        with self._library.database.reading() as connection:
            named = by_identifier(connection, f"pmid:{pmid}", _VERSIONS)
        gone = [found for found in named if found.paper.pmid == pmid and found.paper.kind != "full text"]
        for found in gone:
            self._library.remove(found.id)
        return len(gone)


def ingest(library: Library, paths: Iterable[Path], progress: Progress = silent, *, replace: bool = False) -> Report:
    """Read files and folders, store what is new, then derive all that is pending.

    A run that was killed is finished by the next. With `replace`, a record may put a new text in the place of
    one that came from another file.
    """
    run = Run(library, progress, replace)
    for source in sources(paths):
        if isinstance(source, Failure):
            run.take([source])
        else:
            run.take_file(source, read(source))
    library.derive(progress)
    return run.report()


def take_in(library: Library, papers: Iterator[Paper | Failure], progress: Progress = silent) -> Report:
    """Store papers that have been read already, then derive all that is pending."""
    run = Run(library, progress, replace=False)
    run.take(papers)
    library.derive(progress)
    return run.report()
