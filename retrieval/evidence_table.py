"""The evidence table: which gene is methylated how, in what, said where; and what people say of its rows."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from sqlalchemy import Connection

from corpora.cancers import cancer, is_a
from retrieval import evidence_store, notice_store
from retrieval.errors import LibraryError, UnknownRow
from retrieval.evidence_row import (
    NOTHING,
    Correction,
    EvidenceQuestion,
    EvidenceRow,
    RowSource,
    RowStatus,
    Sign,
    Verdict,
)
from retrieval.evidence_store import Judgement
from retrieval.finding import Finding
from retrieval.names import Names
from retrieval.schema import AnyRow
from retrieval.scope import Sample

if TYPE_CHECKING:
    from retrieval.library import Library

OfFinding = Callable[[Finding], bool]
STATUSES: tuple[RowStatus, ...] = get_args(RowStatus)
SIGNS: tuple[Sign, ...] = get_args(Sign)
SAMPLES: tuple[Sample, ...] = get_args(Sample)
SOURCES: tuple[RowSource, ...] = get_args(RowSource)


def evidence(libraries: Sequence["Library"], question: EvidenceQuestion) -> list[EvidenceRow]:
    """The rows of several libraries that pass, by library, paper and place in its text.

    Raises LibraryError where the question asks for what no row can have.
    """
    return [row for library in libraries for row in library.evidence(question)]


def rows_of(connection: Connection, library: str, question: EvidenceQuestion, names: Names) -> list[EvidenceRow]:
    """The rows of one library that pass, by paper and place in its text.

    Args:
        connection: to the library's database.
        library: its name.
        question: what is asked.
        names: the tables that names are looked up in.

    Raises:
        LibraryError: no row can have what is asked for.

    """
    _refuse_impossible(question)
    of_finding = list(_conditions(question, names))
    judged = evidence_store.judgements(connection)
    rows: list[EvidenceRow] = []
    day = question.as_of.isoformat() if question.as_of else None
    retracted_then = notice_store.retracted_by(connection, day) if day else frozenset()
    for paper, findings in _told(connection, judged):
        retracted = paper.id in retracted_then if day else bool(paper.retracted)
        if not _passes(paper, question, day) or (retracted and not question.with_retracted):
            continue
        said = as_judged(findings, judged.get(paper.sha256, ()), names)
        passing = [
            (finding, verdict)
            for finding, verdict in said
            if (question.with_rejected or verdict != "rejected") and all(passes(finding) for passes in of_finding)
        ]
        rows += _rows(library, paper, passing, retracted)
    return rows


def as_judged(
    findings: Sequence[Finding], judged: Sequence[Judgement], names: Names
) -> list[tuple[Finding, Verdict | None]]:
    """Findings as people say that they are, in the order of the text.

    What was judged stays as it was then, whether or not it is found again.
    """
    if not judged:
        return [(finding, None) for finding in findings]
    found: list[tuple[Finding, Verdict | None]] = [
        (finding, None) for finding in findings if not any(finding.repeats(each.finding) for each in judged)
    ]
    for each in judged:
        corrected = each.verdict == "corrected"
        found.append((each.finding.corrected(each.correction, names) if corrected else each.finding, each.verdict))
    return sorted(found, key=lambda pair: (pair[0].start, pair[0].place, pair[0].gene_place))


def to_judge(connection: Connection, key: str, verdict: Verdict, correction: Correction | None) -> Judgement:
    """What is stored where a person judges a row; the finding is the one that was read, not one corrected before.

    Raises LibraryError where there is no such row, or a correction changes nothing or is none.
    """
    given = correction or Correction()
    if (verdict == "corrected") != (given != Correction()):
        told = "a correction that changes nothing" if verdict == "corrected" else f"a correction of what is {verdict}"
        raise LibraryError(f"Row {key} was given {told}", "Say corrected and what is changed, or neither.")
    _refuse_unknown("status", given.status, STATUSES)
    _refuse_unknown("sample", given.sample, (*SAMPLES, NOTHING))
    if any(text is not None and not text.strip() for text in (given.gene, given.disease)):
        raise LibraryError(f"Row {key} was given an empty gene or disease", "Give the name, or leave it out.")
    sha256 = key.partition(":")[0]
    judged = [each.finding for each in evidence_store.judgements(connection, sha256).get(sha256, ()) if each.key == key]
    known = [*judged, *evidence_store.findings_of(connection, sha256)]
    finding = next((finding for finding in known if finding.key(sha256) == key), None)
    if finding is None or not evidence_store.papers_of(connection, sha256):
        raise UnknownRow(
            f"The library has no evidence row {key}", "Its paper may have changed: ask for the rows again."
        )
    return Judgement(key, verdict, given, finding)


def _told(connection: Connection, judged: dict[str, list[Judgement]]) -> Iterator[tuple[AnyRow, list[Finding]]]:
    """Papers with findings or verdicts, by number."""
    told = list(evidence_store.told_papers(connection))
    numbers = {paper.id for paper, _ in told}
    for sha256 in judged:
        told += [(paper, []) for paper in evidence_store.papers_of(connection, sha256) if paper.id not in numbers]
    yield from sorted(told, key=lambda each: each[0].id)


def _rows(
    library: str, paper: AnyRow, findings: Sequence[tuple[Finding, Verdict | None]], retracted: bool
) -> Iterator[EvidenceRow]:
    record: dict[str, Any] = json.loads(paper.record) if findings else {}
    for finding, verdict in findings:
        yield EvidenceRow(
            key=finding.key(paper.sha256),
            library=library,
            paper=paper.id,
            sha256=paper.sha256,
            pmid=paper.pmid,
            doi=paper.doi,
            title=record.get("title"),
            journal=record.get("journal"),
            year=paper.year,
            retracted=retracted,
            gene=finding.gene,
            symbols=finding.symbols,
            status=finding.status,
            sign=finding.sign,
            disease=finding.disease,
            disease_text=finding.disease_text,
            sample=finding.sample,
            some=finding.some,
            all=finding.all,
            percent=finding.percent,
            site=finding.site,
            negated=finding.negated,
            speculated=finding.speculated,
            quote=finding.quote,
            start=finding.start,
            end=finding.end,
            source=finding.source,
            score=finding.score,
            verdict=verdict,
        )


def _refuse_impossible(question: EvidenceQuestion) -> None:
    _refuse_unknown("status", question.status, (*STATUSES, *SIGNS))
    _refuse_unknown("sample", question.sample, SAMPLES)
    _refuse_unknown("source", question.source, SOURCES)
    first, last = question.first_year, question.last_year
    if first is not None and last is not None and first > last:
        raise LibraryError(f"The years run backwards: from {first} to {last}", "Give the earlier year first.")


def _passes(paper: AnyRow, question: EvidenceQuestion, day: str | None) -> bool:
    """Whether a paper was out when it is asked for, and by the day on which one looks."""
    if day is not None and (paper.published_last is None or paper.published_last > day):
        return False
    first, last, year = question.first_year, question.last_year, paper.year
    return (first is None or (year is not None and year >= first)) and (
        last is None or (year is not None and year <= last)
    )


def _conditions(question: EvidenceQuestion, names: Names) -> Iterator[OfFinding]:
    """What is asked of findings, what is quickest to tell first."""
    if question.status is not None:
        yield lambda finding: question.status in (finding.status, finding.sign)
    if question.sample is not None:
        yield lambda finding: finding.sample == question.sample
    if question.source is not None:
        yield lambda finding: finding.source == question.source
    if question.gene is not None:
        yield _of_gene(question.gene, names)
    if question.disease is not None:
        yield _of_disease(question.disease, names)


def _of_gene(asked: str, names: Names) -> OfFinding:
    meant, folded = set(names.symbols(asked)), asked.strip().casefold()
    return lambda finding: not meant.isdisjoint(finding.symbols) or finding.gene.casefold() == folded


def _of_disease(asked: str, names: Names) -> OfFinding:
    """The disease and all below it; words that the tree does not have are looked for in what the paper writes."""
    known = cancer(asked) or names.cancer(asked)
    if known is None:
        folded = asked.strip().casefold()
        return lambda finding: folded in (finding.disease_text or "").casefold()
    below = cache(lambda disease: is_a(disease, known))
    return lambda finding: finding.disease is not None and below(finding.disease)


def _refuse_unknown(what: str, asked: str | None, known: Sequence[str]) -> None:
    if asked is not None and asked not in known:
        raise LibraryError(f"No row has the {what} {asked!r}", f"Ask for one of: {', '.join(known)}.")
