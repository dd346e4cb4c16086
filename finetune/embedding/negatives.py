"""Hard negatives: papers that look like the answer of a question, by words or by meaning, and are not."""

import random
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from finetune.embedding.questions import Paper, Question
from retrieval import bm25
from retrieval.analysis import index_terms

Scores = NDArray[np.float32]


def hard_negatives(
    questions: Sequence[Question], cosines: Scores, words: Scores, neighbours: int, seed: int
) -> list[int]:
    """For each question one of its nearest papers that do not answer it, drawn among those of both kinds.

    Args:
        questions: with their answers.
        cosines: (questions, papers), of the untuned encoder.
        words: (questions, papers), BM25.
        neighbours: how many of each kind are drawn from.
        seed: of the draw.
    """
    rng = random.Random(f"negatives {seed}")  # noqa: S311  nothing is kept secret
    chosen = []
    for question, near, alike in zip(questions, cosines, words, strict=True):
        found = {at for scores in (near, alike) for at in _nearest(scores, question.answers, neighbours)}
        chosen.append(rng.choice(sorted(found)))
    return chosen


def word_scores(questions: Sequence[Question], papers: Sequence[Paper]) -> Scores:
    """BM25 of each question and paper, shape (questions, papers)."""
    terms = [Counter(index_terms(paper.text)) for paper in papers]
    lengths = [counted.total() for counted in terms]
    mean = sum(lengths) / max(1, len(lengths))
    holding = Counter(term for counted in terms for term in counted)
    scores = np.zeros((len(questions), len(papers)), np.float32)
    for row, question in enumerate(questions):
        for term in set(index_terms(question.text)) & holding.keys():
            weight = bm25.idf(len(papers), holding[term])
            for at, counted in enumerate(terms):
                if times := counted[term]:
                    scores[row, at] += weight * bm25.saturation(times, lengths[at], mean)
    return scores


def _nearest(scores: Scores, answers: frozenset[int], neighbours: int) -> list[int]:
    ranked = np.argsort(-scores, kind="stable").tolist()
    return [at for at in ranked[: neighbours + len(answers)] if at not in answers][:neighbours]
