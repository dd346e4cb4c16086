"""Libraries as files that can be sent and kept: JSONL with all that is the truth, or RIS for citation managers.

A line of JSONL is one whole paper, or `{"verdict": ...}`, what a person said of an evidence row, or
`{"notice": ...}`, what a file said of a paper.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from sqlalchemy import delete, insert, select

from corpora.failure import Failure
from corpora.notices import Notice
from corpora.paper import Paper, Source
from retrieval import notice_store, works
from retrieval.errors import LibraryError
from retrieval.evidence_row import Correction
from retrieval.evidence_row import Verdict as VerdictKind
from retrieval.finding import FINDING, Finding
from retrieval.ingest import Report, take_in
from retrieval.library import Library
from retrieval.notices import keep_notices
from retrieval.progress import Progress, silent
from retrieval.ris import ris_record
from retrieval.schema import verdicts

RIS = ".ris"
"""The suffix of files that are written as RIS."""
_CORRECTION = TypeAdapter(Correction)


class _Verdict(BaseModel):
    """What a person said of an evidence row, as a line tells it."""

    model_config = ConfigDict(extra="forbid")

    key: str
    sha256: str
    verdict: VerdictKind
    correction: Correction
    finding: Finding
    owner: str
    time: str


class _Notice(BaseModel):
    """What a file said of a paper, as a line tells it."""

    model_config = ConfigDict(extra="forbid")

    origin: str
    said: Notice


class _Line(BaseModel):
    """A line that is no paper."""

    model_config = ConfigDict(extra="forbid")

    verdict: _Verdict | None = None
    notice: _Notice | None = None


class _Taken:
    """What a file holds beside papers, gathered while those are read."""

    def __init__(self) -> None:
        self.verdicts: list[_Verdict] = []
        self.notices: dict[str, list[Notice]] = {}

    def take(self, line: _Line) -> None:
        """Note a line."""
        if line.verdict:
            self.verdicts.append(line.verdict)
        if line.notice:
            self.notices.setdefault(line.notice.origin, []).append(line.notice.said)


def export_papers(library: Library, path: Path) -> int:
    """Write all papers to a file, which appears only when it is complete; gives their number.

    A path that ends in .ris is written as RIS, any other as JSONL, with verdicts and notices.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    is_ris = path.suffix.lower() == RIS
    written = 0
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            for line in _ris(library) if is_ris else _papers(library):
                file.write(line)
                written += 1
            if not is_ris:
                file.writelines(_beside(library))
        unfinished.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise LibraryError(
            f"{path} cannot be written ({error.strerror})", "Name a file in a folder that you can write to."
        ) from error
    return written


def import_papers(library: Library, path: Path, progress: Progress = silent) -> Report:
    """Take in a file that `export_papers` wrote as JSONL.

    Of two verdicts on one row the later one holds; notices of a file take the place of those that it gave before.
    """
    beside = _Taken()
    report = take_in(library, _exported(path, beside), progress)
    for origin, said in beside.notices.items():
        keep_notices(library, origin, said)
    _keep_verdicts(library, beside.verdicts)
    return report


def _papers(library: Library) -> Iterator[str]:
    for stored in library.papers():
        yield stored.paper.model_dump_json(exclude_defaults=True) + "\n"


def _ris(library: Library) -> Iterator[str]:
    """Each paper once: a full text that shares its identifiers with an abstract is the same reference."""
    for stored in library.papers():
        if stored.paper.kind == "full text" and _has_abstract(library, stored.id):
            continue
        yield ris_record(library.paper(stored.id))


def _has_abstract(library: Library, number: int) -> bool:
    with library.database.reading() as connection:
        row = works.keys_of(connection, number)
        return row is not None and any(other.kind == "abstract" for other in works.same_paper(connection, row))


def _beside(library: Library) -> Iterator[str]:
    """Verdicts and notices, a line each."""
    with library.database.reading() as connection:
        for row in connection.execute(select(verdicts).order_by(verdicts.c.key)):
            told = dict(row._mapping)
            told["correction"] = _CORRECTION.validate_json(row.correction)
            told["finding"] = FINDING.validate_json(row.finding)
            yield _Line(verdict=_Verdict(**told)).model_dump_json(exclude_unset=True) + "\n"
        for origin, said in notice_store.of_files(connection):
            notice = _Notice(origin=origin, said=Notice(**asdict(said)))
            yield _Line(notice=notice).model_dump_json(exclude_unset=True) + "\n"


def _keep_verdicts(library: Library, said: list[_Verdict]) -> None:
    with library.database.writing() as connection:
        for each in said:
            known = connection.scalar(select(verdicts.c.time).filter_by(key=each.key))
            if known is not None and known >= each.time:
                continue
            connection.execute(delete(verdicts).filter_by(key=each.key))
            row = each.model_dump() | {
                "correction": _CORRECTION.dump_json(each.correction, exclude_none=True).decode(),
                "finding": FINDING.dump_json(each.finding).decode(),
            }
            connection.execute(insert(verdicts), row)


def _exported(path: Path, beside: _Taken) -> Iterator[Paper | Failure]:
    """Papers of an exported file, with the sources that they had; a line that is none becomes a Failure."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                try:
                    if line.startswith(('{"verdict":', '{"notice":')):
                        beside.take(_Line.model_validate_json(line))
                    else:
                        yield Paper.model_validate_json(line)
                except ValidationError as error:
                    reason = f"is not an exported paper ({error.errors()[0]['msg']})"
                    yield Failure(Source(path=path, place=f"line {number}"), reason, "Export the library again.")
    except (OSError, UnicodeDecodeError) as error:
        yield Failure(Source(path=path), f"cannot be read ({error})", "Name a file of `epicite library export`.")
