"""XML files: their root element says what they are, never their name."""

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from corpora.elements import root_of
from corpora.failure import Failure
from corpora.paper import Paper
from corpora.unreadable import Unreadable
from corpora.withdrawal import Withdrawn

Reader = Callable[[Path], Iterator[Paper | Failure | Withdrawn]]

ROOTS = {
    "PubmedArticleSet": "corpora.pubmed:read_pubmed",
    "PubmedArticle": "corpora.pubmed:read_pubmed",
    "PubmedBookArticle": "corpora.pubmed:read_pubmed",
    "PubmedBookArticleSet": "corpora.pubmed:read_pubmed",
    "article": "corpora.jats:read_jats",
    "articles": "corpora.jats:read_jats",
    "pmc-articleset": "corpora.jats:read_jats",
    "OAI-PMH": "corpora.jats:read_jats",
    "collection": "corpora.bioc:read_bioc_xml",
    "xml": "corpora.endnote:read_endnote",
    "responseWrapper": "corpora.feeds.records:read_europepmc",
}
"""The reader of each root element, as module and function: it is loaded when a file needs it."""


def read_xml(path: Path) -> Iterator[Paper | Failure | Withdrawn]:
    """The papers of an XML file.

    Raises Unreadable where its root element is none that is read, and what its reader raises.
    """
    root = root_of(path)
    if root not in ROOTS:
        raise Unreadable(
            f"is XML of a kind that is not read (its root element is <{root}>)",
            "Give XML of PubMed, JATS (PubMed Central), BioC or EndNote; other papers can be given as PDF or JSONL.",
        )
    module, name = ROOTS[root].split(":")
    reader: Reader = getattr(import_module(module), name)
    yield from reader(path)
