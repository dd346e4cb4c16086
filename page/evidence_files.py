"""The evidence table as files: rows as CSV and as lines to correct, under addresses; and what comes back of them."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from page import words
from page.gathering import asked_evidence
from page.looking import Evidence, Said
from page.outcome import Refused
from page.shelf import Shelf
from page.words import Phrase
from retrieval.errors import LibraryError
from retrieval.evidence_csv import as_csv
from retrieval.evidence_exchange import export_rows, import_rows
from retrieval.evidence_row import EvidenceRow
from retrieval.evidence_table import evidence
from retrieval.library import Library

_CSV = "evidence/rows.csv"
_CORRECTIONS = "evidence/corrections.jsonl"
_TEXTS = ("gene", "disease", "status", "sample", "first_year", "last_year", "source")
_CHOICES = ("with_rejected", "with_retracted")
_BAD_REQUEST = 400


def files(found: Evidence) -> list[tuple[Phrase, str]]:
    """What may be downloaded of what was found, and under which address from the page."""
    asked = [(name, str(value)) for name in _TEXTS if (value := getattr(found.asked, name)) is not None]
    asked += [(name, "1") for name in _CHOICES if getattr(found.asked, name)]
    query = urlencode([*(("library", name) for name in found.ticked), *asked])
    return [(words.DOWNLOAD_CSV, f"{_CSV}?{query}"), (words.EXPORT_CORRECTIONS, f"{_CORRECTIONS}?{query}")]


def routes(shelf: Shelf) -> list[Route]:
    """What the server answers under these addresses, read anew from the libraries."""

    async def csv(request: Request) -> Response:
        rows = await run_in_threadpool(_rows, shelf, request)
        return _file("evidence.csv", "text/csv", as_csv(rows))

    async def corrections(request: Request) -> Response:
        rows = await run_in_threadpool(_rows, shelf, request)
        return _file("evidence.jsonl", "application/jsonl", await run_in_threadpool(_lines, rows))

    return [Route(f"/{_CSV}", csv), Route(f"/{_CORRECTIONS}", corrections)]


def take_in(libraries: Sequence[Library], path: Path) -> Said:
    """Store what people said in a file of corrections; what came of it."""
    try:
        imported = import_rows(libraries, path)
    except LibraryError as error:
        return Said(words.IMPORT_FAILED, reason=str(error).replace(str(path), path.name))
    if imported.gone:
        return Said(words.IMPORTED_IN_PART, {"count": imported.taken, "gone": len(imported.gone)})
    return Said(words.IMPORTED, {"count": imported.taken}) if imported.taken else Said(words.IMPORTED_NOTHING)


def _lines(rows: Sequence[EvidenceRow]) -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "evidence.jsonl"
        export_rows(rows, path)
        return path.read_text(encoding="utf-8")


def _rows(shelf: Shelf, request: Request) -> list[EvidenceRow]:
    given = request.query_params
    rejected, retracted = (name in given for name in _CHOICES)
    gene, disease, status, sample, first, last, source = (given.get(name) for name in _TEXTS)
    asked = asked_evidence(gene, disease, status, sample, first, last, source, rejected, retracted)
    if isinstance(asked, Refused):
        raise HTTPException(_BAD_REQUEST, asked.phrase.say("en", **asked.values))
    try:
        return evidence(shelf.ticked(given.getlist("library")), asked)
    except LibraryError as error:
        raise HTTPException(_BAD_REQUEST, str(error)) from error


def _file(name: str, kind: str, content: str) -> Response:
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
