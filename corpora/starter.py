"""The starter corpus: what 199 papers found, in plain clauses written for this project."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from corpora.paper import Paper, Source
from corpora.record import Body, Line, Names, Record
from corpora.sections import lay_out


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
                ("methylation", "\n".join(row.sentence() for row in self.methylation)),
            ]
        )
        return Body(text, self.title, sections, "digest")

    def identity(self, line: int) -> str | None:
        """The record's own identifier; its line where it has no PMID and no DOI either."""
        return self.id if self.id or self.pmid or self.doi else f"starter-{line}"


def starter_papers() -> Iterator[Paper]:
    """The papers of the starter corpus that comes with the package, in the order of its file."""
    bundled = files("corpora") / "data" / "starter.jsonl"
    with bundled.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            source = Source(path=Path(bundled.name), place=f"line {number}")
            yield StarterRecord.model_validate_json(line).paper(source, number)


def _full_stop(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."
