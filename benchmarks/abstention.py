"""Whether a question is declined when its paper is not in the library, and answered when it is.

The threshold is chosen on the 1,000 EPI and CG abstracts and then used on the 500 PubMedQA questions. A paper is
taken out of the library by leaving its hits out.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from agent.tools.relevance import THRESHOLD, relevance
from benchmarks.shared import KnownItem, epi_and_cg, library_of, pubmedqa, require_data
from retrieval.library import Library

_ANSWERED = 0.98


def main() -> None:
    """Print the threshold that EPI and CG ask for, and what the one in use does on PubMedQA."""
    require_data()
    papers, titles = epi_and_cg()
    asked_of, questions = pubmedqa()
    present, absent = _relevances(library_of("epi-cg", papers), titles)
    highest = np.quantile(present, 1 - _ANSWERED)
    print(f"the highest threshold at which {_ANSWERED:.0%} of EPI and CG are answered: {highest:.2f}")
    _print_shares("EPI and CG", present, absent)
    present, absent = _relevances(library_of("all-1500", [*papers, *asked_of]), questions)
    _print_shares("PubMedQA", present, absent)


def _print_shares(name: str, present: NDArray[np.float64], absent: NDArray[np.float64]) -> None:
    print(
        f"{name} at {THRESHOLD}: {np.mean(present >= THRESHOLD):.1%} answered with the paper there, "
        f"{np.mean(absent < THRESHOLD):.1%} declined without it"
    )


def _relevances(library: Library, items: list[KnownItem]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Relevance of each question's hits with its own paper there, and without it."""
    present, absent = [], []
    for item in tqdm(items, desc=library.name):
        results = library.search(item.question, 2)
        others = tuple(hit for hit in results.hits if hit.pmid != item.pmid)
        present.append(relevance(results))
        absent.append(relevance(replace(results, hits=others)))
    return np.array(present), np.array(absent)


if __name__ == "__main__":
    main()
