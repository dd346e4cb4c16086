"""What the tools of one turn work on: never stored, never shown to a model."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.attachments.attaching import Attaching
from agent.attachments.attachment import Attachment, Attachments
from agent.attachments.pasted import Kind
from agent.citations.ledger import Ledger
from agent.predictors import Predictors
from retrieval.evidence_row import EvidenceRow
from retrieval.library import Library


@dataclass
class Turn:
    """The libraries that are asked, the numbers given out so far, and what the conversation has attached.

    `predictors` are the trained models that tools run, `results` keeps the files that they make, `predictions` is
    what they have said so far, and `evidence` are the rows that each question to the evidence table has found.
    """

    libraries: Sequence[Library]
    ledger: Ledger = field(default_factory=Ledger)
    attachments: Attachments = field(default_factory=Attachments)
    predictors: Predictors = field(default_factory=Predictors)
    results: Attaching | None = None
    predictions: list[dict[str, Any]] = field(default_factory=list)
    evidence: list[Sequence[EvidenceRow]] = field(default_factory=list)

    def keep(self, name: str, kind: Kind, content: str) -> Attachment:
        """Keep a file that a tool has made; later tools of the turn can read it too."""
        assert self.results is not None, "a turn with tools that make files keeps their results"
        kept = self.results.keep(name, kind, content)
        self.attachments.add(kept)
        return kept

    def library(self, name: str) -> Library | None:
        """A library by name."""
        return next((library for library in self.libraries if library.name == name), None)
