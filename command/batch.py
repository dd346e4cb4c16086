"""`epicite search --batch`: a file of questions, answered line by line."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, TextIO

from pydantic import BaseModel, Field, StrictInt, StrictStr, ValidationError

from command.errors import InputError
from command.hits import brief_record
from command.libraries import searched
from command.output import json_line, warn
from command.settings import read_settings
from retrieval.filters import Filters
from retrieval.library import Library
from retrieval.notices import left_out
from retrieval.search import search


class BatchQuery(BaseModel):
    """A line of a batch; what else it holds is left alone."""

    id: StrictStr | StrictInt
    query: StrictStr = Field(pattern=r"\S")


def run_batch(arguments: argparse.Namespace, filters: Filters) -> int:
    """Answer every line that can be answered; 1 where one cannot."""
    with ExitStack() as files:
        lines = files.enter_context(_questions(arguments.batch))
        libraries = files.enter_context(searched(read_settings(), arguments.libraries))
        answers = files.enter_context(_answers(arguments.output, arguments.batch)) if arguments.output else sys.stdout
        batch = _Batch(arguments.batch, libraries, arguments.k, filters)
        for answer in batch.answer(lines):
            answers.write(answer + "\n")
            answers.flush()
    return 1 if batch.failed else 0


class _Batch:
    """The lines of one file on their way through the search."""

    def __init__(self, path: Path, libraries: Sequence[Library], k: int, filters: Filters) -> None:
        self.failed = False
        self._path = path
        self._libraries = libraries
        self._k = k
        self._filters = filters
        self._noticed: set[str] = set()

    def answer(self, lines: BinaryIO) -> Iterator[str]:
        """Answers in the order of the questions; a line that is none is named on standard error."""
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                asked = BatchQuery.model_validate_json(line.removeprefix(b"\xef\xbb\xbf"))
            except ValidationError as error:
                self.failed = True
                warn(f"{self._path}, line {number}: {_reason(error)}")
                continue
            yield json_line({"id": asked.id, "hits": self._hits(asked.query)})

    def _hits(self, query: str) -> list[dict[str, object]]:
        results = search(self._libraries, query, k=self._k, filters=self._filters)
        for notice in (*results.notices, *left_out(results.left_out)):
            if notice not in self._noticed:
                self._noticed.add(notice)
                warn(notice)
        return [brief_record(hit) for hit in results.hits]


def _reason(error: ValidationError) -> str:
    detail = error.errors()[0]
    match detail["type"], detail["loc"]:
        case "json_invalid", _:
            return f"{detail['msg']}. Write one JSON object a line"
        case "string_pattern_mismatch", _:
            return "query is empty"
        case _, ():
            return 'not an object. Write {"id": ..., "query": ...}'
        case kind, (field, *_):
            return f"{field} is missing" if kind == "missing" else f"{field}: {detail['msg'].lower()}"
    raise AssertionError(detail)


def _questions(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error


def _answers(path: Path, questions: Path) -> TextIO:
    if path.exists() and path.samefile(questions):
        raise InputError(f"{path} holds the questions. Name another file for the answers.")
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error
