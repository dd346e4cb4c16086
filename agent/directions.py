"""Which way a sentence says that things go: hyper- or hypomethylated, more or less, on or off."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

METHYLATION = "methylation"
HYPER, HYPO, UN, DE, PLAIN = "hypermethylated", "hypomethylated", "unmethylated", "demethylated", "methylated"
UP, DOWN = "up", "down"

_STATES = {
    HYPER: r"hyper-?\s?methylat\w*",
    HYPO: r"(?:hypo|under)-?\s?methylat\w*",
    UN: r"(?:un|non)-?methylat\w*",
    DE: r"de-?methylat(?:ed|es|ion)",
    PLAIN: r"methylated",
}
# Each family holds words for the one way and for the other.
_FAMILIES = {
    "amount": (
        r"increas\w*|elevat\w*|high(?:er|est)|greater|greatest|rises?|rose|risen|rising|raised|gain(?:s|ed|ing)?"
        r"|(?:up|over)-?\s?(?:regulat|express)\w*|enhanc(?:e[sd]?|ing|ement)|augment\w*|stimulat(?:e[sd]?|ing|ion)"
        r"|promot(?:e[sd]?|ing|ion)|induc(?:e[sd]?|ing|tion)|accelerat\w*|more|longer|larger|stronger|faster",
        r"decreas\w*|reduc(?:e[sd]?|ing|tions?)|low(?:er|ered|ers|ering|est)|less|fewer|falls?|fell|fallen|declin\w*"
        r"|drop(?:s|ped)?|(?:down|under)-?\s?(?:regulat|express)\w*|suppress(?:e[sd]|ing|ion)?|inhibit(?:s|ed|ing|ion)?"
        r"|attenuat\w*|diminish\w*|abolish\w*|abrogat\w*|impair\w*|los[set]|losing|block(?:s|ed|ing)?|weak(?:er|en\w*)"
        r"|short(?:er|en\w*)|small(?:er|est)|slow(?:er|ed|s)",
    ),
    "activity": (
        r"(?:re-?)?activat(?:e[sd]?|ing|ion)|re-?express\w*|expressed|restor\w*|(?:switch|turn)(?:ed|es|s)? on",
        r"silenc\w*|inactivat\w*|repress(?:e[sd]|ing|ion)?|(?:switch|turn)(?:ed|es|s)? off",
    ),
    "sign": (r"positive(?:ly)?", r"(?:negative|inverse)(?:ly)?"),
    "outcome": (
        r"better|best|good|improv\w*|favou?rabl\w*",
        r"worse\w*|worst|poor\w*|unfavou?rabl\w*|adverse\w*|deteriorat\w*",
    ),
}
# What the words of one family say in another, so that "hypermethylated" bears out "increased methylation".
_ALSO = {
    (METHYLATION, HYPER): ("amount", UP),
    (METHYLATION, HYPO): ("amount", DOWN),
    (METHYLATION, DE): ("amount", DOWN),
    ("activity", UP): ("amount", UP),
    ("activity", DOWN): ("amount", DOWN),
}
_WORD = re.compile(
    r"\b(?:"
    + "|".join(
        f"(?P<{group}>{words})"
        for group, words in [
            *((f"{METHYLATION}_{state}", words) for state, words in _STATES.items()),
            *(
                (f"{name}_{way}", words)
                for name, pair in _FAMILIES.items()
                for way, words in zip((UP, DOWN), pair, strict=True)
            ),
        ]
    )
    + r")\b",
    re.IGNORECASE,
)
_NOUN = re.compile(r"\bmethylations?\b", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:not|no|never|neither|nor|none|without|lack\w*|absence|free)\b[^.;:,]{0,40}$", re.IGNORECASE)
_DENIED_WAYS = {PLAIN: UN, UN: PLAIN}
# What bears out each state of methylation beside itself.
_BORNE_OUT = {HYPER: {PLAIN}, HYPO: {DE}, UN: set[str](), DE: {HYPO}, PLAIN: {HYPER}}


@dataclass(frozen=True)
class Direction:
    """A word that says which way: its character span, its family and its way in it."""

    start: int
    end: int
    text: str
    family: str
    way: str

    @property
    def is_methylation(self) -> bool:
        """Whether it is a state of methylation."""
        return self.family == METHYLATION


@lru_cache(maxsize=4096)
def directions(text: str) -> tuple[Direction, ...]:
    """The directions of a text, in order; "not methylated" is unmethylated."""
    return tuple(_direction(text, match) for match in _WORD.finditer(text))


def bears_out(asked: Direction, quoted: Sequence[str]) -> bool:
    """Whether quotes together say a direction, in its own words or in those of another family."""
    ways = {way for text in quoted for way in _ways(text)}
    wanted = {asked.way} | (_BORNE_OUT[asked.way] if asked.is_methylation else set())
    return any((asked.family, way) in ways for way in wanted)


def opposite(asked: Direction, quoted: Sequence[str]) -> Direction | None:
    """What quotes say instead of a direction."""
    others = (other for text in quoted for other in directions(text))
    return next((other for other in others if is_other_way(asked, other)), None)


def is_other_way(one: Direction, other: Direction) -> bool:
    """Whether two directions of one family exclude each other."""
    if one.family != other.family or one.way == other.way:
        return False
    return not one.is_methylation or other.way not in _BORNE_OUT[one.way]


def _direction(text: str, match: re.Match[str]) -> Direction:
    family, _, way = (match.lastgroup or "").partition("_")
    if way in _DENIED_WAYS and _DENIED.search(text, 0, match.start()):
        return Direction(*match.span(), f"not {match.group()}", family, _DENIED_WAYS[way])
    return Direction(*match.span(), match.group(), family, way)


@lru_cache(maxsize=4096)
def _ways(text: str) -> frozenset[tuple[str, str]]:
    """The families and ways that a text bears out; "increased methylation" is hypermethylation."""
    said = {(direction.family, direction.way) for direction in directions(text)}
    ways = said | {_ALSO[way] for way in said if way in _ALSO}
    nouns = list(_NOUN.finditer(text))
    if nouns:
        ways |= {(METHYLATION, HYPER if way == UP else HYPO) for family, way in said if family == "amount"}
    for noun in nouns:
        ways.add((METHYLATION, UN if _DENIED.search(text, 0, noun.start()) else PLAIN))
    return frozenset(ways)
