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
        part = _words_of(reading, start, end)
        taken[part] = True
        names[tuple(words[part])] += 1
    places = _places(words, names)
    added = []
    for name, count in names.items():
        width = len(name)
        if len(folded("".join(name))) < _SHORTEST:
            continue
        free = [
            at for at in places[name[0]] if tuple(words[at : at + width]) == name and not taken[at : at + width].any()
        ]
        if len(free) <= count:
            added += [(reading.spans[at][0], reading.spans[at + width - 1][1]) for at in free]
            for at in free:
                taken[at : at + width] = True
    return sorted([*spans, *added])


def apart(reading: Reading, first: Sequence[Span], others: Iterable[Span]) -> list[Span]:
    """The first spans, and those of the others that touch no word of them."""
    taken = np.zeros(len(reading.spans), bool)
    kept = list(first)
    for start, end in first:
        taken[_words_of(reading, start, end)] = True
    for start, end in others:
        part = _words_of(reading, start, end)
        if not taken[part].any():
            taken[part] = True
            kept.append((start, end))
    return sorted(kept)


def _words_of(reading: Reading, start: int, end: int) -> slice:
    """The words that a span touches."""
    covered = reading.covered(start, end)
    return slice(covered.start, covered.stop)


def _places(words: Sequence[str], names: Iterable[tuple[str, ...]]) -> dict[str, list[int]]:
    """Where the first words of names stand."""
    places: dict[str, list[int]] = {name[0]: [] for name in names}
    for at, word in enumerate(words):
        if word in places:
            places[word].append(at)
    return places
