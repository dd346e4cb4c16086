"""Papers and sentences as tools hand them to a language model: JSON, every sentence numbered."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from agent.citations.claim import Citation
from agent.citations.ledger import Ledger
from corpora.paper import Paper
from retrieval.hit import Hit
from retrieval.sentences import Span

_TOLD = ("pmid", "doi", "title", "journal", "year", "url", "kind", "authors", "retracted")
_DECIMALS = 3


def of_hits(hits: Iterable[Hit], ledger: Ledger) -> list[dict[str, Any]]:
    """Hits by paper, best paper first, with all sentences of their passages."""
    papers: dict[str, dict[str, Any]] = {}
    for hit in hits:
        beside = {"notices": list(hit.notices), "versions": [version.described for version in hit.versions]}
        told = _paper(hit, hit.library, hit.paper_id, hit.sha256, ledger, beside)
        new = {**told, "score": round(hit.score, _DECIMALS)}
        paper = papers.setdefault(hit.sha256, new)
        for sentence in hit.sentences:
            place = {name: getattr(sentence, name) for name in ("start", "end", "section", "page")}
            _add(paper, place, hit.quote(sentence), sentence.similarity, ledger)
    return list(papers.values())


def of_paper(
    paper: Paper,
    library: str,
    number: int,
    sentences: Iterable[tuple[Span, float | None]],
    ledger: Ledger,
    beside: Mapping[str, list[str]] = MappingProxyType({}),
) -> dict[str, Any]:
    """Sentences of one paper, by their offsets into its text, and how well each answers.

    `beside` are the `notices` of the paper and the other `versions` of its work, in words.
    """
    entry = _paper(paper, library, number, paper.sha256, ledger, beside)
    for (start, end), score in sentences:
        place = {"start": start, "end": end, "section": paper.section_at(start), "page": paper.page_at(start)}
        _add(entry, place, paper.text[start:end], score, ledger)
    return entry


def _paper(
    told: Hit | Paper, library: str, number: int, sha256: str, ledger: Ledger, beside: Mapping[str, list[str]]
) -> dict[str, Any]:
    return {
        "paper": ledger.handle(sha256),
        **{name: getattr(told, name) for name in _TOLD},
        **{name: said for name, said in beside.items() if said},
        "library": library,
        "paper_id": number,
        "sha256": sha256,
        "sentences": [],
    }


def _add(paper: dict[str, Any], place: dict[str, Any], text: str, score: float | None, ledger: Ledger) -> None:
    known = {name: paper[name] for name in Citation.model_fields if name in paper}
    number = ledger.number(Citation(n=0, quote=text, **known, **place))
    score = None if score is None else round(score, _DECIMALS)
    paper["sentences"].append({"n": number, **place, "score": score, "text": text})
