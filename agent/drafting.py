"""From a stream of text to whole sentences, each with its citation marks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.citations.marks import MARK, blanked, numbers, without_marks
from retrieval.sentences import sentence_spans

_LIST_MARK = re.compile(r"\s*((?:[-*•]|\d{1,3}[.)]|#{1,6}))\s+")
_CHINESE_STOP = re.compile(r"[。！？；][”’」』）]*\s*$")
# More text may make another word of one at the end, and so of what stands before it no sentence.
_WHOLE_WORD = re.compile(r"[\"'“‘(\[]*[^\s\"'“‘(\[]+[\s\"'“‘(\[]")
# In characters: most sentences and the first word of the next are shorter.
_WINDOW = 256
_UNFINISHED_MARK = re.compile(r"\[[\d\s,，、]*$")
_LINE_OF_MARKS = re.compile(rf"\s*((?:{MARK}[^\S\n]*)+)(?=\n|$)")
_MAYBE_LINE_OF_MARKS = re.compile(rf"\s*(?:{MARK}[^\S\n]*)*(?:\[(?:[\d,，、]|[^\S\n])*)?$")


@dataclass(frozen=True)
class Sentence:
    """A finished sentence of an answer: its text without marks, what it cites, and what stands before it."""

    text: str
    cited: tuple[int, ...]
    lead: str


class Draft:
    """Text that has come, given out a sentence at a time as soon as the next one has begun.

    However a text is cut into pieces, its sentences are the same.
    """

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
        yield from self._lines(ended=False)
        while end := self._first_end(ended=False):
            yield from self._give(end)

    def finish(self) -> Iterator[Sentence]:
        """Give what is left; what comes after it begins a new line."""
        yield from self._lines(ended=True)
        yield from self._end_line()

    def _lines(self, ended: bool) -> Iterator[Sentence]:
        """Give the lines that have come to their end, but the last."""
        while (lines := _parted(self._text, ended)) is not None:
            self._text, rest = lines
            yield from self._end_line()
            self._text = rest

    def _end_line(self) -> Iterator[Sentence]:
        while end := self._first_end(ended=True):
            yield from self._give(end)
        yield from self._give(len(self._text))
        lead = self._lead.rstrip(" ")
        self._lead = lead if lead.endswith("\n\n") else f"{lead}\n"
        self._line_begun = False

    def _first_end(self, ended: bool) -> int | None:
        """Where the second sentence begins, if there are two; of a text that has not ended, only if that is settled."""
        line, window = self._text.partition("\n")[0], _WINDOW
        while True:
            text = line[:window]
            end = _second(text, self._list_mark())
            if end and _is_settled(text, end):
                return end
            if window >= len(line):
                return end if ended else None
            window *= 2

    def _list_mark(self) -> int:
        """How many characters of a list mark the line begins with."""
        match = None if self._line_begun else _LIST_MARK.match(self._text)
        return match.end() if match else 0

    def _give(self, end: int) -> Iterator[Sentence]:
        """The sentence up to a place, unless nothing is there but marks."""
        begin = self._list_mark()
        list_mark, part = self._text[:begin].strip(), self._text[begin:end]
        self._text = self._text[end:]
        if list_mark:
            self._lead += f"{list_mark} "
        if plain := without_marks(part).strip():
            yield Sentence(plain, tuple(numbers(part)), self._lead)
            self._lead = "" if _CHINESE_STOP.search(plain) else " "
            self._line_begun = True


def _parted(text: str, ended: bool) -> tuple[str, str] | None:
    """The first line and what comes after it; None where there is no more than one, or that is not settled.

    Marks on a line of their own are moved to the end of the line before.
    """
    while True:
        line, line_end, after = text.partition("\n")
        if not line_end or (_MAYBE_LINE_OF_MARKS.match(after) and not ended):
            return None
        marks = _LINE_OF_MARKS.match(after)
        if marks is None:
            return line, after
        text = f"{line} {marks[1]}{after[marks.end() :]}"


def _second(text: str, begin: int) -> int | None:
    """Where the second sentence begins, if there are two; marks between them belong to the first."""
    spans = sentence_spans(" " * begin + blanked(text)[begin:])
    return spans[1][0] if len(spans) > 1 else None


def _is_settled(text: str, end: int) -> bool:
    """Whether a sentence ends at a place, whatever comes after the text."""
    known = blanked(_UNFINISHED_MARK.sub("", text))
    if _CHINESE_STOP.search(known[:end]):
        return len(known) > end
    return _WHOLE_WORD.match(known, end) is not None
