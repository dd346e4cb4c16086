"""Both indexes at 100,000 and, with `--passages 1000000`, a million passages: time, disk, memory, speed, recall.

Passages are recombined of real sentences of the 1,500 abstracts, four each, and have the mean of their sentences'
vectors: the encoder is not run for them. This leaves no clusters in them, which is hard for lists and graphs. Asked
are the 500 PubMedQA questions; a whole question is embedding and candidates of both indexes, without the database.
"""

import argparse
import resource
import shutil
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks.shared import WORK, embedder, epi_and_cg, library_of, pubmedqa, require_data
from retrieval.dense import DenseIndex
from retrieval.lexical import LexicalIndex, PassageWords
from retrieval.query import parse_query
from seqmodels.encoder import Vector, unit

_SENTENCES, _BATCH, _ADDED, _K = 4, 20_000, 100, 10


def main() -> None:
    """Print build time, disk, peak memory, median and 95th percentile of a question, recall@10, adding a hundred."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--words", action=argparse.BooleanOptionalAction, default=True, help="the lexical index, too")
    options = parser.parse_args()
    require_data()
    sentences, rows = _material()
    folder = WORK / "size"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    model = embedder()
    meanings = DenseIndex(folder, "size", model.record.hash, model.record.dimension)
    words = LexicalIndex(folder, "size") if options.words else None
    _build(meanings, words, sentences, rows, options.passages)
    for path in sorted(folder.iterdir()):
        size = sum(part.stat().st_size for part in path.rglob("*") if part.is_file())
        print(f"{path.name}: {size / 2**20:.0f} MiB")
    asked = [item.question for item in pubmedqa()[1]][: options.questions]
    _ask(meanings, words, asked)
    _recall(meanings, asked)
    _add(meanings, words, sentences, rows, options.passages)
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")
    shutil.rmtree(folder)


def _material() -> tuple[list[str], Vector]:
    """The sentences of the 1,500 abstracts and their vectors."""
    papers = [*epi_and_cg()[0], *pubmedqa()[0]]
    texts: list[str] = []
    rows: list[Vector] = []
    with library_of("all-1500", papers) as library:
        for stored in list(library.papers()):
            text = library.paper(stored.id).text
            for (start, end), vector in library.sentences(stored.id):
                if vector is not None:
                    texts.append(text[start:end])
                    rows.append(vector)
    return texts, np.stack(rows)


def _recombined(sentences: list[str], rows: Vector, first: int, count: int) -> tuple[dict[int, str], dict[int, Vector]]:
    """Texts and vectors of passages, by numbers from the first; the same ones each time."""
    chosen = np.random.default_rng(first).integers(len(rows), size=(count, _SENTENCES))
    vectors = unit(rows[chosen].mean(axis=1))
    texts = {first + place: " ".join(sentences[number] for number in own) for place, own in enumerate(chosen)}
    return texts, dict(enumerate(vectors, start=first))


def _parts(count: int) -> Iterator[tuple[int, int]]:
    for first in range(1, count + 1, _BATCH):
        yield first, min(_BATCH, count + 1 - first)


def _build(meanings: DenseIndex, words: LexicalIndex | None, sentences: list[str], rows: Vector, count: int) -> None:
    seconds = {"vectors": 0.0, "words": 0.0}
    for change, (first, part) in enumerate(tqdm(list(_parts(count)), desc="building"), start=1):
        texts, vectors = _recombined(sentences, rows, first, part)
        started = time.perf_counter()
        meanings.add(vectors, change)
        between = time.perf_counter()
        if words:
            words.add({number: PassageWords(text, None) for number, text in texts.items()}, change)
        seconds["vectors"] += between - started
        seconds["words"] += time.perf_counter() - between
    print(f"{count} passages built: vectors {seconds['vectors']:.1f} s, words {seconds['words']:.1f} s")


def _ask(meanings: DenseIndex, words: LexicalIndex | None, asked: list[str]) -> None:
    model = embedder()
    seconds: dict[str, list[float]] = {"embedding": [], "vectors": [], "words": [], "whole": []}
    for question in ["warms up", *asked]:
        query = parse_query(question)
        times = [time.perf_counter()]
        vector = model.encode_query(query.english)
        times.append(time.perf_counter())
        meanings.candidates(vector, 100)
        times.append(time.perf_counter())
        if words:
            words.candidates(query.groups, 100)
        times.append(time.perf_counter())
        for name, spent in zip(seconds, [*np.diff(times), times[-1] - times[0]], strict=True):
            seconds[name].append(float(spent))
    for name, spent in seconds.items():
        p95 = statistics.quantiles(spent[1:], n=20)[-1]
        print(f"{name}: median {1e3 * statistics.median(spent[1:]):.1f} ms, 95th percentile {1e3 * p95:.1f} ms")


def _recall(meanings: DenseIndex, asked: list[str]) -> None:
    """Beside every vector, looked at a segment at a time."""
    import faiss

    model = embedder()
    questions = np.stack([model.encode_query(question) for question in asked])
    held = sorted(meanings.folder.glob("*.faiss"), key=lambda path: path.stat().st_size, reverse=True)
    scores, numbers = [], []
    for path in held:
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        if isinstance(index, faiss.IndexIDMap2):
            near, own = index.search(questions, _K)
            scores.append(near)
            numbers.append(own)
    order = np.argsort(-np.concatenate(scores, axis=1), axis=1)[:, :_K]
    true = np.take_along_axis(np.concatenate(numbers, axis=1), order, axis=1)
    found = [list(meanings.candidates(question, 100))[:_K] for question in questions]
    shares = [len(set(own) & set(first.tolist())) / _K for own, first in zip(found, true, strict=True)]
    print(f"recall@{_K} beside all vectors: {np.mean(shares):.4f}")


def _add(meanings: DenseIndex, words: LexicalIndex | None, sentences: list[str], rows: Vector, count: int) -> None:
    """A hundred passages more, beside the same hundred in empty indexes."""
    empty = Path(WORK / "size-empty")
    shutil.rmtree(empty, ignore_errors=True)
    empty.mkdir()
    both = {
        "many": (meanings, words),
        "none": (DenseIndex(empty, "size", "other", meanings.dimension), LexicalIndex(empty, "size")),
    }
    texts, vectors = _recombined(sentences, rows, count + 1, _ADDED)
    spent = {}
    for name, (own_meanings, own_words) in both.items():
        started = time.perf_counter()
        own_meanings.add(vectors, 10**9)
        if words and own_words:
            own_words.add({number: PassageWords(text, None) for number, text in texts.items()}, 10**9)
        spent[name] = time.perf_counter() - started
    shutil.rmtree(empty)
    print(
        f"adding {_ADDED}: {1e3 * spent['many']:.0f} ms to {count}, {1e3 * spent['none']:.0f} ms to none "
        f"({spent['many'] / spent['none']:.2f} times)"
    )


if __name__ == "__main__":
    main()
