"""The library: an indexed set of papers in one folder."""

import logging
import threading
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from filelock import FileLock, Timeout
from pydantic import SecretStr
from sqlalchemy import Connection

from corpora.paper import Paper
from retrieval import evidence_store, store, works
from retrieval.analysis import index_terms, query_terms
from retrieval.catch_up import catch_up_vectors, catch_up_words, vectors_behind, words_behind
from retrieval.database import Database, advance, schema_of
from retrieval.dense import DenseIndex
from retrieval.derivation import (
    count_pending,
    derive_genes,
    derive_pending_genes,
    derive_pending_vectors,
    forget_genes,
    gene_producer,
    sentence_vectors,
    vector_producer,
)
from retrieval.embedder import Embedder
from retrieval.errors import LibraryError, NotALibrary
from retrieval.evidence_reading import EvidenceReader
from retrieval.evidence_row import Correction, EvidenceQuestion, EvidenceRow, Verdict
from retrieval.evidence_table import rows_of, to_judge
from retrieval.filters import Filters, allowed_passages
from retrieval.hit import Results
from retrieval.index import Numbers
from retrieval.lexical import LexicalIndex
from retrieval.manifest import FORMAT_VERSION, DatabaseKind, Manifest, read_manifest, write_manifest
from retrieval.migration import migrate_small
from retrieval.milvus import MilvusServer, MilvusVectors, MilvusWords
from retrieval.passages import PASSAGE_RULE, passages
from retrieval.progress import Progress, silent
from retrieval.query import parse_query
from retrieval.rerank import Reranker
from retrieval.search import search
from retrieval.sentences import Span
from retrieval.settings import MilvusSettings
from retrieval.store import Outcome, StoredPaper
from seqmodels.encoder import Vector

if TYPE_CHECKING:
    from retrieval.retriever import LibraryRetriever

log = logging.getLogger(__name__)

# A search waits this long for another process that is writing an index, then searches the index as it is.
_PATIENCE_SECONDS = 5.0
# A title counts as found where it has this share of the words that were asked for.
_TITLE_SHARE = 0.75


class Counts(NamedTuple):
    """How much a library holds."""

    papers: int
    passages: int


