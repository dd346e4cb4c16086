"""From the fields of the evidence view to the rows of the ticked libraries, and what people say of them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from page import words
from page.looking import Evidence
from page.outcome import Failed, Refused
from page.search import asked_filters, typed
from page.shelf import Shelf
from retrieval.errors import LibraryError, UnknownRow
from retrieval.evidence_row import Correction, EvidenceQuestion, EvidenceRow, Verdict
from retrieval.evidence_table import evidence
from retrieval.library import Library
from seqmodels.errors import ModelError


def asked_evidence(
    gene: str | None,
    disease: str | None,
    status: str | None,
    sample: str | None,
    first_year: str | None,
    last_year: str | None,
    source: str | None,
    with_rejected: bool,
    with_retracted: bool,
) -> EvidenceQuestion | Refused:
    """The question as the form gives it, an empty field asking nothing; or what is wrong with it."""
    years = asked_filters(first_year, last_year, None, None, False)
    if isinstance(years, Refused):
        return years
    return EvidenceQuestion(
        gene=typed(gene),
        disease=typed(disease),
        status=status or None,
        sample=sample or None,
        first_year=years.year_from,
        last_year=years.year_to,
        source=source or None,
        with_rejected=with_rejected,
        with_retracted=with_retracted,
    )


def gather(shelf: Shelf, ticked: Sequence[str], asked: EvidenceQuestion) -> Evidence | Refused | Failed:
    """The rows of the ticked libraries; rejected ones are among them, as what is rejected now stays in sight."""
    try:
        libraries = shelf.ticked(ticked)
        if not libraries:
            return Refused(words.NO_LIBRARY_FOR_EVIDENCE)
        rows = evidence(libraries, replace(asked, with_rejected=True))
        return Evidence(asked, tuple(ticked), rows, tuple(_notices(libraries)))
    except (LibraryError, ModelError) as error:
        return Failed(str(error), words.EVIDENCE_FAILED)


def judge(
    libraries: Collection[Library], row: EvidenceRow, verdict: Verdict | None, correction: Correction | None = None
) -> None:
    """Store a verdict in the row's library, or take it back where it is None.

    Raises LibraryError where the row is no longer there.
    """
    for library in libraries:
        if library.name == row.library and library.by_hash(row.sha256) is not None:
            if verdict is None:
                library.unjudge(row.key)
            else:
                library.judge(row.key, verdict, correction)
            return
    raise UnknownRow(
        f"The library has no evidence row {row.key}", "Its paper may have changed: ask for the rows again."
    )


def _notices(libraries: Sequence[Library]) -> Iterator[Refused]:
    """What the rows leave out, as papers were not read."""
    if any(library.reader.tagger is None for library in libraries):
        yield Refused(words.NO_TAGGER)
    for library in libraries:
        if count := library.pending()["evidence"]:
            yield Refused(words.PENDING_EVIDENCE, {"library": library.name, "count": count})
