"""The folds' held-out pairs that come with a tagger, so that its weights of pairs can be learnt anew anywhere."""

import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seqmodels.errors import ModelError
from seqmodels.predictors.card import weights_hash
from seqmodels.tagger.recipes.results import Row
from seqmodels.tagger.standoff import Document, folded

PAIRS = "pairs.jsonl.gz"


@dataclass(frozen=True)
class HeldOut:
    """The folds of raw text, as `seqmodels.tagger.recipes.results` reads them, and the documents that they have."""

    rows: tuple[Row, ...]
    pmids: frozenset[str]
    texts: frozenset[str]

    def has(self, pmid: str | None, text: str) -> bool:
        """Whether a paper is a document of a fold, by its PMID or its words."""
        return pmid in self.pmids or _words_hash(text) in self.texts


def write_held_out(folder: Path, rows: Sequence[Row], folds: Sequence[Sequence[Document]]) -> None:
    """Write the folds of a model's weights beside them; the same folds give the same bytes.

    Args:
        folder: of the model.
        rows: its judged folds of raw text.
        folds: the documents of each fold, by its number.
    """
    digest = weights_hash(folder)
    lines = []
    for row in rows:
        documents = folds[row["fold"]]
        record = {
            "weights": digest,
            "fold": row["fold"],
            "abstracts": row["abstracts"],
            "features": row["features"],
            "papers": {pmid: _numbered(paper) for pmid, paper in row["papers"].items()},
            "pmids": sorted(document.pmid for document in documents),
            "texts": sorted(_words_hash(document.text) for document in documents),
        }
        lines.append(json.dumps(record, separators=(",", ":")) + "\n")
    (folder / PAIRS).write_bytes(gzip.compress("".join(lines).encode(), 9, mtime=0))


def read_held_out(folder: Path) -> HeldOut:
    """The folds of a tagger's folder.

    Raises ModelError where it has none, or they are of other weights than those that lie there.
    """
    path = folder / PAIRS
    if not path.is_file():
        raise ModelError(
            f"The tagger in {folder} has no {PAIRS}, the folds that it would be judged on",
            "Use the tagger that comes with the package, or bundle yours with seqmodels.tagger.recipes.bundle.",
        )
    rows = tuple(map(json.loads, gzip.decompress(path.read_bytes()).decode().splitlines()))
    if {row["weights"] for row in rows} != {weights_hash(folder)}:
        raise ModelError(f"{path} is of other weights than those beside it", "Put both files of one tagger there.")
    pmids = frozenset(pmid for row in rows for pmid in row["pmids"])
    return HeldOut(rows, pmids, frozenset(text for row in rows for text in row["texts"]))


def _numbered(paper: Row) -> Row:
    """A paper whose genes are numbers: which of its words they are is of no matter here."""
    numbers: dict[str, str] = {}

    def number(gene: str) -> str:
        return numbers.setdefault(gene, str(len(numbers)))

    return {
        "gold": [[start, end, number(gene), status] for start, end, gene, status in paper["gold"]],
        "said": [[start, end, number(gene), *others] for start, end, gene, *others in paper["said"]],
    }


def _words_hash(text: str) -> str:
    """A hash that spaces, case and punctuation do not change."""
    return hashlib.sha256(folded(text).encode()).hexdigest()[:16]
