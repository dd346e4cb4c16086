"""The 500 PubMedQA questions on the indexes of a library's folder and on Milvus Lite, side by side."""

import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks.shared import WORK, KnownItem, embedder, epi_and_cg, library_of, pubmedqa, require_data
from retrieval.hit import Hit
from retrieval.library import Library
from retrieval.settings import MilvusSettings

_NAME = "all-1500"
_DEPTH = 10


def main() -> None:
    """Print Recall@10 and the median time of both, and how much of their first ten they share."""
    require_data()
    tuned_on, _ = epi_and_cg()
    asked_of, items = pubmedqa()
    if not (WORK / _NAME).exists():
        library_of(_NAME, [*tuned_on, *asked_of]).close()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(WORK / _NAME, Path(folder) / _NAME))
        model = embedder()
        model.encode_query("loads the model")
        with Library.open(copy, model) as local, Library.open(copy, model, milvus=MilvusSettings()) as milvus:
            for name, library in (("Local", local), ("Milvus Lite", milvus)):
                started = time.perf_counter()
                library.derive()
                print(f"{name}: {library.counts().passages} passages indexed in {time.perf_counter() - started:.1f} s")
            _compare(local, milvus, items)


def _compare(local: Library, milvus: Library, items: list[KnownItem]) -> None:
    found: dict[str, list[tuple[Hit, ...]]] = {"Local": [], "Milvus Lite": []}
    seconds: dict[str, list[float]] = {name: [] for name in found}
    for item in tqdm(items, desc="questions"):
        for name, library in (("Local", local), ("Milvus Lite", milvus)):
            started = time.perf_counter()
            found[name].append(library.search(item.question, _DEPTH).hits)
            seconds[name].append(time.perf_counter() - started)
    for name, answers in found.items():
        recall = np.mean(
            [any(hit.pmid == item.pmid for hit in hits) for item, hits in zip(items, answers, strict=True)]
        )
        print(f"{name:<12} Recall@10 {recall:.4f}, median {1000 * statistics.median(seconds[name]):.0f} ms")
    pairs = list(zip(*found.values(), strict=True))
    shared = [len(_passages(one) & _passages(other)) / _DEPTH for one, other in pairs]
    same = sum(_proof(one) == _proof(other) for one, other in pairs)
    print(f"Shared of the first {_DEPTH}: {np.mean(shared):.4f}, least {min(shared):.1f}")
    print(f"The first hit with the same text, hash and offsets: {same} of {len(pairs)}")


def _passages(hits: tuple[Hit, ...]) -> set[int]:
    return {hit.passage_id for hit in hits}


def _proof(hits: tuple[Hit, ...]) -> tuple[object, ...]:
    first = hits[0]
    return first.sha256, first.start, first.end, first.text


if __name__ == "__main__":
    main()
