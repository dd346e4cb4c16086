"""Notices in SQL: what was said of papers, which papers those are, and which of them are retracted therefore."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, or_, select, update

from corpora.notices import Notice, notices_of
from corpora.paper import Paper
from retrieval import works
from retrieval.days import first_day
from retrieval.schema import AnyRow, notices, paper_notices, papers
from retrieval.titles import is_telling, title_key
from retrieval.works import Keys

# How publishers mark the titles of papers that they have retracted.
_MARKS = ("retracted ", "retracted article ", "retracted paper ", "withdrawn ", "withdrawn article ")
_MARKED = re.compile(rf"^(?:{'|'.join(sorted(_MARKS, key=len, reverse=True))})")
_DECIDE = ("retraction", "reinstatement")
_FIELDS = ("kind", "pmid", "doi", "title", "date", "notice_pmid", "notice_doi", "reason")
_SAID = tuple(notices.c[name] for name in _FIELDS)
_ROWS = 1_000


def settle(connection: Connection, keys: Keys, paper: Paper, *, new: bool = False, alone: bool = False) -> None:
    """Note what a paper's record says of papers, and mark it, and them, by all that was said.

    `new`: nothing was said by it or of it so far. `alone`: it has been put into its work, and is alone there.
    """
    number = keys.id
    concerned = set() if new else forget(connection, number)
    said = list(notices_of(paper))
    if said:
        connection.execute(insert(notices), [_row(notice, said_by=number) for notice in said])
        concerned |= _named(connection, notices.c.said_by == number)
    same = [] if alone else [other.id for other in works.same_paper(connection, keys)]
    if new and not concerned and not same and not _notices_of(connection, keys, ()):
        return
    match(connection, {number, *same, *concerned})


def forget(connection: Connection, number: int) -> set[int]:
    """Take back what a paper's record says, and what was said of it; the other papers that are to be matched anew."""
    own = select(notices.c.id).where(notices.c.said_by == number)
    concerned = set(connection.scalars(select(paper_notices.c.paper_id).where(paper_notices.c.notice_id.in_(own))))
    connection.execute(delete(paper_notices).where(paper_notices.c.notice_id.in_(own)))
    connection.execute(delete(notices).where(notices.c.said_by == number))
    connection.execute(delete(paper_notices).where(paper_notices.c.paper_id == number))
    return concerned - {number}


def replace(connection: Connection, origin: str, said: Iterable[Notice]) -> tuple[int, int]:
    """Store what a file says in the place of what it said before; how many notices, and of how many papers here."""
    old = select(notices.c.id).where(notices.c.origin == origin)
    concerned = set(connection.scalars(select(paper_notices.c.paper_id).where(paper_notices.c.notice_id.in_(old))))
    connection.execute(delete(paper_notices).where(paper_notices.c.notice_id.in_(old)))
    connection.execute(delete(notices).where(notices.c.origin == origin))
    rows = [_row(notice, origin=origin) for notice in dict.fromkeys(said)]
    for begin in range(0, len(rows), _ROWS):
        connection.execute(insert(notices), rows[begin : begin + _ROWS])
    named = _named(connection, notices.c.origin == origin)
    match(connection, concerned | named)
    return len(rows), len(named)


def match(connection: Connection, numbers: Collection[int]) -> None:
    """Find anew which notices are of these papers, and mark those that are retracted."""
    for number in sorted(numbers):
        row = works.keys_of(connection, number)
        if row is None:
            continue
        connection.execute(delete(paper_notices).where(paper_notices.c.paper_id == number))
        found = _notices_of(connection, row, works.same_paper(connection, row))
        if found:
            connection.execute(
                insert(paper_notices), [{"paper_id": number, "notice_id": notice} for notice in sorted(found)]
            )
        is_so = is_retracted(_flag(connection, number), of_paper(connection, number))
        connection.execute(
            update(papers).where(papers.c.id == number, papers.c.retracted.is_not(is_so)).values(retracted=is_so)
        )


def unmatched(connection: Connection) -> list[int]:
    """The numbers of papers whose notices or mark are not what the stored notices say."""
    concerned = _named(connection, notices.c.id.is_not(None)) | set(
        connection.scalars(select(paper_notices.c.paper_id))
    )
    concerned |= set(connection.scalars(select(papers.c.id).where(papers.c.retracted)))
    wrong = []
    for number in sorted(concerned):
        row = works.keys_of(connection, number)
        if row is None:
            continue
        query = select(paper_notices.c.notice_id).where(paper_notices.c.paper_id == number)
        held = set(connection.scalars(query))
        marked = connection.scalar(select(papers.c.retracted).filter_by(id=number))
        is_so = is_retracted(_flag(connection, number), of_paper(connection, number))
        if held != _notices_of(connection, row, works.same_paper(connection, row)) or marked != is_so:
            wrong.append(number)
    return wrong


def of_paper(connection: Connection, number: int, until: str | None = None) -> list[Notice]:
    """What was said of a paper, by date; until a day, if one is given."""
    query = select(*_SAID).join(paper_notices).where(paper_notices.c.paper_id == number)
    return _until(_by_date(connection.execute(query.order_by(notices.c.id))), until)


def of_name(connection: Connection, name: Notice, until: str | None = None) -> list[Notice]:
    """What was said of the paper that has this PMID, DOI or title, whether or not it is here; until a day, if given."""
    keys = [title_key(name.title)] if name.title else []
    query = _naming(name.pmid, name.doi, [key for key in keys if is_telling(key)])
    if query is None:
        return []
    return _until(_by_date(connection.execute(query.order_by(notices.c.id))), until)


