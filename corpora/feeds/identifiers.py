"""Lists of PMIDs, PMCIDs and DOIs, as people write them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from corpora.feeds.errors import BadRequest
from corpora.paper import bare_doi

IdentifierKind = Literal["pmid", "pmcid", "doi"]


@dataclass(frozen=True, order=True)
class Identifier:
    """An identifier as it is compared: a PMID of digits, PMC and digits, a bare DOI in lower case."""

    kind: IdentifierKind
    value: str

    def __str__(self) -> str:
        """As `epicite library remove` takes it."""
        return f"{self.kind}:{self.value}"


def identifier(text: str) -> Identifier | None:
    """The identifier that a text is ("12345", "pmid:12345", "PMC12345", "https://doi.org/10.1/x"); None where none."""
    bare = text.strip()
    if found := re.fullmatch(r"(?:pmid:?\s*)?([1-9]\d{0,8})", bare, re.ASCII | re.IGNORECASE):
        return Identifier("pmid", found.group(1))
    if found := re.fullmatch(r"(?:pmcid:?\s*)?pmc([1-9]\d{0,8})(?:\.\d+)?", bare, re.ASCII | re.IGNORECASE):
        return Identifier("pmcid", f"PMC{found.group(1)}")
    try:
        return Identifier("doi", bare_doi(bare))
    except ValueError:
        return None


def read_identifiers(path: Path) -> list[Identifier]:
    """The identifiers of a file: one a line, what stands behind a tab or comma and lines with # left out.

    Raises BadRequest where a line is none, or nothing is there; OSError where the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest(f"{path} is not UTF-8 text", "Give a text file with an identifier a line.") from error
    found = _unique(_of_lines(path, text.splitlines()))
    if not found:
        raise BadRequest(f"{path} names no paper", "Give a text file with a PMID, PMCID or DOI a line.")
    return found


def _of_lines(path: Path, lines: Iterable[str]) -> Iterator[Identifier]:
    for number, line in enumerate(lines, start=1):
        first = re.split(r"[\t,]", line)[0].strip().strip('"')
        is_heading = number == 1 and first.lower() in {"pmid", "pmcid", "doi", "id"}
        if not first or first.startswith("#") or is_heading:
            continue
        if (known := identifier(first)) is None:
            raise BadRequest(f"{path}, line {number}: {first!r} is no PMID, PMCID or DOI", "Correct or remove it.")
        yield known


def _unique(identifiers: Iterable[Identifier]) -> list[Identifier]:
    return list(dict.fromkeys(identifiers))
