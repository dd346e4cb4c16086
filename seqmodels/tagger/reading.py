"""A text as the tagger reads it: in stretches that fit the model, and around each trigger."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seqmodels.tagger.words import Span, piece_counts, word_spans

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

STRETCH = 200
"""Most word pieces of a stretch; a single word never has more than a hundred."""
# Word pieces before and after a trigger, and of the title: a theme is seldom named further away.
_BEFORE, _AFTER, _TITLE = 64, 40, 30
# Share of a stretch within which an end of a sentence is looked for.
_SLACK = 0.4
_TRIGGER = re.compile(r"methylat", re.IGNORECASE)
_PREFIX = re.compile(r"(?:non|un|hyper|hypo|de|re|under)[-\u2010-\u2013\s]?$", re.IGNORECASE)


def speaks_of_methylation(text: str) -> bool:
    """Whether a text has a word that may say that something is methylated."""
    return _TRIGGER.search(text) is not None


@dataclass(frozen=True)
class Reading:
    """A text's words: `spans` of characters, and `counts` (words,) of their word pieces."""

    text: str
    spans: Sequence[Span]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, text: str, tokenizer: "PreTrainedTokenizerBase") -> "Reading":
        """Read a text."""
        spans = word_spans(text)
        return cls(text, spans, piece_counts(tokenizer, [text[start:end] for start, end in spans]))

    @cached_property
    def words(self) -> list[str]:
        """The words as they stand."""
        return [self.text[start:end] for start, end in self.spans]

    def covered(self, start: int, end: int) -> range:
        """The words that a span of characters touches."""
        return range(bisect_right(self._ends, start), bisect_left(self._starts, end))

    def stretches(self) -> Iterator[range]:
        """All words, stretch by stretch; a stretch ends with a sentence where one ends in its last part."""
        total = self._before
        first = 0
        while first < len(self.spans):
            last = max(first + 1, bisect_right(total, total[first] + STRETCH) - 1)
            if last < len(self.spans):
                last = self._sentence_end(first, last)
            yield range(first, last)
            first = last

    def around(self, trigger: int) -> list[int]:
        """The words that a trigger is judged by: those near it, and the title's."""
        total = self._before
        first = bisect_left(total, total[trigger] - _BEFORE)
        last = min(bisect_right(total, total[trigger + 1] + _AFTER) - 1, len(self.spans))
        title = min(self._title, bisect_right(total, _TITLE) - 1, first)
        return [*range(max(0, title)), *range(max(0, first), max(last, trigger + 1))]

    def triggers(self) -> list[int]:
        """The words that may say that something is methylated."""
        return [at for at, word in enumerate(self.words) if _TRIGGER.search(word)]

    def trigger_span(self, trigger: int) -> Span:
        """The characters of a trigger, with a prefix that is parted from it by a hyphen."""
        start, end = self.spans[trigger]
        prefix = _PREFIX.search(self.text, max(0, start - 6), start)
        before = prefix.start() - 1 if prefix else -1
        whole = prefix is not None and (before < 0 or not self.text[before].isalnum())
        return (prefix.start(), end) if prefix is not None and whole else (start, end)

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self.spans]

    @cached_property
    def _ends(self) -> list[int]:
        return [end for _, end in self.spans]

    @cached_property
    def _before(self) -> list[int]:
        """Word pieces before each word, and all of them."""
        return [0, *self.counts.cumsum().tolist()]

    @cached_property
    def _title(self) -> int:
        """Words of the first line."""
        return len(self.covered(0, max(1, len(self.text.partition("\n")[0]))))

    def _sentence_end(self, first: int, last: int) -> int:
        """Where a stretch that may end before `last` had best end."""
        for at in range(last - 1, first + int((last - first) * (1 - _SLACK)), -1):
            if self.words[at] in ".!?\u3002" and self.text[self.spans[at][1] :][:1] in (" ", "\n", ""):
                return at + 1
        return last
