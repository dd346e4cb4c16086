"""How the indexes follow the database: by the numbers of its changes."""

import itertools
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select

from corpora.paper import Paper
from retrieval import store
from retrieval.database import Database
from retrieval.dense import DenseIndex
from retrieval.derivation import load_vectors
from retrieval.index import Index
from retrieval.lexical import PassageWords
from retrieval.milvus import MilvusVectors
from retrieval.passages import Passage
from retrieval.progress import Progress
from retrieval.schema import AnyRow, derivations, papers, passages, removals, vectors

Words = Index[PassageWords, Any]
Vectors = DenseIndex | MilvusVectors

_PAPERS_PER_BATCH = 1_000
_PASSAGES_PER_BATCH = 20_000


def words_behind(database: Database, index: Words) -> bool:
    """Whether the database has changed in what the lexical index holds."""
    with database.reading() as connection:
        return index.changed_to != _last(connection, papers.c.change)


def vectors_behind(database: Database, index: Vectors, producer: str) -> bool:
    """Whether the database has changed in what the index of an embedder's vectors holds."""
    with database.reading() as connection:
        return index.changed_to != _last_vectors(connection, index, producer)


def catch_up_words(database: Database, index: Words, progress: Progress) -> None:
    """Bring the lexical index up to the database."""
    with database.reading() as connection:
        frontier = _last(connection, papers.c.change)
        _forget(connection, index, frontier)
        is_new = papers.c.change > index.changed_to
        query = select(papers.c.id, papers.c.change, papers.c.record, papers.c.text).where(is_new)
        total, done = connection.scalar(select(func.count()).select_from(papers).where(is_new)), 0
        for batch in _by_change(connection, query.order_by(papers.c.change), _PAPERS_PER_BATCH):
            contents: dict[int, PassageWords] = {}
            for row in batch:
                contents |= _words(store.load(row), store.stored_passages(connection, row.id))
            index.add(contents, batch[-1].change)
            done += len(batch)
            progress("indexing", done, total)
        index.add({}, frontier)


def catch_up_vectors(database: Database, index: Vectors, producer: str) -> None:
    """Bring the index of one embedder's vectors up to the database."""
    with database.reading() as connection:
        frontier = _last_vectors(connection, index, producer)
        _forget(connection, index, frontier)
        change = _change_of_vectors(index)
        query = (
            select(vectors.c.passage_id, vectors.c.passage, change.label("change"))
            .join(passages, passages.c.id == vectors.c.passage_id)
            .join(derivations, derivations.c.paper_id == passages.c.paper_id)
            .join(papers, papers.c.id == passages.c.paper_id)
            .where(derivations.c.producer == producer, vectors.c.producer == producer, change > index.changed_to)
        )
        for batch in _by_change(connection, query.order_by(change, passages.c.id), _PASSAGES_PER_BATCH):
            contents = {row.passage_id: load_vectors(row.passage, index.dimension)[0] for row in batch}
            index.add(contents, batch[-1].change)
        index.add({}, frontier)


def _change_of_vectors(index: Vectors) -> ColumnElement[int]:
    """The change that an index follows: Milvus keeps, beside a vector, what the paper's record says."""
    if isinstance(index, MilvusVectors):
        return case((papers.c.change > derivations.c.change, papers.c.change), else_=derivations.c.change)
    return derivations.c.change


def _last_vectors(connection: Connection, index: Vectors, producer: str) -> int:
    conditions = [derivations.c.producer == producer]
    if isinstance(index, MilvusVectors):
        conditions.append(derivations.c.paper_id == papers.c.id)
    return _last(connection, _change_of_vectors(index), *conditions)


def _last(connection: Connection, column: ColumnElement[int], *conditions: ColumnElement[bool]) -> int:
    """The last change that concerns an index: of what it holds, or of what is gone."""
    held = connection.scalar(select(func.max(column)).where(*conditions)) or 0
    gone = connection.scalar(select(func.max(removals.c.change))) or 0
    return max(held, gone)


def _forget(connection: Connection, index: Index[Any, Any], frontier: int) -> None:
    """Let the index drop what is gone; all of it, where the database is older than the index."""
    if index.changed_to > frontier:
        index.clear()
    gone = connection.scalars(select(removals.c.passage_id).where(removals.c.change > index.changed_to)).all()
    if gone and index.count():
        index.remove(gone, index.changed_to)


def _by_change(connection: Connection, query: Any, size: int) -> Iterator[list[AnyRow]]:
    """Rows in batches of at least `size` that never part the rows of one change."""
    rows: Iterable[AnyRow] = connection.execution_options(yield_per=size).execute(query)
    batch: list[AnyRow] = []
    for _, of_one_change in itertools.groupby(rows, attrgetter("change")):
        batch.extend(of_one_change)
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch


def _words(paper: Paper, cut: list[tuple[int, Passage]]) -> dict[int, PassageWords]:
    """Each passage with its neighbours and the paper's title: a question's words lie scattered over them."""
    words: dict[int, PassageWords] = {}
    for order, (number, _) in enumerate(cut):
        near = cut[max(0, order - 1) : order + 2]
        context = paper.text[near[0][1].start : near[-1][1].end]
        if paper.title and near[0][1].start > 0:
            context = f"{paper.title}\n{context}"
        words[number] = PassageWords(context, paper.title if order == 0 else None)
    return words
