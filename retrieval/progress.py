"""How long work says how far it is."""

from typing import Protocol


class Progress(Protocol):
    """Called with the stage, what is done of it, and the total where it is known."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Report progress; must be quick."""
        ...


def silent(stage: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""
