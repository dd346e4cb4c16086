"""What a fetch has to say when it is done."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Fetched:
    """The files that hold what was fetched, how many records that is, and what the source does not have."""

    files: tuple[Path, ...]
    records: int
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Progress(Protocol):
    """Called with the stage, what is done of it, and the total where it is known."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Report progress; must be quick."""
        ...
