"""Europe PMC by query or by list: pages of records by cursor, and the open full texts behind them.

Parameters: https://europepmc.org/RestfulWebService (`search` with `resultType=core`, at most 1,000 records a page,
`cursorMark` "*" first, then each answer's `nextCursorMark` until there is none; `{pmcid}/fullTextXML` for articles
that are open access). Fields of queries: https://europepmc.org/searchsyntax.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from corpora.feeds.answer import parse, text_of
from corpora.feeds.client import Client, Damaged
from corpora.feeds.errors import Refused
from corpora.feeds.fetched import Fetched, Progress
from corpora.feeds.folder import Folder
from corpora.feeds.identifiers import Identifier, identifier
from corpora.feeds.settings import FeedSettings

if TYPE_CHECKING:
    from lxml.etree import _Element

PAGE = 500
"""Records a page."""
PER_SECOND = 3.0
"""Requests a second; Europe PMC prints no limit, this is NCBI's."""
ROOT = "responseWrapper"
_FIRST = "*"
_NAMED = 30
_NOT_THERE = frozenset({403, 404, 410})


class _Page(NamedTuple):
    """A page of results as it came, and what it says."""

    body: bytes
    hits: int
    following: str
    names: list[Identifier]
    open_texts: list[str]
    records: int


def fetch_query(
    settings: FeedSettings, folder: Folder, query: str, most: int | None, full_text: bool, progress: Progress
) -> Fetched:
    """The records that a query in Europe PMC's syntax finds, or the first `most` of them, into a folder.

    With `full_text` also the articles of the open access subset. Goes on where an earlier run was stopped. Raises
    FeedError where that is not possible now.
    """
    with closing(_EuropePmc(settings)) as source:
        folder.plan = {"query": query}
        fetched, hits = _whole(source, folder, _pages(source, folder, query, most, progress), full_text, progress)
    wanted = hits if most is None else min(most, hits)
    short = f"Europe PMC counts {hits} records, of which it has given {fetched.records}."
    return fetched if fetched.records >= wanted else replace(fetched, notes=(*fetched.notes, short))


def fetch_identifiers(
    settings: FeedSettings, folder: Folder, wanted: Sequence[Identifier], full_text: bool, progress: Progress
) -> Fetched:
    """The records of papers by PMID, PMCID or DOI, like `fetch_query`."""
    with closing(_EuropePmc(settings)) as source:
        folder.plan = {"identifiers": len(wanted)}
        pages = list(_listed(source, folder, wanted, progress))
        fetched, _ = _whole(source, folder, iter(pages), full_text, progress)
    had = {name for page in pages for name in page.names}
    absent = tuple(str(one) for one in wanted if one not in had)
    return replace(fetched, missing=absent)


def _whole(
    source: "_EuropePmc", folder: Folder, pages: Iterator[_Page], full_text: bool, progress: Progress
) -> tuple[Fetched, int]:
    """The pages, and after them the full texts that they tell of; and how many records there are."""
    records = hits = 0
    texts: dict[str, None] = {}
    for page in pages:
        records, hits = records + page.records, page.hits
        texts.update(dict.fromkeys(page.open_texts))
    notes = _full_texts(source, folder, list(texts), progress) if full_text else []
    return Fetched(tuple(folder.files()), records, notes=tuple(notes)), hits


def _pages(source: "_EuropePmc", folder: Folder, query: str, most: int | None, progress: Progress) -> Iterator[_Page]:
    """Page after page, those that are there already first."""
    cursor, done, number = _FIRST, 0, 0
    while most is None or done < most:
        number += 1
        name = f"europepmc-{number:06}.xml"
        if folder.has(name):
            page = _page((folder.path / name).read_bytes())
        else:
            page = source.page(query, cursor, PAGE if most is None else min(PAGE, most - done))
            if not page.records:
                return
            folder.keep(name, page.body)
        done += page.records
        progress("fetching", done, page.hits if most is None else min(most, page.hits))
        yield page
        if page.following in ("", cursor) or done >= page.hits:
            return
        cursor = page.following


def _listed(source: "_EuropePmc", folder: Folder, wanted: Sequence[Identifier], progress: Progress) -> Iterator[_Page]:
    """A page for each batch of identifiers."""
    for number, at in enumerate(range(0, len(wanted), _NAMED), start=1):
        name = f"europepmc-{number:06}.xml"
        if folder.has(name):
            page = _page((folder.path / name).read_bytes())
        else:
            page = source.page(" OR ".join(map(_term, wanted[at : at + _NAMED])), _FIRST, PAGE)
            if page.records:
                folder.keep(name, page.body)
        progress("fetching", min(at + _NAMED, len(wanted)), len(wanted))
        yield page


def _full_texts(source: "_EuropePmc", folder: Folder, pmcids: Sequence[str], progress: Progress) -> list[str]:
    """Fetch the full texts that are not there yet; what there is to say of the others."""
    closed = set(folder.missing())
    for number, pmcid in enumerate(pmcids, start=1):
        if not folder.has(f"{pmcid}.xml") and pmcid not in closed:
            if text := source.full_text(pmcid):
                folder.keep(f"{pmcid}.xml", text)
            else:
                folder.note_missing([pmcid])
                closed.add(pmcid)
        progress("full texts", number, len(pmcids))
    had = sum(1 for pmcid in pmcids if pmcid not in closed)
    return [f"{had} open full texts of {len(pmcids)} that are told to be open."]


def _term(wanted: Identifier) -> str:
    match wanted.kind:
        case "pmid":
            return f"(EXT_ID:{wanted.value} AND SRC:MED)"
        case "pmcid":
            return f"PMCID:{wanted.value}"
        case _:
            return f'DOI:"{wanted.value}"'


class _EuropePmc:
    """The API at the address of the settings."""

    def __init__(self, settings: FeedSettings) -> None:
        self._url = settings.europepmc.rstrip("/")
        self._client = Client(settings, PER_SECOND)
        self._own = {"email": settings.email} if settings.email else {}

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def page(self, query: str, cursor: str, size: int) -> _Page:
        """The page of a search behind a cursor."""
        asked = {"query": query, "resultType": "core", "format": "xml", "pageSize": str(size), "cursorMark": cursor}
        return self._client.get(f"{self._url}/search", {**asked, **self._own}, _page)

    def full_text(self, pmcid: str) -> bytes | None:
        """The full text of an article as JATS; None where it is not open."""
        try:
            return self._client.get(f"{self._url}/{pmcid}/fullTextXML", self._own, _article)
        except Refused as refused:
            if refused.status in _NOT_THERE:
                return None
            raise


def _page(body: bytes) -> _Page:
    root = parse(body, ROOT)
    hits = text_of(root, "hitCount")
    results = root.findall("resultList/result")
    if not hits.isdigit():
        raise Damaged(f"the answer has no count of hits ({text_of(root, 'errMsg') or 'and no word on why'})")
    names = [name for result in results for name in _names(result)]
    open_texts = [pmcid for result in results if (pmcid := _open_text(result))]
    return _Page(body, int(hits), text_of(root, "nextCursorMark"), names, open_texts, len(results))


def _names(result: "_Element") -> Iterator[Identifier]:
    for field in ("pmid", "pmcid", "doi"):
        if known := identifier(text_of(result, field)):
            yield known


def _open_text(result: "_Element") -> str | None:
    known = identifier(text_of(result, "pmcid"))
    return known.value if known and known.kind == "pmcid" and text_of(result, "isOpenAccess") == "Y" else None


def _article(body: bytes) -> bytes:
    parse(body, "article", "pmc-articleset")
    return body
