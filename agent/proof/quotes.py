"""The check of a citation against the stored paper: what makes a quote a quote."""

from agent.citations.claim import Citation
from corpora.paper import Paper
from retrieval.errors import UnknownPaper
from retrieval.library import Library


def check(citation: Citation, library: Library) -> str | None:
    """None where the stored paper has the citation's hash and its quote at its place, else the reason in words."""
    try:
        paper = library.paper(citation.paper_id)
    except UnknownPaper:
        return "the paper is no longer in the library"
    if any(cited not in (None, stored) for cited, stored in _identifiers(citation, paper)):
        return "the citation names another paper than the one that is stored"
    if paper.sha256 != citation.sha256:
        return "the text of the paper has changed since it was cited"
    if not 0 <= citation.start < citation.end <= len(paper.text):
        return "the place of the quote is outside the paper"
    if paper.text[citation.start : citation.end] != citation.quote:
        return "the quote is not at its place in the paper"
    return None


def _identifiers(citation: Citation, paper: Paper) -> tuple[tuple[str | None, str | None], ...]:
    """Identifiers as cited and as stored; a record may have learnt one since."""
    return (citation.pmid, paper.pmid), (citation.doi, paper.doi)
