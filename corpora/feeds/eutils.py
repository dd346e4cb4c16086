"""NCBI's E-utilities, as far as PubMed needs them: `esearch` and `efetch`.

Parameters and limits: https://www.ncbi.nlm.nih.gov/books/NBK25499/. Rates, `tool` and `email`:
https://www.ncbi.nlm.nih.gov/books/NBK25497/. All is asked by POST, so that neither the key nor a long query stands
in an address. Errors come as HTTP 400 or 200 with <ERROR>, and some of them pass by.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from corpora.feeds.answer import parse, text_of
from corpora.feeds.client import Answer, Client, Damaged, Read
from corpora.feeds.errors import Refused, Unavailable
from corpora.feeds.identifiers import Identifier, identifier
from corpora.feeds.settings import FeedSettings

if TYPE_CHECKING:
    from lxml.etree import _Element

MOST_FOUND = 9_999
"""Records of one search that can be had from PubMed."""
KEYLESS, WITH_KEY = 3.0, 10.0
"""Requests a second."""
TOOL = "epicite"
_BAD_REQUEST = 400
_PASSING = re.compile(r"proxy_stream|external viewer error|time.?out|search backend failed|bad gateway", re.IGNORECASE)
_HISTORY = re.compile(r"history|obtain query|web_?env|query_?key", re.IGNORECASE)
_NO_SUCH_RECORDS = re.compile(r"id list is empty", re.IGNORECASE)
_KEY = re.compile(r"api.key.*(invalid|not valid)|(invalid|bad).*api.key", re.IGNORECASE)


class Forgotten(Exception):
    """The history server no longer knows a search, as happens after some hours."""


class _NotAsked(Exception):
    """NCBI answers with an error that the same question would bring again."""


class Found(NamedTuple):
    """What a search found: how many, the first PMIDs of them, and where the history server keeps them."""

    total: int
    pmids: list[str]
    web_env: str
    query_key: str


class Batch(NamedTuple):
    """Records as they came, and the PMIDs that they have."""

    body: bytes
    pmids: frozenset[str]


class Eutils:
    """The E-utilities at the address of the settings."""

    def __init__(self, settings: FeedSettings) -> None:
        self._url = settings.pubmed.rstrip("/")
        self._client = Client(settings, WITH_KEY if settings.ncbi_key else KEYLESS, _PASSING)
        self._own = {"db": "pubmed", "tool": TOOL, "retmode": "xml"}
        if settings.email:
            self._own["email"] = settings.email
        if settings.ncbi_key:
            self._own["api_key"] = settings.ncbi_key.get_secret_value()

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def search(self, query: str, first: date | None = None, last: date | None = None) -> Found:
        """What a query finds among the records that came into PubMed from one day to another, or among all."""
        days = {}
        if first and last:
            days = {"datetype": "edat", "mindate": f"{first:%Y/%m/%d}", "maxdate": f"{last:%Y/%m/%d}"}
        form = {"term": query, "retmax": str(MOST_FOUND), "usehistory": "y", **days}
        try:
            return self._post("esearch", form, _found)
        except _NotAsked as error:
            raise _unexpected(error) from error

    def look_up(self, terms: Sequence[str]) -> list[str]:
        """The PMIDs of terms that name one record each; one that finds several names none."""
        found = self.search(" OR ".join(terms)).pmids
        if len(found) <= len(terms):
            return found
        # A term that PubMed does not know as an identifier is searched for as words.
        half = len(terms) // 2
        return self.look_up(terms[:half]) + self.look_up(terms[half:]) if half else []

    def from_history(self, web_env: str, query_key: str, start: int, number: int) -> Batch:
        """Records of a search, from `start` (counted from 0); raises Forgotten where they cannot be had so."""
        form = {"WebEnv": web_env, "query_key": query_key, "retstart": str(start), "retmax": str(number)}
        try:
            return self._post("efetch", form, _batch)
        except _NotAsked as error:
            raise Forgotten from error

    def by_pmid(self, pmids: Sequence[str]) -> Batch:
        """Records by PMID; those that PubMed does not have are left out."""
        try:
            return self._post("efetch", {"id": ",".join(pmids)}, _batch)
        except _NotAsked as error:
            if _NO_SUCH_RECORDS.search(str(error)):
                return Batch(b"", frozenset())
            raise _unexpected(error) from error

    def _post(self, name: str, form: Mapping[str, str], read: Read[Answer]) -> Answer:
        try:
            return self._client.post(f"{self._url}/{name}.fcgi", {**self._own, **form}, read)
        except Refused as refused:
            if refused.status == _BAD_REQUEST:
                _judge(refused.said)
            raise


def names_of(body: bytes) -> Iterator[Identifier]:
    """The PMIDs, PMCIDs and DOIs of the records in an answer, each record's own only."""
    for record in parse(body, "PubmedArticleSet"):
        if isinstance(record.tag, str) and (pmid := _pmid(record)):
            yield Identifier("pmid", pmid)
            for path in ("PubmedData/ArticleIdList/ArticleId", "BookDocument/ArticleIdList/ArticleId"):
                for given in record.iterfind(path):
                    known = identifier(given.text or "")
                    if known and known.kind != "pmid":
                        yield known


def _found(body: bytes) -> Found:
    root = parse(body, "eSearchResult")
    _check(root)
    count = text_of(root, "Count")
    if not count.isdigit():
        raise Damaged("the answer to a search has no count")
    pmids = [(found.text or "").strip() for found in root.iterfind("IdList/Id")]
    return Found(int(count), list(filter(None, pmids)), text_of(root, "WebEnv"), text_of(root, "QueryKey"))


def _batch(body: bytes) -> Batch:
    root = parse(body, "PubmedArticleSet", "eFetchResult")
    _check(root)
    if root.tag != "PubmedArticleSet":
        raise Damaged("the answer holds no records")
    return Batch(body, frozenset(filter(None, (_pmid(record) for record in root if isinstance(record.tag, str)))))


def _pmid(record: "_Element") -> str:
    return text_of(record, "MedlineCitation/PMID") or text_of(record, "BookDocument/PMID")


def _check(root: "_Element") -> None:
    if said := " ".join((error.text or "").strip() for error in root.iterfind("ERROR")):
        _judge(said)
        raise Damaged(f"NCBI answers: {said}")


def _judge(said: str) -> None:
    """Raise what an error of NCBI's means, if asking again as before would not help."""
    if _KEY.search(said):
        raise Refused(f"NCBI does not take the key ({said})", "Correct EPICITE_FEEDS__NCBI_KEY, or leave it out.")
    if _NO_SUCH_RECORDS.search(said) or _HISTORY.search(said):
        raise _NotAsked(said)


def _unexpected(error: _NotAsked) -> Unavailable:
    return Unavailable(f"NCBI answers: {error}", "Try again later: it goes on from here.")
