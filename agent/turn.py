"""What the tools of one turn work on: never stored, never shown to a model."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from agent.attachments.attaching import Attaching
from agent.attachments.attachment import Attachment, Attachments
from agent.attachments.pasted import Kind
from agent.citations.ledger import Ledger
from agent.predictors import Predictors
from corpora.paper import Paper
from retrieval import notice_store, works
from retrieval.evidence_row import EvidenceRow
from retrieval.filters import was_out
from retrieval.library import Library
from retrieval.notices import told_of


@dataclass
class Turn:
    """The libraries that are asked, the numbers given out so far, and what the conversation has attached.

    `predictors` are the trained models that tools run, `results` keeps the files that they make, `predictions` is
    what they have said so far, and `evidence` are the rows that each question to the evidence table has found. `as_of`
    is the day on which one looks, with what was out and said by then; `with_retracted`: retracted papers may answer.
    """

    libraries: Sequence[Library]
    ledger: Ledger = field(default_factory=Ledger)
    attachments: Attachments = field(default_factory=Attachments)
    predictors: Predictors = field(default_factory=Predictors)
    results: Attaching | None = None
    predictions: list[dict[str, Any]] = field(default_factory=list)
    evidence: list[Sequence[EvidenceRow]] = field(default_factory=list)
    as_of: date | None = None
    with_retracted: bool = False

    @property
    def day(self) -> str | None:
        """The day on which one looks, in ISO 8601."""
        return self.as_of.isoformat() if self.as_of else None

    def keep(self, name: str, kind: Kind, content: str) -> Attachment:
        """Keep a file that a tool has made; later tools of the turn can read it too."""
        assert self.results is not None, "a turn with tools that make files keeps their results"
        kept = self.results.keep(name, kind, content)
        self.attachments.add(kept)
        return kept

    def library(self, name: str) -> Library | None:
        """A library by name."""
        return next((library for library in self.libraries if library.name == name), None)

    def sees(self, library: Library, number: int) -> bool:
        """Whether a paper was out on the day on which one looks."""
        if self.day is None:
            return True
        with library.database.reading() as connection:
            return was_out(connection, number, self.day)

    def seen(self, library: Library, number: int, paper: Paper) -> Paper:
        """A paper, retracted only if it was on the day on which one looks."""
        if self.day is None:
            return paper
        with library.database.reading() as connection:
            retracted = notice_store.was_retracted(connection, number, self.day)
        return paper.model_copy(update={"retracted": retracted})

    def beside(self, library: Library, number: int) -> dict[str, list[str]]:
        """What is told beside a paper: what was said of it since, and the other versions of its work."""
        with library.database.reading() as connection:
            others = works.versions(connection, number, self.day)
        return {
            "notices": list(told_of(library, number, self.day)),
            "versions": [version.described for version in others],
        }
