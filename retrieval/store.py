"""Papers and passages in SQL: what a library keeps for good."""

import contextlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from corpora.paper import Paper, bare_doi
from retrieval import notice_store, works
from retrieval.database import advance
from retrieval.days import last_day
from retrieval.errors import IdentifierConflict, UnknownPaper
from retrieval.passages import Passage
from retrieval.schema import AnyRow, derivations, evidence, paper_genes, papers, passages, removals, vectors
from retrieval.titles import title_key

Outcome = Literal["added", "updated", "unchanged"]
_WHOLE = "full text"
_IDENTIFIERS = ("pmid", "doi", "pmcid")
_IDENTITY = (
    papers.c.id, papers.c.sha256, papers.c.kind, papers.c.pmid, papers.c.doi, papers.c.pmcid, papers.c.run,
    papers.c.source_path,
)  # fmt: skip
_STORED = (papers.c.id, papers.c.record, papers.c.text, papers.c.retracted)


@dataclass(frozen=True)
class StoredPaper:
    """A paper and its number in the library."""

    id: int
    paper: Paper


def load(row: AnyRow) -> Paper:
    """The paper of a row that has `record` and `text`, as its record tells it."""
    return Paper.model_validate({**json.loads(row.record), "text": row.text})


def load_marked(row: AnyRow) -> Paper:
    """The paper of a row that also has `retracted`, retracted where notices say so."""
    paper = load(row)
    return paper if paper.retracted == row.retracted else paper.model_copy(update={"retracted": row.retracted})


def find(connection: Connection, paper: Paper) -> AnyRow | None:
    """The stored paper that this one is, by PMID, DOI or PMCID, else by its id or text and where it came from.

    A full text and an abstract or digest share their identifiers and are papers side by side. Raises
    IdentifierConflict where its PMID is one stored paper's and its DOI another's.
    """
    given = [papers.c[name] == value for name in _IDENTIFIERS if (value := getattr(paper, name))]
    if given:
        rows = connection.execute(select(*_IDENTITY).where(or_(*given))).all()
        own = _only_match([row for row in rows if (row.kind == _WHOLE) == (paper.kind == _WHOLE)], paper)
        return own or next((row for row in rows if row.sha256 == paper.sha256), None)
    path = _path(paper)
    same_text, same_file = papers.c.sha256 == paper.sha256, papers.c.source_path == path
    nameless = [papers.c[name].is_(None) for name in _IDENTIFIERS]
    anonymous = and_(*nameless, papers.c.local_id.is_not_distinct_from(paper.id))
    is_whole_file = paper.source is not None and paper.source.place is None
    anchor = or_(same_text, same_file) if paper.id or is_whole_file else same_text
    # An id is only unique within its file; without one, a file that is one paper is known by its path.
    order = (same_file.desc(), same_text.desc(), papers.c.id)
    return connection.execute(select(*_IDENTITY).where(anonymous, anchor).order_by(*order)).first()


def _only_match(rows: Sequence[AnyRow], paper: Paper) -> AnyRow | None:
    if len(rows) > 1 or any(row.pmid and paper.pmid and row.pmid != paper.pmid for row in rows):
        names = " and ".join(f"{name} {value}" for name, value in _identifiers(paper)[:3] if value)
        raise IdentifierConflict(
            f"{names} belong to two different papers of the library",
            "Correct the record, or remove one of the two with `epicite library remove`.",
        )
    return rows[0] if rows else None


def check_replaceable(stored: AnyRow, paper: Paper, run: int, replace: bool) -> None:
    """Raise IdentifierConflict unless a new text may take the place of a stored one.

    It may where it comes from the same file, where the old file is gone, or where the user says so; never
    twice in one run, as then one identifier stands for two texts.
    """
    seen_in_this_run = run != 0 and stored.run == run
    moved = stored.source_path is not None and not Path(stored.source_path).exists()
    if not seen_in_this_run and (replace or moved or stored.source_path == _path(paper)):
        return
    name = next(f"{kind} {value}" for kind, value in _identifiers(paper) if value)
    remedy = (
        "Keep one of the two records."
        if seen_in_this_run
        else f"Ingest with --replace to take the new text, or leave {paper.source or 'it'} out."
    )
    raise IdentifierConflict(f"{name} has two different texts: the other is from {stored.source_path}", remedy)


