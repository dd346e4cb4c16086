"""A paper that its source takes back."""

from dataclasses import dataclass

from corpora.paper import Source


@dataclass(frozen=True)
class Withdrawn:
    """The PMID of a paper that PubMed has deleted (`DeleteCitation` of an update file), and where that stands.

    It holds for what was read before it: a later record with the same PMID is a paper again.
    """

    pmid: str
    source: Source
