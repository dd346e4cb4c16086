"""Whether a question is declined when its paper is not in the library, and answered when it is.

The forms of relevance and their thresholds are chosen on the 1,000 EPI and CG abstracts and on the first part of the
questions that were written for the starter library and frozen by hash before anything was chosen. They are then used
on the second part and on the 500 PubMedQA questions. A paper is taken out of a library by leaving its hits out.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from agent.tools.read_paper import best, rated
from agent.tools.relevance import PAPER_THRESHOLD, THRESHOLD, paper_relevance, relevance
from benchmarks.shared import WORK, KnownItem, epi_and_cg, frozen, library_of, pubmedqa, require_data
from retrieval.home import Home
from retrieval.library import Library

Values = NDArray[np.float64]
_QUESTIONS = Path(__file__).parent / "data"
# Questions to the starter library, and questions to papers of it; those of "choose" were looked at, "report" not.
_FROZEN = {
    "answerable_questions.jsonl": "ffbe0ab985153cb9cf24f13c3b06b62e280193de2faeb2fd5e71b343a84c9a31",
    "paper_questions.jsonl": "51a253cccb23eccdd95b42ada3dc040855a19270c93292d5bbca939297e61ea3",
}
_ANSWERED = 0.98
_DECLINED = 0.95
# As many hits as an answer looks at, and the paper that is left out.
_DEPTH = 4


def main() -> None:
    """Print the thresholds that EPI and CG ask for, and what those in use do on what they were not chosen on."""
    require_data()
    papers, titles = epi_and_cg()
    asked_of, questions = pubmedqa()
    library = library_of("epi-cg", papers)
    present, absent = _relevances(library, titles)
    highest = np.quantile(present, 1 - _ANSWERED)
    print(f"the highest threshold at which {_ANSWERED:.0%} of EPI and CG are answered: {highest:.2f}")
    _print_shares("EPI and CG", present, absent, THRESHOLD)
    own, others = _paper_relevances(library, titles)
    lowest = np.quantile(others, _DECLINED)
    print(f"the lowest at which {_DECLINED:.0%} of titles are declined of another paper than their own: {lowest:.2f}")
    _print_shares("of one paper, EPI and CG titles", own, others, PAPER_THRESHOLD)
    starter = Home(WORK / "home").starter()
    _print_right(
        "answerable_questions.jsonl",
        lambda row: relevance(row["text"], starter.search(row["text"], _DEPTH), [starter]) >= THRESHOLD,
    )
    _print_right("paper_questions.jsonl", lambda row: _asked_of(starter, row["pmid"], row["text"]) >= PAPER_THRESHOLD)
    present, absent = _relevances(library_of("all-1500", [*papers, *asked_of]), questions)
    _print_shares("PubMedQA", present, absent, THRESHOLD)


def _print_shares(name: str, present: Values, absent: Values, threshold: float) -> None:
    print(
        f"{name} at {threshold}: {np.mean(present >= threshold):.1%} answered with the paper there, "
        f"{np.mean(absent < threshold):.1%} declined without it"
    )


def _print_right(name: str, is_answered: Callable[[dict[str, Any]], bool]) -> None:
    """The share of frozen questions that are rightly answered or declined; `--misses` lists the others."""
    rows = frozen(_QUESTIONS / name, _FROZEN[name])
    right = {row["id"]: is_answered(row) == row["answerable"] for row in rows}
    for part in ("choose", "report"):
        for answerable in (True, False):
            group = [row for row in rows if (row["part"], row["answerable"]) == (part, answerable)]
            told = ", ".join(_counted(group, right, language) for language in ("en", "zh"))
            print(f"{name}, {part}, to be {'answered' if answerable else 'declined'}: {told}")
    if "--misses" in sys.argv:
        for row in rows:
            if not right[row["id"]]:
                print(f"    {row['id']} ({row['part']}) {row['text']}")


def _counted(rows: Sequence[dict[str, Any]], right: dict[str, bool], language: str) -> str:
    asked = [row for row in rows if row["language"] == language]
    return f"{sum(right[row['id']] for row in asked)} of {len(asked)} {language}"


def _relevances(library: Library, items: list[KnownItem]) -> tuple[Values, Values]:
    """Relevance of each question's hits with its own paper there, and without it."""
    present, absent = [], []
    for item in tqdm(items, desc=library.name):
        results = library.search(item.question, _DEPTH)
        others = tuple(hit for hit in results.hits if hit.pmid != item.pmid)
        present.append(relevance(item.question, results, [library]))
        absent.append(relevance(item.question, replace(results, hits=others), [library]))
    return np.array(present), np.array(absent)


def _paper_relevances(library: Library, items: list[KnownItem]) -> tuple[Values, Values]:
    """Relevance of each paper to its own title, and to that of the next paper."""
    own = [_asked_of(library, item.pmid, item.question) for item in tqdm(items, desc="own title")]
    asked = zip(items, [*items[1:], items[0]], strict=True)
    others = [_asked_of(library, item.pmid, other.question) for item, other in tqdm(asked, desc="another title")]
    return np.array(own), np.array(others)


def _asked_of(library: Library, pmid: str, question: str) -> float:
    [stored] = library.find_paper(pmid)
    return paper_relevance(question, stored.paper.text, best(rated(library, stored.id, question)))


if __name__ == "__main__":
    main()
