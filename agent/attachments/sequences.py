"""Bare DNA, RNA and protein sequences in a text, told from words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.attachments.pasted import Kind, Pasted

FEWEST_LETTERS = 20
# A line or group of fewer letters continues a sequence; it begins none, as "can" and "cut" are bases too.
FEWEST_TO_BEGIN = 10
_BASES = "ACGTUN"
# IUPAC codes of bases (Cornish-Bowden, Nucleic Acids Res. 1985) and of residues, without O and J.
_BASE_CODES = frozenset("ACGTUNRYSWKMBDHV")
_DROP_BASES = str.maketrans("", "", _BASES + _BASES.lower())
_MOST_AMBIGUOUS = 0.1
_FEWEST_RESIDUES = 5
# What words do not have: five consonants in a row, V before a consonant, Q without U. None of the 126 words of 20
# letters and more in 1,898 biomedical abstracts has any; of random peptides with the residue frequencies of
# Swiss-Prot 96 % of those of 20 letters have one, and 99.9 % of those of 40.
_NO_WORD = re.compile(r"(?i)[b-df-hk-np-tv-xz]{5}|v[b-df-hk-np-tv-xz]|q[^u*]")
_RESIDUES = re.compile(r"(?:[A-IK-NP-Z]++|[a-ik-np-z]++|[ACGTUNRYSWKMBDHVacgtunryswkmbdhv]++)\*?")
_WORD_ENDS = r"(?![A-Za-z0-9_]|\.[a-z0-9])"
_WHOLE_LINE = re.compile(
    r"\s*(?:(?P<number>\d{1,9})[ \t]+)?(?P<groups>[A-Za-z]++\*?(?:[ \t][A-Za-z]++\*?)*+)\s*", re.ASCII
)
_GROUP = rf"[ACGTUNacgtun]{{3,}}+{_WORD_ENDS}"
# A group of one or two bases ends a sequence where no word follows: "ATG GCC TA."
_LAST_GROUP = r"(?: [ACGTUNacgtun]{1,2}+(?=\s*$|[^\w\s]))?"
_IN_LINE = re.compile(
    r"(?P<address>\b(?:https?|ftp)://[!-~]+)|(?<![A-Za-z0-9_/])"
    rf"(?:{_GROUP}(?: {_GROUP})++{_LAST_GROUP}|[A-Za-z]{{{FEWEST_TO_BEGIN},}}+\*?{_WORD_ENDS})"
)
_LETTERS = re.compile(r"[A-Za-z]++\*?")
_WORD_FOLLOWS = re.compile(r" [A-Za-z]")


@dataclass(frozen=True)
class Line:
    """The sequence that a whole line is; `number` is the position that stands before it, as GenBank prints it."""

    start: int
    groups: tuple[str, ...]
    number: int | None = None

    @property
    def letters(self) -> str:
        """Its letters, without spaces."""
        return "".join(self.groups)


class Lines:
    """Which lines go on with a sequence, after its first.

    Bases follow bases. Residues may be words, so their lines must be as long as the first; a shorter one is the last.
    """

    def __init__(self, first: str) -> None:
        self.nucleic = is_nucleic(first)
        self._upper = first.isupper()
        self._width = self._last = len(first)

    def take(self, letters: str) -> bool:
        """Whether a line goes on with the sequence; where it does, the next is compared with it too."""
        goes_on = is_nucleic(letters) if self.nucleic else self._as_wide(letters)
        self._last = len(letters) if goes_on else self._last
        return goes_on

    def _as_wide(self, letters: str) -> bool:
        return self._upper == letters.isupper() and len(letters) <= self._width == self._last


@dataclass
class _Stretch:
    """Letters on one line; `opens` and `closes` say whether only space stands before and behind them."""

    start: int
    end: int
    groups: tuple[str, ...]
    line: int
    opens: bool
    closes: bool
    number: int | None = None

    @property
    def letters(self) -> str:
        return "".join(self.groups)


class _Run:
    """A sequence that goes on from line to line."""

    def __init__(self, first: _Stretch) -> None:
        self._first = self._last = first
        self._lines = Lines(first.letters)
        self._groups = list(first.groups)
        self._count = len(first.letters)

    def take(self, stretch: _Stretch) -> bool:
        """Whether a stretch goes on with the sequence; it does so on the next line only."""
        last, letters = self._last, stretch.letters
        if stretch.line != last.line + 1 or not (last.closes and stretch.opens) or not self._counts_on(stretch):
            return False
        # Residues behind words may be fewer than a line holds: the first whole line then sets the width.
        if last is self._first and not last.opens and not self._lines.nucleic:
            self._lines = Lines(letters)
        if not self._lines.take(letters) or not (stretch.closes or self._goes_on_before_words(letters)):
            return False
        self._last, self._count = stretch, self._count + len(letters)
        self._groups += stretch.groups
        return True

    def pasted(self) -> Pasted | None:
        """Where the sequence stands, None where it is none."""
        kind = kind_of(*self._groups) if self._count >= FEWEST_LETTERS else None
        return Pasted(self._first.start, self._last.end, kind) if kind else None

    def _counts_on(self, stretch: _Stretch) -> bool:
        """Whether the position before a line, if any, is that of its first letter: a numbered list is not one."""
        if self._first.number is None or stretch.number is None:
            return self._first.number is stretch.number
        return stretch.number == self._first.number + self._count

    def _goes_on_before_words(self, letters: str) -> bool:
        return self._lines.nucleic and len(letters) >= FEWEST_TO_BEGIN


def sequences(text: str) -> Iterator[Pasted]:
    """Sequences of at least 20 letters on one line or several, in order."""
    runs: list[_Run] = []
    for stretch in _stretches(text):
        if (not runs or not runs[-1].take(stretch)) and len(stretch.letters) >= FEWEST_TO_BEGIN:
            runs.append(_Run(stretch))
    yield from (found for run in runs if (found := run.pasted()))


def kind_of(*groups: str) -> Kind | None:
    """What groups of letters are together a sequence of; None for words or nothing that is known."""
    letters = "".join(groups)
    upper = letters.rstrip("*").upper()
    if is_nucleic(upper) and 2 * upper.count("N") <= len(upper):
        if "T" in upper and "U" in upper:
            return "ambiguous sequence"
        return "rna" if "U" in upper else "dna"
    present = set(upper)
    if len(present) < _FEWEST_RESIDUES or not _RESIDUES.fullmatch(letters):
        return None
    if not any(map(_NO_WORD.search, groups)):
        return None
    return "ambiguous sequence" if present <= _BASE_CODES else "protein"


def is_nucleic(letters: str) -> bool:
    """Whether letters are bases, few of them ambiguous."""
    others = letters.translate(_DROP_BASES)
    return len(others) <= _MOST_AMBIGUOUS * len(letters) and _BASE_CODES.issuperset(others.upper())


def whole_line(line: str) -> Line | None:
    """The sequence that a line is and nothing else: in one piece, or in groups of one width but for the last."""
    match = _WHOLE_LINE.fullmatch(line)
    if match is None:
        return None
    groups = tuple(match["groups"].split())
    if not _RESIDUES.fullmatch("".join(groups)) or not _is_even(groups):
        return None
    return Line(match.start("groups"), groups, int(match["number"]) if match["number"] else None)


def _is_even(groups: tuple[str, ...]) -> bool:
    width = len(groups[0])
    if len(groups) == 1:
        return True
    fewest = 3 if is_nucleic("".join(groups)) else FEWEST_TO_BEGIN
    return width >= fewest and all(len(group) == width for group in groups[:-1]) and len(groups[-1]) <= width


def _stretches(text: str) -> Iterator[_Stretch]:
    offset = 0
    for index, line in enumerate(text.splitlines(keepends=True)):
        if whole := whole_line(line):
            end = offset + len(line.rstrip())
            yield _Stretch(offset + whole.start, end, whole.groups, index, True, True, whole.number)
        else:
            yield from _within(line, offset, index)
        offset += len(line)


def _within(line: str, offset: int, index: int) -> Iterator[_Stretch]:
    """What may be sequence in a line of words."""
    opening, closing = len(line) - len(line.lstrip()), len(line.rstrip())
    for start, end in _spans(line):
        groups = tuple(line[start:end].split(" "))
        letters = "".join(groups)
        if _RESIDUES.fullmatch(letters) and (len(letters) >= FEWEST_LETTERS or is_nucleic(letters)):
            yield _Stretch(offset + start, offset + end, groups, index, start == opening, end == closing)


def _spans(line: str) -> Iterator[tuple[int, int]]:
    """Words that may be sequence: groups of bases of one width together, else each on its own."""
    for match in _IN_LINE.finditer(line):
        if not match["address"]:
            yield from _even_groups(line, *match.span())


def _even_groups(line: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans of groups as wide as the first of each; a shorter one ends them unless a word follows, as in "can it"."""
    begin = last = width = count = 0
    for group in _LETTERS.finditer(line, start, end):
        wide = group.end() - group.start()
        is_tail = count > 1 and wide < width and not _WORD_FOLLOWS.match(line, group.end())
        if count and (wide == width or is_tail):
            last, count = group.end(), count + 1
            continue
        if count:
            yield begin, last
        (begin, last), width, count = group.span(), wide, 1
    yield begin, last