def insert_paper(connection: Connection, paper: Paper, cut: Sequence[Passage], owner: str, run: int) -> int:
    """Store a new paper with its passages; gives its number."""
    values = {
        **columns(paper),
        **_text_columns(paper),
        "owner": owner,
        "run": run,
        "change": advance(connection, "change"),
    }
    number: int = connection.scalars(insert(papers).returning(papers.c.id), values).one()
    _insert_passages(connection, number, cut)
    settle(connection, number, paper, new=True)
    return number


def replace_paper(connection: Connection, number: int, paper: Paper, cut: Sequence[Passage], run: int) -> None:
    """Put a new text in a paper's place: its old passages and all that was derived from them go."""
    change = advance(connection, "change")
    drop_passages(connection, number, change)
    connection.execute(
        update(papers).filter_by(id=number).values(**columns(paper), **_text_columns(paper), run=run, change=change)
    )
    _insert_passages(connection, number, cut)
    settle(connection, number, paper)


def update_record(connection: Connection, number: int, paper: Paper, run: int) -> bool:
    """Take over what a record newly says of a paper whose text stays; tells whether anything was new."""
    known = get(connection, number)
    merged = _merged(known, paper)
    news = merged.model_dump(exclude={"source"}) != known.model_dump(exclude={"source"})
    values: dict[str, Any] = {"run": run}
    if news or merged.source != known.source:
        values |= columns(merged)
    if news:
        values["change"] = advance(connection, "change")
    connection.execute(update(papers).filter_by(id=number).values(values))
    if news:
        settle(connection, number, merged)
    return news


def remove_paper(connection: Connection, number: int) -> None:
    """Take a paper out, with its passages and all that was derived from them."""
    drop_passages(connection, number, advance(connection, "change"))
    versions = works.others(connection, number)
    concerned = notice_store.forget(connection, number)
    works.forget(connection, number)
    if connection.execute(delete(papers).filter_by(id=number)).rowcount == 0:
        raise _unknown(number)
    works.regroup(connection, versions)
    notice_store.match(connection, {*versions, *concerned})


def settle(connection: Connection, number: int, paper: Paper, *, new: bool = False) -> None:
    """Put a stored paper into its work, and mark by notices what they are of."""
    told = columns(paper)
    keys = works.Keys(number, *(told[name] for name in works.Keys._fields[1:]))
    alone = works.settle(connection, keys, paper, new=new)
    notice_store.settle(connection, keys, paper, new=new, alone=alone)


def remove_unseen(connection: Connection, path: Path, run: int) -> int:
    """Take out the papers without identifier that a file held before and did not hold in this run."""
    gone = connection.scalars(
        select(papers.c.id).where(
            papers.c.source_path == str(path.resolve()),
            papers.c.run != run,
            *(papers.c[name].is_(None) for name in (*_IDENTIFIERS, "local_id")),
        )
    ).all()
    for number in gone:
        remove_paper(connection, number)
    return len(gone)


def get(connection: Connection, number: int) -> Paper:
    """The paper of a number; raises UnknownPaper where there is none."""
    row = connection.execute(select(papers.c.record, papers.c.text).filter_by(id=number)).first()
    if row is None:
        raise _unknown(number)
    return load(row)


def get_marked(connection: Connection, number: int) -> Paper:
    """The paper of a number, retracted where notices say so; raises UnknownPaper where there is none."""
    row = connection.execute(select(*_STORED).filter_by(id=number)).first()
    if row is None:
        raise _unknown(number)
    return load_marked(row)


def each_paper(connection: Connection) -> Iterator[StoredPaper]:
    """All papers in the order of their numbers, one in memory at a time."""
    query = select(papers.c.id, papers.c.record, papers.c.text).order_by(papers.c.id)
    for row in connection.execution_options(yield_per=100).execute(query):
        yield StoredPaper(row.id, load(row))


def by_identifier(connection: Connection, text: str, limit: int) -> list[StoredPaper]:
    """Papers whose PMID, PMCID, DOI or whole title a text is."""
    bare = re.sub(r"^pmc?id:?\s*", "", text.strip(), flags=re.IGNORECASE)
    conditions = [papers.c.pmid == bare, papers.c.pmcid == bare.upper(), papers.c.title_key == title_key(text)]
    with contextlib.suppress(ValueError):
        conditions.append(papers.c.doi == bare_doi(text))
    query = select(*_STORED).where(or_(*conditions)).limit(limit)
    return [StoredPaper(row.id, load_marked(row)) for row in connection.execute(query)]


