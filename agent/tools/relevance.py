"""Whether what was found answers the question, or is only the nearest there is."""

from retrieval.hit import Results

# Chosen by `benchmarks/abstention.py` on EPI and CG: 98 of 100 questions whose paper is there are answered.
THRESHOLD = 1.29


def is_relevant(results: Results) -> bool:
    """Whether the best hit is good enough to answer from."""
    return bool(results.hits) and relevance(results) >= THRESHOLD


def relevance(results: Results) -> float:
    """The best score, raised by half of what it stands out by from the background.

    A question that nothing answers is met by many passages about equally badly; its own paper stands out.
    """
    best = results.hits[0].score
    return best + (best - results.background) / 2
