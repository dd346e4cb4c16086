"""A hit as a person reads it and as a program does."""

from dataclasses import asdict

from command.output import plain
from retrieval.hit import Hit

_INDENT = "     "


def describe(rank: int, hit: Hit) -> str:
    """A hit in few lines: its paper, where it stands, what was said of it, and the sentence nearest to the question."""
    title = plain(hit.title or "title not given")
    retracted = "  [RETRACTED]" if hit.retracted else ""
    sentence = hit.best_sentence
    quote = hit.quote(sentence) if sentence else hit.text
    lines = [f"{rank:>3}. {title}{retracted}", _INDENT + _whereabouts(hit)]
    lines += [_INDENT + plain(notice) for notice in hit.notices]
    if hit.versions:
        lines.append(f"{_INDENT}also as {plain('; '.join(version.described for version in hit.versions))}")
    return "\n".join([*lines, f"{_INDENT}“{plain(quote)}”\n"])


def _whereabouts(hit: Hit) -> str:
    parts = [
        hit.journal or "journal not given",
        str(hit.year) if hit.year else "year not given",
        f"PMID {hit.pmid}" if hit.pmid else None,
        f"DOI {hit.doi}" if hit.doi else None,
        hit.kind,
        hit.section if hit.section != "title" else None,  # where every passage of an abstract begins
        f"page {hit.page}" if hit.page else None,
        f"library {hit.library}",
    ]
    return " · ".join(plain(part) for part in parts if part)


def brief_record(hit: Hit) -> dict[str, object]:
    """The fields of a hit in a batch."""
    return {
        "pmid": hit.pmid,
        "doi": hit.doi,
        "title": hit.title,
        "passage": hit.text,
        "start": hit.start,
        "end": hit.end,
        "score": hit.score,
    }


def full_record(hit: Hit) -> dict[str, object]:
    """The fields of a hit where one question was asked."""
    return brief_record(hit) | {
        "journal": hit.journal,
        "year": hit.year,
        "url": hit.url,
        "kind": hit.kind,
        "section": hit.section,
        "page": hit.page,
        "retracted": hit.retracted,
        "notices": hit.notices,
        "versions": [asdict(version) for version in hit.versions],
        "library": hit.library,
        "sha256": hit.sha256,
    }
