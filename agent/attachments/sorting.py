"""Which files are papers, for a library, and which are attachments, for a conversation."""

from pathlib import Path

from agent.attachments.extent import kind_of_file
from corpora.abstract_table import holds_papers
from corpora.reading import READERS, TABLES

# How the files are called that a conversation takes; each may be compressed.
_PLAIN = (".fa", ".fasta", ".fna", ".ffn", ".faa", ".vcf", ".csv", ".tsv")
ATTACHED = (*_PLAIN, *(f"{suffix}.gz" for suffix in _PLAIN))
# A text may be either: what it holds decides.
_PROSE = (".txt", ".md", ".markdown")

# A file of these is one paper, where others may hold thousands.
_ONE_PAPER = (*_PROSE, ".pdf", ".nxml", ".html", ".htm", ".xhtml", ".docx", ".epub", ".xlsx")


def is_one_paper(path: Path) -> bool:
    """Whether a file is a paper, and one only."""
    return path.name.lower().endswith(_ONE_PAPER) and is_paper(path)


def is_paper(path: Path) -> bool:
    """Whether a file is of a format that papers have, and holds no sequence, FASTA, table or VCF in its place."""
    name = path.name.lower()
    if name.endswith(tuple(TABLES)):
        return holds_papers(path)
    if not name.endswith(tuple(READERS)):
        return False
    return not name.endswith(_PROSE) or kind_of_file(path) == "file"
