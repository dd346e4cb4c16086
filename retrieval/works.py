"""Which papers are versions of one work: abstract and full text, preprint and published, supplements, corrections.

A work is named by the smallest number of its papers. Two papers belong together where one says so, where they share
an identifier, or where one is a preprint and title, first author and time agree.
"""

import json
import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from corpora.paper import Paper, PaperKind, RelationKind
from retrieval.schema import AnyRow, papers, relations
from retrieval.titles import is_telling, title_key

Form = Literal["published", "preprint", "supplement", "correction"]

_VERSIONS: tuple[RelationKind, ...] = ("preprint of", "published version of", "supplement to")
_CORRECTIONS: tuple[RelationKind, ...] = ("correction of", "corrected by")
# Cold Spring Harbor's journals share the prefix 10.1101 with its preprints, whose DOIs go on with digits.
_PREPRINT_DOI = re.compile(r"10\.(?:1101/(?:\d{4}\.\d\d\.\d\d\.)?\d+(?:v\d+)?$|(?:48550|21203|2139|20944)/)")
_PREPRINT_SERVERS = ("biorxiv", "medrxiv", "arxiv", "research square", "res sq", "ssrn", "preprints org")
_YEARS_APART = 2
_MOST_OF_ONE_TITLE = 50
# What is told of a work where several versions answer alike.
_PREFERRED: tuple[tuple[Form, PaperKind], ...] = (
    ("published", "full text"),
    ("published", "abstract"),
    ("published", "digest"),
    ("preprint", "full text"),
    ("preprint", "abstract"),
    ("preprint", "digest"),
)
LEAST_PREFERRED = len(_PREFERRED)


class Keys(NamedTuple):
    """What a paper is known by, as its row has it."""

    id: int
    kind: str
    pmid: str | None
    doi: str | None
    pmcid: str | None
    title_key: str | None
    published_last: str | None


_KEYS = tuple(papers.c[name] for name in Keys._fields)


@dataclass(frozen=True)
class Version:
    """A paper as one of the texts of a work."""

    paper_id: int
    form: Form
    kind: PaperKind
    pmid: str | None
    doi: str | None
    title: str | None

    @property
    def described(self) -> str:
        """What it is, and by what it is known: "preprint, DOI 10.1101/123456"."""
        name = self.kind if self.form == "published" else self.form
        known = f"PMID {self.pmid}" if self.pmid else f"DOI {self.doi}" if self.doi else self.title
        return f"{name}, {known}" if known else name

    @property
    def preference(self) -> int:
        """The place among versions that answer alike; the lowest is told."""
        key = (self.form, self.kind)
        return _PREFERRED.index(key) if key in _PREFERRED else LEAST_PREFERRED


def settle(connection: Connection, keys: Keys, paper: Paper, *, new: bool = False) -> bool:
    """Note what a new or changed paper is to others, and put it into its work; says whether it is alone there.

    `new`: nothing was noted of it so far.
    """
    number = keys.id
    before = () if new else others(connection, number)
    if not new:
        forget(connection, number)
    rows = [
        {
            "paper_id": number,
            "kind": relation.kind,
            "pmid": relation.pmid,
            "doi": relation.doi.lower() if relation.doi else None,
            "title_key": title_key(relation.title) if relation.title else None,
        }
        for relation in paper.relations
        if relation.kind in _VERSIONS or relation.kind in _CORRECTIONS
    ]
    if rows:
        connection.execute(insert(relations), rows)
    if new and not rows and not _linked(connection, keys, ()):
        connection.execute(update(papers).filter_by(id=number).values(work=number))
        return True
    regroup(connection, {number, *before})
    return not others(connection, number)


def forget(connection: Connection, number: int) -> None:
    """Take back what a paper says that it is to others."""
    connection.execute(delete(relations).filter_by(paper_id=number))


def others(connection: Connection, number: int) -> Sequence[int]:
    """The other papers of a paper's work, by number."""
    own = select(papers.c.work).filter_by(id=number).scalar_subquery()
    return connection.scalars(select(papers.c.id).where(papers.c.work == own, papers.c.id != number)).all()


def regroup(connection: Connection, numbers: Iterable[int]) -> None:
    """Find the works of papers anew; what is linked to them comes along."""
    left = set(numbers)
    while left:
        group = _group(connection, left.pop())
        left -= group
        work = min(group, default=0)
        is_elsewhere = papers.c.work.is_distinct_from(work)
        connection.execute(update(papers).where(papers.c.id.in_(group), is_elsewhere).values(work=work))


