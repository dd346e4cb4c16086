"""What is derived from papers, by whom, and what is still to be derived.

Each producer has a hash; a row that it derived is current while the paper's text and that hash stay. A killed
process, a new embedder and a new table of names are therefore the same case: derive what is pending.
"""

import contextlib
import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, or_, select

from corpora import genes
from corpora.paper import Paper
from retrieval import store
from retrieval.database import Database, advance, counter
from retrieval.embedder import Embedder
from retrieval.errors import UnknownPaper
from retrieval.filters import gene_names
from retrieval.passages import Passage
from retrieval.progress import Progress
from retrieval.schema import derivations, paper_genes, papers, passages, vectors
from retrieval.sentences import Span
from seqmodels.encoder import Encoded, Vector

_PAPERS_PER_BATCH = 64
# Half precision changes no similarity by more than 0.001 and halves the largest table.
_STORED = np.float16
_GENES = "genes-"


def gene_producer() -> str:
    """The hash of what finds genes in papers."""
    return f"{_GENES}{genes.table_hash()[:32]}"


def vector_producer(embedder_hash: str) -> str:
    """The hash of what embeds papers."""
    return f"vectors-{embedder_hash[:32]}"


def count_pending(connection: Connection, producer: str) -> int:
    """How many papers a producer has still to derive from."""
    return connection.scalar(select(func.count()).select_from(papers).where(_is_pending(producer))) or 0


def derive_genes(connection: Connection, number: int, paper: Paper) -> None:
    """File a paper that is not filed yet under its genes: those of its record and those that its text names."""
    named = {symbol for gene in paper.genes for symbol in gene_names(gene)}
    named |= {symbol for mention in genes.mentions(paper.text) for symbol in mention.symbols}
    if named:
        rows = [{"paper_id": number, "gene": gene, "producer": gene_producer()} for gene in sorted(named)]
        connection.execute(insert(paper_genes), rows)
    # No index follows genes, so being filed is no change of its own.
    done = {"paper_id": number, "producer": gene_producer(), "change": counter(connection, "change")}
    connection.execute(insert(derivations), done)


def forget_genes(connection: Connection, number: int) -> None:
    """Take a paper out of the files of its genes."""
    connection.execute(delete(paper_genes).filter_by(paper_id=number))
    of_genes = derivations.c.producer.startswith(_GENES)
    connection.execute(delete(derivations).where(derivations.c.paper_id == number, of_genes))


def derive_pending_genes(database: Database, progress: Progress) -> None:
    """File all papers that the current table of names has not seen."""
    done = 0
    with database.reading() as connection:
        total = count_pending(connection, gene_producer())
    for batch in pending_batches(database, gene_producer()):
        for number in batch:
            with unless_removed(), database.writing() as connection:
                forget_genes(connection, number)
                derive_genes(connection, number, store.get(connection, number))
            done += 1
            progress("gene names", done, total)


def derive_pending_vectors(database: Database, embedder: Embedder, progress: Progress) -> None:
    """Embed all papers that the current embedder has not seen, a batch at a time, outside transactions."""
    producer = vector_producer(embedder.record.hash)
    done = 0
    with database.reading() as connection:
        total = count_pending(connection, producer)
    for batch in pending_batches(database, producer):
        cut = []
        with database.reading() as connection:
            for number in batch:
                with unless_removed():
                    paper = store.get(connection, number)
                    cut.append((number, paper, store.stored_passages(connection, number)))
        for number, rows in embed(cut, embedder):
            with database.writing() as connection:
                replace_vectors(connection, number, rows, producer)
            done += 1
            progress("embedding", done, total)


def load_vectors(rows: bytes, dimension: int) -> Vector:
    """Stored vectors as an array of shape (number of them, dimension), float32."""
    return np.frombuffer(rows, _STORED).reshape(-1, dimension).astype(np.float32)


