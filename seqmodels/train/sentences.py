"""Sentences whose words bear tags (CoNLL)."""

import hashlib
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from seqmodels.backbones import Backbone
from seqmodels.data.conll import TaggedSentences
from seqmodels.data.duplicates import merge
from seqmodels.tagger.words import pieces_of
from seqmodels.tokens import Ragged, refuse_longer
from seqmodels.train.errors import ConfigError
from seqmodels.train.examples import Examples, Strand, Units
from seqmodels.train.head import Head
from seqmodels.train.rows import Findings, Groups, Rows, refuse_strands
from seqmodels.train.units import labels_of_tokens


@dataclass(frozen=True)
class SentenceRows(Rows):
    """Sentences with a tag for each word."""

    data: TaggedSentences

    def __len__(self) -> int:
        return len(self.data)

    def groups(self, similar: str) -> Groups:
        """Sentences of one document together, and equal ones."""
        numbers: dict[tuple[str, ...], int] = {}
        equal = [numbers.setdefault(tuple(sentence.tokens), len(numbers)) for sentence in self.data.sentences]
        return merge(equal, self.data.documents) if similar == "near" else np.array(equal, np.int64)

    def strata(self) -> Groups | None:
        """Sentences with a tag beside those without."""
        return np.array([any(tag != "O" for tag in sentence.tags) for sentence in self.data.sentences], np.int64)

    def audit(self) -> Findings:
        """Tags, copies and contradictions."""
        tags = Counter(tag for sentence in self.data.sentences for tag in sentence.tags)
        tagged: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
        for sentence in self.data.sentences:
            tagged.setdefault(tuple(sentence.tokens), set()).add(tuple(sentence.tags))
        copies, contradictions = len(self) - len(tagged), sum(len(tags) > 1 for tags in tagged.values())
        refusals = (f"all words have the same tag ({next(iter(tags), 'none')})",) if len(tags) < 2 else ()
        record = {
            "rows": len(self),
            "tags": dict(tags),
            "exact_duplicates": copies,
            "conflicting_sentences": contradictions,
            "refusals": list(refusals),
        }
        report = f"{len(self)} sentences, {copies} of them copies; {contradictions} tagged in more than one way"
        return Findings(report, record, refusals)

    def head(self, _rows: ArrayLike, /) -> Head:
        """One tag a word."""
        return Head("tags", tuple(self.data.classes))

    def examples(self, backbone: Backbone, _head: Head, /, *, both_strands: bool) -> Examples:
        """Word pieces; the first piece of a word answers for it."""
        refuse_strands("texts", both_strands)
        tokenizer = backbone.tokenizer
        if backbone.family.reads != "text" or tokenizer is None or not tokenizer.is_fast:
            raise ConfigError(
                f"CoNLL files hold words, {backbone.family.name} reads {backbone.family.reads}", "Say model=bert."
            )
        words = [list(sentence.tokens) for sentence in self.data.sentences]
        pieces = pieces_of(tokenizer, words)
        refuse_longer(pieces.ids, backbone, words)
        truth = Ragged.of([self.data.indices(row) for row in range(len(words))])
        labels = labels_of_tokens(pieces.ids, pieces.owners, truth)
        strand = Strand(pieces.ids, labels, pieces.inputs if backbone.family.spelled else {})
        return Examples(strand, units=Units(pieces.owners, truth), pad=backbone.pad)

    def hashes(self) -> list[str]:
        """Of the words."""
        return [hashlib.sha256("\t".join(sentence.tokens).encode()).hexdigest() for sentence in self.data.sentences]
