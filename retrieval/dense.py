"""Search by meaning: inner products over passage vectors, by FAISS."""

import hashlib
import json
import logging
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from retrieval.codes import can_code, emptied, nearest, trained
from retrieval.index import Numbers
from seqmodels.encoder import Vector

log = logging.getLogger(__name__)

_STATE = "state.json"
# From here on codes are faster than looking at every vector; `benchmarks.size` has the figures.
_CODED_FROM = 50_000
# Segments that would grow beyond this are not merged: their vectors have to fit into memory for it.
_LARGEST = 250_000
# How many of the nearest by codes are rated by their vectors, and for each one that is asked for.
_RATED, _RATED_FOR_EACH = 1_000, 10
# Centroids are learnt anew when a segment has this many times the vectors that they were learnt from.
_OUTGROWN = 4


class _Codes(BaseModel):
    """The file of a segment's codes, and how many vectors the segment had when its centroids were learnt."""

    model_config = ConfigDict(frozen=True)

    file: str
    sha256: str
    learnt_at: int


class _Segment(BaseModel):
    """One file of vectors that is never changed, only merged into a larger one; a large one has codes beside it."""

    model_config = ConfigDict(frozen=True)

    file: str
    sha256: str
    count: int
    codes: _Codes | None = None


class _State(BaseModel):
    """What of the folder counts, written as a whole at each change."""

    model_config = ConfigDict(frozen=True)

    changed_to: int = 0
    segments: tuple[_Segment, ...] = ()
    removed: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Open:
    """A segment's mapped vectors, and its codes, with the passages that they are of, if it has some."""

    vectors: Any
    codes: Any
    coded: Numbers | None


class DenseIndex:
    """Passages by their vectors, in a folder of its own for each embedder.

    Vectors lie in files that are mapped into memory, not read into it, and never written again: a search goes
    on undisturbed over the files it has while others are added. Scores are inner products of unit vectors. Every
    vector of a small segment is rated; in a large one those that are nearest by their codes.
    """

    def __init__(self, folder: Path, library_id: str, embedder_hash: str, dimension: int) -> None:
        name = hashlib.sha256(f"{embedder_hash} {library_id}".encode()).hexdigest()[:12]
        self.folder = folder / f"vectors-{name}"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.dimension = dimension
        self._opening = threading.Lock()
        self._opened: tuple[_State, list[_Open]] = (_State(), [])

    @property
    def changed_to(self) -> int:
        """The last change of the library that the index holds, 0 where it is empty."""
        return self._current()[0].changed_to

    def count(self) -> int:
        """How many passages it holds."""
        state, _ = self._current()
        return sum(segment.count for segment in state.segments) - len(state.removed)

    def add(self, contents: Mapping[int, Vector], changed_to: int) -> None:
        """Take in passages by new numbers, as a segment of their own, merged with others of its size."""
        state, indexes = self._current()
        if not contents:
            self._write(state.model_copy(update={"changed_to": changed_to}))
            return
        segments, removed = list(state.segments), set(state.removed)
        numbers = np.fromiter(contents, np.int64)
        rows = np.stack(list(contents.values())).astype(np.float32)
        learnt: tuple[int, Any] | None = None
        # Merging equals with equals writes each vector a number of times that grows with the logarithm only.
        while segments and segments[-1].count <= min(2 * len(numbers), _LARGEST - len(numbers)):
            merged, opened = segments.pop(), indexes[len(segments)]
            old_numbers, old_rows = _content(opened.vectors)
            kept = ~np.isin(old_numbers, list(removed))
            removed -= set(old_numbers.tolist())
            numbers = np.concatenate([old_numbers[kept], numbers])
            rows = np.concatenate([old_rows[kept], rows])
            if merged.codes:
                learnt = merged.codes.learnt_at, opened.codes
        segments.append(self._write_segment(numbers, rows, learnt))
        self._write(_State(changed_to=changed_to, segments=tuple(segments), removed=tuple(sorted(removed))))

    def remove(self, numbers: Sequence[int], changed_to: int) -> None:
        """Let go of passages."""
        state, indexes = self._current()
        held = np.concatenate([_numbers(index.vectors) for index in indexes]) if indexes else np.empty(0, np.int64)
        removed = {*state.removed, *np.intersect1d(held, np.array(numbers, np.int64)).tolist()}
        self._write(state.model_copy(update={"changed_to": changed_to, "removed": tuple(sorted(removed))}))

    def clear(self) -> None:
        """Hold nothing, as when new."""
        self._write(_State())

    def candidates(self, question: Vector, limit: int, allowed: Numbers | None = None) -> dict[int, float]:
        """Similarities of the nearest passages, at most `limit`, among the allowed ones."""
        state, indexes = self._current()
        removed = np.array(state.removed, np.int64)
        wanted = allowed[~np.isin(allowed, removed)] if allowed is not None and len(removed) else allowed
        found: dict[int, float] = {}
        for index in indexes:
            rated = _by_codes(index, question, limit, wanted, removed)
            found |= _by_vectors(index.vectors, question, limit, wanted, removed) if rated is None else rated
        best = sorted(found, key=lambda number: (-found[number], number))[:limit]
        return {number: found[number] for number in best}

    def _current(self) -> tuple[_State, list[_Open]]:
        """The state and its open segments; another process may have written a new one."""
        with self._opening:
            while (state := self._read_state()) != self._opened[0]:
                try:
                    self._opened = (state, [self._open(segment) for segment in state.segments])
                except (RuntimeError, OSError, ValueError) as error:
                    if state == self._read_state():  # else another process has just merged the segments
                        log.warning("The vector index %s is damaged (%s) and is built anew", self.folder, error)
                        self._write(_State())
            return self._opened

    def _read_state(self) -> _State:
        try:
            return _State.model_validate_json((self.folder / _STATE).read_bytes())
        except FileNotFoundError:
            return _State()
        except ValidationError as error:
            log.warning("%s is damaged (%s); the vector index is built anew", self.folder / _STATE, error)
            return _State()

    def _open(self, segment: _Segment) -> _Open:
        """A segment; FAISS reads flipped bytes without a word, so hashes are checked first."""
        import faiss

        for part in (segment, segment.codes):
            if part and _sha256(self.folder / part.file) != part.sha256:
                raise ValueError(f"{self.folder / part.file} does not have the hash that {_STATE} gives")
        vectors = faiss.read_index(str(self.folder / segment.file), faiss.IO_FLAG_MMAP_IFC)
        if segment.codes is None:
            return _Open(vectors, None, None)
        return _Open(vectors, faiss.read_index(str(self.folder / segment.codes.file)), _numbers(vectors))

    def _write_segment(self, numbers: Numbers, rows: Vector, learnt: tuple[int, Any] | None) -> _Segment:
        import faiss

        index = faiss.IndexIDMap2(faiss.IndexFlatIP(self.dimension))
        index.add_with_ids(rows, numbers)
        path, sha256 = self._written(index)
        codes = None
        if len(numbers) >= _CODED_FROM and can_code(self.dimension):
            codes = self._write_codes(rows, learnt)
        return _Segment(file=path.name, sha256=sha256, count=len(numbers), codes=codes)

    def _write_codes(self, rows: Vector, learnt: tuple[int, Any] | None) -> _Codes:
        if learnt is None or len(rows) > _OUTGROWN * learnt[0]:
            learnt = len(rows), trained(rows)
        codes = emptied(learnt[1])
        codes.add(rows)
        path, sha256 = self._written(codes)
        return _Codes(file=path.name, sha256=sha256, learnt_at=learnt[0])

    def _written(self, index: Any) -> tuple[Path, str]:
        """The file that an index has been written to, and its hash, which names it."""
        import faiss

        unfinished = self.folder / f"{os.getpid()}.tmp"
        faiss.write_index(index, str(unfinished))
        sha256 = _sha256(unfinished)
        return unfinished.replace(self.folder / f"{sha256[:16]}.faiss"), sha256

    def _write(self, state: _State) -> None:
        unfinished = self.folder / f"{_STATE}.{os.getpid()}.tmp"
        unfinished.write_text(json.dumps(state.model_dump()), encoding="utf-8")
        unfinished.replace(self.folder / _STATE)
        # A search that still maps an old file keeps it until it is done (POSIX); on Windows deleting fails.
        kept = {_STATE, *(part.file for segment in state.segments for part in (segment, segment.codes) if part)}
        for path in self.folder.iterdir():
            if path.name not in kept and path.suffix == ".faiss":
                path.unlink(missing_ok=True)


