"""What the tools of one turn work on: never stored, never shown to a model."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.ledger import Ledger
from retrieval.library import Library


@dataclass
class Turn:
    """The libraries that are asked, and the numbers given out so far."""

    libraries: Sequence[Library]
    ledger: Ledger = field(default_factory=Ledger)

    def library(self, name: str) -> Library | None:
        """A library by name."""
        return next((library for library in self.libraries if library.name == name), None)
