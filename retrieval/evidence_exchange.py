"""The evidence table as files that people correct and give back: JSON lines, or a folder of stand-off annotation.

In JSON lines a person fills in `verdict`, and what is changed in `correction`: `"disease": "none"` where there is none,
and so of `sample`; null says the same where it is not that of the exported line. In a folder they take out events, or
change an event's `Status`, its gene or its `Verdict`; what stays as it was says nothing.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError, model_validator

from retrieval.errors import LibraryError, UnknownRow
from retrieval.evidence_row import NOTHING, Correction, EvidenceRow, Nothing, RowStatus, Verdict
from retrieval.evidence_standoff import SaidEvent, gene_place, read_document, write_document
from retrieval.library import Library
from retrieval.scope import Sample
from seqmodels.predictors.writing import whole_file

ROWS = "rows.jsonl"
"""The file of a folder that says which rows its events are."""
_MEND = "Mend that line, or export the evidence again."
_UNTOLD = dict.fromkeys(("gene", "status", "disease", "sample"))
_EMPTY = BeforeValidator(lambda value: None if value == "" else value)


@dataclass(frozen=True)
class Imported:
    """How many rows a file judges; `gone` are the keys that no library has, `new` how many events are of no row."""

    taken: int
    gone: tuple[str, ...]
    new: int


class _Correction(BaseModel):
    """What a person writes under `correction`."""

    model_config = ConfigDict(extra="forbid")

    gene: Annotated[str | None, _EMPTY] = None
    status: Annotated[RowStatus | None, _EMPTY] = None
    disease: Annotated[str | None, _EMPTY] = None
    sample: Annotated[Sample | Nothing | None, _EMPTY] = None

    @model_validator(mode="before")
    @classmethod
    def _read_null(cls, given: object) -> object:
        """Null says that there is none, but not in what was exported, where it stands for all that stays."""
        if not isinstance(given, dict) or given.keys() >= _UNTOLD.keys():
            return given
        told = {name: NOTHING for name in ("disease", "sample") if given.get(name, "") is None}
        return {**given, **told}


class _Row(BaseModel):
    """What is read of an exported line."""

    key: str
    status: str = ""
    verdict: Annotated[Verdict | None, _EMPTY] = None
    correction: Annotated[_Correction, BeforeValidator(lambda value: value or {})] = _Correction()
    source: str = ""
    document: str | None = None
    event: str | None = None


class _Said(NamedTuple):
    """What a file says of a row."""

    key: str
    verdict: Verdict
    correction: Correction


_VERDICT: TypeAdapter[Verdict | None] = TypeAdapter(Verdict | None)
_STATUS: TypeAdapter[RowStatus | None] = TypeAdapter(RowStatus | None)


def export_rows(rows: Iterable[EvidenceRow], path: Path) -> None:
    """Write rows as JSON lines; the file appears only when it is complete. Raises LibraryError."""
    _write(path, [asdict(row) | {"correction": _UNTOLD} for row in rows])


def export_standoff(libraries: Sequence[Library], rows: Sequence[EvidenceRow], folder: Path) -> None:
    """Write the papers of rows and the rows as stand-off annotation into a folder that is new or empty.

    Raises LibraryError where it is not, or cannot be written to.
    """
    lines = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise LibraryError(f"{folder} is not empty", "Name a new or an empty folder.")
        for sha256 in dict.fromkeys(row.sha256 for row in rows):
            stored = next((found for library in libraries if (found := library.by_hash(sha256))), None)
            if stored is None:
                continue
            own = list({row.key: row for row in rows if row.sha256 == sha256}.values())
            name = f"{stored.paper.pmid or 'paper'}-{sha256[:12]}"
            write_document(folder, name, stored.paper.text, own)
            lines += [asdict(row) | {"document": name, "event": f"E{event}"} for event, row in enumerate(own, 1)]
    except OSError as error:
        raise LibraryError(
            f"{folder} cannot be written ({error.strerror})", "Name a folder that you can write to."
        ) from error
    _write(folder / ROWS, lines)


def import_rows(libraries: Sequence[Library], path: Path) -> Imported:
    """Take in what people said in a file of `export_rows` or a folder of `export_standoff`.

    Raises LibraryError, which names the file and line, where it is neither; nothing is taken in then.
    """
    said, new = _of_folder(path) if path.is_dir() else (list(_of_lines(path)), 0)
    taken, gone = 0, list[str]()
    for each in said:
        if sum(_judged(library, each) for library in libraries):
            taken += 1
        else:
            gone.append(each.key)
    return Imported(taken, tuple(gone), new)


def _judged(library: Library, said: _Said) -> bool:
    try:
        library.judge(said.key, said.verdict, said.correction)
    except UnknownRow:
        return False
    return True


def _of_lines(path: Path) -> Iterator[_Said]:
    for place, row in _rows(path):
        correction = Correction(**row.correction.model_dump())
        changes = correction != Correction()
        verdict = row.verdict or ("corrected" if changes else None)
        if verdict is None or (verdict == "corrected" and not changes and row.source == "person"):
            continue  # not judged, or corrected before it was exported
        if changes != (verdict == "corrected"):
            told = "is corrected, but its correction is empty" if not changes else f"corrects what is {verdict}"
            raise LibraryError(f"{place} {told}", "Say corrected and what is changed, or leave correction empty.")
        yield _Said(row.key, verdict, correction)


def _of_folder(folder: Path) -> tuple[list[_Said], int]:
    """What a folder says of its rows, and how many events are of none."""
    rows: dict[str, list[_Row]] = {}
    for place, row in _rows(folder / ROWS):
        if row.document is None or row.event is None or Path(row.document).name != row.document:
            raise LibraryError(f"{place} names no document and event", "Export the evidence again.")
        rows.setdefault(row.document, []).append(row)
    said, new = list[_Said](), 0
    for document, own in rows.items():
        text, events = read_document(folder, document)
        if any(hashlib.sha256(text.encode()).hexdigest() != row.key.partition(":")[0] for row in own):
            raise LibraryError(f"{folder / document}.txt is not the text that was exported", "Export it again.")
        new += len(events.keys() - {row.event for row in own})
        said += [found for row in own if (found := _of_event(folder / document, text, row, events))]
    return said, new


def _of_event(document: Path, text: str, row: _Row, events: Mapping[str, SaidEvent]) -> _Said | None:
    """What an event says of its row; None where nothing was changed."""
    event = events.get(str(row.event))
    if event is None:
        return _Said(row.key, "rejected", Correction())
    status = event.status if event.status and event.status != row.status else None
    gene = event.gene if event.gene != text[slice(*gene_place(row.key))] else None
    try:
        correction = Correction(gene, _STATUS.validate_python(status))
        verdict = _VERDICT.validate_python(event.verdict)
    except ValidationError as error:
        given = error.errors()[0]
        raise LibraryError(f"{document}.a2, {row.event}: {given['input']!r} is none. {given['msg']}", _MEND) from error
    if correction != Correction():
        return _Said(row.key, "corrected", correction)
    return _Said(row.key, verdict, correction) if verdict in ("accepted", "rejected") else None


def _rows(path: Path) -> Iterator[tuple[str, _Row]]:
    """The lines of an export, each with its place."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise LibraryError(
            f"{path} cannot be read ({error})", "Name what `epicite evidence --export` wrote."
        ) from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            place = f"{path}, line {number}"
            try:
                yield place, _Row.model_validate_json(line)
            except ValidationError as error:
                found = error.errors()[0]
                where = "".join(f"{key}: " for key in found["loc"])
                raise LibraryError(f"{place} is no row of evidence ({where}{found['msg']})", _MEND) from error


def _write(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    try:
        with whole_file(path) as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    except OSError as error:
        raise LibraryError(
            f"{path} cannot be written ({error.strerror})", "Name a file in a folder that you can write to."
        ) from error
