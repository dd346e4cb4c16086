"""Labelled windows as rows of the training loop."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike

from seqmodels.backbones import Backbone
from seqmodels.tagger.tracks import TRACKS
from seqmodels.tagger.windows import Window
from seqmodels.tagger.words import pieces_of, spread
from seqmodels.tokens import IGNORED, Ragged, refuse_longer
from seqmodels.train.errors import ConfigError
from seqmodels.train.examples import Examples, Strand, Units
from seqmodels.train.head import Head
from seqmodels.train.rows import Findings, Groups, Rows, refuse_strands


@dataclass(frozen=True)
class WindowRows(Rows):
    """Windows, each word with a tag of some tracks."""

    windows: Sequence[Window]

    def __len__(self) -> int:
        return len(self.windows)

    def groups(self, similar: str) -> Groups:
        """Windows of one document together, and equal ones."""
        del similar
        numbers: dict[str, int] = {}
        return np.array([numbers.setdefault(window.group, len(numbers)) for window in self.windows], np.int64)

    def strata(self) -> Groups | None:
        """Windows with something tagged beside those without."""
        return np.array([bool((window.labels > 0).any()) for window in self.windows], np.int64)

    def audit(self) -> Findings:
        """How many tags of each kind there are."""
        counts: Counter[str] = Counter()
        for window in self.windows:
            for at, (track, tags) in enumerate(TRACKS.items()):
                numbers, found = np.unique(window.labels[:, at], return_counts=True)
                counts.update({f"{track}:{tags[n]}": int(c) for n, c in zip(numbers, found, strict=True) if n > 0})
        refusals = () if counts else ("no word is tagged",)
        report = f"{len(self)} windows; " + ", ".join(f"{name} {count}" for name, count in counts.items())
        return Findings(report, {"rows": len(self), "tags": dict(counts), "refusals": list(refusals)}, refusals)

    def head(self, _rows: ArrayLike, /) -> Head:
        """All tracks."""
        return Head("tracks", tuple(f"{track}:{tag}" for track, tags in TRACKS.items() for tag in tags))

    def examples(self, backbone: Backbone, _head: Head, /, *, both_strands: bool) -> Examples:
        """Word pieces; the first piece of a word answers for it."""
        refuse_strands("texts", both_strands)
        if not backbone.family.spelled or backbone.tokenizer is None:
            raise ConfigError(f"{backbone.family.name} is no tagger", "Say model=tagger or model=bilstm.")
        words = [window.words for window in self.windows]
        pieces = pieces_of(backbone.tokenizer, words)
        refuse_longer(pieces.ids, backbone, words)
        labels = [window.labels for window in self.windows]
        marks = spread(pieces, [window.marks for window in self.windows], 0)
        strand = Strand(pieces.ids, spread(pieces, labels, IGNORED), {**pieces.inputs, "marks": marks})
        truth = Ragged.of(labels)
        return Examples(strand, units=Units(pieces.owners, truth), pad=backbone.pad)

    def hashes(self) -> list[str]:
        """Of the words and the marks."""
        return [
            hashlib.sha256("\t".join(window.words).encode() + window.marks.astype(np.int8).tobytes()).hexdigest()
            for window in self.windows
        ]


def sampled(windows: Sequence[Window], share: float, seed: int) -> list[Window]:
    """A share of windows, drawn without replacement."""
    drawn = torch.randperm(len(windows), generator=torch.Generator().manual_seed(seed))
    return [windows[at] for at in drawn[: round(share * len(windows))].tolist()]
