"""How a paper is cut into passages."""

import itertools
import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
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
    stretch is cut into passages of like length, so that no short rest is left over. A table or caption shares no
    passage with anything else; each row of a table counts as a sentence.
    """
    spans = sentence_spans(paper.text, _breaks(paper))
    measured = zip(spans, _lengths(paper.text, spans), strict=True)
    stretches = itertools.groupby(measured, key=lambda pair: _apart(paper, pair[0][0]))
    groups = (group for _, stretch in stretches for group in _evenly_filled(*map(list, zip(*stretch, strict=True))))
    return [Passage(group[0][0], group[-1][1], tuple(group)) for group in groups]


def _breaks(paper: Paper) -> Iterator[int]:
    """Offsets at which sentences end: where sections begin, and rows of tables."""
    for section in paper.sections:
        yield section.start
        if section.kind == "table":
            rows = re.finditer("\n", paper.text[section.start : section.end])
            yield from (section.start + row.end() for row in rows)
        if section.kind != "prose":
            yield section.end


def _apart(paper: Paper, offset: int) -> int | None:
    """The beginning of the table or caption that holds an offset; prose lies in none, before or after one."""
    index = bisect_right(paper.sections, offset, key=lambda section: section.start) - 1
    section = paper.sections[index] if index >= 0 else None
    inside = section is not None and section.kind != "prose" and offset < section.end
    return section.start if section and inside else None


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
