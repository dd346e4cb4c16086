"""The numbers of a sentence: each with its unit, its comparison, and the parts of a whole that they make."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from agent.proof.numerals import Numeral, numerals
from corpora import genes

PERCENT, SHARE = "%", "share"
_UNITS = {
    written: unit
    for unit, forms in {
        PERCENT: "% ％ percent percentage",
        "fold": "fold times 倍",
        "year": "year years yr yrs 年 岁",
        "month": "month months mo 月 个月",
        "week": "week weeks wk 周",
        "day": "day days 天",
        "hour": "hour hours hr hrs h 小时",
        "minute": "minute minutes min 分钟",
        "mg": "mg",
        "ml": "ml",
        "mm": "mm",
        "cm": "cm",
        "kb": "kb",
        "bp": "bp",
    }.items()
    for written in forms.split()
}
_UNIT = re.compile(r"[\s-]?(?P<unit>[%％]|per ?cent(?:age)?\b|[A-Za-z]+|个月|小时|分钟|[倍年岁月周天])")
_LIST = re.compile(r"(?:[\s,;/–—-]|±|\+/-|\bto\b|\band\b|\bor\b|\bvs\b\.?|\bversus\b|[至和或与、到])*")
_COMPARISONS = {
    sign: re.compile(rf"(?:{words})\s*$", re.IGNORECASE)
    for sign, words in {
        "<": r"[<≤≦]|\b(?:(?:less|fewer|lower|shorter|smaller) than|below|under|at most|up to)|小于|低于|不到",
        ">": r"[>≥≧]|\b(?:(?:more|greater|higher|longer|larger) than|above|over|at least)|大于|高于|超过|至少",
        "=": r"[=＝]",
    }.items()
}
_HEDGE = re.compile(r"(?:\b(?:about|around|approximately|nearly|almost|roughly|circa)|[~≈∼约近])\s*$", re.IGNORECASE)
_P_VALUE = re.compile(r"\bp(?:[ -]?values?)?(?: (?:of|was|is))?\s*值?为?\s*[<>=≤≥]?\s*$", re.IGNORECASE)
# How far before a number what is said of it may stand, in characters.
_REACH = 24
_OF = re.compile(r"\s?/\s?|\s(?:out )?of (?:the |all |these |a total of )?|\samong (?:the )?")
_OF_BEFORE = re.compile(r"(?:^|[.;:,(]\s*)(?:of|among)(?: the| all| these| a total of)?\s*$", re.IGNORECASE)
# "17例中有16例": the whole comes first.
_HAN_OF = re.compile(r"[^，。；,.;\d]{0,12}中[^，。；,.;\d]{0,6}")
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5}
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4}
_HAN = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
_FRACTION = re.compile(
    rf"\b(?P<part>{'|'.join(_COUNTS)})[ -](?P<whole>{'|'.join(_PARTS)})s?\b|\bhalf of\b"
    rf"|(?P<han_whole>[{''.join(_HAN)}])分之(?P<han_part>[{''.join(_HAN)}])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Quantity:
    """A number: its character span with the unit, its value, the decimals it is written with, its unit.

    `unit` is "" where it is none of the known ones, `shared_unit` that of a list which names its unit once ("70,
    80 and 90%"). `comparison` is "<", ">", "=" or "". `is_p` tells a P value, `is_vague` a number word that may
    as well be a pronoun ("one of them").
    """

    start: int
    end: int
    text: str
    value: Decimal
    places: int
    unit: str = ""
    shared_unit: str = ""
    comparison: str = ""
    is_hedged: bool = False
    is_p: bool = False
    is_vague: bool = False

    @property
    def written(self) -> str:
        """The number as a reason shows it: with its unit, and with its comparison where it has one."""
        sign = self.comparison or ("=" if self.is_p else "")
        return f"{'P' if self.is_p else ''}{sign if self.is_p or sign != '=' else ''}{self.text}"


@dataclass(frozen=True)
class Ratio:
    """A part of a whole, as in 14 of 21."""

    part: Decimal
    whole: Decimal

    @property
    def share(self) -> Decimal:
        """Part by whole, 0 to 1."""
        return self.part / self.whole


@lru_cache(maxsize=4096)
def quantities(text: str) -> tuple[Quantity, ...]:
    """The numbers of a text, in order; those inside names are none."""
    shares = list(_shares(text))
    taken = [(mention.start, mention.end) for mention in genes.mentions(text)]
    taken += [(share.start, share.end) for share in shares]
    counted = (
        _quantity(text, numeral)
        for numeral in numerals(text)
        if not any(start <= numeral.start < end for start, end in taken)
    )
    return _with_shared_units(text, sorted([*counted, *shares], key=lambda quantity: quantity.start))


@lru_cache(maxsize=4096)
def ratios(text: str) -> tuple[Ratio, ...]:
    """The parts of a whole that a text counts: 14 of 21, 14/21, of 21 tumours, 14."""
    return tuple(ratio for one, other in pairwise(quantities(text)) if (ratio := _ratio(text, one, other)) is not None)


def _quantity(text: str, numeral: Numeral) -> Quantity:
    unit, end = _unit(text, numeral)
    before = text[max(0, numeral.start - _REACH) : numeral.start]
    comparison = next((sign for sign, said in _COMPARISONS.items() if said.search(before)), "")
    return Quantity(
        start=numeral.start,
        end=end,
        text=text[numeral.start : end],
        value=numeral.value,
        places=numeral.places,
        unit=unit,
        comparison=comparison,
        is_hedged=_HEDGE.search(before) is not None,
        is_p=_P_VALUE.search(before) is not None,
        is_vague=not numeral.digits and numeral.value <= 1,
    )


def _unit(text: str, numeral: Numeral) -> tuple[str, int]:
    """The unit after a number, or before it in Chinese ("百分之七"), and where number and unit end."""
    if text.endswith("百分之", 0, numeral.start):
        return PERCENT, numeral.end
    match = _UNIT.match(text, numeral.end)
    if match is None:
        return "", numeral.end
    unit = _UNITS.get(match["unit"].lower().replace("per cent", "percent"), "")
    return unit, match.end() if unit else numeral.end


def _with_shared_units(text: str, found: Sequence[Quantity]) -> tuple[Quantity, ...]:
    """Give the members of a list the unit that follows its last one."""
    shared = ""
    result: list[Quantity] = []
    for index in range(len(found) - 1, -1, -1):
        quantity = found[index]
        after = found[index + 1] if index + 1 < len(found) else None
        is_listed = after is not None and _LIST.fullmatch(text, quantity.end, after.start) is not None
        shared = quantity.unit or (shared if is_listed else "")
        result.append(replace(quantity, shared_unit=shared))
    return tuple(reversed(result))


def _shares(text: str) -> Iterator[Quantity]:
    """Fractions in words: two thirds, half of, 三分之二."""
    for match in _FRACTION.finditer(text):
        if match["han_whole"]:
            part, whole = _HAN[match["han_part"]], _HAN[match["han_whole"]]
        elif match["part"]:
            part, whole = _COUNTS[match["part"].lower()], _PARTS[match["whole"].lower()]
        else:
            part, whole = 1, 2
        yield Quantity(*match.span(), match.group(), Decimal(part) / Decimal(whole), 2, unit=SHARE)


def _ratio(text: str, one: Quantity, other: Quantity) -> Ratio | None:
    if one.unit in (PERCENT, SHARE) or other.unit in (PERCENT, SHARE):
        return None
    between = text[one.end : other.start]
    part, whole = one.value, other.value
    if _HAN_OF.fullmatch(between) or (_OF_BEFORE.search(text, 0, one.start) and not re.search(r"[.;]", between)):
        part, whole = whole, part
    elif not _OF.fullmatch(between):
        return None
    return Ratio(part, whole) if 0 <= part <= whole and whole > 0 else None
