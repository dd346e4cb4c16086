"""Ingest of abstracts on one Ray worker and on two, each on one core, beside the local engine; start-up told apart."""

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.shared import embedder, epi_and_cg, pubmedqa, require_data
from corpora.paper import Paper
from retrieval.ingest import ingest
from retrieval.library import Library
from retrieval.progress import silent
from retrieval.ray_engine import cluster, derive_by_workers
from retrieval.settings import RaySettings

_FEW = 16  # a batch
_QUESTIONS = ("RASSF1A promoter methylation in cancer", "Does vitamin D prevent falls?", "histone acetylation by p300")


def main() -> None:
    """Print seconds and abstracts a second by number of workers, and whether the hits are the local engine's."""
    require_data()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=1_500)
    count: int = parser.parse_args().papers
    papers = [*pubmedqa()[0], *epi_and_cg()[0]][:count]
    print(f"{len(papers)} abstracts; load of the machine before: {os.getloadavg()[0]:.1f}")
    rates: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        with _stored(Path(folder) / "local", papers) as library:
            started = time.perf_counter()
            ingest(library, [])
            print(f"local engine: {time.perf_counter() - started:.1f} s")
            expected = _hits(library)
        for workers in (1, 2):
            # What a few abstracts take is the cluster's start and the loading of the models.
            few = papers[: _FEW * workers]
            with _stored(Path(folder) / f"few{workers}", few) as library:
                start = _derive(library, workers)
            with _stored(Path(folder) / f"all{workers}", papers) as library:
                whole = _derive(library, workers)
                same = _hits(library) == expected
            rates[workers] = (len(papers) - len(few)) / (whole - start)
            print(
                f"{workers} workers: {whole:.1f} s, of which {start:.1f} s start; "
                f"{rates[workers]:.1f} abstracts a second; the same hits: {same}"
            )
    print(f"two workers: {rates[2] / rates[1]:.2f} times one; load after: {os.getloadavg()[0]:.1f}")


def _stored(folder: Path, papers: Sequence[Paper]) -> Library:
    library = Library.create(folder, embedder())
    for paper in papers:
        library.add(paper)
    return library


def _derive(library: Library, workers: int) -> float:
    """Seconds from an absent cluster to the last paper that is embedded and tagged."""
    began = time.perf_counter()
    with cluster(RaySettings(workers=workers)) as count:
        derive_by_workers(library, count, 0, silent)
        seconds = time.perf_counter() - began
    library.derive()
    return seconds


def _hits(library: Library) -> list[list[str | None]]:
    return [[hit.pmid for hit in library.search(question).hits] for question in _QUESTIONS]


if __name__ == "__main__":
    main()
