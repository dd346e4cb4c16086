"""Which papers a search may find."""

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import ColumnElement, Connection, func, select

from corpora import genes
from retrieval.index import Numbers
from retrieval.schema import paper_genes, papers, passages
from retrieval.store import title_key


class Filters(BaseModel):
    """Conditions that all hold for every hit; None asks nothing.

    Years are inclusive. `gene` is any name of it. `retracted` False leaves retracted papers out, True finds
    only them. `papers` are hashes of the texts to stay within.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    year_from: int | None = Field(default=None, ge=1500, le=2200)
    year_to: int | None = Field(default=None, ge=1500, le=2200)
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


def allowed_passages(connection: Connection, filters: Filters) -> Numbers:
    """Numbers of the passages whose papers pass, ascending."""
    query = select(passages.c.id).join(papers).where(*_conditions(filters), *_years(filters))
    return np.array(connection.scalars(query.order_by(passages.c.id)).all(), np.int64)


def papers_without_year(connection: Connection, filters: Filters) -> int:
    """How many papers pass but for their year, which they do not give; 0 where no year is asked for."""
    if not _years(filters):
        return 0
    query = select(func.count()).select_from(papers).where(papers.c.year.is_(None), *_conditions(filters))
    return connection.scalar(query) or 0


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


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.journal is not None:
        conditions.append(papers.c.journal_key == title_key(filters.journal))
    if filters.gene is not None:
        named = select(paper_genes.c.paper_id).where(paper_genes.c.gene.in_(gene_names(filters.gene)))
        conditions.append(papers.c.id.in_(named))
    if filters.retracted is not None:
        conditions.append(papers.c.retracted.is_(filters.retracted))
    if filters.owner is not None:
        conditions.append(papers.c.owner == filters.owner)
    if filters.papers is not None:
        conditions.append(papers.c.sha256.in_(filters.papers))
    return conditions
