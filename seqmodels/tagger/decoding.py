"""From tags of words to spans of characters."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from seqmodels.tagger.reading import Reading
from seqmodels.tagger.standoff import folded
from seqmodels.tagger.tagged import Quoted
from seqmodels.tagger.words import Span

# A name of fewer letters or without any is too like other things to be looked for elsewhere.
_SHORTEST = 3


def quoted(text: str, start: int, end: int) -> Quoted:
    """A span with what stands there."""
    return Quoted(start, end, text[start:end])


def tagged_spans(reading: Reading, chosen: NDArray[np.int64], tags: Sequence[str]) -> list[tuple[Span, str]]:
    """Entities in the order of the text, and their kinds.

    Args:
        reading: the text.
        chosen: (words,) tag numbers.
        tags: IOB2, by number; an I- that follows none of its kind begins an entity.
    """
    found: list[tuple[Span, str]] = []
    before = "O"
    for at in np.flatnonzero(chosen).tolist():
        tag = tags[chosen[at]]
        follows = at > 0 and before[2:] == tag[2:] and chosen[at - 1] > 0
        start, end = reading.spans[at]
        if tag[0] == "I" and follows:
            found[-1] = ((found[-1][0][0], end), tag[2:])
        else:
            found.append(((start, end), tag[2:]))
        before = tag
    return found


def consistent(reading: Reading, spans: Sequence[Span]) -> list[Span]:
    """The spans with the same names wherever else they stand in the text, if they mostly were found.

    Letter case counts; a place that a found name touches stays as it is.
    """
    words = reading.words
    taken = np.zeros(len(words), bool)
    names: Counter[tuple[str, ...]] = Counter()
    for start, end in spans:
        covered = reading.covered(start, end)
        taken[covered.start : covered.stop] = True
        names[tuple(words[covered.start : covered.stop])] += 1
    added = []
    for name, count in names.items():
        if len(folded("".join(name))) < _SHORTEST:
            continue
        places = [at for at in _places(words, name) if not taken[at : at + len(name)].any()]
        if len(places) <= count:
            added += [(reading.spans[at][0], reading.spans[at + len(name) - 1][1]) for at in places]
            for at in places:
                taken[at : at + len(name)] = True
    return sorted([*spans, *added])


def apart(first: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """The first spans, and those of the others that touch none of them."""
    kept = list(first)
    for start, end in others:
        if not any(start < there_end and there < end for there, there_end in kept):
            kept.append((start, end))
    return sorted(kept)


def _places(words: Sequence[str], name: tuple[str, ...]) -> list[int]:
    width = len(name)
    return [
        at for at in range(len(words) - width + 1) if words[at] == name[0] and tuple(words[at : at + width]) == name
    ]
