"""Findings and verdicts in SQL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, insert, select

from retrieval import store
from retrieval.database import Database, counter
from retrieval.derivation import count_pending, pending_batches, unless_removed
from retrieval.errors import UnknownRow
from retrieval.evidence_reading import PRODUCER, EvidenceReader
from retrieval.evidence_row import Correction, Verdict
from retrieval.finding import FINDING, Finding
from retrieval.progress import Progress
from retrieval.schema import AnyRow, derivations, evidence, papers, verdicts

_CORRECTION = TypeAdapter(Correction)
_PAPER = (
    papers.c.id, papers.c.sha256, papers.c.pmid, papers.c.doi, papers.c.year, papers.c.published_last,
    papers.c.retracted, papers.c.record,
)  # fmt: skip


@dataclass(frozen=True)
class Judgement:
    """What a person says of a finding, and the finding as it was then."""

    key: str
    verdict: Verdict
    correction: Correction
    finding: Finding


def derive_pending_evidence(database: Database, reader: EvidenceReader, progress: Progress) -> None:
    """Read all papers that the current tagger and tables have not seen, a batch at a time, outside transactions."""
    done = 0
    with database.reading() as connection:
        total = count_pending(connection, reader.producer)
    for batch in pending_batches(database, reader.producer):
        read = []
        with database.reading() as connection:
            for number in batch:
                with unless_removed():
                    read.append((number, store.get(connection, number)))
        found = reader.read([paper for _, paper in read])
        for (number, paper), findings in zip(read, found, strict=True):
            with database.writing() as connection:
                replace_findings(connection, number, paper.sha256, findings, reader.producer)
            done += 1
            progress("evidence", done, total)


def forget_evidence(connection: Connection, number: int) -> None:
    """Take out what a paper was found to say."""
    connection.execute(delete(evidence).filter_by(paper_id=number))
    of_evidence = derivations.c.producer.startswith(PRODUCER)
    connection.execute(delete(derivations).where(derivations.c.paper_id == number, of_evidence))


def told_papers(connection: Connection) -> Iterator[tuple[AnyRow, list[Finding]]]:
    """Each paper that says something, without its text, and its findings; by number."""
    query = select(evidence.c.finding, *_PAPER).join(papers).order_by(papers.c.id, evidence.c.id)
    for _, rows in groupby(connection.execute(query), key=lambda row: row.id):
        told = list(rows)
        yield told[0], [FINDING.validate_json(row.finding) for row in told]


def papers_of(connection: Connection, sha256: str) -> Sequence[AnyRow]:
    """The papers whose text has a hash, without that text."""
    return connection.execute(select(*_PAPER).where(papers.c.sha256 == sha256).order_by(papers.c.id)).all()


def findings_of(connection: Connection, sha256: str) -> list[Finding]:
    """The findings of the paper whose text has a hash."""
    query = select(evidence.c.finding).join(papers).where(papers.c.sha256 == sha256).order_by(evidence.c.id)
    return [FINDING.validate_json(text) for text in connection.scalars(query)]


def misquoting(connection: Connection) -> list[int]:
    """The numbers of papers of which a finding quotes what does not stand there."""
    wrong = []
    for paper, findings in told_papers(connection):
        text = connection.scalars(select(papers.c.text).filter_by(id=paper.id)).one()
        if any(text[finding.start : finding.end] != finding.quote for finding in findings):
            wrong.append(paper.id)
    return wrong


def judgements(connection: Connection, sha256: str | None = None) -> dict[str, list[Judgement]]:
    """What people said, by the hash of the paper's text; all of it, or what they said of one."""
    query = select(verdicts).order_by(verdicts.c.key)
    said: dict[str, list[Judgement]] = {}
    for row in connection.execute(query if sha256 is None else query.where(verdicts.c.sha256 == sha256)):
        correction, finding = _CORRECTION.validate_json(row.correction), FINDING.validate_json(row.finding)
        said.setdefault(row.sha256, []).append(Judgement(row.key, row.verdict, correction, finding))
    return said


def judge(connection: Connection, judgement: Judgement, owner: str) -> None:
    """Store what a person says, in the place of what was said of the same key before."""
    connection.execute(delete(verdicts).filter_by(key=judgement.key))
    row = {
        "key": judgement.key,
        "sha256": judgement.key.partition(":")[0],
        "verdict": judgement.verdict,
        "correction": _CORRECTION.dump_json(judgement.correction, exclude_none=True).decode(),
        "finding": FINDING.dump_json(judgement.finding).decode(),
        "owner": owner,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    connection.execute(insert(verdicts), row)


def unjudge(connection: Connection, key: str) -> None:
    """Take back what was said of a key; raises UnknownRow where nothing was."""
    if connection.execute(delete(verdicts).filter_by(key=key)).rowcount == 0:
        raise UnknownRow(f"Nothing was said of the evidence row {key}", "Ask for the rows again.")


def replace_findings(
    connection: Connection, number: int, sha256: str, findings: Sequence[Finding], producer: str
) -> None:
    """All findings of a paper at once; none where its text changed meanwhile."""
    if connection.scalar(select(papers.c.sha256).filter_by(id=number)) != sha256:
        return
    forget_evidence(connection, number)
    rows = [
        {"paper_id": number, "producer": producer, "finding": FINDING.dump_json(finding).decode()}
        for finding in findings
    ]
    if rows:
        connection.execute(insert(evidence), rows)
    # No index follows findings, so being read is no change of its own.
    done = {"paper_id": number, "producer": producer, "change": counter(connection, "change")}
    connection.execute(insert(derivations), done)