def by_hash(connection: Connection, sha256: str) -> StoredPaper | None:
    """The paper whose text has a hash."""
    row = connection.execute(select(*_STORED).filter_by(sha256=sha256)).first()
    return StoredPaper(row.id, load_marked(row)) if row else None


def of_passages(connection: Connection, numbers: Sequence[int]) -> list[StoredPaper]:
    """The papers of passages, in the order of the passages."""
    query = select(passages.c.id, passages.c.paper_id).where(passages.c.id.in_(numbers))
    paper_of = {row.id: row.paper_id for row in connection.execute(query)}
    ordered = dict.fromkeys(paper_of[number] for number in numbers if number in paper_of)
    return [StoredPaper(number, get_marked(connection, number)) for number in ordered]


def stored_passages(connection: Connection, number: int) -> list[tuple[int, Passage]]:
    """The passages of a paper with their numbers, in order."""
    query = select(passages).filter_by(paper_id=number).order_by(passages.c.start)
    return [(row.id, as_passage(row)) for row in connection.execute(query)]


def as_passage(row: AnyRow) -> Passage:
    """The passage of a row that has `start`, `end` and `sentences`."""
    spans = tuple((start, end) for start, end in json.loads(row.sentences))
    return Passage(row.start, row.end, spans)


def replace_passages(connection: Connection, number: int, cut: Sequence[Passage]) -> None:
    """Cut a paper anew, as another passage rule asks."""
    change = advance(connection, "change")
    drop_passages(connection, number, change)
    connection.execute(update(papers).filter_by(id=number).values(change=change))
    _insert_passages(connection, number, cut)


def drop_passages(connection: Connection, number: int, change: int) -> None:
    """Delete a paper's passages and what was derived from it, and note them as removed."""
    gone = connection.scalars(select(passages.c.id).filter_by(paper_id=number)).all()
    if gone:
        connection.execute(insert(removals), [{"passage_id": passage, "change": change} for passage in gone])
    own = select(passages.c.id).filter_by(paper_id=number)
    connection.execute(delete(vectors).where(vectors.c.passage_id.in_(own)))
    for table in (derivations, paper_genes, evidence, passages):
        connection.execute(delete(table).filter_by(paper_id=number))


def count_rows(connection: Connection) -> tuple[int, int]:
    """How many papers and passages there are."""
    numbers = [connection.scalar(select(func.count()).select_from(table)) for table in (papers, passages)]
    return numbers[0] or 0, numbers[1] or 0


def _insert_passages(connection: Connection, number: int, cut: Sequence[Passage]) -> None:
    rows = [
        {
            "paper_id": number,
            "start": passage.start,
            "end": passage.end,
            "sentences": json.dumps(passage.sentences, separators=(",", ":")),
        }
        for passage in cut
    ]
    if rows:
        connection.execute(insert(passages), rows)


def columns(paper: Paper) -> dict[str, Any]:
    """What a paper's row says of it, its text and its standing in the library aside."""
    published = paper.published or (f"{paper.year:04}" if paper.year else None)
    return {
        "kind": paper.kind,
        "pmid": paper.pmid,
        "doi": paper.doi,
        "pmcid": paper.pmcid,
        "local_id": paper.id,
        "source_path": _path(paper),
        "title_key": title_key(paper.title) if paper.title else None,
        "journal_key": title_key(paper.journal) if paper.journal else None,
        "year": paper.year,
        "published_last": last_day(published) if published else None,
        "retracted": paper.retracted,
        "record": paper.model_dump_json(exclude={"text"}, exclude_defaults=True),
    }


def _text_columns(paper: Paper) -> dict[str, Any]:
    return {"sha256": paper.sha256, "text": paper.text}


def _merged(known: Paper, paper: Paper) -> Paper:
    """What two records of one text say together; a record read again from its own file says it all."""
    moved = known.source is None or not known.source.path.exists()
    if _path(known) == _path(paper) or moved:
        return paper
    told = {name: value for name, value in paper if value not in (None, (), False)}
    return known.model_copy(update={**told, "source": known.source})


def _unknown(number: int) -> UnknownPaper:
    return UnknownPaper(f"The library has no paper number {number}", "It may have been removed: search again.")


def _path(paper: Paper) -> str | None:
    return str(paper.source.path.resolve()) if paper.source else None


def _identifiers(paper: Paper) -> tuple[tuple[str, str | None], ...]:
    return ("PMID", paper.pmid), ("DOI", paper.doi), ("PMCID", paper.pmcid), ("id", paper.id), ("file", _path(paper))
