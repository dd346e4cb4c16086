"""Files named .txt: PubTator and RIS are often saved as such, and told by their first line."""

import re
from collections.abc import Iterator
from pathlib import Path

from corpora.failure import Failure
from corpora.paper import Paper
from corpora.prose import read_text
from corpora.pubtator import read_pubtator
from corpora.ris import read_ris

_HEAD = 1024
_PUBTATOR = re.compile(rb"(?:\xef\xbb\xbf)?\s*[\w.:-]{1,40}\|t\|")
_RIS = re.compile(rb"(?:\xef\xbb\xbf)?\s*TY {1,2}- [A-Z]{2,10}\s*[\r\n]")


def read_txt(path: Path) -> Iterator[Paper | Failure]:
    """The papers of a text file; raises what the reader of its format raises."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if _PUBTATOR.match(head):
        yield from read_pubtator(path)
    elif _RIS.match(head):
        yield from read_ris(path)
    else:
        yield from read_text(path)
