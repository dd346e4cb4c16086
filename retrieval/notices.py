"""What was said of papers since: taken in from files, and told beside what is found."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpora.failure import Failure
from corpora.notices import Notice, NoticeKind, read_notices
from corpora.paper import bare_doi
from retrieval import notice_store
from retrieval.database import advance
from retrieval.progress import Progress, silent

if TYPE_CHECKING:
    from retrieval.hit import Hit
    from retrieval.library import Library

_NAMES: dict[NoticeKind, str] = {
    "retraction": "Retraction",
    "correction": "Correction",
    "expression of concern": "Expression of concern",
    "reinstatement": "Reinstatement",
}


@dataclass(frozen=True)
class NoticeReport:
    """How many notices a file gave, how many papers of the library they are of, and the rows that are none."""

    stored: int
    papers: int
    failures: tuple[Failure, ...]


def take_notices(library: "Library", path: Path, progress: Progress = silent) -> NoticeReport:
    """Store the notices of a Retraction Watch CSV in a library, in the place of those that the file gave before.

    They mark the papers that are there and those that come later. A file of which nothing can be read changes
    nothing.
    """
    said: list[Notice] = []
    failures: list[Failure] = []
    for item in read_notices(path):
        if isinstance(item, Failure):
            failures.append(item)
        else:
            said.append(item)
        progress("reading", len(said) + len(failures), None)
    if not said and failures:
        return NoticeReport(0, 0, tuple(failures))
    stored, papers = keep_notices(library, str(path.resolve()), said)
    return NoticeReport(stored, papers, tuple(failures))


def keep_notices(library: "Library", origin: str, said: Iterable[Notice]) -> tuple[int, int]:
    """Store what a source says in the place of what it said before; how many notices, and of how many papers."""
    with library.database.writing() as connection:
        advance(connection, "change")
        return notice_store.replace(connection, origin, said)


def said_of(library: "Library", name: str, until: str | None = None) -> list[Notice]:
    """What was said of the paper of a PMID, DOI or title in any case, by date, whether or not the paper is here."""
    bare = name.strip().casefold().removeprefix("pmid").lstrip(": ")
    try:
        named = Notice("retraction", doi=bare_doi(name))
    except ValueError:
        named = Notice("retraction", pmid=bare) if bare.isdecimal() else Notice("retraction", title=name)
    with library.database.reading() as connection:
        return notice_store.of_name(connection, named, until)


def told(notice: Notice) -> str:
    """A notice in words: "Retraction (2019-05-01, DOI 10.1000/x): Error in Data"."""
    by = f"DOI {notice.notice_doi}" if notice.notice_doi else f"PMID {notice.notice_pmid}" if notice.notice_pmid else ""
    where = ", ".join(filter(None, (notice.date, by)))
    words = f"{_NAMES[notice.kind]} ({where})" if where else _NAMES[notice.kind]
    return f"{words}: {notice.reason}" if notice.reason else words


def left_out(hits: Iterable["Hit"]) -> list[str]:
    """That hits were left out because their papers are retracted, in words; nothing where there are none."""
    papers = dict.fromkeys(
        f"{hit.title or 'a paper without title'}{f' (PMID {hit.pmid})' if hit.pmid else ''}" for hit in hits
    )
    return [f"Left out as retracted, though among the best matches: {'; '.join(papers)}."] if papers else []


def told_of(library: "Library", number: int, until: str | None = None) -> tuple[str, ...]:
    """What was said of a paper, in words, by date; until a day, if one is given."""
    with library.database.reading() as connection:
        return tuple(told(notice) for notice in notice_store.of_paper(connection, number, until))
