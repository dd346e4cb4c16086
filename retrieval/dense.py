"""Search by meaning: exact inner products over passage vectors, by FAISS."""

import hashlib
import json
import logging
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from retrieval.index import Numbers
from seqmodels.encoder import Vector

log = logging.getLogger(__name__)

_STATE = "state.json"


class _Segment(BaseModel):
    """One file of vectors that is never changed, only merged into a larger one."""

    model_config = ConfigDict(frozen=True)

    file: str
    sha256: str
    count: int


class _State(BaseModel):
    """What of the folder counts, written as a whole at each change."""

    model_config = ConfigDict(frozen=True)

    changed_to: int = 0
    segments: tuple[_Segment, ...] = ()
    removed: tuple[int, ...] = ()


class DenseIndex:
    """Passages by their vectors, in a folder of its own for each embedder.

    Vectors lie in files that are mapped into memory, not read into it, and never written again: a search goes
    on undisturbed over the files it has while others are added. Scores are inner products of unit vectors.
    """

    def __init__(self, folder: Path, library_id: str, embedder_hash: str, dimension: int) -> None:
        name = hashlib.sha256(f"{embedder_hash} {library_id}".encode()).hexdigest()[:12]
        self.folder = folder / f"vectors-{name}"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.dimension = dimension
        self._opening = threading.Lock()
        self._opened: tuple[_State, list[Any]] = (_State(), [])

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
        # Merging equals with equals writes each vector a number of times that grows with the logarithm only.
        while segments and segments[-1].count <= 2 * len(numbers):
            old_numbers, old_rows = _content(indexes[len(segments) - 1])
            kept = ~np.isin(old_numbers, list(removed))
            removed -= set(old_numbers.tolist())
            numbers = np.concatenate([old_numbers[kept], numbers])
            rows = np.concatenate([old_rows[kept], rows])
            segments.pop()
        segments.append(self._write_segment(numbers, rows))
        self._write(_State(changed_to=changed_to, segments=tuple(segments), removed=tuple(sorted(removed))))

    def remove(self, numbers: Sequence[int], changed_to: int) -> None:
        """Let go of passages."""
        state, indexes = self._current()
        held = np.concatenate([_numbers(index) for index in indexes]) if indexes else np.empty(0, np.int64)
        removed = {*state.removed, *np.intersect1d(held, np.array(numbers, np.int64)).tolist()}
        self._write(state.model_copy(update={"changed_to": changed_to, "removed": tuple(sorted(removed))}))

    def clear(self) -> None:
        """Hold nothing, as when new."""
        self._write(_State())

    def candidates(self, question: Vector, limit: int, allowed: Numbers | None = None) -> dict[int, float]:
        """Similarities of the nearest passages, at most `limit`, among the allowed ones."""
        import faiss

        state, indexes = self._current()
        selector: Any = None
        if allowed is not None:
            wanted = np.setdiff1d(allowed, np.array(state.removed, np.int64))
            selector = faiss.IDSelectorBatch(wanted)
        elif state.removed:
            selector = faiss.IDSelectorNot(faiss.IDSelectorBatch(np.array(state.removed, np.int64)))
        parameters: Any = faiss.SearchParameters(sel=selector) if selector else None  # type: ignore[call-arg]
        found: dict[int, float] = {}
        for index in indexes:
            scores, numbers = index.search(question[None], min(limit, index.ntotal), params=parameters)
            pairs = zip(numbers[0].tolist(), scores[0].tolist(), strict=True)
            found |= {number: score for number, score in pairs if number >= 0}
        best = sorted(found, key=lambda number: (-found[number], number))[:limit]
        return {number: found[number] for number in best}

    def _current(self) -> tuple[_State, list[Any]]:
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

    def _open(self, segment: _Segment) -> Any:
        """A mapped segment; FAISS reads flipped bytes without a word, so the hash is checked first."""
        import faiss

        path = self.folder / segment.file
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != segment.sha256:
                raise ValueError(f"{path} does not have the hash that {_STATE} gives")
        return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)

    def _write_segment(self, numbers: Numbers, rows: Vector) -> _Segment:
        import faiss

        index = faiss.IndexIDMap2(faiss.IndexFlatIP(self.dimension))
        index.add_with_ids(rows, numbers)
        content = faiss.serialize_index(index).tobytes()
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.folder / f"{sha256[:16]}.faiss"
        unfinished = path.with_suffix(f".{os.getpid()}.tmp")
        unfinished.write_bytes(content)
        unfinished.replace(path)
        return _Segment(file=path.name, sha256=sha256, count=len(numbers))

    def _write(self, state: _State) -> None:
        unfinished = self.folder / f"{_STATE}.{os.getpid()}.tmp"
        unfinished.write_text(json.dumps(state.model_dump()), encoding="utf-8")
        unfinished.replace(self.folder / _STATE)
        # A search that still maps an old file keeps it until it is done (POSIX); on Windows deleting fails.
        kept = {_STATE, *(segment.file for segment in state.segments)}
        for path in self.folder.iterdir():
            if path.name not in kept and path.suffix == ".faiss":
                path.unlink(missing_ok=True)


def _numbers(index: Any) -> Numbers:
    import faiss

    return np.array(faiss.vector_to_array(index.id_map), np.int64)


def _content(index: Any) -> tuple[Numbers, Vector]:
    import faiss

    return _numbers(index), faiss.downcast_index(index.index).reconstruct_n(0, index.ntotal)
