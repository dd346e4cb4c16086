"""Where a user's libraries lie."""

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TypedDict

from pydantic import SecretStr

from corpora.starter import starter_papers
from retrieval.embedder import Embedder
from retrieval.errors import LibraryError, NotALibrary
from retrieval.evidence_reading import EvidenceReader, PaperTagger
from retrieval.library import Library
from retrieval.manifest import FILE_NAME as MANIFEST
from retrieval.paper_tagger import find_tagger
from retrieval.passages import PASSAGE_RULE
from retrieval.progress import Progress, silent
from retrieval.rerank import Reranker
from retrieval.settings import MilvusSettings
from retrieval.upkeep import upgrade
from seqmodels.encoder import BUNDLED

STARTER = "starter"
MINE = "My papers"

Reading = Callable[[PaperTagger | None], PaperTagger | None]
"""Gives what reads papers in the place of a tagger, such as a language model, or that tagger."""


class Servers(TypedDict):
    """Where a library's papers and index are, if not in its folder."""

    database: SecretStr | None
    milvus: MilvusSettings | None


class Home:
    """A user's data folder, `$EPICITE_HOME`: the starter library, their own, and what models leave behind.

    Args:
        root: the folder.
        owner: whose papers they are.
        embedder: the sentence encoder of new libraries, by name or path.
        tagger: the folder of what reads papers for evidence; None: `tagger` in the home, else the package's own.
        reading: gives what reads papers instead; asked once, when papers are first to be read.
        databases: the addresses of the PostgreSQL servers that keep libraries, by the libraries' names.
        milvus: where Milvus is, if that is the index of the libraries.

    """

    def __init__(
        self,
        root: Path,
        owner: str = "local",
        embedder: str = BUNDLED,
        tagger: Path | None = None,
        reading: Reading | None = None,
        databases: Mapping[str, SecretStr] | None = None,
        milvus: MilvusSettings | None = None,
        reranker: str | None = None,
    ) -> None:
        self.root = root
        self.owner = owner
        self._embedder_name = embedder
        self._tagger_folder = tagger
        self._databases = dict(databases or {})
        self._milvus = milvus
        self._reranker = Reranker(reranker) if reranker else None
        self._reading = reading

    @cached_property
    def embedder(self) -> Embedder:
        """The embedder that all libraries of this home share."""
        return Embedder(self._embedder_name, self.root / "encoders")

    @cached_property
    def tagger(self) -> PaperTagger | None:
        """What reads the papers of this home for evidence: the one that was named, else its own, else the package's."""
        found = find_tagger(self.root, self._tagger_folder)
        return self._reading(found) if self._reading else found

    @cached_property
    def reader(self) -> EvidenceReader:
        """What makes evidence of papers; all libraries of this home share it."""
        return EvidenceReader(self.tagger, self.root)

    def names(self) -> list[str]:
        """The libraries that exist, by name."""
        return sorted(path.parent.name for path in (self.root / "libraries").glob(f"*/{MANIFEST}"))

    def library(self, name: str) -> Library:
        """A library of this home by name, made where there is none."""
        if not re.fullmatch(r"[\w][\w .-]{0,63}", name):
            raise LibraryError(
                f"{name!r} cannot name a library", "Use up to 64 letters, digits, spaces, dots, - and _."
            )
        return self.open(self.root / "libraries" / name)

    def open(self, folder: Path) -> Library:
        """The library of any folder, made where the folder is empty or does not exist."""
        library = self._opened(folder)
        library.reranker = self._reranker
        return library

    def _opened(self, folder: Path) -> Library:
        servers: Servers = {"database": self._databases.get(folder.name), "milvus": self._milvus}
        if (folder / MANIFEST).exists():
            return Library.open(folder, self.embedder, self.reader, **servers)
        try:
            return Library.create(folder, self.embedder, self.owner, self.reader, **servers)
        except NotALibrary:
            if not (folder / MANIFEST).exists():
                raise
            return Library.open(folder, self.embedder, self.reader, **servers)  # another process has just made it

    def starter(self, progress: Progress = silent) -> Library:
        """The library of the starter corpus, built on first use, anew when corpus or passage rule change."""
        library = self.library(STARTER)
        if library.manifest.passage_rule != PASSAGE_RULE:
            upgrade(library, progress)
        marker = library.folder / "corpus.sha256"
        current = _corpus_hash()
        if not marker.exists() or marker.read_text(encoding="utf-8") != current:
            _fill(library, progress)
            marker.write_text(current, encoding="utf-8")
        elif any(library.pending().values()):
            library.derive(progress)
        return library

    def libraries(self, progress: Progress = silent) -> list[Library]:
        """The starter library and every other one of this home."""
        return [self.starter(progress), *(self.library(name) for name in self.names() if name != STARTER)]


def _corpus_hash() -> str:
    return hashlib.sha256((resources.files("corpora") / "data" / "starter.jsonl").read_bytes()).hexdigest()


def _fill(library: Library, progress: Progress) -> None:
    """Store the corpus, with its texts in the place of those that an older one had."""
    texts = set()
    for done, paper in enumerate(starter_papers(), start=1):
        library.add(paper, replace=True)
        texts.add(paper.sha256)
        progress("reading", done, None)
    for stored in list(library.papers()):
        if stored.paper.sha256 not in texts:
            library.remove(stored.id)
    library.derive(progress)
