"""Looking after a library: checking, shrinking, upgrading."""

import shutil
from collections.abc import Iterator

from sqlalchemy import Connection, Select, delete, func, select

from corpora.paper import Paper
from retrieval import evidence_store, notice_store, store, works
from retrieval.derivation import gene_producer
from retrieval.library import Library
from retrieval.passages import PASSAGE_RULE, Passage, passages
from retrieval.progress import Progress, silent
from retrieval.schema import AnyRow, derivations, papers, vectors
from retrieval.schema import passages as passages_table


def verify(library: Library, progress: Progress = silent) -> list[str]:
    """Everything that is wrong with a library, each as a sentence with the way out; empty where all is well.

    Checks the database's file, the hash of every text, that the passages of every paper hold its text whole,
    that no vector is lost, that evidence quotes what stands there, that papers stand in the works and bear the marks
    that their links and notices say, and that both indexes hold what the database says.
    """
    if problems := library.database.problems():
        return [f"{problem}. Restore the library from a copy." for problem in problems]
    found = list(_damaged_papers(library, progress))
    library.follow()
    total = library.counts().passages
    with library.database.reading() as connection:
        query = select(func.count()).select_from(vectors).filter_by(producer=library.vector_producer)
        embedded = connection.scalar(query) or 0
        lost = connection.scalar(select(func.count()).select_from(_without_vectors(library).subquery())) or 0
        misquoted = len(evidence_store.misquoting(connection))
        misplaced = len({*works.misplaced(connection), *notice_store.unmatched(connection)})
    if lost:
        found.append(
            f"{lost} passages of {library.folder} have lost their vectors. "
            f"Run `epicite library compact --library {library.folder}`, then `epicite library upgrade`."
        )
    if misquoted:
        found.append(
            f"Evidence of {misquoted} papers of {library.folder} quotes what does not stand there. "
            f"Run `epicite library compact --library {library.folder}`, then `epicite library upgrade`."
        )
    if misplaced:
        found.append(
            f"{misplaced} papers of {library.folder} stand in a wrong work, or are marked otherwise than notices say. "
            f"Run `epicite library compact --library {library.folder}`."
        )
    for name, index, expected in (("words", library.words, total), ("vectors", library.meanings, embedded)):
        if index.count() != expected:
            found.append(
                f"The index of {name} of {library.folder} holds {index.count()} passages, not {expected}. "
                f"Run `epicite library compact --library {library.folder}`."
            )
    return found


def compact(library: Library) -> None:
    """Build indexes and links anew where they are wrong, and give back the space of all that is no longer used.

    Papers that have lost vectors, or whose evidence misquotes them, are pending afterwards.
    """
    with library.database.writing() as connection:
        works.regroup(connection, works.misplaced(connection))
        notice_store.match(connection, notice_store.unmatched(connection))
        for number in evidence_store.misquoting(connection):
            evidence_store.forget_evidence(connection, number)
        lost = derivations.c.paper_id.in_(_without_vectors(library))
        connection.execute(delete(derivations).where(derivations.c.producer == library.vector_producer, lost))
        producers = (library.vector_producer, gene_producer(), library.reader.producer)
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
        library.rewrite_manifest(passage_rule=PASSAGE_RULE)
    outdated = outdated or any(library.pending().values()) or library.manifest.embedder != library.embedder.record
    library.derive(progress)
    return outdated


def _without_vectors(library: Library) -> Select[int]:
    """The paper of each passage that has no vectors though they were derived."""
    producer = library.vector_producer
    return (
        select(passages_table.c.paper_id)
        .join(derivations, derivations.c.paper_id == passages_table.c.paper_id)
        .outerjoin(vectors, (vectors.c.passage_id == passages_table.c.id) & (vectors.c.producer == producer))
        .where(derivations.c.producer == producer, vectors.c.passage_id.is_(None))
    )


def _damaged_papers(library: Library, progress: Progress) -> Iterator[str]:
    with library.database.reading() as connection:
        total = store.count_rows(connection)[0]
        rows = connection.execution_options(yield_per=100).execute(select(papers).order_by(papers.c.id))
        for done, row in enumerate(rows, start=1):
            if not _is_whole(connection, row):
                name = row.pmid or row.doi or row.title_key or row.source_path
                yield f"Paper {row.id} ({name}) of {library.folder} is damaged. Remove it and ingest it again."
            progress("verifying", done, total)


def _is_whole(connection: Connection, row: AnyRow) -> bool:
    """Whether a stored paper can be read, has its hash, and is whole in its passages."""
    try:
        paper = store.load(row)
        cut = [passage for _, passage in store.stored_passages(connection, row.id)]
    except (ValueError, TypeError):
        return False
    return bool(row.sha256 == paper.sha256) and _holds_all(paper, cut)


def _holds_all(paper: Paper, cut: list[Passage]) -> bool:
    """Whether sentences, in order, leave nothing of the text between them but white space."""
    position = 0
    for passage in cut:
        for start, end in passage.sentences:
            if start < position or end <= start or paper.text[position:start].strip():
                return False
            position = end
    return not paper.text[position:].strip()
