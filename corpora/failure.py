"""What could not be read: named, with the reason and the way out."""

from dataclasses import dataclass

from corpora.paper import Source


@dataclass(frozen=True)
class Failure:
    """A file or record that did not become a paper.

    `source` names the file and the place in it, `reason` says what was found, `remedy` what to do about it.
    """

    source: Source
    reason: str
    remedy: str

    def __str__(self) -> str:
        """One line for a person: where, why, what to do."""
        return f"{self.source}: {self.reason}. {self.remedy}"
