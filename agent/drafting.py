"""From a stream of text to whole sentences, each with its citation marks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.marks import leading_marks, numbers, without_marks
from retrieval.sentences import sentence_spans

_LIST_MARK = re.compile(r"(?:[-*•]|\d{1,3}[.)]|#{1,6})\s+")


@dataclass(frozen=True)
class Sentence:
    """A finished sentence of an answer: its text without marks, what it cites, and what stands before it."""

    text: str
    cited: tuple[int, ...]
    lead: str


class Draft:
    """Text that has come, given out a sentence at a time as soon as the next one has begun."""

    def __init__(self) -> None:
        self._text = ""
        self._line_begun = False
        self._lead = ""

    @property
    def characters(self) -> int:
        """How much has come of the sentence that is not finished."""
        return len(self._text.strip())

    def feed(self, text: str) -> Iterator[Sentence]:
        """Take text; give the sentences that it finishes."""
        self._text += text
        while "\n" in self._text:
            line, self._text = self._text.split("\n", 1)
            yield from self._line(line)
            self._lead += "\n"
            self._line_begun = False
        *finished, rest = _split(self._text) or [self._text]
        for sentence in finished:
            yield from self._sentence(sentence)
        self._text = rest

    def finish(self) -> Iterator[Sentence]:
        """Give what is left."""
        yield from self._line(self._text)
        self._text = ""

    def _line(self, line: str) -> Iterator[Sentence]:
        for sentence in _split(line):
            yield from self._sentence(sentence)

    def _sentence(self, text: str) -> Iterator[Sentence]:
        stripped = text.strip()
        match = None if self._line_begun else _LIST_MARK.match(stripped)
        mark = match.group() if match else ""
        plain = without_marks(stripped[len(mark) :]).strip()
        if plain:
            separator = " " if self._line_begun else ""
            yield Sentence(plain, tuple(numbers(stripped)), f"{self._lead}{separator}{mark}")
            self._lead, self._line_begun = "", True


def _split(text: str) -> list[str]:
    """Sentences with the citation marks that follow them."""
    parts: list[str] = []
    for start, end in sentence_spans(text):
        part = text[start:end]
        marks = leading_marks(part) if parts else 0
        if marks:
            parts[-1] += part[:marks]
            part = part[marks:].lstrip()
        if part:
            parts.append(part)
    return parts
