"""Evidence rows as CSV: one way, for the command, the page and the files of an answer."""

import csv
from collections.abc import Iterable
from dataclasses import fields
from io import StringIO

from retrieval.evidence_row import EvidenceRow

COLUMNS = tuple(field.name for field in fields(EvidenceRow))


def as_csv(rows: Iterable[EvidenceRow]) -> str:
    """Rows as a table, one line each under a line of names; several symbols of a gene are parted by `|`."""
    content = StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        cells = (getattr(row, name) for name in COLUMNS)
        writer.writerow("|".join(cell) if isinstance(cell, tuple) else cell for cell in cells)
    return content.getvalue()
