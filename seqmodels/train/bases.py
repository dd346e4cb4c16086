"""DNA whose bases bear labels: genes, exons, repeats."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqmodels.backbones import Backbone
from seqmodels.data.annotations import LabelledBases
from seqmodels.data.audit import audit
from seqmodels.data.duplicates import exact_groups, near_groups
from seqmodels.data.strands import reverse_complement
from seqmodels.data.tables import LabelledSequences
from seqmodels.tokens import IGNORED, Ragged, owners, token_ids
from seqmodels.train.errors import ConfigError
from seqmodels.train.examples import Examples, Strand, Units
from seqmodels.train.head import Head
from seqmodels.train.rows import Findings, Groups, Rows
from seqmodels.train.sequences import SequenceRows
from seqmodels.train.units import labels_of_tokens


@dataclass(frozen=True)
class BaseRows(Rows):
    """Windows of DNA with a label for every base."""

    data: LabelledBases

    def __len__(self) -> int:
        return len(self.data)

    def groups(self, similar: str) -> Groups:
        """Near-duplicates and reverse complements together."""
        return near_groups(self.data.sequences) if similar == "near" else exact_groups(self.data.sequences)

    def strata(self) -> Groups | None:
        """By the rarest class that a row has."""
        found = np.stack([np.bincount(_known(row), minlength=len(self.data.classes)) for row in self.data.labels])
        rarity = np.argsort(found.sum(0), kind="stable")
        return np.asarray(rarity[(found[:, rarity] > 0).argmax(1)], np.int64)

    def audit(self) -> Findings:
        """Copies, and how many bases have each label."""
        found = audit(self._unlabelled())
        known = _known(np.concatenate(self.data.labels))
        counts = np.bincount(known, minlength=len(self.data.classes)).tolist()
        bases = dict(zip(self.data.classes, counts, strict=True))
        present = [name for name, count in bases.items() if count]
        refusals = () if len(present) > 1 else (f"all bases have the same label ({', '.join(present) or 'none'})",)
        record = {**json.loads(found.to_json()), "bases": bases, "refusals": [*found.refusals, *refusals]}
        labels = ", ".join(f"{name} {count}" for name, count in bases.items())
        return Findings(f"{found}\nbases: {labels}", record, (*found.refusals, *refusals))

    def head(self, _rows: ArrayLike, /) -> Head:
        """One label a base."""
        return Head("tags", tuple(self.data.classes))

    def examples(self, backbone: Backbone, _head: Head, /, *, both_strands: bool) -> Examples:
        """Token ids; each base is answered for by the token that covers it."""
        if backbone.family.reads != "dna" or backbone.tokenizer is None:
            raise ConfigError(f"These rows are DNA, {backbone.family.name} is not for it", "Take a DNA model.")
        forward, units = _strand(backbone, self.data.sequences, self.data.labels)
        reverse = None
        if both_strands:
            others = [reverse_complement(sequence) for sequence in self.data.sequences]
            reverse, _ = _strand(backbone, others, [labels[::-1] for labels in self.data.labels])
        return Examples(forward, reverse, units=units, pad=backbone.pad)

    def letters(self, rows: ArrayLike, /) -> Sequence[str]:
        """The sequences of some rows."""
        return [self.data.sequences[row] for row in np.asarray(rows)]

    def hashes(self) -> list[str]:
        """Of the letters, either strand giving the same."""
        return SequenceRows(self._unlabelled()).hashes()

    def _unlabelled(self) -> LabelledSequences:
        rows = np.arange(len(self.data))
        return LabelledSequences(tuple(self.data.names), tuple(self.data.sequences), None, rows, Path())


def windowed(data: LabelledBases, window: int, stride: int | None = None) -> BaseRows:
    """Labelled sequences cut into windows, without those of which no base is known."""
    windows = data.cut(window, stride)
    return BaseRows(windows.take([row for row, labels in enumerate(windows.labels) if len(_known(labels))]))


def _known(labels: NDArray[np.int16]) -> NDArray[np.int16]:
    return np.asarray(labels[labels != IGNORED])


def _strand(backbone: Backbone, sequences: Sequence[str], labels: Sequence[NDArray[np.int16]]) -> tuple[Strand, Units]:
    ids = token_ids(backbone, sequences)
    assert backbone.tokenizer is not None
    tokenizer = backbone.tokenizer
    owned = Ragged.of([owners(tokenizer, ids.row(row), len(sequence)) for row, sequence in enumerate(sequences)])
    truth = Ragged.of([np.ascontiguousarray(row) for row in labels])
    return Strand(ids, labels_of_tokens(ids, owned, truth)), Units(owned, truth)
