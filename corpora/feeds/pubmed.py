"""PubMed by query or by list: what is found is planned once, then fetched in batches, each a file.

Of one search PubMed gives the first 9,999 records (https://www.ncbi.nlm.nih.gov/books/NBK25499/#chapter4.ESearch),
by `esearch` and from its history by `efetch`: a longer one is cut by the days on which records came into PubMed.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from corpora.feeds.eutils import MOST_FOUND, Batch, Eutils, Forgotten, Found, names_of
from corpora.feeds.fetched import Fetched, Progress
from corpora.feeds.folder import Folder
from corpora.feeds.identifiers import Identifier
from corpora.feeds.settings import FeedSettings

BATCH = 200
"""Records asked for at a time: as many identifiers as NCBI advises."""
FIRST_DAY = date(1700, 1, 1)
_LOOKED_UP = 40


class _Slice(NamedTuple):
    """A part of what is to be fetched: PMIDs in the order of one search that the history server keeps, or of none."""

    pmids: list[str]
    web_env: str = ""
    query_key: str = ""


def fetch_query(settings: FeedSettings, folder: Folder, query: str, most: int | None, progress: Progress) -> Fetched:
    """The records that a query in PubMed's syntax finds, or the first `most` of them, into a folder.

    Goes on where an earlier run was stopped. Raises FeedError where that is not possible now.
    """
    with closing(Eutils(settings)) as eutils:
        if not folder.plan:
            slices, notes = _plan(eutils, query, most, progress)
            folder.plan = {"slices": slices, "notes": notes}
        files = tuple(_fetch(eutils, folder, progress))
    missing = folder.missing()
    return Fetched(files, _planned(folder) - len(missing), tuple(missing), tuple(folder.plan["notes"]))


def fetch_identifiers(
    settings: FeedSettings, folder: Folder, wanted: Sequence[Identifier], progress: Progress
) -> Fetched:
    """The records of papers by PMID, PMCID or DOI, like `fetch_query`."""
    with closing(Eutils(settings)) as eutils:
        if not folder.plan:
            folder.plan = {"slices": [_Slice(_pmids(eutils, wanted, progress))]}
        files = tuple(_fetch(eutils, folder, progress))
    had = {name for file in files for name in names_of(file.read_bytes())}
    absent = tuple(str(one) for one in wanted if one not in had)
    return Fetched(files, sum(1 for name in had if name.kind == "pmid"), absent)


def _plan(eutils: Eutils, query: str, most: int | None, progress: Progress) -> tuple[list[_Slice], list[str]]:
    """The query cut into searches that can be had whole, the last days first, and what cannot be had."""
    whole = eutils.search(query)
    wanted = whole.total if most is None else min(most, whole.total)
    if wanted <= MOST_FOUND:
        return [_Slice(whole.pmids[:wanted], whole.web_env, whole.query_key)], []
    slices: list[_Slice] = []
    notes: list[str] = []
    have: set[str] = set()
    for found, day in _cut(eutils, query):
        if found.total > MOST_FOUND:
            notes.append(
                f"Of {found.total} records that came into PubMed on {day} only {MOST_FOUND} can be had. "
                "Narrow the query for the others."
            )
        pmids = found.pmids[: wanted - len(have)]
        slices.append(_Slice(pmids, found.web_env, found.query_key))
        have.update(pmids)
        progress("searching", len(have), wanted)
        if len(have) >= wanted:
            break
    if len(have) < wanted and not notes:
        notes.append(f"PubMed counts {whole.total} records, of which it has told {len(have)}.")
    return slices, notes


def _cut(eutils: Eutils, query: str) -> Iterator[tuple[Found, date]]:
    """What a query finds, from the last days to the first, and the day from which on."""
    # NCBI's clock may be a day ahead.
    waiting = [(FIRST_DAY, datetime.now(UTC).date() + timedelta(days=2))]
    while waiting:
        first, last = waiting.pop()
        found = eutils.search(query, first, last)
        if found.total > MOST_FOUND and first < last:
            middle = first + (last - first) // 2
            waiting += [(first, middle), (middle + timedelta(days=1), last)]
        elif found.pmids:
            yield found, first


def _pmids(eutils: Eutils, wanted: Sequence[Identifier], progress: Progress) -> list[str]:
    """The PMIDs of what is wanted; https://pubmed.ncbi.nlm.nih.gov/help/ names the fields."""
    pmids = [one.value for one in wanted if one.kind == "pmid"]
    terms = [f'"{one.value}"[AID]' if one.kind == "doi" else one.value for one in wanted if one.kind != "pmid"]
    for at in range(0, len(terms), _LOOKED_UP):
        progress("looking up", at, len(terms))
        pmids += eutils.look_up(terms[at : at + _LOOKED_UP])
    return list(dict.fromkeys(pmids))


def _planned(folder: Folder) -> int:
    return sum(len(_Slice(*part).pmids) for part in folder.plan["slices"])


def _fetch(eutils: Eutils, folder: Folder, progress: Progress) -> Iterator[Path]:
    """The files of all batches in order; those that are there already are not asked for."""
    total, done, number = _planned(folder), 0, 0
    forgotten: set[str] = set()
    for part in (_Slice(*part) for part in folder.plan["slices"]):
        for at in range(0, len(part.pmids), BATCH):
            number += 1
            name, pmids = f"pubmed-{number:06}.xml", part.pmids[at : at + BATCH]
            if not folder.has(name):
                batch = _batch(eutils, part, at, pmids, forgotten)
                folder.note_missing([f"pmid:{pmid}" for pmid in pmids if pmid not in batch.pmids])
                if batch.pmids:
                    folder.keep(name, batch.body)
            if folder.has(name):
                yield folder.path / name
            done += len(pmids)
            progress("fetching", done, total)


def _batch(eutils: Eutils, part: _Slice, at: int, pmids: Sequence[str], forgotten: set[str]) -> Batch:
    """The records of a batch, from the history server while it knows the search, else by their PMIDs."""
    if part.web_env and part.web_env not in forgotten:
        try:
            batch = eutils.from_history(part.web_env, part.query_key, at, len(pmids))
        except Forgotten:
            forgotten.add(part.web_env)
        else:
            if batch.pmids >= set(pmids):
                return batch
    return eutils.by_pmid(pmids)
