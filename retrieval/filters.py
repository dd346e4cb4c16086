"""Which papers a search may find."""

from datetime import date

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import ColumnElement, Connection, func, select

from corpora import genes
from retrieval import notice_store
from retrieval.index import Numbers
from retrieval.schema import paper_genes, papers, passages
from retrieval.titles import title_key


class Filters(BaseModel):
    """Conditions that all hold for every hit; None asks nothing.

    Years are inclusive. `as_of` is the day on which one looks: only papers whose date cannot mean a later day were
    there, and only what had been retracted by then was retracted. `gene` is any name of it. `retracted` False leaves
    retracted papers out, True finds only them. `papers` are hashes of the texts to stay within.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    year_from: int | None = Field(default=None, ge=1500, le=2200)
    year_to: int | None = Field(default=None, ge=1500, le=2200)
    as_of: date | None = None
    journal: str | None = None
    gene: str | None = None
    retracted: bool | None = None
    owner: str | None = None
    papers: frozenset[str] | None = None

    @model_validator(mode="after")
    def _years_in_order(self) -> "Filters":
        if self.year_from is not None and self.year_to is not None and self.year_from > self.year_to:
            raise ValueError(f"the years run backwards: from {self.year_from} to {self.year_to}")
        return self

    @property
    def asks_nothing(self) -> bool:
        """Whether every paper passes."""
        return self == Filters()

    @property
    def day(self) -> str | None:
        """The day on which one looks, in ISO 8601."""
        return self.as_of.isoformat() if self.as_of else None


def allowed_passages(connection: Connection, filters: Filters) -> Numbers:
    """Numbers of the passages whose papers pass, ascending."""
    query = select(passages.c.id, passages.c.paper_id).join(papers)
    query = query.where(*_conditions(filters), *_years(filters), *_days(filters)).order_by(passages.c.id)
    found = np.array([tuple(row) for row in connection.execute(query)], np.int64).reshape(-1, 2)
    if filters.retracted is not None and filters.day is not None:
        retracted = list(notice_store.retracted_by(connection, filters.day))
        found = found[np.isin(found[:, 1], np.array(retracted, np.int64)) == filters.retracted]
    return np.ascontiguousarray(found[:, 0])


def was_out(connection: Connection, number: int, day: str) -> bool:
    """Whether a paper was out on a day, whatever day its date means."""
    last = connection.scalar(select(papers.c.published_last).filter_by(id=number))
    return last is not None and last <= day


def papers_without_year(connection: Connection, filters: Filters) -> int:
    """How many papers pass but for their year, which they do not give; 0 where no year is asked for."""
    if not _years(filters):
        return 0
    return _count(connection, papers.c.year.is_(None), *_conditions(filters), *_days(filters))


def papers_without_date(connection: Connection, filters: Filters) -> int:
    """How many papers pass but for their date, which they do not give; 0 where no day is asked for."""
    if not _days(filters):
        return 0
    return _count(connection, papers.c.published_last.is_(None), *_conditions(filters))


def _count(connection: Connection, *conditions: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).select_from(papers).where(*conditions)) or 0


def gene_names(text: str) -> tuple[str, ...]:
    """What a written gene name is filed under: its symbols, or itself where no table knows it."""
    return genes.symbols(text) or (text.strip().upper(),)


def _years(filters: Filters) -> list[ColumnElement[bool]]:
    conditions = []
    if filters.year_from is not None:
        conditions.append(papers.c.year >= filters.year_from)
    if filters.year_to is not None:
        conditions.append(papers.c.year <= filters.year_to)
    return conditions


def _days(filters: Filters) -> list[ColumnElement[bool]]:
    return [papers.c.published_last <= filters.day] if filters.day is not None else []


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.journal is not None:
        conditions.append(papers.c.journal_key == title_key(filters.journal))
    if filters.gene is not None:
        named = select(paper_genes.c.paper_id).where(paper_genes.c.gene.in_(gene_names(filters.gene)))
        conditions.append(papers.c.id.in_(named))
    if filters.retracted is not None and filters.as_of is None:
        conditions.append(papers.c.retracted.is_(filters.retracted))
    if filters.owner is not None:
        conditions.append(papers.c.owner == filters.owner)
    if filters.papers is not None:
        conditions.append(papers.c.sha256.in_(filters.papers))
    return conditions
