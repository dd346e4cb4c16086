"""What can go wrong with a source, and what to do about it."""


class FeedError(Exception):
    """Something could not be fetched: `reason` names what was found, `remedy` the way out."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}. {remedy}")
        self.reason = reason
        self.remedy = remedy


class Unavailable(FeedError):
    """A source did not answer, or not with what was asked for, however often it was asked."""


class Refused(FeedError):
    """A source answers that it will not: `status` is HTTP's, `said` what it wrote."""

    def __init__(self, reason: str, remedy: str, status: int = 0, said: str = "") -> None:
        super().__init__(reason, remedy)
        self.status = status
        self.said = said


class Occupied(FeedError):
    """A folder holds, or is being filled with, something else."""


class BadRequest(FeedError):
    """What was asked for cannot be asked for like that."""
