"""The card of an evidence row: its quote where it stands in its paper, checked anew."""

from collections.abc import Sequence

from agent.citations.claim import Citation
from corpora.paper import Paper
from page.quote import quote_card
from page.words import Language
from retrieval.errors import LibraryError
from retrieval.evidence_row import EvidenceRow
from retrieval.library import Library


def evidence_card(number: int, row: EvidenceRow, libraries: Sequence[Library], language: Language) -> str:
    """The card under a number; where the quote is no longer there, the reason instead."""
    return quote_card(number, _citation(number, row, _stored(row, libraries)), libraries, language)


def _stored(row: EvidenceRow, libraries: Sequence[Library]) -> Paper | None:
    for library in libraries:
        if library.name == row.library:
            try:
                return library.paper(row.paper)
            except LibraryError:
                continue  # the card tells it
    return None


def _citation(number: int, row: EvidenceRow, stored: Paper | None) -> Citation:
    return Citation(
        n=number,
        library=row.library,
        paper_id=row.paper,
        sha256=row.sha256,
        pmid=row.pmid,
        doi=row.doi,
        title=row.title,
        journal=row.journal,
        year=row.year,
        url=stored.url if stored else None,
        kind=stored.kind if stored else "abstract",
        section=stored.section_at(row.start) if stored else None,
        page=stored.page_at(row.start) if stored else None,
        quote=row.quote,
        start=row.start,
        end=row.end,
    )
