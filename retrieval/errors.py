"""What can go wrong with a library, and what to do about it."""

from pathlib import Path


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


class OutdatedFormat(LibraryError):
    """A library of an earlier format has so many papers that it is brought to the current one only when asked to."""

    def __init__(self, folder: Path, papers: int) -> None:
        super().__init__(
            f"{folder} has an earlier format and {papers} papers, which takes a while to bring up to date",
            f"Run `epicite library upgrade --library {folder}`.",
        )
        self.folder = folder


class IndexAway(LibraryError):
    """The server that holds a library's index does not answer, or refuses."""


class IdentifierConflict(LibraryError):
    """An identifier stands for two different texts."""


class UnknownPaper(LibraryError):
    """A paper is not, or no longer, in the library."""


class UnknownRow(LibraryError):
    """A row is not, or no longer, in the evidence table."""
