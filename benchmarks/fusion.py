"""Choose the weights of fusion on the 1,000 EPI and CG abstracts, which no reported figure is measured on.

The title line is the question, the rest the document. Weights maximise the likelihood of the right paper among
all candidates (softmax over scores), which uses every question, not just those at the edge.
"""

from dataclasses import fields

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from tqdm import tqdm

from benchmarks.shared import epi_and_cg, library_of, require_data
from retrieval.filters import Filters
from retrieval.fusion import WEIGHTS, Weights
from retrieval.query import parse_query
from retrieval.search import candidates

Features = NDArray[np.float64]
# Keeps weights of likenesses that move together from running apart.
_RIDGE = 1e-5


def main() -> None:
    """Print the best weights, scaled so that words count 1, beside those in use."""
    require_data()
    papers, items = epi_and_cg()
    library = library_of("epi-cg", papers)
    pmids = {stored.id: stored.paper.pmid for stored in library.papers()}
    questions: list[tuple[Features, NDArray[np.bool_]]] = []
    for item in tqdm(items, desc="rating"):
        query = parse_query(item.question)
        vector = library.embedder.encode_query(query.english)
        found = list(candidates(library, query, vector, Filters()))
        right = np.array([pmids[candidate.paper_id] == item.pmid for candidate in found])
        if right.any():
            rated = [(c.words, c.context, c.meaning, c.best_sentence) for c in found]
            questions.append((np.array(rated), right))
    print(f"right paper among the candidates: {len(questions)} of {len(items)}")
    result = minimize(_loss, np.full(4, 10.0), args=(questions,), jac=True, method="L-BFGS-B")
    best = Weights(*(result.x / result.x[0]))
    for name, weights in (("best", best), ("in use", WEIGHTS)):
        values = "  ".join(f"{field.name} {getattr(weights, field.name):.2f}" for field in fields(Weights))
        print(f"{name:>7}: {values}  Recall@1 {_recall(weights, questions, len(items)):.4f}")


def _loss(weights: Features, questions: list[tuple[Features, NDArray[np.bool_]]]) -> tuple[float, Features]:
    """Mean negative log likelihood of the right paper's passages, and its gradient."""
    loss, gradient = _RIDGE * float(weights @ weights), 2 * _RIDGE * weights
    for features, right in questions:
        scores = features @ weights
        share = np.exp(scores - scores.max())
        own = share * right
        loss -= np.log(own.sum() / share.sum()) / len(questions)
        gradient = gradient - (own / own.sum() - share / share.sum()) @ features / len(questions)
    return loss, gradient


def _recall(weights: Weights, questions: list[tuple[Features, NDArray[np.bool_]]], total: int) -> float:
    values = np.array([getattr(weights, field.name) for field in fields(Weights)])
    return sum(bool(right[np.argmax(features @ values)]) for features, right in questions) / total


if __name__ == "__main__":
    main()
