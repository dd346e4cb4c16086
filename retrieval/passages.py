"""How a paper is cut into passages."""

import math
from bisect import bisect_left
from dataclasses import dataclass

from corpora.paper import Paper
from retrieval.sentences import Span, sentence_spans
from seqmodels.encoder import WINDOW_TOKENS, bundled_tokenizer

# Written into a library's manifest: passages of different rules are never mixed.
PASSAGE_RULE = f"whole sentences, at most {WINDOW_TOKENS - 2} word pieces, evenly filled, version 2"
_ROOM = WINDOW_TOKENS - 2


@dataclass(frozen=True)
class Passage:
    """A span of a paper's text that holds whole sentences.

    `start`, `end` and `sentences` are character offsets into the paper's text.
    """

    start: int
    end: int
    sentences: tuple[Span, ...]


def passages(paper: Paper) -> list[Passage]:
    """The passages of a paper, in order; together they hold every sentence exactly once.

    Each fits the encoder's window of 256 word pieces, but for a single sentence that alone exceeds it. A long
    stretch is cut into passages of like length, so that no short rest is left over.
    """
    spans = sentence_spans(paper.text, (section.start for section in paper.sections))
    return [
        Passage(group[0][0], group[-1][1], tuple(group)) for group in _evenly_filled(spans, _lengths(paper.text, spans))
    ]


def _lengths(text: str, spans: list[Span]) -> list[int]:
    """Word pieces of each sentence."""
    offsets = bundled_tokenizer().encode(text, add_special_tokens=False).offsets
    starts = [start for start, _ in offsets]
    return [bisect_left(starts, end) - bisect_left(starts, start) for start, end in spans]


def _evenly_filled(spans: list[Span], lengths: list[int]) -> list[list[Span]]:
    """Group sentences greedily, never beyond the window, each group to an even share of what is left."""
    groups: list[list[Span]] = []
    filled, left, share = 0, sum(lengths), 0.0
    for span, length in zip(spans, lengths, strict=True):
        if not groups or filled + length > _ROOM or filled + length / 2 > share:
            groups.append([])
            filled, share = 0, left / max(1, math.ceil(left / _ROOM))
        groups[-1].append(span)
        filled += length
        left -= length
    return groups