def misplaced(connection: Connection) -> list[int]:
    """The numbers of papers that stand in another work than their links say."""
    wrong: set[int] = set()
    seen: set[int] = set()
    for row in connection.execute(select(papers.c.id, papers.c.work).order_by(papers.c.id)).all():
        if row.id in seen:
            continue
        group = _group(connection, row.id)
        seen |= group
        held = connection.scalars(select(papers.c.id).where(papers.c.work == row.work)).all()
        if row.work != min(group) or set(held) != group:
            wrong |= group | set(held)
    return sorted(wrong)


def count(connection: Connection) -> int:
    """How many works the papers are."""
    return connection.scalar(select(func.count(papers.c.work.distinct()))) or 0


def same_paper(connection: Connection, keys: Keys) -> list[Keys]:
    """The other texts that bear an identifier of a paper: the full text of an abstract and the like."""
    shared = _identifiers(keys)
    if not shared:
        return []
    query = select(*_KEYS).where(or_(*shared), papers.c.id != keys.id)
    return [Keys(*row) for row in connection.execute(query)]


def keys_of(connection: Connection, number: int) -> Keys | None:
    """What a paper is known by; None where there is none of that number."""
    row = connection.execute(select(*_KEYS).filter_by(id=number)).first()
    return Keys(*row) if row is not None else None


def versions(connection: Connection, number: int, until: str | None = None) -> tuple[Version, ...]:
    """The other versions of a paper's work, those first that are told first; out by a day, if one is given."""
    found = others(connection, number)
    told = versions_of(connection, found, until) if found else {}
    return tuple(sorted(told.values(), key=lambda version: (version.preference, version.paper_id)))


def versions_of(connection: Connection, numbers: Collection[int], until: str | None = None) -> dict[int, Version]:
    """Papers as versions of their works, by number."""
    query = select(papers.c.id, papers.c.record).where(papers.c.id.in_(numbers))
    if until is not None:
        query = query.where(papers.c.published_last <= until)
    return {row.id: _version(row.id, json.loads(row.record)) for row in connection.execute(query)}


def preferred(connection: Connection, numbers: Sequence[int]) -> set[int]:
    """Of some papers one of each work, the one that counts most; of equal ones the first."""
    work_of = select(papers.c.id, papers.c.work).where(papers.c.id.in_(numbers))
    members: dict[int, list[int]] = {}
    for row in connection.execute(work_of):
        members.setdefault(row.work or row.id, []).append(row.id)
    kept = {several[0] for several in members.values() if len(several) == 1}
    for several in members.values():
        if len(several) > 1:
            told = versions_of(connection, several)
            kept.add(min(several, key=lambda number: (told[number].preference, numbers.index(number))))
    return kept


def is_preprint(record: dict[str, Any]) -> bool:
    """Whether the record of a paper is that of a preprint, by its journal, DOI or type."""
    journal = title_key(record.get("journal") or "")
    return (
        journal.startswith(_PREPRINT_SERVERS)
        or _PREPRINT_DOI.match(record.get("doi") or "") is not None
        or "Preprint" in record.get("publication_types", ())
    )


def _version(number: int, record: dict[str, Any]) -> Version:
    said = {relation["kind"] for relation in record.get("relations", ())}
    form: Form = "published"
    if "supplement to" in said:
        form = "supplement"
    elif "correction of" in said:
        form = "correction"
    elif is_preprint(record) or "preprint of" in said:
        form = "preprint"
    return Version(number, form, record["kind"], record.get("pmid"), record.get("doi"), record.get("title"))


def _group(connection: Connection, number: int) -> set[int]:
    """A paper and all that it is linked to, directly or through others; empty where there is none of that number."""
    group: set[int] = set()
    left = {number}
    while left:
        row = keys_of(connection, left.pop())
        if row is not None:
            group.add(row.id)
            left |= _linked(connection, row) - group
    return group


def _linked(connection: Connection, row: Keys, said: Sequence[AnyRow] | None = None) -> set[int]:
    """What a paper is linked to directly; `said` are its relations, looked up where they are not given."""
    if said is None:
        said = connection.execute(select(relations).filter_by(paper_id=row.id)).all()
    naming = _naming(connection, row)
    linked = {found for relation in said if relation.kind in _VERSIONS for found in _named(connection, relation)}
    linked |= {relation.paper_id for relation in naming if relation.kind in _VERSIONS}
    linked |= _corrections(connection, row, said, naming)
    return (linked | _alike(connection, row)) - {row.id}


