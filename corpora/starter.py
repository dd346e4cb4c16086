"""The starter corpus: what 199 papers found, in plain clauses written for this project."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from corpora.paper import Paper, Section, Source
from corpora.record import Body, Line, Names, Record
from corpora.sections import lay_out

STATUSES = (
    "differentially methylated",
    "hypermethylated",
    "hypomethylated",
    "unmethylated",
    "demethylated",
    "methylated",
)
"""What a digest says of a gene's methylation."""
_METHYLATION = "methylation"
_OBSERVATION = re.compile(
    rf"(?P<gene>.+?) is (?P<status>{'|'.join(STATUSES)})(?: in (?P<place>.+?))?(?:: (?P<detail>.+?))?[.!?]"
)


class MethylationRow(BaseModel):
    """One observation: a gene, its methylation status, where that was seen, and the figures."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    gene: str
    status: str
    disease_or_tissue: Line = None
    detail: Line = None

    def sentence(self) -> str:
        """The row as a plain sentence."""
        place = f" in {self.disease_or_tissue}" if self.disease_or_tissue else ""
        detail = f": {self.detail}" if self.detail else ""
        return _full_stop(f"{self.gene} is {self.status}{place}{detail}")


class StarterRecord(Record):
    """A digest of a paper: its findings and methylation rows, `{"title", "findings", "methylation", ...}`."""

    authors: Names = Field(default=(), validation_alias=AliasChoices("first_author", "authors"))
    findings: Names = ()
    methylation: tuple[MethylationRow, ...] = ()

    def body(self) -> Body:
        """Title, findings and methylation rows, each finding and row a sentence on its own line."""
        text, sections = lay_out(
            [
                ("title", self.title),
                ("findings", "\n".join(map(_full_stop, self.findings))),
                (_METHYLATION, "\n".join(row.sentence() for row in self.methylation)),
            ]
        )
        return Body(text, self.title, sections, "digest")

    def identity(self, line: int) -> str | None:
        """The record's own identifier; its line where it has no PMID and no DOI either."""
        return self.id if self.id or self.pmid or self.doi else f"starter-{line}"


@dataclass(frozen=True)
class Observation:
    """A methylation row as it stands in a digest's text: what it says, each part a span of characters."""

    status: str
    sentence: tuple[int, int]
    gene: tuple[int, int]
    place: tuple[int, int] | None
    detail: tuple[int, int] | None


def observations(paper: Paper) -> list[Observation]:
    """The methylation rows of a digest, in the order of its text; a paper that is none has none.

    A row of another status than `STATUSES` is left out.
    """
    section = _rows_of(paper)
    if section is None:
        return []
    found = []
    start = section.start
    for line in paper.text[section.start : section.end].split("\n"):
        if match := _OBSERVATION.fullmatch(paper.text, start, start + len(line)):
            parts = {name: match.span(name) if match[name] else None for name in ("place", "detail")}
            found.append(Observation(match["status"], match.span(), match.span("gene"), **parts))
        start += len(line) + 1
    return found


def prose(paper: Paper) -> str:
    """The text of a paper up to a digest's methylation rows, which are read as rows."""
    section = _rows_of(paper)
    return paper.text if section is None else paper.text[: section.start]


def starter_papers() -> Iterator[Paper]:
    """The papers of the starter corpus that comes with the package, in the order of its file."""
    bundled = files("corpora") / "data" / "starter.jsonl"
    with bundled.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            source = Source(path=Path(bundled.name), place=f"line {number}")
            yield StarterRecord.model_validate_json(line).paper(source, number)


def _full_stop(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def _rows_of(paper: Paper) -> Section | None:
    if paper.kind != "digest":
        return None
    return next((section for section in paper.sections if section.name == _METHYLATION), None)
