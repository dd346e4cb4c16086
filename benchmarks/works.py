"""Retracted papers by their identifiers in any case, and searches as of a day: what is caught, what leaks, how fast.

Times are the processor's, so that what else runs on the machine does not count.

On the starter corpus, with days of publication drawn for it; nothing outside the repository is read.
"""

import csv
import random
import tempfile
import time
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain, cycle, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.shared import embedder
from corpora.paper import Paper
from corpora.starter import starter_papers
from retrieval.filters import Filters
from retrieval.library import Library
from retrieval.notices import said_of, take_notices

_RETRACTED = 500
_QUERIES = 1_000
_FIRST, _LAST = date(2000, 1, 1), date(2020, 12, 31)
_COLUMNS = ("Title", "RetractionNature", "RetractionDate", "OriginalPaperDOI", "OriginalPaperPubMedID")


def main() -> None:
    """Print both figures, each beside the time that it took."""
    chance = random.Random(8)
    papers = [_dated(paper, number, chance) for number, paper in enumerate(_enough(), start=1)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "watch.csv"
        names = _write(file, papers[:_RETRACTED], chance)
        with Library.create(Path(folder) / "library", embedder()) as library:
            half = len(papers) // 2
            for paper in tqdm(papers[:half], desc="storing"):
                library.add(paper)
            began = time.thread_time()
            taken = take_notices(library, file)
            each = 1000 * (time.thread_time() - began) / taken.stored
            for paper in tqdm(papers[half:], desc="storing"):
                library.add(paper)
            _print_caught(library, papers, names, each)
            _print_leaks(library, papers, chance)


def _enough() -> Iterator[Paper]:
    """Papers of the starter corpus, over and over as papers of their own, twice as many as are retracted."""
    for number, paper in enumerate(islice(cycle(list(starter_papers())), 2 * _RETRACTED), start=1):
        named = {"pmid": str(90_000_000 + number), "title": f"{paper.title or 'No title'}, study {number}"}
        yield paper.model_copy(update={**named, "text": f"{paper.text} Study {number}."})


def _dated(paper: Paper, number: int, chance: random.Random) -> Paper:
    """A paper with a DOI of its own and a drawn date, as exact as a day, a month or a year; some have none."""
    day = _FIRST + timedelta(days=chance.randrange((_LAST - _FIRST).days))
    published = chance.choice([day.isoformat(), day.isoformat()[:7], day.isoformat()[:4], None])
    doi = f"10.1000/epicite.{number}.abc"
    return paper.model_copy(update={"doi": doi, "published": published, "year": None})


def _write(file: Path, papers: list[Paper], chance: random.Random) -> list[str]:
    """A file of notices that name papers by DOI, PMID or title in turn, in mixed case; the names."""
    names = []
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, _COLUMNS)
        writer.writeheader()
        for number, paper in enumerate(papers):
            by_title = number % 3 == 2 and paper.title is not None
            by_pmid = number % 3 == 1 and paper.pmid is not None
            name = str(paper.title if by_title else paper.pmid if by_pmid else paper.doi)
            name = "".join(chance.choice((letter.lower(), letter.upper())) for letter in name)
            column = "Title" if by_title else "OriginalPaperPubMedID" if by_pmid else "OriginalPaperDOI"
            writer.writerow({"RetractionNature": "Retraction", "RetractionDate": "5/1/2015 0:00", column: name})
            names.append(name)
    return names


def _print_caught(library: Library, papers: list[Paper], names: list[str], each: float) -> None:
    passing = library.allowed(Filters(retracted=True))
    known, seconds = 0, []
    for name in names:
        began = time.thread_time()
        known += bool(said_of(library, name))
        seconds.append(time.thread_time() - began)
    texts = {paper.sha256 for paper in papers[: len(names)]}
    marked = {stored.paper.sha256 for stored in library.papers() if library.paper(stored.id).retracted}
    left = sum(
        hit.sha256 in texts
        for name in tqdm(names[:100], desc="asking")
        for hit in library.search(name, filters=Filters(retracted=False)).hits
    )
    print(f"{len(names)} mixed-case identifiers: {known} known, {len(texts & marked)} of {len(texts)} papers marked")
    print(f"wrongly marked: {len(marked - texts)}; passages left to find: {0 if passing is None else len(passing)}")
    print(f"retracted papers among hits that leave them out, 100 questions by their own names: {left}")
    print(f"looked up: {_told(np.array(seconds))}; stored and matched: {each:.3f} ms each")


def _print_leaks(library: Library, papers: list[Paper], chance: random.Random) -> None:
    last = {paper.sha256: _last_day(paper.published) for paper in papers}
    leaked = hits = 0
    seconds = []
    for _ in tqdm(range(_QUERIES), desc="as of"):
        day = _FIRST + timedelta(days=chance.randrange((_LAST - _FIRST).days))
        question = chance.choice(papers).title or "DNA methylation in cancer"
        began = time.thread_time()
        found = library.search(question, filters=Filters(as_of=day))
        seconds.append(time.thread_time() - began)
        days = [last[hit.sha256] for hit in found.hits]
        others = chain.from_iterable(hit.versions for hit in found.hits)
        days += [last[library.paper(version.paper_id).sha256] for version in others]
        hits += len(days)
        leaked += sum(out is None or out > day for out in days)
    print(f"{_QUERIES} as-of queries: {leaked} later or undated papers among {hits} hits; {_told(np.array(seconds))}")


def _last_day(published: str | None) -> date | None:
    if published is None:
        return None
    year, month, day = (*map(int, published.split("-")), 0, 0)[:3]
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1])


def _told(seconds: NDArray[np.float64]) -> str:
    half, most = 1000 * np.percentile(seconds, [50, 95])
    return f"p50 {half:.3f} ms, p95 {most:.3f} ms, at most {1000 * seconds.max():.3f} ms"


if __name__ == "__main__":
    main()
