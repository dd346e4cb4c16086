"""`epicite library notices`: what a file says of papers, kept in libraries."""

from collections.abc import Sequence
from pathlib import Path

from command.libraries import existing
from command.output import plain, say, warn
from command.progress import Bars
from command.settings import read_settings
from retrieval.notices import take_notices

_MOST_TOLD = 10


def take(file: Path, folders: Sequence[Path]) -> int:
    """Store the notices of a file in the libraries of these folders, or in all; 1 where a row of it is none."""
    failures = set()
    libraries = existing(read_settings(), folders)
    for name, open_library in libraries:
        with open_library() as library, Bars() as progress:
            report = take_notices(library, file, progress)
        failures |= {str(failure) for failure in report.failures}
        say(plain(f"{name}: {report.stored} notices stored, of {report.papers} papers that are here"))
    for failure in sorted(failures)[:_MOST_TOLD]:
        warn(plain(failure))
    if len(failures) > _MOST_TOLD:
        warn(f"... and {len(failures) - _MOST_TOLD} rows more that are no notices")
    if not libraries:
        say("no library yet; the first search builds the starter library")
    return 1 if failures else 0