def _by_vectors(
    vectors: Any, question: Vector, limit: int, wanted: Numbers | None, removed: Numbers
) -> dict[int, float]:
    """The nearest by all vectors that are wanted and not removed, with their scores."""
    import faiss

    selector: Any = None
    if wanted is not None:
        selector = faiss.IDSelectorBatch(wanted)
    elif len(removed):
        selector = faiss.IDSelectorNot(faiss.IDSelectorBatch(removed))
    parameters: Any = faiss.SearchParameters(sel=selector) if selector else None  # type: ignore[call-arg]
    scores, numbers = vectors.search(question[None], min(limit, vectors.ntotal), params=parameters)
    pairs = zip(numbers[0].tolist(), scores[0].tolist(), strict=True)
    return {number: score for number, score in pairs if number >= 0}


def _by_codes(
    index: _Open, question: Vector, limit: int, wanted: Numbers | None, removed: Numbers
) -> dict[int, float] | None:
    """The nearest by codes, rated by their vectors; None where all are better rated."""
    import faiss

    total = index.vectors.ntotal
    if index.coded is None or (wanted is not None and len(wanted) < _CODED_FROM):
        return None
    share = 1.0 if wanted is None else min(1.0, len(wanted) / total)
    count = min(total, int(max(_RATED, _RATED_FOR_EACH * limit) / share) + len(removed))
    places = nearest(index.codes, question, count)
    numbers = index.coded[places]
    passing = ~np.isin(numbers, removed) if wanted is None else np.isin(numbers, wanted)
    # A filter that parts the near from the far leaves too few of the near.
    if count < total and passing.sum() < min(limit * _RATED_FOR_EACH // 2, count):
        return None
    rows = faiss.downcast_index(index.vectors.index).reconstruct_batch(places[passing])
    return dict(zip(numbers[passing].tolist(), (rows @ question).tolist(), strict=True))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _numbers(index: Any) -> Numbers:
    import faiss

    return np.array(faiss.vector_to_array(index.id_map), np.int64)


def _content(index: Any) -> tuple[Numbers, Vector]:
    import faiss

    return _numbers(index), faiss.downcast_index(index.index).reconstruct_n(0, index.ntotal)
