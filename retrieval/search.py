"""Search by words and by meaning over one library or several."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from retrieval import notice_store, store, works
from retrieval.derivation import load_vectors
from retrieval.filters import Filters, papers_without_date, papers_without_year
from retrieval.fusion import fuse
from retrieval.hit import Hit, Results, SentenceHit
from retrieval.notices import told
from retrieval.passages import Passage
from retrieval.query import Query, parse_query
from retrieval.rerank import RERANKED, Reranker
from retrieval.schema import AnyRow, papers, passages, vectors
from seqmodels.encoder import Vector

if TYPE_CHECKING:
    from retrieval.library import Library

# Candidates from the words and from the vectors of each library, or as many as hits are asked for.
_CANDIDATES = 100
# Versions of a work whose scores differ by no more answer alike: neighbouring hits of 150 EPI and CG titles are between
# 0.005 and 0.030 apart (quartiles).
NEAR = 0.02
# The ranks whose scores say how well a question fits anything at all.
_BACKGROUND = slice(5, 30)
# A work by its library's folder and its number there.
_Work = tuple[str, int]


@dataclass(frozen=True)
class Candidate:
    """A passage that may become a hit, with its likenesses to the question; NaN where it has no vectors."""

    library: "Library"
    number: int
    paper_id: int
    work: int
    passage: Passage
    words: float
    context: float
    meaning: float
    sentences: Vector | None

    @property
    def in_work(self) -> _Work:
        """The work whose passage it is."""
        return str(self.library.folder), self.work

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
    """The `k` passages that answer a question best, at most `per_paper` of each work.

    Words and meaning both bring candidates; every candidate is then rated by all likenesses at once. Of versions of a
    work that answer alike the one is told that counts most, a published full text before all. Chinese is searched
    with the English of the glossary. Where retracted papers are left out, those that would have been found are told.
    """
    filters = filters or Filters()
    query = parse_query(question)
    if not question.strip():
        return Results((), (), question)
    reranker = next((library.reranker for library in libraries if library.reranker), None)
    chosen, scores = _found(libraries, query, max(k, RERANKED) if reranker else k, filters, per_paper)
    hits = tuple(hit for candidate, score in chosen if (hit := _hit(candidate, score, filters.day)))
    if reranker:
        hits = _reranked(reranker, query.english, hits)[:k]
    left_out = _left_out(libraries, query, k, filters, hits) if filters.retracted is False else ()
    notices = [notice for library in libraries for notice in _notices(library, filters)]
    return Results(hits, tuple(notices), query.english, _background(scores), left_out)


def _found(
    libraries: Sequence["Library"], query: Query, k: int, filters: Filters, per_paper: int
) -> tuple[list[tuple[Candidate, float]], NDArray[np.float64]]:
    """The best candidates with their scores, and the scores of all."""
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
    return _best(found, scores, k, per_paper), scores


def _reranked(reranker: Reranker, question: str, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """The best hits in the order of the cross-encoder; scores stay those of fusion, which tell if anything fits."""
    rated = reranker.scores(question, [hit.text for hit in hits[:RERANKED]])
    order = np.argsort(-np.array(rated), kind="stable")
    return tuple(hits[place] for place in order) + hits[RERANKED:]


def _left_out(
    libraries: Sequence["Library"], query: Query, k: int, filters: Filters, hits: Sequence[Hit]
) -> tuple[Hit, ...]:
    """The hits that retracted papers would be among the best, had they not been left out."""
    only = filters.model_copy(update={"retracted": True})
    holding = [library for library in libraries if (allowed := library.allowed(only)) is not None and len(allowed)]
    if not holding:
        return ()
    chosen, _ = _found(holding, query, k, only, 1)
    least = min(hit.score for hit in hits) if len(hits) == k else -np.inf
    shown = (_hit(candidate, score, filters.day) for candidate, score in chosen if score > least)
    return tuple(hit for hit in shown if hit)


def candidates(
    library: "Library", query: Query, vector: Vector, filters: Filters, limit: int = _CANDIDATES
) -> Iterator[Candidate]:
    """What the words and the vectors of a library bring, at most `limit` each, rated by all likenesses."""
    library.follow()
    allowed = library.allowed(filters)
    words, meanings = library.narrowed(filters)
    by_words = words.candidates(query.groups, limit, allowed)
    by_meaning = meanings.candidates(vector, limit, allowed)
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
            row.work or row.paper_id,
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
        select(passages, papers.c.work, vectors.c.passage, vectors.c.sentences.label("sentence_vectors"))
        .join(papers, papers.c.id == passages.c.paper_id)
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
    """The best by score; equal scores keep the order of libraries and passages, so that answers repeat.

    A work stands where its best passage stands, with that score, whichever of its versions is told.
    """
    order = [(found[index], float(scores[index])) for index in np.argsort(-scores, kind="stable")]
    preference = _preferences(found)
    taken: Counter[_Work] = Counter()
    used: set[int] = set()
    best: list[tuple[Candidate, float]] = []
    for candidate, score in order:
        if len(best) == k:
            break
        if taken[candidate.in_work] == per_paper:
            continue
        if candidate.in_work in preference:
            counts = preference[candidate.in_work]
            near = (other for other, other_score in order if other_score >= score - NEAR)
            alike = (other for other in near if other.in_work == candidate.in_work and id(other) not in used)
            candidate = min(alike, key=lambda other: counts[other.paper_id])  # noqa: PLW2901
        taken[candidate.in_work] += 1
        used.add(id(candidate))
        best.append((candidate, score))
    return best


def _preferences(found: Sequence[Candidate]) -> dict[_Work, dict[int, int]]:
    """How much the papers of each work count that has several among the candidates, the lowest the most."""
    members: dict[_Work, dict[int, Candidate]] = defaultdict(dict)
    for candidate in found:
        members[candidate.in_work][candidate.paper_id] = candidate
    preferences = {}
    for work, several in members.items():
        if len(several) > 1:
            library = next(iter(several.values())).library
            with library.database.reading() as connection:
                versions = works.versions_of(connection, several)
            last = works.LEAST_PREFERRED
            preferences[work] = {
                number: versions[number].preference if number in versions else last for number in several
            }
    return preferences


def _background(scores: NDArray[np.float64]) -> float:
    below = np.sort(scores)[::-1][_BACKGROUND]
    return float(below.mean()) if len(below) else float(scores.max(initial=0.0))


def _hit(candidate: Candidate, score: float, day: str | None) -> Hit | None:
    """The hit of a candidate; None where its paper has been removed or edited since it was rated.

    What came out or was said after a day that is given is not told.
    """
    library, passage = candidate.library, candidate.passage
    length = passage.end - passage.start
    with library.database.reading() as connection:
        query = select(
            papers.c.record,
            papers.c.sha256,
            papers.c.retracted,
            func.substr(papers.c.text, passage.start + 1, length).label("text"),
        )
        row = connection.execute(query.join(passages).where(passages.c.id == candidate.number)).first()
        if row is None:
            return None
        said = notice_store.of_paper(connection, candidate.paper_id, day)
        versions = works.versions(connection, candidate.paper_id, day)
        retracted = row.retracted
        if day is not None and (said or retracted):
            retracted = notice_store.was_retracted(connection, candidate.paper_id, day)
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
        retracted=retracted,
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
        versions=versions,
        notices=tuple(told(notice) for notice in said),
    )


def _notices(library: "Library", filters: Filters) -> Iterator[str]:
    """What a reader must know to judge what was not found."""
    with library.database.reading() as connection:
        without_year = papers_without_year(connection, filters)
        without_date = papers_without_date(connection, filters)
    if without_year:
        yield f"{library.name}: {without_year} papers give no year and were left out by the year filter."
    if without_date:
        yield f"{library.name}: {without_date} papers give no date and were left out by the as-of day."
    if waiting := library.pending_vectors():
        yield (
            f"{library.name}: {waiting} papers are found by their words only until they are embedded; "
            f"`epicite library upgrade --library {library.folder}` does it."
        )
