"""Ingest on a Ray cluster: files are read, and papers embedded and tagged, by workers; this process alone writes.

A worker gets what it works on and gives back what comes of it: it sees neither the database nor the indexes. What is
stored here in one transaction a paper is never lost, and what is derived is pending until it is stored, so that a run
that was killed is finished by the next, on Ray or not.
"""

import contextlib
import copy
import json
import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pydantic import TypeAdapter

from corpora.failure import Failure
from corpora.paper import Paper
from corpora.reading import read, sources
from corpora.withdrawal import Withdrawn
from retrieval import store
from retrieval.derivation import count_pending, embed, pending_after, replace_vectors, unless_removed
from retrieval.embedder import Embedder
from retrieval.errors import LibraryError
from retrieval.evidence_reading import EvidenceReader
from retrieval.evidence_store import replace_findings
from retrieval.finding import FINDING
from retrieval.ingest import Report, Run
from retrieval.library import Library
from retrieval.manifest import EmbedderRecord
from retrieval.passages import Passage
from retrieval.progress import Progress, silent
from retrieval.settings import RaySettings
from seqmodels.encoder import Encoded
from seqmodels.errors import ModelError

Item = Paper | Failure | Withdrawn
Thing = TypeVar("Thing")

_KINDS: Mapping[str, TypeAdapter[Any]] = {
    "paper": TypeAdapter(Paper), "failure": TypeAdapter(Failure), "withdrawn": TypeAdapter(Withdrawn)
}  # fmt: skip
# Papers whose texts lie in Ray's object store at once; workers load their models anew for each such wave.
_PAPERS_PER_WAVE = 20_000
_PAPERS_PER_BATCH = 16
_STORE_BYTES = 300 * 2**20
_CLUSTER = (
    "The papers that were stored are safe: see to the cluster and run the same command again, or leave --engine out "
    "to go on on this machine."
)


def ingest_on_ray(
    library: Library,
    paths: Iterable[Path],
    settings: RaySettings,
    progress: Progress = silent,
    *,
    replace: bool = False,
) -> Report:
    """Read files and folders, store what is new, then derive all that is pending, as `retrieval.ingest.ingest` does.

    Args:
        library: where the papers go.
        paths: files and folders, which the workers see under the same names.
        settings: of the cluster.
        progress: told what is done.
        replace: whether a record may put a new text in the place of one that came from another file.

    Raises:
        LibraryError: there is no cluster at the address, it breaks off, or a worker cannot load the models.

    """
    run = Run(library, progress, replace)
    with cluster(settings) as workers:
        named = list(sources(paths))
        files = _read_by_workers([source for source in named if isinstance(source, Path)])
        for source in named:
            if isinstance(source, Failure):
                run.take([source])
            else:
                run.take_file(source, next(files))
        derive_by_workers(library, workers, settings.num_gpus, progress)
    library.derive(progress)
    return run.report()


