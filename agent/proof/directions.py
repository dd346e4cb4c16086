"""Which way a sentence says that things go: hyper- or hypomethylated, more or less, on or off."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from retrieval.analysis import query_terms

METHYLATION, AMOUNT, ASSOCIATION = "methylation", "amount", "association"
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
    AMOUNT: (
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
    ASSOCIATION: (
        r"associat\w*|correlat\w*|depend(?:s|ed|ent) (?:up)?on",
        r"independent(?:ly)? of|unrelated|uncorrelated",
    ),
    "sign": (r"positive(?:ly)?", r"(?:negative|inverse)(?:ly)?"),
    "outcome": (
        r"better|best|good|improv\w*|favou?rabl\w*",
        r"worse\w*|worst|poor\w*|unfavou?rabl\w*|adverse\w*|deteriorat\w*",
    ),
}
# What the words of one family say in another, so that "hypermethylated" bears out "increased methylation".
_ALSO = {
    (METHYLATION, HYPER): (AMOUNT, UP),
    (METHYLATION, HYPO): (AMOUNT, DOWN),
    (METHYLATION, DE): (AMOUNT, DOWN),
    ("activity", UP): (AMOUNT, UP),
    ("activity", DOWN): (AMOUNT, DOWN),
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
_VERB = r"\b(?:was|were|is|are|had|has|have|do|does|did|shows?|showed|but|whereas|while)\b"
_DENIED = re.compile(
    r"(?:\b(?:not(?! only)|never|neither|nor|none|n't)\b(?:(?!\bbut\b)[^.;:,]){0,40}"
    rf"|\b(?:no|without|lack\w*|absence|free of)\b(?:(?!{_VERB})[^.;:,]){{0,40}})$",
    re.IGNORECASE,
)
# "methylated in tumours but not in blood": unmethylated in blood.
_NOT_ELSEWHERE = re.compile(r"\b(?:but|and|though) (?:not|never)\b|, not\b", re.IGNORECASE)
# What a way becomes where it is denied; "not increased" is not decreased.
_DENIED_WAYS = {
    (METHYLATION, PLAIN): UN,
    (METHYLATION, UN): PLAIN,
    (ASSOCIATION, UP): DOWN,
    (ASSOCIATION, DOWN): UP,
}
# What bears out each state of methylation beside itself.
BORNE_OUT = {HYPER: {PLAIN}, HYPO: {DE}, UN: set[str](), DE: {HYPO}, PLAIN: {HYPER}}


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
    wanted = {asked.way} | (BORNE_OUT[asked.way] if asked.is_methylation else set())
    return any((asked.family, way) in ways for way in wanted)


def opposite(asked: Direction, quoted: Sequence[str]) -> Direction | None:
    """What quotes say instead of a direction."""
    others = (other for text in quoted for other in directions(text))
    return next((other for other in others if is_other_way(asked, other)), None)


def is_other_way(one: Direction, other: Direction) -> bool:
    """Whether two directions of one family exclude each other."""
    if one.family != other.family or one.way == other.way:
        return False
    return not one.is_methylation or other.way not in BORNE_OUT[one.way]


def _direction(text: str, match: re.Match[str]) -> Direction:
    family, _, way = (match.lastgroup or "").partition("_")
    if (family, way) in _DENIED_WAYS and _DENIED.search(text, 0, match.start()):
        return Direction(*match.span(), f"not {match.group()}", family, _DENIED_WAYS[family, way])
    return Direction(*match.span(), match.group(), family, way)


@lru_cache(maxsize=4096)
def _ways(text: str) -> frozenset[tuple[str, str]]:
    """The families and ways that a text bears out; "increased methylation" is hypermethylation."""
    said = {(direction.family, direction.way) for direction in directions(text)}
    ways = said | {_ALSO[way] for way in said if way in _ALSO}
    amounts = {way for family, way in said if family == AMOUNT}
    for noun in _NOUN.finditer(text):
        ways |= {(METHYLATION, HYPER if way == UP else HYPO) for way in amounts}
        if _DENIED.search(text, 0, noun.start()):
            ways.add((METHYLATION, UN))
        elif amounts != {DOWN}:
            ways.add((METHYLATION, PLAIN))
    if _NOT_ELSEWHERE.search(text) and ways & {(METHYLATION, PLAIN), (METHYLATION, HYPER)}:
        ways.add((METHYLATION, UN))
    return frozenset(ways)


def is_turned_round(claim: str, quote: str) -> bool:
    """Whether two comparisons name their sides the other way round: "A has more than B", "B has less than A"."""
    one, other = _sides(claim), _sides(quote)
    if one is None or other is None:
        return False
    crossed = _share(one[1], other[0]) + _share(other[1], one[0])
    return crossed > _share(one[1], other[1]) + _share(other[1], one[1])


def _sides(text: str) -> tuple[set[str], set[str]] | None:
    """The stems of the two sides of a comparison with "than"; None where there is none, or more than one."""
    parts = re.split(r"\bthan\b(?: in| for| of)?", text)
    if len(parts) != 2:
        return None
    return set(query_terms(parts[0])), set(query_terms(parts[1]))


def _share(of: set[str], there: set[str]) -> float:
    return len(of & there) / max(1, len(of))
