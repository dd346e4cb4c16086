"""Papers as RIS, which citation managers read: what they are known by, and abstracts; neither full texts nor verdicts.

Tags: https://en.wikipedia.org/wiki/RIS_(file_format)
"""

from collections.abc import Iterator

from corpora.paper import Paper


def ris_record(paper: Paper) -> str:
    """A paper as a record, from its line TY to its line ER."""
    return "".join(f"{tag}  - {' '.join(value.split())}\n" for tag, value in _tags(paper)) + "ER  - \n\n"


def _tags(paper: Paper) -> Iterator[tuple[str, str]]:
    yield "TY", "JOUR" if paper.journal else "GEN"
    told = {
        "TI": paper.title,
        "JO": paper.journal,
        "PY": str(paper.year) if paper.year else (paper.published or "")[:4],
        "DA": paper.published.replace("-", "/") if paper.published else None,
        "DO": paper.doi,
        "AN": paper.pmid,
        "DB": "PubMed" if paper.pmid else None,
        "C2": paper.pmcid,
        "ID": paper.id,
        "LA": paper.language,
        "UR": paper.url,
        "N1": "Retracted" if paper.retracted else None,
        "AB": _abstract(paper),
    }
    yield from ((tag, value) for tag, value in told.items() if value)
    yield from (("AU", author) for author in paper.authors)
    yield from (("KW", word) for word in paper.keywords)


def _abstract(paper: Paper) -> str | None:
    if paper.kind == "full text":
        return None
    title = paper.title or ""
    return paper.text.removeprefix(title).strip() or None
