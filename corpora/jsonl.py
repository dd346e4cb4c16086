"""JSONL files, one record a line: the generic dialect, BioNLP abstracts, starter digests and BioC."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from corpora.bioc import BioCRecord
from corpora.bionlp import BioNlpRecord
from corpora.failure import Failure
from corpora.json_items import items
from corpora.paper import Paper, Source
from corpora.record import Body, Line, Record
from corpora.sections import lay_out
from corpora.starter import StarterRecord
from corpora.streams import MIB, RECORD_LIMIT, Stream, open_stream
from corpora.unreadable import Unreadable, not_encoded, refused


class GenericRecord(Record):
    """A record `{"pmid" | "doi" | "id", "title", "abstract" | "text", ...}`."""

    abstract: Line = None
    text: Line = None

    def body(self) -> Body:
        """Title, abstract and text, one below the other; a full text that repeats its abstract stands alone."""
        abstract = None if self.abstract and self.abstract in (self.text or "") else self.abstract
        text, sections = lay_out([("title", self.title), (None, abstract), (None, self.text)])
        return Body(text, self.title, sections, "full text" if self.text else "abstract")


class Dialect(NamedTuple):
    """How the records of a file are told: the keys that its records have, and what such a record is."""

    keys: frozenset[str]
    record: type[Record]


DIALECTS = (
    Dialect(frozenset({"text", "a1", "a2"}), BioNlpRecord),
    Dialect(frozenset({"title", "findings", "methylation"}), StarterRecord),
    Dialect(frozenset({"passages"}), BioCRecord),
    Dialect(frozenset(), GenericRecord),
)
"""In the order in which they are tried; the last one fits every record."""


def read_jsonl(path: Path) -> Iterator[Paper | Failure]:
    """The papers of a JSONL file, and a failure for each line that is none.

    The first record that becomes a paper settles the dialect of the file. Raises Unreadable where the file
    is no text at all, and what `open_stream` raises.
    """
    dialect: type[Record] | None = None
    number = 0
    with open_stream(path) as stream:
        _refuse_binary(stream)
        for number, line in _lines(stream):
            source = Source(path=path, place=f"line {number}")
            try:
                fields = _fields(line, number)
                record = dialect or _dialect(fields)
                paper = _paper(record, fields, source, number)
            except Unreadable as found:
                yield found.at(path, source.place)
            else:
                dialect = record
                yield paper
    if not number:
        raise Unreadable("is empty", "Give a file with one JSON object on each line.")


def read_json_records(path: Path) -> Iterator[Paper | Failure]:
    """The papers of a JSON file whose records are those of JSON lines; raises what `items` raises."""
    for number, (item, _) in enumerate(items(path), start=1):
        source = Source(path=path, place=f"record {number}")
        try:
            fields = _object(item)
            yield _paper(_dialect(fields), fields, source, number)
        except Unreadable as found:
            yield found.at(path, source.place)


def _refuse_binary(stream: Stream) -> None:
    head = stream.peek(4096)[:4096]
    if head.startswith(b"\x1f\x8b"):
        raise Unreadable("is gzip-compressed", "Let its name end in .jsonl.gz, or decompress it.")
    if b"\0" in head:
        raise Unreadable(
            "is not text: it holds NUL bytes",
            "Give JSON lines in UTF-8; a UTF-16 file is converted with: iconv -f UTF-16 -t UTF-8.",
        )


def _lines(stream: Stream) -> Iterator[tuple[int, bytes | None]]:
    """The lines that are not blank, with their numbers; None for one that is too long to be held."""
    for number in count(1):
        line = stream.readline(RECORD_LIMIT + 1)
        if not line:
            return
        if len(line) > RECORD_LIMIT and not line.endswith(b"\n"):
            while (rest := stream.readline(MIB)) and not rest.endswith(b"\n"):
                pass
            yield number, None
        elif line.strip():
            yield number, line


def _fields(line: bytes | None, number: int) -> dict[str, object]:
    if line is None:
        raise Unreadable(
            f"is longer than {RECORD_LIMIT // MIB} MiB, the limit for one record",
            "Write one paper a line, or give a long text as a file of its own.",
        )
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip()
        found = json.loads(text, parse_constant=lambda _: None)
    except UnicodeDecodeError as error:
        raise not_encoded(error, line, "line") from error
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"is not JSON: {error.msg} (column {error.colno})", "Write one JSON object on one line."
        ) from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"is not JSON that can be read: {error}", "Write one flat JSON object.") from error
    return _object(found)


def _object(found: object) -> dict[str, object]:
    if not isinstance(found, dict):
        raise Unreadable(f"is a JSON {_JSON_NAMES[type(found)]}, not an object", "Write one JSON object on one line.")
    return found


_JSON_NAMES: dict[type, str] = {
    list: "array",
    str: "string",
    int: "number",
    float: "number",
    bool: "truth value",
    type(None): "null",
}


def _dialect(fields: dict[str, object]) -> type[Record]:
    return next(dialect.record for dialect in DIALECTS if dialect.keys <= fields.keys())


def _paper(record: type[Record], fields: dict[str, object], source: Source, number: int) -> Paper:
    try:
        return record.model_validate(fields).paper(source, number)
    except ValidationError as error:
        raise refused(error) from error