def unless_removed() -> contextlib.suppress:
    """Passes over a paper that someone removes while others are derived."""
    return contextlib.suppress(UnknownPaper)


def sentence_vectors(
    connection: Connection, number: int, producer: str, dimension: int
) -> list[tuple[Span, Vector | None]]:
    """The sentences of a paper in order, by their offsets, with the vectors of a producer where there are some."""
    query = (
        select(passages, vectors.c.sentences.label("vectors"))
        .outerjoin(vectors, (vectors.c.passage_id == passages.c.id) & (vectors.c.producer == producer))
        .where(passages.c.paper_id == number)
        .order_by(passages.c.start)
    )
    found: list[tuple[Span, Vector | None]] = []
    for row in connection.execute(query):
        spans = store.as_passage(row).sentences
        rated = load_vectors(row.vectors, dimension) if row.vectors is not None else [None] * len(spans)
        found.extend(zip(spans, rated, strict=True))
    return found


def pending_after(
    connection: Connection, producers: Sequence[str], last: int, limit: int
) -> list[tuple[int, tuple[bool, ...]]]:
    """Papers above a number that any of some producers has still to derive from, and which of them have."""
    waiting = [_is_pending(producer).label(f"waiting{order}") for order, producer in enumerate(producers)]
    query = select(papers.c.id, *waiting).where(or_(*map(_is_pending, producers)), papers.c.id > last)
    rows = connection.execute(query.order_by(papers.c.id).limit(limit))
    return [(row.id, tuple(map(bool, row[1:]))) for row in rows]


def pending_batches(database: Database, producer: str) -> Iterator[Sequence[int]]:
    """The numbers of the papers that a producer has still to derive from, some at a time."""
    last = 0
    while True:
        with database.reading() as connection:
            query = select(papers.c.id).where(_is_pending(producer), papers.c.id > last).order_by(papers.c.id)
            batch = connection.scalars(query.limit(_PAPERS_PER_BATCH)).all()
        if not batch:
            return
        yield batch
        last = batch[-1]


def embed(
    cut: Sequence[tuple[int, Paper, list[tuple[int, Passage]]]], embedder: Embedder
) -> Iterator[tuple[int, dict[int, Encoded]]]:
    """Vectors by passage number, a paper at a time; passages of all papers are embedded together."""
    flat = [(paper.text, passage) for _, paper, cuts in cut for _, passage in cuts]
    encoded = embedder.encode(
        [text[passage.start : passage.end] for text, passage in flat],
        [[(start - passage.start, end - passage.start) for start, end in passage.sentences] for _, passage in flat],
    )
    for number, _, cuts in cut:
        yield (
            number,
            dict(zip((passage for passage, _ in cuts), itertools.islice(encoded, len(cuts)), strict=True)),
        )


def replace_vectors(connection: Connection, number: int, encoded: dict[int, Encoded], producer: str) -> None:
    """All vectors of a paper by one producer at once; none where its passages changed meanwhile."""
    current = [passage for passage, _ in store.stored_passages(connection, number)]
    if current != list(encoded):
        return
    connection.execute(delete(vectors).where(vectors.c.passage_id.in_(current), vectors.c.producer == producer))
    rows = [
        {
            "passage_id": passage,
            "producer": producer,
            "passage": _bytes(of.passage),
            "sentences": _bytes(of.sentences),
        }
        for passage, of in encoded.items()
    ]
    if rows:
        connection.execute(insert(vectors), rows)
    connection.execute(delete(derivations).filter_by(paper_id=number, producer=producer))
    done = {"paper_id": number, "producer": producer, "change": advance(connection, "change")}
    connection.execute(insert(derivations), done)


def _bytes(rows: NDArray[np.float32]) -> bytes:
    return rows.astype(_STORED).tobytes()


def _is_pending(producer: str) -> ColumnElement[bool]:
    return ~exists().where(derivations.c.paper_id == papers.c.id, derivations.c.producer == producer)
