"""Evidence rows as BioNLP stand-off annotation (.txt, .a1, .a2), and what a person changed of it.

Kim et al. 2011, doi:10.1186/1471-2105-13-S11-S1; the attributes `Status` and `Verdict` of an event are brat's
(Stenetorp et al. 2012, aclanthology.org/E12-2021). Offsets count characters, ends are exclusive.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.errors import LibraryError
from retrieval.evidence_row import EvidenceRow
from retrieval.sentences import Span

_EVENT = "DNA_methylation"
_GENE = "Protein"
_MENTION = re.compile(r"(T\d+)\t\S+ (\d+) (\d+)\t.*")
_SAID = re.compile(r"(E\d+)\t[^\s:]+:(T\d+)(?: Theme:(T\d+))?.*")
_ATTRIBUTE = re.compile(r"[AM]\d+\t(Status|Verdict|Negation|Speculation) (E\d+)(?: (.+))?")


@dataclass(frozen=True)
class SaidEvent:
    """An event as a file tells it: its gene's words, its status and, where a person gave one, their verdict."""

    gene: str
    status: str | None
    verdict: str | None


def write_document(folder: Path, name: str, text: str, rows: Sequence[EvidenceRow]) -> None:
    """Write a paper and its rows, the first row as event E1; raises OSError."""
    genes, events, number = list[str](), list[str](), 0
    mentions: dict[tuple[str, Span], str] = {}

    def mention(kind: str, span: Span, lines: list[str]) -> str:
        known = mentions.get((kind, span))
        if known is None:
            known = mentions[kind, span] = f"T{len(mentions) + 1}"
            lines.append(f"{known}\t{kind} {span[0]} {span[1]}\t{' '.join(text[slice(*span)].splitlines())}")
        return known

    of_rows = [(mention(_GENE, gene_place(row.key), genes), row) for row in rows]
    for event, (gene, row) in enumerate(of_rows, 1):
        trigger = mention(_EVENT, _trigger(row), events)
        events.append(f"E{event}\t{_EVENT}:{trigger} Theme:{gene}")
        told = {"Negation": row.negated, "Speculation": row.speculated}
        marks = [f"M\t{kind} E{event}" for kind, holds in told.items() if holds]
        marks += [f"A\tStatus E{event} {row.status}"]
        marks += [f"A\tVerdict E{event} {row.verdict}"] if row.verdict else []
        for mark in marks:
            number += 1
            events.append(f"{mark[0]}{number}{mark[1:]}")
    for suffix, content in ((".txt", text), (".a1", _lines(genes)), (".a2", _lines(events))):
        (folder / f"{name}{suffix}").write_text(content, encoding="utf-8", newline="")


def read_document(folder: Path, name: str) -> tuple[str, dict[str, SaidEvent]]:
    """The text of a document and its events by their identifiers.

    Raises LibraryError where a file is missing, or a line is no annotation of that text.
    """
    text = _read(folder / f"{name}.txt")
    mentions: dict[str, Span] = {}
    events: dict[str, tuple[str, Path, int]] = {}
    told: dict[tuple[str, str], str] = {}
    for path in (folder / f"{name}.a1", folder / f"{name}.a2"):
        for number, line in enumerate(_read(path).splitlines(), 1):
            if match := _MENTION.fullmatch(line):
                mentions[match[1]] = int(match[2]), int(match[3])
                if not int(match[2]) < int(match[3]) <= len(text):
                    raise _bad(path, number, "marks nothing in the text")
            elif match := _SAID.fullmatch(line):
                events[match[1]] = match[3] or "", path, number
            elif match := _ATTRIBUTE.fullmatch(line):
                told[match[2], match[1]] = match[3] or ""
            elif line.strip() and line[0] not in "#*R":
                raise _bad(path, number, "is no annotation")
    said = {}
    for event, (gene, path, number) in events.items():
        if gene not in mentions:
            raise _bad(path, number, "names no gene as its Theme")
        words = text[slice(*mentions[gene])]
        said[event] = SaidEvent(words, told.get((event, "Status")), told.get((event, "Verdict")))
    return text, said


def gene_place(key: str) -> Span:
    """Where the gene of a row stands, by its key."""
    return _span(key.rpartition(":")[2])


def _trigger(row: EvidenceRow) -> Span:
    """Where a row's trigger stands; of a curated row, which is a sentence, its status."""
    start, end = _span(row.key.split(":")[1])
    at = row.quote.find(row.status) if row.source == "curated" else -1
    return (row.start + at, row.start + at + len(row.status)) if at >= 0 else (start, end)


def _span(written: str) -> Span:
    start, _, end = written.partition("-")
    return int(start), int(end)


def _lines(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise LibraryError(f"{path} cannot be read ({error})", "Export the evidence again.") from error


def _bad(path: Path, line: int, what: str) -> LibraryError:
    return LibraryError(f"{path}, line {line} {what}", "Mend that line, or export the evidence again.")
