"""Evidence rows as they are told: with the numbers of their quotes."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from agent.citations.findings import of_paper
from agent.citations.ledger import Ledger
from retrieval.evidence_row import EvidenceRow
from retrieval.library import Library
from retrieval.notices import told_of

# A file holds all of them where there are more.
MOST_ROWS = 200
# All but what only a library and its table need.
_TOLD = tuple(field.name for field in fields(EvidenceRow) if field.name not in ("key", "paper"))


def cited_papers(
    rows: Iterable[EvidenceRow], libraries: Sequence[Library], ledger: Ledger, day: str | None = None
) -> list[dict[str, Any]]:
    """The papers of rows, each with the numbered quotes of its rows; none of libraries that are not open.

    What was said of papers after a day that is given is not told.
    """
    opened = {library.name: library for library in libraries}
    quotes: dict[tuple[str, int], dict[tuple[int, int], float | None]] = {}
    for row in rows:
        if row.library in opened:
            quotes.setdefault((row.library, row.paper), {}).setdefault((row.start, row.end), row.score)
    return [
        of_paper(
            opened[name].paper(number),
            name,
            number,
            spans.items(),
            ledger,
            {"notices": list(told_of(opened[name], number, day))},
        )
        for (name, number), spans in quotes.items()
    ]


def evidence_json(found: Iterable[Sequence[EvidenceRow]], ledger: Ledger) -> list[dict[str, Any]]:
    """Rows as an answer's JSON tells them, each once, at most so many that an answer stays readable.

    `n` is the number of a row's quote where that was shown, else None.
    """
    rows = {(row.library, row.key): row for several in found for row in several}
    return [
        {"n": ledger.known(row.sha256, row.start, row.end), **{name: getattr(row, name) for name in _TOLD}}
        for row in list(rows.values())[:MOST_ROWS]
    ]
