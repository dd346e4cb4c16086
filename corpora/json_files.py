"""JSON files: what they hold says what they are, never their name."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from corpora.bioc import LISTS, read_bioc_json
from corpora.csl import is_csl, read_csl
from corpora.failure import Failure
from corpora.json_items import items
from corpora.jsonl import read_json_records
from corpora.paper import Paper
from corpora.unreadable import Unreadable


def read_json(path: Path) -> Iterator[Paper | Failure]:
    """The papers of a JSON file: BioC, CSL, or records like those of JSON lines.

    Raises Unreadable where it holds none of these, and what `items` raises.
    """
    first = next((item for item, _ in islice(items(path, LISTS), 1)), None)
    if not isinstance(first, dict):
        raise Unreadable(
            "holds no records: its JSON is neither a list of objects nor an object",
            "Give BioC JSON, CSL JSON or JSON lines.",
        )
    if _is_bioc(first):
        yield from read_bioc_json(path)
    elif is_csl(first):
        yield from read_csl(path)
    elif {"title", "abstract", "text"} & first.keys():
        yield from read_json_records(path)
    else:
        raise Unreadable(
            f"holds records of a kind that is not read (their fields are {', '.join(sorted(map(str, first))[:12])})",
            "Give BioC JSON, CSL JSON, or records with a title, an abstract or a text.",
        )


def _is_bioc(first: dict[str, Any]) -> bool:
    return "passages" in first or "documents" in first
