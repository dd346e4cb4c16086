"""What can go wrong with a library, and what to do about it."""


class LibraryError(Exception):
    """A library cannot do what was asked: `reason` names what was found, `remedy` the way out."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}. {remedy}")
        self.reason = reason
        self.remedy = remedy


class NotALibrary(LibraryError):
    """A folder is no library and cannot become one."""


class UnknownFormat(LibraryError):
    """A library was written by a version whose format this one does not read."""


class IdentifierConflict(LibraryError):
    """An identifier stands for two different texts."""


class UnknownPaper(LibraryError):
    """A paper is not, or no longer, in the library."""


class UnknownRow(LibraryError):
    """A row is not, or no longer, in the evidence table."""
