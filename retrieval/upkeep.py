"""Looking after a library: checking, shrinking, upgrading."""

import shutil
from collections.abc import Iterator

from sqlalchemy import delete, func, select

from corpora.paper import Paper
from retrieval import store
from retrieval.derivation import gene_producer
from retrieval.library import Library
from retrieval.manifest import FORMAT_VERSION
from retrieval.passages import PASSAGE_RULE, Passage, passages
from retrieval.progress import Progress, silent
from retrieval.schema import derivations, papers, vectors


def verify(library: Library, progress: Progress = silent) -> list[str]:
    """Everything that is wrong with a library, each as a sentence with the way out; empty where all is well.

    Checks the database's file, the hash of every text, that the passages of every paper hold its text whole,
    and that both indexes hold what the database says.
    """
    found = [f"{problem}. Restore the library from a copy." for problem in library.database.problems()]
    if not found:
        found.extend(_damaged_papers(library, progress))
    library.follow()
    total = library.counts().passages
    with library.database.reading() as connection:
        query = select(func.count()).select_from(vectors).filter_by(producer=library.vector_producer)
        embedded = connection.scalar(query) or 0
    for name, index, expected in (("words", library.words, total), ("vectors", library.meanings, embedded)):
        if index.count() != expected:
            found.append(
                f"The index of {name} of {library.folder} holds {index.count()} passages, not {expected}. "
                f"Run `epicite library compact --library {library.folder}`."
            )
    return found


def compact(library: Library) -> None:
    """Build the indexes anew and give back the space of all that is no longer used."""
    with library.database.writing() as connection:
        producers = (library.vector_producer, gene_producer())
        connection.execute(delete(vectors).where(vectors.c.producer != library.vector_producer))
        connection.execute(delete(derivations).where(derivations.c.producer.not_in(producers)))
    library.words.clear()
    library.meanings.clear()
    library.follow()
    used = {library.words.folder, library.meanings.folder}
    for folder in (*library.folder.glob("words-*"), *library.folder.glob("vectors-*")):
        if folder not in used:
            shutil.rmtree(folder)
    library.database.shrink()


def upgrade(library: Library, progress: Progress = silent) -> bool:
    """Bring a library to the current passage rule and embedder; says whether there was anything to do."""
    outdated = library.manifest.passage_rule != PASSAGE_RULE
    if outdated:
        for stored in library.papers():
            with library.database.writing() as connection:
                store.replace_passages(connection, stored.id, passages(stored.paper))
        library.rewrite_manifest(passage_rule=PASSAGE_RULE, format_version=FORMAT_VERSION)
    outdated = outdated or any(library.pending().values()) or library.manifest.embedder != library.embedder.record
    library.derive(progress)
    return outdated


def _damaged_papers(library: Library, progress: Progress) -> Iterator[str]:
    total = library.counts().papers
    for done, stored in enumerate(library.papers(), start=1):
        with library.database.reading() as connection:
            row = connection.execute(select(papers.c.sha256).filter_by(id=stored.id)).first()
            cut = [passage for _, passage in store.stored_passages(connection, stored.id)]
        if row is not None and (row.sha256 != stored.paper.sha256 or not _holds_all(stored.paper, cut)):
            name = stored.paper.pmid or stored.paper.doi or stored.paper.title or stored.paper.source
            yield f"Paper {stored.id} ({name}) of {library.folder} is damaged. Remove it and ingest it again."
        progress("verifying", done, total)


def _holds_all(paper: Paper, cut: list[Passage]) -> bool:
    """Whether sentences, in order, leave nothing of the text between them but white space."""
    position = 0
    for passage in cut:
        for start, end in passage.sentences:
            if start < position or end <= start or paper.text[position:start].strip():
                return False
            position = end
    return not paper.text[position:].strip()
