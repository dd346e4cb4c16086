"""The tagger of a folder, loaded when papers are to be read."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from corpora import genes
from seqmodels.tagger.bundled import BUNDLED, RULES
from seqmodels.tagger.tagged import Tagged

if TYPE_CHECKING:
    from seqmodels.tagger.tagger import Tagger

HOME_FOLDER = "tagger"
"""Under which name a user's home holds a tagger of their own."""
_WEIGHTS = "*.safetensors"
_TOLD = (_WEIGHTS, "*.json")


class FolderTagger:
    """The tagger of a run's or a model's folder; opening a library does not load it.

    `hash` is of all weights and notes, so it changes whenever what is said of a text could.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def hash(self) -> str:
        """What tells it from every other tagger."""
        files = sorted({path for kind in _TOLD for path in self.folder.rglob(kind)})
        parts = [f"{path.relative_to(self.folder)} {_hash(path)}" for path in files]
        return hashlib.sha256("\n".join([RULES, *parts]).encode()).hexdigest()

    def tag_methylation(self, texts: Sequence[str]) -> list[Tagged]:
        """Tag the texts that speak of methylation; genes of the table are looked at, too.

        Raises ModelError where the folder's model cannot be loaded.
        """
        return self._tagger.tag_methylation(texts, _genes) if texts else []

    def pairs(self, texts: Sequence[str]) -> Iterator[tuple[Tagged, Sequence[tuple[int, int]]]]:
        """Every trigger with every gene that is looked at in each text, as the model alone sees them, and the genes.

        Raises ModelError where the folder's model cannot be loaded.
        """
        return self._tagger.pairs(texts, None, _genes)

    @cached_property
    def _tagger(self) -> "Tagger":
        from seqmodels.tagger.tagger import Tagger

        return Tagger.open(self.folder)


def find_tagger(home: Path, folder: Path | None = None) -> FolderTagger | None:
    """The tagger of a folder, else a user's own, else the one that comes with the package; None where there is none."""
    if folder is not None:
        return FolderTagger(folder)
    places = (home / HOME_FOLDER, BUNDLED)
    return next((FolderTagger(place) for place in places if any(place.rglob(_WEIGHTS))), None)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _genes(text: str) -> list[tuple[int, int]]:
    """The characters of the genes that the table knows in a text."""
    return [(mention.start, mention.end) for mention in genes.mentions(text)]
