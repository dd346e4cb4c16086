"""Sentences with one fact changed, and the same sentences in other words.

What is changed is found by plain patterns of its own, not by the code that is to notice the change; genes alone are
found by the table of `corpora.genes`.
"""

import random
import re
from collections.abc import Callable, Sequence

from corpora import genes

_CHARACTERS = "0123456789abcdef"
Mutation = Callable[[str, random.Random], str | None]

_NUMBER = re.compile(
    r"(?<![^\s(\[=<>≤≥±/,;~–-])(?<![A-Za-z\d][-–])(?<!\d[.,])\d+(?:\.\d+)?"
    r"(?=[\s);:%\]/]|,(?!\d)|\.?$|\.\s|-(?:fold|year|month|week|day|hour))(?! ?['′])"
)
_COUNTED = "two three four five six seven eight nine ten eleven twelve".split()
_COUNT = re.compile(rf"\b(?:{'|'.join(_COUNTED)})\b(?!-)", re.IGNORECASE)
_HYPER_OR_HYPO = re.compile(r"\b(?P<prefix>hyper|hypo)(?=-?methylat)", re.IGNORECASE)
_METHYLATED = re.compile(r"\b(?P<prefix>un)?methylated\b", re.IGNORECASE)
_AUXILIARY = re.compile(
    r"\b(?:was|were|is|are|has|have|had|can|could|may|might|did|does|do|will|would|should)\b(?! not\b|n't|,)"
)
_DENIALS = (
    (re.compile(r"\bcannot\b"), "can"),
    (re.compile(r" not\b(?! only\b)"), ""),
    (re.compile(r"\bwithout\b"), "with"),
    (re.compile(r"\bnone of\b", re.IGNORECASE), "all of"),
    (re.compile(r"\bfailed to\b"), "managed to"),
    (re.compile(r"\b[Nn]o (?=[a-z])"), ""),
)
_LEADS = (
    "The authors report that",
    "According to this paper,",
    "It was found that",
    "In this study,",
    "The abstract states that",
)
_SYNONYMS = {
    "showed": "demonstrated",
    "demonstrated": "showed",
    "observed": "seen",
    "found": "observed",
    "examined": "investigated",
    "investigated": "studied",
    "patients": "subjects",
    "detected": "found",
    "suggest": "indicate",
    "suggests": "indicates",
    "indicate": "suggest",
    "compared with": "relative to",
    "compared to": "relative to",
    "tumors": "tumours",
    "tumor": "tumour",
    "tumours": "tumors",
    "tumour": "tumor",
    "using": "by means of",
    "whereas": "while",
    "however": "though",
    "analyzed": "analysed",
    "also": "in addition",
    "because": "since",
    "assessed": "evaluated",
    "evaluated": "assessed",
    "percent": "%",
    "respectively": "in that order",
}
_SYNONYM = re.compile(rf"\b(?:{'|'.join(_SYNONYMS)})\b")
_HEADING = re.compile(r"^[A-Z][A-Z /&]{3,40}: ?")
_FRONTED = re.compile(r"^(?P<front>(?:In|Among|During|After|For|At|By|With) [^,;]{3,70}), (?P<rest>[^,;]{20,})\.$")


def changed_character(text: str, chance: random.Random) -> str:
    """The text with another letter or digit in the place of one character."""
    place = chance.randrange(len(text))
    return _with(text, (place, place + 1), chance.choice([other for other in _CHARACTERS if other != text[place]]))


def changed_number(sentence: str, chance: random.Random) -> str | None:
    """The sentence with another number in the place of one, None where it has none."""
    found = [*_NUMBER.finditer(sentence), *_COUNT.finditer(sentence)]
    if not found:
        return None
    match = chance.choice(found)
    return _with(sentence, match.span(), _other_number(match.group(), chance))


def _other_number(written: str, chance: random.Random) -> str:
    if written.lower() in _COUNTED:
        return chance.choice([word for word in _COUNTED if word != written.lower()])
    places = [place for place, digit in enumerate(written) if digit.isdigit()]
    place = chance.choice(places)
    leads = place == 0 and len(written) > 1 and written[1] != "."
    digits = [digit for digit in "0123456789" if digit != written[place] and not (leads and digit == "0")]
    return _with(written, (place, place + 1), chance.choice(digits))


def swapped_gene(names: Sequence[str]) -> Mutation:
    """A mutation that puts another of these gene names in a gene's place."""

    def swap(sentence: str, chance: random.Random) -> str | None:
        found = list(genes.mentions(sentence))
        if not found:
            return None
        meant = {symbol for mention in found for symbol in mention.symbols}
        others = [name for name in names if meant.isdisjoint(genes.symbols(name))]
        mention = chance.choice(found)
        return _with(sentence, (mention.start, mention.end), chance.choice(others))

    return swap


def swapped_direction(sentence: str, chance: random.Random) -> str | None:
    """Hyper- and hypomethylated exchanged once, or methylated and unmethylated."""
    found = list(_HYPER_OR_HYPO.finditer(sentence))
    if found:
        match = chance.choice(found)
        other = "hypo" if match.group().lower() == "hyper" else "hyper"
    else:
        found = list(_METHYLATED.finditer(sentence))
        if not found:
            return None
        match = chance.choice(found)
        other = "methylated" if match["prefix"] else "unmethylated"
    return _with(sentence, match.span(), other.capitalize() if match.group()[0].isupper() else other)


def added_denial(sentence: str, chance: random.Random) -> str | None:
    """The sentence with a "not" after one of its auxiliary verbs."""
    found = list(_AUXILIARY.finditer(sentence))
    if not found:
        return None
    end = chance.choice(found).end()
    return _with(sentence, (end, end), " not")


def removed_denial(sentence: str, chance: random.Random) -> str | None:
    """The sentence without one of its denials."""
    found = [(match, other) for pattern, other in _DENIALS for match in pattern.finditer(sentence)]
    if not found:
        return None
    match, other = chance.choice(found)
    changed = _with(sentence, match.span(), other)
    return changed[0].upper() + changed[1:]


def reworded(sentence: str, chance: random.Random) -> str:
    """The sentence with the same facts in other words: a lead, synonyms, an opening phrase at the end."""
    bare = _HEADING.sub("", sentence)
    fronted = _FRONTED.match(bare)
    if fronted is not None:
        bare = f"{fronted['rest']} {_uncapitalised(fronted['front'])}."
    plain = _SYNONYM.sub(lambda match: _SYNONYMS[match.group()], bare)
    return f"{chance.choice(_LEADS)} {_uncapitalised(plain)}"


def _uncapitalised(text: str) -> str:
    """A text whose first word no longer opens a sentence; names keep their capitals."""
    first = text.split(" ", 1)[0]
    is_plain = first.isalpha() and first[1:].islower() and not list(genes.mentions(first))
    return text[0].lower() + text[1:] if is_plain or first in ("A", "I") else text


def _with(text: str, span: tuple[int, int], other: str) -> str:
    return text[: span[0]] + other + text[span[1] :]