class Library:
    """Papers, their passages and what is derived from them, in one folder.

    SQL holds the truth; the indexes beside it are caches that follow it and can be deleted. Use `create` or
    `open`, and close it when done, best in a `with` statement.
    """

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        embedder: Embedder,
        reader: EvidenceReader | None = None,
        database: SecretStr | str | None = None,
        milvus: MilvusSettings | None = None,
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.embedder = embedder.fitting(manifest.embedder) if isinstance(embedder, Embedder) else embedder
        self.reader = reader or EvidenceReader()
        self.database = Database(folder, schema_of(folder, manifest, database))
        self.reranker: Reranker | None = None
        self._milvus = MilvusServer(milvus, folder) if milvus else None
        self._following = threading.Lock()
        self._following_elsewhere = FileLock(folder / "indexes.lock")
        self._deriving = FileLock(folder / "derive.lock", thread_local=False)
        self._pending_at: tuple[int, int] = (-1, 0)
        self._allowed: dict[Filters, tuple[int, Numbers]] = {}

    @classmethod
    def create(
        cls,
        folder: Path,
        embedder: Embedder,
        owner: str = "local",
        reader: EvidenceReader | None = None,
        *,
        database: SecretStr | str | None = None,
        milvus: MilvusSettings | None = None,
    ) -> Self:
        """Make a new library in a folder that is empty or does not exist yet; for the rest see `open`."""
        kind: DatabaseKind = "sqlite" if database is None else "postgresql"
        manifest = Manifest(passage_rule=PASSAGE_RULE, embedder=embedder.record, owner=owner, database=kind)
        schema_of(folder, manifest, database)  # a wrong address leaves no folder behind
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(path.suffix != ".tmp" for path in folder.iterdir()):
                raise NotALibrary(f"{folder} is not empty and not a library", "Name a new or an empty folder.")
            write_manifest(folder, manifest)
        except OSError as error:
            raise NotALibrary(
                f"{folder} cannot be made ({error.strerror})", "Name a folder that you can write to."
            ) from error
        return cls.open(folder, embedder, reader, database=database, milvus=milvus)

    @classmethod
    def open(
        cls,
        folder: Path,
        embedder: Embedder,
        reader: EvidenceReader | None = None,
        *,
        database: SecretStr | str | None = None,
        milvus: MilvusSettings | None = None,
    ) -> Self:
        """Open the library of a folder; raises NotALibrary, UnknownFormat or OutdatedFormat where that cannot be.

        A small library of an earlier format is brought to the current one.

        Args:
            folder: the library's.
            embedder: what embeds passages and questions.
            reader: what reads papers for evidence; without one only curated rows of digests are read.
            database: the address of the PostgreSQL server that keeps its papers; None where its folder does.
            milvus: where Milvus is, if that is its index; None where its indexes lie in its folder.

        """
        if read_manifest(folder).format_version < FORMAT_VERSION:
            migrate_small(folder)
        return cls(folder, read_manifest(folder), embedder, reader, database, milvus)

    def __enter__(self) -> Self:
        """The library itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let go of the files and servers."""
        self.database.close()
        if self._milvus:
            self._milvus.close()

    @property
    def name(self) -> str:
        """What people call it: the folder's name."""
        return self.folder.name

    # Papers

    def begin_run(self) -> int:
        """Number a run of ingest, in which no identifier may stand for two texts."""
        with self.database.writing() as connection:
            return advance(connection, "run")

    def add(self, paper: Paper, *, replace: bool = False, run: int = 0) -> Outcome:
        """Store a paper, or take over what is new of one that is there, in one transaction.

        A paper is known by its PMID or DOI, else by its id within its file, else by its text. Raises
        IdentifierConflict where its identifier already stands for another text and `replace` is not given.
        """
        self._check_passage_rule()
        with self.database.writing() as connection:
            stored = store.find(connection, paper)
            if stored is None:
                number = store.insert_paper(connection, paper, passages(paper), self.manifest.owner, run)
                outcome: Outcome = "added"
            elif stored.sha256 == paper.sha256:
                number, known = stored.id, store.get(connection, stored.id)
                if not store.update_record(connection, number, paper, run):
                    return "unchanged"
                forget_genes(connection, number)
                paper, outcome = store.get(connection, number), "updated"
                if (known.kind, known.sections) != (paper.kind, paper.sections):
                    evidence_store.forget_evidence(connection, number)
            else:
                number = stored.id
                store.check_replaceable(stored, paper, run, replace)
                store.replace_paper(connection, number, paper, passages(paper), run)
                outcome = "updated"
            derive_genes(connection, number, paper)
        return outcome

    def remove(self, number: int) -> None:
        """Take a paper out; raises UnknownPaper where there is none of that number."""
        with self.database.writing() as connection:
            store.remove_paper(connection, number)

    def remove_unseen(self, path: Path, run: int) -> int:
        """Take out the papers without identifier that a file held before and did not hold in this run."""
        with self.database.writing() as connection:
            return store.remove_unseen(connection, path, run)

    def paper(self, number: int) -> Paper:
        """The paper of a number, retracted where notices say so; raises UnknownPaper where there is none."""
        with self.database.reading() as connection:
            return store.get_marked(connection, number)

    def papers(self) -> Iterator[StoredPaper]:
        """All papers as their records tell them, one in memory at a time."""
        with self.database.reading() as connection:
            yield from store.each_paper(connection)

    def find_paper(self, text: str, limit: int = 5) -> list[StoredPaper]:
        """Papers by PMID, PMCID, DOI or title, the whole of it or most of its words; no model is asked.

        Of a work that has several such papers only the one is given that counts most.
        """
        with self.database.reading() as connection:
            if exact := store.by_identifier(connection, text, limit):
                return _one_of_each_work(connection, exact)
            self.follow()
            likely = store.of_passages(connection, list(self.words.titles(parse_query(text).groups, limit)))
            entitled = [stored for stored in likely if _share(text, stored.paper.title or "") >= _TITLE_SHARE]
            return _one_of_each_work(connection, entitled)

    def by_hash(self, sha256: str) -> StoredPaper | None:
        """The paper whose text has a hash."""
        with self.database.reading() as connection:
            return store.by_hash(connection, sha256)

    def sentences(self, number: int) -> list[tuple[Span, Vector | None]]:
        """The sentences of a paper in order, by their offsets, with their vectors where they are embedded."""
        with self.database.reading() as connection:
            return sentence_vectors(connection, number, self.vector_producer, self.embedder.record.dimension)

    def counts(self) -> Counts:
        """How many papers and passages it holds."""
        with self.database.reading() as connection:
            return Counts(*store.count_rows(connection))

    # What is derived

    @property
    def vector_producer(self) -> str:
        """The hash under which the current embedder's vectors are filed."""
        return vector_producer(self.embedder.record.hash)

    def pending(self) -> dict[str, int]:
        """How many papers wait for each thing that is derived from them."""
        producers = {
            "vectors": self.vector_producer,
            "gene names": gene_producer(),
            "evidence": self.reader.producer,
        }
        with self.database.reading() as connection:
            return {name: count_pending(connection, producer) for name, producer in producers.items()}

    def pending_vectors(self) -> int:
        """How many papers are found by their words only; counted anew only when the library has changed."""
        change = self.database.change()
        if self._pending_at[0] != change:
            with self.database.reading() as connection:
                self._pending_at = (change, count_pending(connection, self.vector_producer))
        return self._pending_at[1]

    def derive(self, progress: Progress = silent) -> None:
        """Derive all that is pending and bring the indexes up to date; may be killed and run again at any time."""
        with self._deriving:
            derive_pending_genes(self.database, progress)
            derive_pending_vectors(self.database, self.embedder, progress)
            if self.manifest.embedder != self.embedder.record:
                self.rewrite_manifest(embedder=self.embedder.record)
        self.follow(progress)
        self.derive_evidence(progress)

    def derive_evidence(self, progress: Progress = silent) -> None:
        """Read the papers that the current tagger has not seen; may be killed and run again at any time."""
        with self._deriving:
            evidence_store.derive_pending_evidence(self.database, self.reader, progress)

    @cached_property
    def words(self) -> LexicalIndex | MilvusWords:
        """The index by words, up to date whenever `follow` has run."""
        if self._milvus:
            return MilvusWords(self._milvus, self.folder, self.manifest.library_id, self.database)
        return LexicalIndex(self.folder, self.manifest.library_id)

    @cached_property
    def meanings(self) -> DenseIndex | MilvusVectors:
        """The index by the current embedder's vectors."""
        record, number = self.embedder.record, self.manifest.library_id
        if self._milvus:
            return MilvusVectors(self._milvus, self.folder, number, self.database, record.hash, record.dimension)
        return DenseIndex(self.folder, self.manifest.library_id, record.hash, record.dimension)

    def follow(self, progress: Progress = silent) -> None:
        """Bring both indexes up to the database, unless another process is at it."""
        with self._following:
            if not self._behind():
                return
            try:
                with self._following_elsewhere.acquire(timeout=_PATIENCE_SECONDS):
                    if words_behind(self.database, self.words):
                        catch_up_words(self.database, self.words, progress)
                    if vectors_behind(self.database, self.meanings, self.vector_producer):
                        catch_up_vectors(self.database, self.meanings, self.vector_producer)
            except Timeout:
                log.info("Another process is writing the indexes of %s: they are searched as they are", self.folder)

    def _behind(self) -> bool:
        return words_behind(self.database, self.words) or vectors_behind(
            self.database, self.meanings, self.vector_producer
        )

    def narrowed(self, filters: Filters) -> tuple[LexicalIndex | MilvusWords, DenseIndex | MilvusVectors]:
        """Both indexes; those of Milvus look only at what can pass by the fields that they have."""
        words, meanings = self.words, self.meanings
        return (
            words.within(filters) if isinstance(words, MilvusWords) else words,
            meanings.within(filters) if isinstance(meanings, MilvusVectors) else meanings,
        )

    def allowed(self, filters: Filters) -> Numbers | None:
        """Numbers of the passages that pass, None where all do; worked out once for each state of the library."""
        if filters.asks_nothing:
            return None
        change = self.database.change()
        known = self._allowed.get(filters)
        if known is None or known[0] != change:
            with self.database.reading() as connection:
                known = (change, allowed_passages(connection, filters))
            self._allowed = {filters: known}
        return known[1]

    # Searching

    def search(self, question: str, k: int = 10, filters: Filters | None = None, per_paper: int = 1) -> Results:
        """The passages of this library that answer a question best; see `retrieval.search.search`."""
        return search([self], question, k, filters, per_paper)

    def as_retriever(self, k: int = 10, filters: Filters | None = None) -> "LibraryRetriever":
        """The library as a llama-index retriever."""
        from retrieval.retriever import LibraryRetriever

        return LibraryRetriever([self], k, filters)

    # Evidence

    def evidence(self, question: EvidenceQuestion | None = None) -> list[EvidenceRow]:
        """The rows of the evidence table that pass, by paper and place in its text.

        Raises LibraryError where the question asks for what no row can have.
        """
        with self.database.reading() as connection:
            return rows_of(connection, self.name, question or EvidenceQuestion(), self.reader.names)

    def judge(self, key: str, verdict: Verdict, correction: Correction | None = None) -> None:
        """Store what a person says of a row, in the place of what was said before; it outlives every re-tagging.

        Raises UnknownRow where there is no such row, LibraryError where a correction changes nothing.
        """
        with self.database.writing() as connection:
            judgement = to_judge(connection, key, verdict, correction)
            evidence_store.judge(connection, judgement, self.manifest.owner)

    def unjudge(self, key: str) -> None:
        """Take back what was said of a row; raises UnknownRow where nothing was."""
        with self.database.writing() as connection:
            evidence_store.unjudge(connection, key)

    # The manifest

    def rewrite_manifest(self, **changes: object) -> None:
        """Change what the library says of itself."""
        self.manifest = self.manifest.model_copy(update=changes)
        write_manifest(self.folder, self.manifest)

    def _check_passage_rule(self) -> None:
        if self.manifest.passage_rule != PASSAGE_RULE:
            raise LibraryError(
                f"{self.folder} is cut by another passage rule ({self.manifest.passage_rule})",
                f"Run `epicite library upgrade --library {self.folder}`.",
            )


def _one_of_each_work(connection: Connection, found: list[StoredPaper]) -> list[StoredPaper]:
    kept = works.preferred(connection, [stored.id for stored in found])
    return [stored for stored in found if stored.id in kept]


def _share(asked: str, title: str) -> float:
    """The share of the words asked for that a title has."""
    terms = set(query_terms(asked))
    return len(terms.intersection(index_terms(title))) / max(1, len(terms))
