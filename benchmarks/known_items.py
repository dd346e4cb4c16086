"""Known-item retrieval: 500 PubMedQA questions against all 1,500 abstracts, beside simpler retrievers.

Nothing was chosen on these questions; the weights of fusion come from `benchmarks.fusion`.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from tqdm import tqdm

from benchmarks.shared import KnownItem, epi_and_cg, library_of, pubmedqa, require_data
from retrieval.analysis import query_terms
from retrieval.derivation import load_vectors
from retrieval.library import Library
from retrieval.query import Wording
from retrieval.schema import papers, passages, vectors
from retrieval.store import of_passages

Ranking = list[str]
_DEPTH = 10
_RRF = 60  # the constant of Cormack et al. 2009, doi:10.1145/1571941.1572114
_RESAMPLES = 10_000


class _Meanings:
    """Cosines of a question to every paper: its document vector, and its best sentence."""

    def __init__(self, library: Library) -> None:
        self._library = library
        dimension = library.embedder.record.dimension
        with library.database.reading() as connection:
            query = (
                select(papers.c.pmid, vectors.c.passage, vectors.c.sentences)
                .join(passages, passages.c.paper_id == papers.c.id)
                .join(vectors, vectors.c.passage_id == passages.c.id)
                .order_by(papers.c.id)
            )
            rows = connection.execute(query).all()
        self.pmids = list(dict.fromkeys(row.pmid for row in rows))
        place = {pmid: index for index, pmid in enumerate(self.pmids)}
        documents = np.zeros((len(self.pmids), dimension), np.float32)
        sentences = [load_vectors(row.sentences, dimension) for row in rows]
        for row in rows:
            documents[place[row.pmid]] += load_vectors(row.passage, dimension)[0]
        self._documents = documents / np.linalg.norm(documents, axis=1, keepdims=True)
        self._sentences = np.concatenate(sentences)
        self._owners = np.repeat([place[row.pmid] for row in rows], [len(part) for part in sentences])

    def document(self, question: str) -> NDArray[np.float32]:
        """Cosine to each paper's document vector, the mean of its passages' vectors."""
        cosines: NDArray[np.float32] = self._documents @ self._library.embedder.encode_query(question)
        return cosines

    def best_sentence(self, question: str) -> NDArray[np.float32]:
        """Cosine to each paper's nearest sentence."""
        best = np.full(len(self.pmids), -1.0, np.float32)
        np.maximum.at(best, self._owners, self._sentences @ self._library.embedder.encode_query(question))
        return best

    def ranking(self, scores: NDArray[np.float32], depth: int = _DEPTH) -> Ranking:
        """The best papers."""
        return [self.pmids[index] for index in np.argsort(-scores, kind="stable")[:depth]]


def main() -> None:
    """Print Recall@1, Recall@10 and MRR@10 of each retriever with 95 % bootstrap intervals."""
    require_data()
    tuned_on, _ = epi_and_cg()
    asked_of, items = pubmedqa()
    library = library_of("all-1500", [*tuned_on, *asked_of])
    meanings = _Meanings(library)

    def words(question: str, depth: int = _DEPTH) -> Ranking:
        groups = [(Wording((term,)),) for term in query_terms(question)]
        found = library.words.candidates(groups, 3 * depth)
        with library.database.reading() as connection:
            ranked = sorted(found, key=found.__getitem__, reverse=True)
            return [stored.paper.pmid or "" for stored in of_passages(connection, ranked)][:depth]

    def reciprocal_ranks(question: str) -> Ranking:
        scores: dict[str, float] = {}
        for ranking in (words(question, 100), meanings.ranking(meanings.document(question), 100)):
            for rank, pmid in enumerate(ranking, start=1):
                scores[pmid] = scores.get(pmid, 0) + 1 / (_RRF + rank)
        return sorted(scores, key=scores.__getitem__, reverse=True)[:_DEPTH]

    def document_and_sentence(question: str) -> Ranking:
        return meanings.ranking(meanings.document(question) + meanings.best_sentence(question))

    def epicite(question: str) -> Ranking:
        return [hit.pmid or "" for hit in library.search(question, _DEPTH).hits]

    retrievers: dict[str, Callable[[str], Ranking]] = {
        "BM25": words,
        "MiniLM document": lambda question: meanings.ranking(meanings.document(question)),
        "reciprocal rank of the two": reciprocal_ranks,
        "document + best sentence": document_and_sentence,
        "Epicite": epicite,
    }
    print(f"{'':<28}{'Recall@1':>22}{'Recall@10':>22}{'MRR@10':>22}")
    for name, retriever in retrievers.items():
        print(f"{name:<28}{_figures(retriever, items, name)}")


def _figures(retriever: Callable[[str], Ranking], items: Sequence[KnownItem], name: str) -> str:
    ranks = np.array([_rank(retriever(item.question), item.pmid) for item in tqdm(items, desc=name)])
    measures = (ranks == 1, ranks <= _DEPTH, np.where(ranks <= _DEPTH, 1 / ranks, 0))
    return "".join(f"{_with_interval(measure.astype(float)):>22}" for measure in measures)


def _rank(ranking: Ranking, pmid: str) -> float:
    return ranking.index(pmid) + 1 if pmid in ranking else np.inf


def _with_interval(values: NDArray[np.float64]) -> str:
    """The mean and its 95 % percentile bootstrap interval over questions."""
    chosen = np.random.default_rng(0).integers(len(values), size=(_RESAMPLES, len(values)))
    low, high = np.percentile(values[chosen].mean(axis=1), [2.5, 97.5])
    return f"{values.mean():.4f} [{low:.3f}, {high:.3f}]"


if __name__ == "__main__":
    main()
