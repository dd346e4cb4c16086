"""Search by words and by meaning over one library or several."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from retrieval import store
from retrieval.derivation import load_vectors
from retrieval.filters import Filters, papers_without_year
from retrieval.fusion import fuse
from retrieval.hit import Hit, Results, SentenceHit
from retrieval.passages import Passage
from retrieval.query import Query, parse_query
from retrieval.schema import AnyRow, papers, passages, vectors
from seqmodels.encoder import Vector

if TYPE_CHECKING:
    from retrieval.library import Library

# Candidates from the words and from the vectors of each library, or as many as hits are asked for.
_CANDIDATES = 100
# The ranks whose scores say how well a question fits anything at all.
_BACKGROUND = slice(5, 30)


@dataclass(frozen=True)
class Candidate:
    """A passage that may become a hit, with its likenesses to the question; NaN where it has no vectors."""

    library: "Library"
    number: int
    paper_id: int
    passage: Passage
    words: float
    context: float
    meaning: float
    sentences: Vector | None

    @property
    def best_sentence(self) -> float:
        """Cosine of the question to the nearest sentence."""
        return float(self.sentences.max(initial=-1.0)) if self.sentences is not None else np.nan


def search(
    libraries: Sequence["Library"],
    question: str,
    k: int = 10,
    filters: Filters | None = None,
    per_paper: int = 1,
) -> Results:
    """The `k` passages that answer a question best, at most `per_paper` of each paper.

    Words and meaning both bring candidates; every candidate is then rated by all likenesses at once. Chinese
    is searched with the English of the glossary.
    """
    filters = filters or Filters()
    query = parse_query(question)
    if not question.strip():
        return Results((), (), question)
    # One home shares one embedder, so a question is embedded once for all its libraries.
    meaning = {library.embedder: library.embedder.encode_query(query.english) for library in libraries}
    found = [
        candidate
        for library in libraries
        for candidate in candidates(library, query, meaning[library.embedder], filters, max(k, _CANDIDATES))
    ]
    scores = fuse(
        words=np.array([candidate.words for candidate in found]),
        context=np.array([candidate.context for candidate in found]),
        passage=np.array([candidate.meaning for candidate in found]),
        sentence=np.array([candidate.best_sentence for candidate in found]),
    )
    chosen = _best(found, scores, k, per_paper)
    notices = [notice for library in libraries for notice in _notices(library, filters)]
    hits = (_hit(candidate, score) for candidate, score in chosen)
    return Results(tuple(hit for hit in hits if hit), tuple(notices), query.english, _background(scores))


def candidates(
    library: "Library", query: Query, vector: Vector, filters: Filters, limit: int = _CANDIDATES
) -> Iterator[Candidate]:
    """What the words and the vectors of a library bring, at most `limit` each, rated by all likenesses."""
    library.follow()
    allowed = library.allowed(filters)
    by_words = library.words.candidates(query.groups, limit, allowed)
    by_meaning = library.meanings.candidates(vector, limit, allowed)
    unrated = np.array(sorted(by_meaning.keys() - by_words.keys()), np.int64)
    by_words |= library.words.candidates(query.groups, len(unrated), unrated) if len(unrated) else {}
    numbers = by_words.keys() | by_meaning.keys()
    with library.database.reading() as connection:
        rows = _rows(connection, numbers, library.vector_producer)
    for number in sorted(numbers & rows.keys()):
        row = rows[number]
        yield Candidate(
            library,
            number,
            row.paper_id,
            store.as_passage(row),
            by_words.get(number, 0.0),
            _context_likeness(rows, number, vector),
            _likeness(row, vector),
            load_vectors(row.sentence_vectors, len(vector)) @ vector if row.sentence_vectors is not None else None,
        )


def _rows(connection: Connection, numbers: Sequence[int] | set[int], producer: str) -> dict[int, AnyRow]:
    """Passages and their neighbours, with their vectors where they have some."""
    near = {neighbour for number in numbers for neighbour in (number - 1, number, number + 1)}
    query = (
        select(passages, vectors.c.passage, vectors.c.sentences.label("sentence_vectors"))
        .outerjoin(vectors, (vectors.c.passage_id == passages.c.id) & (vectors.c.producer == producer))
        .where(passages.c.id.in_(near))
    )
    return {row.id: row for row in connection.execute(query)}


def _likeness(row: AnyRow, vector: Vector) -> float:
    return float(load_vectors(row.passage, len(vector))[0] @ vector) if row.passage is not None else np.nan


def _context_likeness(rows: dict[int, AnyRow], number: int, vector: Vector) -> float:
    """Cosine to the mean of a passage and its neighbours, whose numbers follow each other."""
    near = [rows[other] for other in (number - 1, number, number + 1) if other in rows]
    own = [row for row in near if row.paper_id == rows[number].paper_id and row.passage is not None]
    if not own:
        return np.nan
    total = np.sum([load_vectors(row.passage, len(vector))[0] for row in own], axis=0)
    return float(total @ vector / max(np.linalg.norm(total), 1e-9))


def _best(
    found: Sequence[Candidate], scores: NDArray[np.float64], k: int, per_paper: int
) -> list[tuple[Candidate, float]]:
    """The best by score; equal scores keep the order of libraries and passages, so that answers repeat."""
    taken: Counter[tuple[str, int]] = Counter()
    best: list[tuple[Candidate, float]] = []
    for index in np.argsort(-scores, kind="stable"):
        candidate = found[index]
        paper = (str(candidate.library.folder), candidate.paper_id)
        if len(best) < k and taken[paper] < per_paper:
            taken[paper] += 1
            best.append((candidate, float(scores[index])))
    return best


def _background(scores: NDArray[np.float64]) -> float:
    below = np.sort(scores)[::-1][_BACKGROUND]
    return float(below.mean()) if len(below) else float(scores.max(initial=0.0))


def _hit(candidate: Candidate, score: float) -> Hit | None:
    """The hit of a candidate; None where its paper has been removed or edited since it was rated."""
    library, passage = candidate.library, candidate.passage
    length = passage.end - passage.start
    with library.database.reading() as connection:
        query = select(
            papers.c.record, papers.c.sha256, func.substr(papers.c.text, passage.start + 1, length).label("text")
        )
        row = connection.execute(query.join(passages).where(passages.c.id == candidate.number)).first()
    if row is None:
        return None
    paper = store.load(row)  # its text is the passage only; its sections and pages are those of the whole paper
    rated = candidate.sentences if candidate.sentences is not None else [None] * len(passage.sentences)
    return Hit(
        library=library.name,
        paper_id=candidate.paper_id,
        passage_id=candidate.number,
        sha256=row.sha256,
        pmid=paper.pmid,
        doi=paper.doi,
        title=paper.title,
        journal=paper.journal,
        year=paper.year,
        authors=paper.authors,
        url=paper.url,
        kind=paper.kind,
        retracted=paper.retracted,
        text=row.text,
        start=passage.start,
        end=passage.end,
        section=paper.section_at(passage.start),
        page=paper.page_at(passage.start),
        score=score,
        sentences=tuple(
            SentenceHit(
                start,
                end,
                paper.section_at(start),
                paper.page_at(start),
                None if similarity is None else float(similarity),
            )
            for (start, end), similarity in zip(passage.sentences, rated, strict=True)
        ),
    )


def _notices(library: "Library", filters: Filters) -> Iterator[str]:
    """What a reader must know to judge what was not found."""
    with library.database.reading() as connection:
        without_year = papers_without_year(connection, filters)
    if without_year:
        yield f"{library.name}: {without_year} papers give no year and were left out by the year filter."
    if waiting := library.pending_vectors():
        yield (
            f"{library.name}: {waiting} papers are found by their words only until they are embedded; "
            f"`epicite library upgrade --library {library.folder}` does it."
        )
