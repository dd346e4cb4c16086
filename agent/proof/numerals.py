"""Written numbers: digits, number words and Roman and Chinese numerals, where they stand and what they are worth."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORTH = {name: value for value, name in enumerate(_SMALL)} | {
    name: 10 * value for value, name in enumerate(_TENS, start=2)
}
_SCALES = {"hundred": 100, "thousand": 1000}
_ROMAN = {name: value for value, name in enumerate("I II III IV V VI VII VIII IX X XI XII".split(), start=1)}
_HAN = {digit: value for value, digit in enumerate("零一二三四五六七八九十")} | {"两": 2}
_WORD = "|".join([*_SMALL, *_TENS])

_LETTER = "A-Za-z\u00c0-\u024f\u0370-\u03ff"
_DIGITS = re.compile(
    r"(?P<grouped>[1-9]\d{0,2}(?:,\d{3})+(?!\d)(?:\.\d+)?|[1-9]\d{0,2}(?:[ \u00a0\u2009\u202f]\d{3})+(?!\d))"
    r"|\d+(?:[.,·]\d+)?|(?<![\d.])[.·]\d+"
)
_WORDS = re.compile(
    rf"\b(?:{_WORD}|an?(?=[ -](?:hundred|thousand)\b))(?:(?:[ -]| and )(?:{_WORD}|hundred|thousand))*(?=fold\b|\b)",
    re.IGNORECASE,
)
_ROMAN_NUMERAL = re.compile(
    r"(?<![\w-])(?:(?:II|III|IV|VI|VII|VIII|IX|XI|XII)\b|(?<=[Ss]tage )[IVX]\b|(?<=[Tt]ype )[IVX]\b)"
)
_HAN_NUMERAL = re.compile(r"(?<!第)[两零一二三四五六七八九十](?=[个例种名项次篇位类倍年周天组对])")
_INSIDE_NAME_BEFORE = re.compile(rf"(?:[{_LETTER}_][-‐‑]?|\d['’′]-)$")
# Chemical names open with the place of a group: 5-aza-2'-deoxycytidine, 3-methyladenine, 4-hydroxytamoxifen.
_INSIDE_NAME_AFTER = re.compile(
    rf"['’′]|(?!(?:st|nd|rd|th|s|x|h|hr|yr|min|fold|mg|kg|µg|μg|ng|ml|mm|cm|nm|kb|bp|kDa|Gy|mM|μM|µM|nM)\b)[{_LETTER}]"
    r"|[-‐‑](?:aza|deoxy|methyl|hydroxy|fluoro|bromo|chloro|iodo|amino|phospho|nitro|keto|oxo|acetyl|formyl|carboxy"
    r"|lipoxy|[A-Z]+\b|[α-ω])"
)
_MINUS = re.compile(r"(?:^|[\s(=<>≤≥,:])[-−–]$")


class Numeral(NamedTuple):
    """A written number: its character span, its worth, how many decimals it has, and whether it is in digits."""

    start: int
    end: int
    value: Decimal
    places: int
    digits: bool


def numerals(text: str) -> Iterator[Numeral]:
    """The numbers of a text that are not part of a name, each kind in order."""
    for match in _DIGITS.finditer(text):
        if not is_inside_name(text, *match.span()):
            yield _from_digits(text, match)
    for pattern, worth in ((_WORDS, _worth), (_ROMAN_NUMERAL, _ROMAN.__getitem__), (_HAN_NUMERAL, _HAN.__getitem__)):
        for match in pattern.finditer(text):
            yield Numeral(*match.span(), Decimal(worth(match.group())), 0, False)


def is_inside_name(text: str, start: int, end: int) -> bool:
    """Whether digits belong to a name, as in p16, IL-6, 5-aza and 2'-deoxycytidine."""
    before = _INSIDE_NAME_BEFORE.search(text, max(0, start - 3), start)
    return before is not None or _INSIDE_NAME_AFTER.match(text, end) is not None


def _from_digits(text: str, match: re.Match[str]) -> Numeral:
    """A comma before three digits parts thousands, any other is a decimal comma."""
    start, end = match.span()
    written = re.sub(r"[,\s]", "" if match["grouped"] else ".", match.group()).replace("·", ".")
    places = len(written.partition(".")[2])
    if _MINUS.search(text, max(0, start - 2), start):
        start, written = start - 1, f"-{written}"
    return Numeral(start, end, Decimal(written), places, True)


def _worth(written: str) -> int:
    total = current = 0
    for word in re.split(r"[ -]", written.lower()):
        if word in _SCALES:
            current = max(current, 1) * _SCALES[word]
            if word == "thousand":
                total, current = total + current, 0
        else:
            current += _WORTH.get(word, 0)
    return total + current
