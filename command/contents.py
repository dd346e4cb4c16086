"""`epicite library export`, `import` and `remove`: the papers of one library."""

from collections.abc import Sequence
from pathlib import Path

from command.errors import InputError
from command.ingest import show_report
from command.libraries import own
from command.output import plain, say
from command.progress import Bars
from command.settings import read_settings
from corpora.paper import Paper
from retrieval.exchange import export_papers, import_papers
from retrieval.library import Library
from retrieval.store import StoredPaper, by_identifier


def export_to(file: Path, folder: Path | None) -> int:
    """Write all papers to a file."""
    with own(read_settings(), folder, create=False) as library:
        say(f"exported {export_papers(library, file)} papers to {file}")
    return 0


def import_from(file: Path, folder: Path | None) -> int:
    """Take in the papers of an exported file; 1 where a line of it is none."""
    with own(read_settings(), folder) as library, Bars() as progress:
        report = import_papers(library, file, progress)
    return show_report(report)


def remove(identifiers: Sequence[str], folder: Path | None) -> int:
    """Take out the papers that these identifiers name, all or none."""
    with own(read_settings(), folder, create=False) as library:
        found = dict(named for identifier in identifiers for named in _named(library, identifier))
        for number, paper in found.items():
            library.remove(number)
            say(f"removed {_label(paper)}")
    return 0


def _named(library: Library, identifier: str) -> list[tuple[int, Paper]]:
    """The paper that an identifier names, with its number; abstract and full text where both bear it."""
    with library.database.reading() as connection:
        found = by_identifier(connection, identifier, limit=5)
    if len(found) == 1 or _is_one(found):
        return [(stored.id, stored.paper) for stored in found]
    labels = "; ".join(_label(stored.paper) for stored in found or library.find_paper(identifier))
    if found:
        raise InputError(f"{identifier!r} names several papers: {labels}. Name one by its PMID or DOI.")
    near = f" The nearest are: {labels}." if labels else ""
    raise InputError(f"{library.name} holds no paper {identifier!r}.{near} Nothing was removed.")


def _is_one(found: Sequence[StoredPaper]) -> bool:
    """Whether papers bear the same PMID or the same DOI."""
    known = ({stored.paper.pmid for stored in found}, {stored.paper.doi for stored in found})
    return any(len(names) == 1 and names != {None} for names in known)


def _label(paper: Paper) -> str:
    names = (f"PMID {paper.pmid}" if paper.pmid else None, f"DOI {paper.doi}" if paper.doi else None, paper.title)
    return plain(", ".join(name for name in names if name) or str(paper.source or paper.sha256))