@contextlib.contextmanager
def cluster(settings: RaySettings) -> Iterator[int]:
    """A connection to the cluster; gives how many workers derive at once."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
        from ray.data import DataContext
        from ray.exceptions import RayError
    except ModuleNotFoundError as error:
        raise LibraryError(
            f"The package {error.name} is not installed, which --engine ray needs",
            'Run `pip install "epicite[cluster]"`, or leave --engine out.',
        ) from error
    own: dict[str, Any] = {}
    if settings.address == "local":
        own = {
            "num_cpus": settings.workers or os.cpu_count(),
            "include_dashboard": False,
            "object_store_memory": _STORE_BYTES,
        }
    try:
        ray.init(address=settings.address, log_to_driver=False, logging_level=logging.ERROR, **own)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise LibraryError(
            f"There is no Ray cluster at {settings.address} ({' '.join(str(error).split())})",
            'Start one with `ray start --head`, or set ray.address = "local".',
        ) from error
    try:
        context = DataContext.get_current()
        context.enable_progress_bars = False
        # Papers keep their order, so that they get the numbers that they would get without Ray.
        context.execution_options.preserve_order = True
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        kind = "GPU" if settings.num_gpus else "CPU"
        there = ray.cluster_resources().get(kind, 0) / (settings.num_gpus or 1)  # type: ignore[no-untyped-call]
        yield settings.workers or max(1, int(there))
    except RayError as error:
        raise LibraryError(f"The Ray cluster broke off ({str(error).splitlines()[-1]})", _CLUSTER) from error
    finally:
        ray.shutdown()


def derive_by_workers(library: Library, workers: int, num_gpus: float, progress: Progress) -> None:
    """Embed and tag what is pending; raises LibraryError where a worker cannot."""
    import ray

    producers = (library.vector_producer, library.reader.producer)
    with library.database.reading() as connection:
        total = max(count_pending(connection, producer) for producer in producers)
    done = 0
    for wave in _waves(library, producers):
        data = ray.data.from_items(wave, override_num_blocks=max(1, min(len(wave) // _PAPERS_PER_BATCH, 8 * workers)))
        derived = data.map_batches(
            _Worker,
            fn_constructor_args=(_unloaded(library.embedder), _unloaded(library.reader), library.embedder.record),
            batch_size=_PAPERS_PER_BATCH,
            compute=ray.data.ActorPoolStrategy(size=min(workers, data.num_blocks())),
            num_cpus=1,
            num_gpus=num_gpus or None,
        )
        for row in derived.iter_rows():
            if row["error"]:
                raise LibraryError(f"A worker of the Ray cluster fails: {row['error']}", _CLUSTER)
            _write(library, _Derived.of_row(row), producers)
            done += 1
            progress("embedding and tagging", done, total)


def _waves(library: Library, producers: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
    """What is pending, as rows for workers."""
    last = 0
    while True:
        rows = []
        with library.database.reading() as connection:
            waiting = pending_after(connection, producers, last, _PAPERS_PER_WAVE)
            for number, (embeds, tags) in waiting:
                with unless_removed():
                    paper = store.get(connection, number)
                    cut = [
                        (passage, each.start, each.end, each.sentences)
                        for passage, each in store.stored_passages(connection, number)
                    ]
                    rows.append(
                        {
                            "number": number,
                            "embeds": embeds,
                            "tags": tags,
                            "paper": paper.model_dump_json(),
                            "passages": json.dumps(cut),
                        }
                    )
        if rows:
            yield rows
        if not waiting:
            return
        last = waiting[-1][0]


class _Worker:
    """Embeds and tags papers, in a process of its own; both models are loaded when first used."""

    def __init__(self, embedder: Embedder, reader: EvidenceReader, record: EmbedderRecord) -> None:
        import torch

        if not torch.cuda.is_available():
            torch.set_num_threads(1)  # there is a worker for each core
        self._embedder = embedder
        self._reader = reader
        self._record = record

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """What is derived from papers; where that cannot be, why."""
        papers = [Paper.model_validate_json(text) for text in batch["paper"]]
        count = len(papers)
        told: dict[str, list[Any]] = {"number": list(batch["number"]), "error": [""] * count}
        told |= {"sentences": [""] * count, "vectors": [b""] * count, "findings": [""] * count}
        try:
            self._embed(batch, papers, told)
            tagged = [place for place in range(count) if batch["tags"][place]]
            for place, findings in zip(tagged, self._reader.read([papers[place] for place in tagged]), strict=True):
                told["findings"][place] = json.dumps([FINDING.dump_python(each, mode="json") for each in findings])
        except (ModelError, LibraryError) as error:
            told["error"] = [str(error)] * count
        told["sha256"] = [paper.sha256 for paper in papers]
        return told

    def _embed(self, batch: dict[str, Any], papers: Sequence[Paper], told: dict[str, list[Any]]) -> None:
        places = [place for place in range(len(papers)) if batch["embeds"][place]]
        if places and self._embedder.record != self._record:
            raise LibraryError(
                f"the embedder of a worker is {self._embedder.record.hash[:12]}, not {self._record.hash[:12]}",
                "Install the same version of Epicite, and the same model, on all machines.",
            )
        cut = [(place, papers[place], _passages(batch["passages"][place])) for place in places]
        for place, encoded in embed(cut, self._embedder):
            told["sentences"][place] = json.dumps([(passage, len(each.sentences)) for passage, each in encoded.items()])
            rows = [row for each in encoded.values() for row in (each.passage[None], each.sentences)]
            told["vectors"][place] = np.concatenate(rows).astype(np.float32).tobytes() if rows else b""


@dataclass(frozen=True)
class _Derived:
    """What a worker gives back of one paper; None of what was not asked for."""

    number: int
    sha256: str
    vectors: dict[int, Encoded] | None
    findings: list[Any] | None

    @classmethod
    def of_row(cls, row: dict[str, Any]) -> "_Derived":
        """Read a worker's row."""
        vectors = None
        if row["sentences"]:
            lengths = json.loads(row["sentences"])
            count = sum(1 + sentences for _, sentences in lengths)
            rows = np.frombuffer(row["vectors"], np.float32).reshape(count, -1)
            vectors, place = {}, 0
            for passage, sentences in lengths:
                vectors[passage] = Encoded(rows[place], rows[place + 1 : place + 1 + sentences])
                place += 1 + sentences
        findings = [FINDING.validate_python(each) for each in json.loads(row["findings"])] if row["findings"] else None
        return cls(row["number"], row["sha256"], vectors, findings)


def _write(library: Library, derived: _Derived, producers: Sequence[str]) -> None:
    with library.database.writing() as connection:
        if derived.vectors is not None:
            replace_vectors(connection, derived.number, derived.vectors, producers[0])
        if derived.findings is not None:
            replace_findings(connection, derived.number, derived.sha256, derived.findings, producers[1])


def _read_by_workers(files: Sequence[Path]) -> Iterator[Iterator[Item]]:
    """What stands in each file, in order; each is to be used up before the next is asked for."""
    import ray

    if not files:
        return
    named = [{"order": order, "path": str(path)} for order, path in enumerate(files)]
    rows = ray.data.from_items(named, override_num_blocks=len(files)).flat_map(_read_file).iter_rows()
    for _, of_file in groupby(rows, key=itemgetter("order")):
        yield (_KINDS[row["kind"]].validate_json(row["item"]) for row in of_file if row["kind"] != "begin")


def _read_file(file: dict[str, Any]) -> list[dict[str, Any]]:
    """The items of a file, after one that says that it was read: it may hold none."""
    rows = [{"order": file["order"], "kind": "begin", "item": b""}]
    for item in read(Path(file["path"])):
        kind = type(item).__name__.lower()
        rows.append({"order": file["order"], "kind": kind, "item": _KINDS[kind].dump_json(item)})
    return rows


def _passages(text: str) -> list[tuple[int, Passage]]:
    return [
        (number, Passage(start, end, tuple((first, last) for first, last in sentences)))
        for number, start, end, sentences in json.loads(text)
    ]


def _unloaded(thing: Thing) -> Thing:
    """A copy without what was loaded on first use, such as a model: each worker loads its own."""
    fresh = copy.copy(thing)
    for name in list(vars(fresh)):
        if name.startswith("_") and isinstance(getattr(type(thing), name, None), cached_property):
            del vars(fresh)[name]
    if isinstance(fresh, EvidenceReader) and fresh.tagger is not None:
        fresh.tagger = _unloaded(fresh.tagger)
    return fresh
