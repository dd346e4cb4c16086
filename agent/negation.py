"""What a sentence denies, and whether two sentences deny the same."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from agent.words import Surroundings, Word, sameness, surroundings, words

_BEFORE = frozenset(
    "not no never neither nor none cannot without lack lacks lacked fail fails failed failing failure absence "
    "unable inability".split()
)
_AFTER = frozenset(("absent", "lacking"))
_PREFIX = re.compile(r"(?:un|non)(?=[a-z]{3,}(?:ed|able|ible|icant)$)(?!der|if|it|iqu)", re.IGNORECASE)
# "not only" denies nothing, and "No. 5" is a number.
_NOT_DENYING = {"not": ("only", "just", "merely"), "no": (".", "doubt")}
_BREAKS = frozenset("but whereas while although though however yet except . ; : ,".split())
# How many words a denial reaches over, and how many content words tell what it denies.
_REACH = 8
_HEADS = 3
# Words that say how much or how sure, not what.
_DEGREES = frozenset("signific statist ani clear appar evid obvious further substanti mark detect direct".split())
_AUXILIARIES = frozenset("do does did be been is are was were have has had can could may might will would".split())
# Surroundings that differ by less than this tell two places apart no better than chance.
_NEARER = 0.2
_ALIKE = 0.5


@dataclass(frozen=True)
class Place:
    """Where a content word stands: its stem, what stands around it, and whether it is denied there."""

    stem: str
    around: Surroundings
    is_denied: bool


@dataclass(frozen=True)
class Denials:
    """What a sentence denies: the places of each stem, and for each denial the places that it denies first."""

    places: Mapping[str, Sequence[Place]]
    heads: tuple[tuple[Place, ...], ...]


@lru_cache(maxsize=4096)
def denials(text: str) -> Denials:
    """What a sentence denies."""
    read = [_bare(word) for word in words(text)]
    scopes = [_scope(read, index) for index in range(len(read)) if _denies(read, index)]
    scopes += [(index,) for index, word in enumerate(words(text)) if _PREFIX.match(word.text)]
    denied = {index for scope in scopes for index in scope}
    plain = [word for word in read if word.text.lower() not in _BEFORE | _AFTER | _AUXILIARIES]
    stated = {
        index: Place(word.stem, surroundings(plain, word.start, word.end), index in denied)
        for index, word in enumerate(read)
        if _tells(word)
    }
    places: dict[str, list[Place]] = {}
    for place in stated.values():
        places.setdefault(place.stem, []).append(place)
    heads = tuple(tuple(stated[index] for index in scope if index in stated)[:_HEADS] for scope in scopes)
    return Denials(MappingProxyType(places), heads)


def is_denial_added(claim: str, quotes: Sequence[str]) -> bool:
    """Whether a claim denies what no quote denies."""
    read = list(map(denials, quotes))
    return any(_is_added(heads, read) for heads in denials(claim).heads)


def is_denial_dropped(claim: str, quotes: Sequence[str]) -> bool:
    """Whether a claim affirms what its quotes only deny."""
    read = list(map(denials, quotes))
    return any(_is_dropped(heads, denials(claim), read) for quote in read for heads in quote.heads)


def _is_added(heads: Sequence[Place], quotes: Sequence[Denials]) -> bool:
    known = [head for head in heads if _at(head.stem, quotes)]
    if not known:
        return not any(quote.heads for quote in quotes)
    return not any(_is_denied_alike(head, _at(head.stem, quotes)) for head in known)


def _is_denied_alike(place: Place, quoted: Sequence[Place]) -> bool:
    """Whether a word is denied at the place of the quotes that is most like this one, or at one as good."""
    rated = [(sameness(place.around, other.around), other.is_denied) for other in quoted]
    best = max(likeness for likeness, _ in rated)
    return any(is_denied and likeness >= best - _NEARER for likeness, is_denied in rated)


def _is_dropped(heads: Sequence[Place], claim: Denials, quotes: Sequence[Denials]) -> bool:
    known = [(head, place) for head in heads for place in claim.places.get(head.stem, ())]
    if any(place.is_denied for _, place in known):
        return False
    first = next((head for head in heads if head.stem not in _DEGREES), None)
    return any(_is_affirmed(place, head, head is first, _at(head.stem, quotes)) for head, place in known)


def _is_affirmed(place: Place, head: Place, is_first: bool, quoted: Sequence[Place]) -> bool:
    """Whether a word is affirmed where the quotes deny it."""
    denied = sameness(place.around, head.around)
    affirmed = [sameness(place.around, other.around) for other in quoted if not other.is_denied]
    if affirmed:
        return denied > max(affirmed) + _NEARER
    return is_first or denied >= _ALIKE


def _at(stem: str, quotes: Sequence[Denials]) -> list[Place]:
    return [place for quote in quotes for place in quote.places.get(stem, ())]


def _denies(read: Sequence[Word], index: int) -> bool:
    word = read[index].text.lower()
    after = read[index + 1].text.lower() if index + 1 < len(read) else ""
    if word in _BEFORE or word == "non" or word.endswith(("n't", "n’t")):
        return after not in _NOT_DENYING.get(word, ())
    return word in _AFTER


def _scope(read: Sequence[Word], index: int) -> tuple[int, ...]:
    """The places that a word of denial reaches over: forwards, or backwards after "absent"."""
    word = read[index].text.lower()
    if word in _AFTER:
        return tuple(reversed(list(_reached(read, range(index - 1, -1, -1)))))
    if word == "non":
        return tuple(range(index + 1, min(index + 2, len(read))))
    return tuple(_reached(read, range(index + 1, len(read))))


def _reached(read: Sequence[Word], places: Sequence[int]) -> Iterator[int]:
    for index in places[:_REACH]:
        if read[index].text.lower() in _BREAKS or _denies(read, index):
            return
        yield index


def _bare(word: Word) -> Word:
    """A word without its prefix of denial: what "unchanged" denies is change."""
    match = _PREFIX.match(word.text)
    return words(word.text[match.end() :])[0]._replace(start=word.start, end=word.end) if match else word


def _tells(word: Word) -> bool:
    return word.content and word.text[0].isalpha() and word.text.lower() not in _BEFORE | _AFTER
