"""PubTator's text format: `PMID|t|title`, `PMID|a|abstract`, annotations apart by tabs, a blank line.

The format: https://www.ncbi.nlm.nih.gov/CBBresearch/Lu/Demo/tmTools/Format.html ; annotations are not read.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from pydantic import ValidationError

from corpora.encoding import text_lines
from corpora.failure import Failure
from corpora.paper import Paper, Source
from corpora.sections import lay_out
from corpora.streams import open_stream
from corpora.unreadable import Unreadable, refused

_TEXT = re.compile(r"([^|\t]{1,40})\|([A-Za-z])\|(.*)")
_ANNOTATION = re.compile(r"[^|\t]{1,40}\t")
_REMEDY = "Export it again in PubTator's format: lines PMID|t|title and PMID|a|abstract."


def read_pubtator(path: Path) -> Iterator[Paper | Failure]:
    """The papers of a PubTator file, and a failure for each that is none.

    Raises Unreadable where it is empty or no such file, and what `open_stream` and `text_lines` raise.
    """
    with open_stream(path) as stream:
        lines = enumerate((line.rstrip("\n") for line in text_lines(stream)), start=1)
        number = 0
        for is_text, numbered in groupby(lines, key=lambda pair: bool(pair[1].strip())):
            if is_text:
                record = list(numbered)
                number = record[0][0]
                source = Source(path=path, place=f"line {number}")
                try:
                    yield _paper([line for _, line in record], source)
                except Unreadable as found:
                    yield found.at(path, source.place)
    if not number:
        raise Unreadable("is empty", _REMEDY)


def _paper(record: list[str], source: Source) -> Paper:
    given: dict[str, str] = {}
    identity = None
    for line in record:
        if found := _TEXT.match(line):
            identity, kind, text = found.groups()
            given[kind.lower()] = " ".join(filter(None, (given.get(kind.lower()), text.strip())))
        elif not _ANNOTATION.match(line):
            raise Unreadable(f"has a line that is neither text nor annotation ({line[:40]!r})", _REMEDY)
    text, sections = lay_out([("title", given.get("t")), (None, given.get("a"))])
    if not text:
        raise Unreadable("has neither title nor abstract", _REMEDY)
    is_pmid = identity is not None and re.fullmatch(r"[1-9]\d{0,8}", identity, re.ASCII)
    try:
        return Paper(
            text=text,
            kind="abstract",
            title=given.get("t") or None,
            pmid=identity if is_pmid else None,
            id=identity,
            sections=sections,
            source=source,
        )
    except ValidationError as error:
        raise refused(error) from error
