"""What can go wrong with a model, and what to do about it."""


class ModelError(Exception):
    """A model cannot be loaded or run: `reason` names it and what was found, `remedy` the way out."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}. {remedy}")
        self.reason = reason
        self.remedy = remedy