def counts(connection: Connection) -> tuple[int, int]:
    """How many papers are retracted, and how many notices there are."""
    retracted = connection.scalar(select(func.count()).select_from(papers).where(papers.c.retracted))
    return retracted or 0, connection.scalar(select(func.count()).select_from(notices)) or 0


def of_files(connection: Connection) -> Iterator[tuple[str, Notice]]:
    """What files have said, each notice with the file."""
    query = select(notices.c.origin, *_SAID).where(notices.c.origin.is_not(None)).order_by(notices.c.id)
    for row in connection.execution_options(yield_per=_ROWS).execute(query):
        yield row.origin, _notice(row)


def retracted_by(connection: Connection, day: str) -> set[int]:
    """The numbers of the papers that were retracted on a day."""
    decided = select(paper_notices.c.paper_id).join(notices).where(notices.c.kind.in_(_DECIDE))
    concerned = connection.scalars(select(papers.c.id).where(or_(papers.c.retracted, papers.c.id.in_(decided)))).all()
    return {number for number in concerned if was_retracted(connection, number, day)}


def was_retracted(connection: Connection, number: int, day: str) -> bool:
    """Whether a paper was retracted on a day."""
    return is_retracted(_flag(connection, number), of_paper(connection, number), day)


def is_retracted(flagged: bool, said: Sequence[Notice], day: str | None = None) -> bool:
    """Whether a paper is retracted, or was on a day: what was said last of retraction and reinstatement holds.

    A retraction without a date (`flagged` is one that the record tells) is taken to have come before anything else,
    unless another one has a date; a reinstatement without a date is taken to have come last.
    """
    decided = [notice for notice in said if notice.kind in _DECIDE]
    dated = [(first_day(notice.date), notice.kind == "reinstatement") for notice in decided if notice.date]
    if any(notice.kind == "reinstatement" and not notice.date for notice in decided) and day is None:
        return False
    past = [each for each in dated if day is None or each[0] <= day]
    if past:
        return not max(past)[1]
    undated = flagged or any(notice.kind == "retraction" and not notice.date for notice in decided)
    return undated and all(reinstated for _, reinstated in dated)


def _by_date(rows: Iterable[AnyRow]) -> list[Notice]:
    """Notices, each once, those without a date first."""
    return sorted(dict.fromkeys(map(_notice, rows)), key=lambda notice: notice.date or "")


def _until(said: list[Notice], day: str | None) -> list[Notice]:
    """What may have been said by a day."""
    return [notice for notice in said if day is None or notice.date is None or first_day(notice.date) <= day]


def _named(connection: Connection, which: ColumnElement[bool]) -> set[int]:
    """The papers that some notices may be of, with the other texts of each."""
    marked = [
        papers.c.title_key == title for title in (notices.c.title_key, *(mark + notices.c.title_key for mark in _MARKS))
    ]
    by_key = (papers.c.pmid == notices.c.pmid, papers.c.doi == notices.c.doi, *marked)
    found: set[int] = set()
    for is_of in by_key:
        found |= set(connection.scalars(select(papers.c.id).join(notices, is_of).where(which)))
    own = select(notices.c.said_by).where(which, notices.c.said_by.is_not(None))
    found |= set(connection.scalars(own))
    for number in list(found):
        row = works.keys_of(connection, number)
        found |= {other.id for other in works.same_paper(connection, row)} if row is not None else set()
    return found


def _notices_of(connection: Connection, row: Keys, same: Sequence[Keys]) -> set[int]:
    """The numbers of the notices of a paper, which may name it by the identifiers of its other texts."""
    found: set[int] = set()
    for text in (row, *same):
        key = text.title_key or ""
        query = _naming(text.pmid, text.doi, [key, _MARKED.sub("", key)] if is_telling(key) else ())
        if query is None:
            continue
        for notice in connection.execute(query):
            by_name = notice.pmid == text.pmid is not None or notice.doi == text.doi is not None
            if by_name or not _is_of_another(notice, text):
                found.add(notice.id)
    return found


def _naming(pmid: str | None, doi: str | None, titles: Collection[str]) -> Select[Any] | None:
    given: list[ColumnElement[bool]] = []
    if pmid:
        given.append(notices.c.pmid == pmid)
    if doi:
        given.append(notices.c.doi == doi.lower())
    if titles:
        given.append(notices.c.title_key.in_(sorted(set(titles))))
    return select(notices.c.id, *_SAID).where(or_(*given)) if given else None


def _is_of_another(notice: AnyRow, text: Keys) -> bool:
    """Whether a notice of the same title has an identifier that the paper has another of."""
    pairs = ((notice.pmid, text.pmid), (notice.doi, text.doi))
    return any(named and own and named != own for named, own in pairs)


def _flag(connection: Connection, number: int) -> bool:
    """Whether a paper's own record says that it is retracted."""
    record = connection.scalar(select(papers.c.record).filter_by(id=number))
    return bool(json.loads(record or "{}").get("retracted", False))


def _row(notice: Notice, origin: str | None = None, said_by: int | None = None) -> dict[str, Any]:
    row = {name: getattr(notice, name) for name in _FIELDS}
    doi = notice.doi.lower() if notice.doi else None
    key = title_key(notice.title) if notice.title else None
    return {**row, "doi": doi, "title_key": key, "origin": origin, "said_by": said_by}


def _notice(row: AnyRow) -> Notice:
    return Notice(**{name: getattr(row, name) for name in _FIELDS})
