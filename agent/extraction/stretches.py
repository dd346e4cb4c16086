"""The stretches of a text that a language model is asked of, of about an abstract each."""

from collections.abc import Iterator

from retrieval.sentences import Span, sentence_spans
from seqmodels.tagger.reading import speaks_of_methylation


def stretches(text: str, most: int) -> list[Span]:
    """The stretches that speak of methylation: whole sentences, of at most so many characters."""
    if not speaks_of_methylation(text):
        return []
    return [span for span in _packed(text, most) if speaks_of_methylation(text[slice(*span)])]


def _packed(text: str, most: int) -> Iterator[Span]:
    first: int | None = None
    last = 0
    for start, end in (part for sentence in sentence_spans(text) for part in _parts(text, sentence, most)):
        if first is not None and end - first > most:
            yield first, last
            first = None
        first, last = (start if first is None else first), end
    if first is not None:
        yield first, last


def _parts(text: str, sentence: Span, most: int) -> Iterator[Span]:
    """A sentence that is too long falls apart at white space."""
    start, end = sentence
    while end - start > most:
        cut = text.rfind(" ", start + 1, start + most)
        cut = start + most if cut < 0 else cut
        yield start, cut
        start = cut
    yield start, end