def _named(connection: Connection, relation: AnyRow) -> set[int]:
    """The papers that a relation names; by title only where it gives nothing better."""
    given: list[ColumnElement[bool]] = [
        column == value for column, value in ((papers.c.pmid, relation.pmid), (papers.c.doi, relation.doi)) if value
    ]
    if not given and is_telling(relation.title_key):
        given = [papers.c.title_key == relation.title_key]
    return set(connection.scalars(select(papers.c.id).where(or_(*given)))) if given else set()


def _naming(connection: Connection, row: Keys) -> Sequence[AnyRow]:
    """The relations that name a paper."""
    given: list[ColumnElement[bool]] = [
        column == value for column, value in ((relations.c.pmid, row.pmid), (relations.c.doi, row.doi)) if value
    ]
    if is_telling(row.title_key):
        nameless = and_(relations.c.pmid.is_(None), relations.c.doi.is_(None))
        given.append(and_(relations.c.title_key == row.title_key, nameless))
    return connection.execute(select(relations).where(or_(*given))).all() if given else ()


def _corrections(connection: Connection, row: Keys, said: Sequence[AnyRow], naming: Sequence[AnyRow]) -> set[int]:
    """The corrections of a paper, and what it corrects itself.

    A correction of several papers is linked to none: it would make them one work.
    """
    correcting = {found for each in said if each.kind == "corrected by" for found in _named(connection, each)}
    correcting |= {each.paper_id for each in naming if each.kind == "correction of"}
    linked = {number for number in correcting if len(_corrected(connection, number)) == 1}
    corrected = _corrected(connection, row.id, said, naming)
    return linked | (corrected if len(corrected) == 1 else set())


def _corrected(
    connection: Connection,
    number: int,
    said: Sequence[AnyRow] | None = None,
    naming: Sequence[AnyRow] | None = None,
) -> set[int]:
    """The papers that a correction corrects; those that are not here count by a number that is none."""
    if said is None or naming is None:
        row = keys_of(connection, number)
        assert row is not None, "a correction that is linked is here"
        said = connection.execute(select(relations).filter_by(paper_id=number)).all()
        naming = _naming(connection, row)
    own = [(each.id, _named(connection, each)) for each in said if each.kind == "correction of"]
    corrected = {found for _, here in own for found in here} | {-name for name, here in own if not here}
    return corrected | {each.paper_id for each in naming if each.kind == "corrected by"}


def _alike(connection: Connection, row: Keys) -> set[int]:
    """The papers that share an identifier, and those that are a preprint of it or it of them by title and author."""
    given = _identifiers(row)
    if is_telling(row.title_key):
        given.append(papers.c.title_key == row.title_key)
    if not given:
        return set()
    query = select(*_KEYS).where(or_(*given), papers.c.id != row.id).limit(_MOST_OF_ONE_TITLE)
    alike: set[int] = set()
    entitled: list[int] = []
    for other in connection.execute(query):
        if any(getattr(row, name) and getattr(row, name) == getattr(other, name) for name in ("pmid", "doi", "pmcid")):
            alike.add(other.id)
        elif _years_apart(row, other) <= _YEARS_APART:
            entitled.append(other.id)
    return alike | (_preprints(connection, row.id, entitled) if entitled else set())


def _years_apart(one: Keys, other: AnyRow) -> float:
    """Years between two papers; endless where one has no date."""
    if not (one.published_last and other.published_last):
        return math.inf
    return abs(int(one.published_last[:4]) - int(other.published_last[:4]))


def _preprints(connection: Connection, number: int, entitled: Sequence[int]) -> set[int]:
    """Of papers that share a title, those that are one with a paper because either of the two is a preprint."""
    query = select(papers.c.id, papers.c.record).where(papers.c.id.in_([number, *entitled]))
    records = {row.id: json.loads(row.record) for row in connection.execute(query)}
    own = records.pop(number)
    return {
        other
        for other, record in records.items()
        if (is_preprint(own) or is_preprint(record)) and not _first_author(own).isdisjoint(_first_author(record))
    }


def _first_author(record: dict[str, Any]) -> set[str]:
    """The words of the first author's name, initials aside: sources write surname and forenames in either order."""
    name = next(iter(record.get("authors", ())), "").casefold()
    return {word for word in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", name) if len(word) > 1}


def _identifiers(row: Keys) -> list[ColumnElement[bool]]:
    known = ((papers.c.pmid, row.pmid), (papers.c.doi, row.doi), (papers.c.pmcid, row.pmcid))
    return [column == value for column, value in known if value]
