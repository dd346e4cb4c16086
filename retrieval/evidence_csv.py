"""The evidence table as CSV."""

import csv
from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import TextIO

from retrieval.evidence_row import EvidenceRow

COLUMNS = tuple(field.name for field in fields(EvidenceRow))


def write_evidence(rows: Iterable[EvidenceRow], file: TextIO) -> None:
    """Write rows with all their columns. Several symbols have "|" between, truth is 1 or 0.

    What is not known is empty. Quotes stand as in the paper, line breaks too.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(_cell, asdict(row).values()) for row in rows)


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    return "|".join(map(str, value)) if isinstance(value, tuple) else value
