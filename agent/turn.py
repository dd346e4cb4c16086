"""What the tools of one turn work on: never stored, never shown to a model."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.attachments.attachment import Attachments
from agent.citations.ledger import Ledger
from retrieval.library import Library


@dataclass
class Turn:
    """The libraries that are asked, the numbers given out so far, and what the conversation has attached."""

    libraries: Sequence[Library]
    ledger: Ledger = field(default_factory=Ledger)
    attachments: Attachments = field(default_factory=Attachments)

    def library(self, name: str) -> Library | None:
        """A library by name."""
        return next((library for library in self.libraries if library.name == name), None)
