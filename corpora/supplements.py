"""What belongs to an article in JATS and lies beside it: its supplements, its pictures and its own PDF."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from corpora.elements import bare, elements
from corpora.jats import HREF, article_paper
from corpora.paper import Paper, Relation, Source
from corpora.streams import RECORD_LIMIT, open_stream
from corpora.unreadable import Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

_JATS = (".nxml", ".xml")
_LINK = re.compile(rb"""href\s*=\s*["']([^"'<>]{1,300})["']""")
_SUPPLEMENTS = ("supplementary-material", "inline-supplementary-material")
# Files of PubMed Central's packages that are no part of the article.
_NOTICES = frozenset({"license.txt"})


@dataclass(frozen=True)
class Article:
    """A JATS article beside which files lie: its paper without the text, and the names of what belongs to it."""

    paper: Paper
    supplements: frozenset[str]
    pictures: frozenset[str]


def parent_of(path: Path) -> Paper | None:
    """The article of which a file is a supplement; None where no JATS file beside it says so."""
    article = _article_naming(path)
    return article.paper if article and path.name.lower() in article.supplements else None


def is_told_elsewhere(path: Path) -> bool:
    """Whether a file is a picture or the PDF of an article that lies beside it in JATS."""
    if path.name.lower() in _NOTICES and any(_links(path.parent, _stamp(path.parent))):
        return True
    article = _article_naming(path)
    names = {path.name.lower(), path.stem.lower()}
    return article is not None and path.name.lower() not in article.supplements and bool(names & article.pictures)


def supplement(paper: Paper, parent: Paper, name: str) -> Paper:
    """A paper read from a supplement, as one that belongs to its parent and came out with it."""
    relation = Relation(kind="supplement to", pmid=parent.pmid, doi=parent.doi, title=parent.title)
    shared = {field: getattr(parent, field) for field in ("journal", "year", "published", "authors", "retracted")}
    return paper.model_copy(
        update=shared
        | {
            "title": f"{parent.title}: supplement {name}" if parent.title else f"Supplement {name}",
            "language": paper.language or parent.language,
            "relations": (relation,),
            # These are its parent's wherever the file prints them.
            "pmid": None,
            "doi": None,
            "pmcid": None,
        }
    )


def _article_naming(path: Path) -> Article | None:
    if path.name.lower().endswith(_JATS):
        return None
    links = _links(path.parent, _stamp(path.parent))
    named = links.get(path.name.lower()) or links.get(path.stem.lower())
    return _article(named, _stamp(named)) if named else None


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=16)
def _links(folder: Path, _stamp: int) -> dict[str, Path]:
    """The names of files that JATS files of a folder link to, and the first that does."""
    found: dict[str, Path] = {}
    try:
        beside = sorted(folder.iterdir())
    except OSError:
        # A file may be read in a folder that may not be listed.
        return found
    for path in beside:
        if path.name.lower().endswith(_JATS) and path.is_file():
            for name in _linked(path):
                found.setdefault(name, path)
    return found


def _linked(path: Path) -> Iterator[str]:
    try:
        with path.open("rb") as stream:
            content = stream.read(RECORD_LIMIT)
    except OSError:
        return
    if b"<article" in content:
        yield from (_name(link.decode("utf-8", "replace")) for link in _LINK.findall(content))


def _name(link: str) -> str:
    """The name of a linked file, as it lies beside the article; empty for what lies elsewhere."""
    return (
        ""
        if re.match(r"(?:https?|ftp|mailto|doi):|10\.\d{4,9}/|[#/]", link)
        else unquote(link).removeprefix("./").lower()
    )


@lru_cache(maxsize=64)
def _article(path: Path, _stamp: int) -> Article | None:
    try:
        with open_stream(path) as stream:
            for element in elements(stream, ("{*}article",)):
                return _told(bare(element), path)
    except (Unreadable, OSError):
        # Reading that file itself says what is wrong with it.
        return None
    return None


def _told(article: "_Element", path: Path) -> Article:
    supplements = frozenset(name for kind in _SUPPLEMENTS for found in article.iter(kind) for name in _names(found))
    everything = frozenset(_names(article))
    paper = article_paper(article, Source(path=path))
    if paper.title is None and paper.pmid is None and paper.doi is None:
        paper = paper.model_copy(update={"title": path.stem})
    return Article(paper.model_copy(update={"text": "", "sections": ()}), supplements, everything - supplements)


def _names(element: "_Element") -> Iterator[str]:
    return (name for below in element.iter() if (name := _name(below.get(HREF, ""))))
