"""What a sentence denies, and whether two sentences deny the same."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from agent.words import Surroundings, Word, sameness, surroundings, words

_BEFORE = frozenset(
    "not no never neither nor none cannot without lack lacks lacked lacking fail fails failed failing absence "
    "unable inability".split()
)
# These deny what stands before them: "methylation was absent".
_AFTER = frozenset(("absent",))
_PREFIX = re.compile(r"(?:un|non)(?=[a-z]{3,}(?:ed|able|ible|icant)$)(?!der|if|it|iqu)", re.IGNORECASE)
# "not only" denies nothing, and "No. 5" is a number.
_NOT_DENYING = {"not": ("only", "just", "merely"), "no": (".", "doubt")}
_NON = "non"
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
    """What a sentence denies: the places of each stem, and for each denial the places that it denies first.

    `attributes` are the places that a prefix denies, as in "unchanged" and "non-classical".
    """

    places: Mapping[str, Sequence[Place]]
    heads: tuple[tuple[Place, ...], ...]
    attributes: tuple[Place, ...]


@lru_cache(maxsize=4096)
def denials(text: str) -> Denials:
    """What a sentence denies."""
    read = [_bare(word) for word in words(text)]
    scopes = {index: _scope(words(text), index) for index in range(len(read)) if _denies(words(text), index)}
    denied = {index for scope in scopes.values() for index in scope}
    plain = [word for word in read if word.text.lower() not in _BEFORE | _AFTER | _AUXILIARIES]
    stated = {
        index: Place(word.stem, surroundings(plain, word.start, word.end), index in denied)
        for index, word in enumerate(read)
        if _tells(word)
    }
    places: dict[str, list[Place]] = {}
    for place in stated.values():
        places.setdefault(place.stem, []).append(place)
    prefixes = {index for index in scopes if _is_prefix(words(text)[index])}
    heads = [
        tuple(stated[place] for place in scope if place in stated)[:_HEADS]
        for index, scope in scopes.items()
        if index not in prefixes
    ]
    attributes = [stated[place] for index in prefixes for place in scopes[index] if place in stated]
    return Denials(MappingProxyType(places), tuple(heads), tuple(attributes))


def is_denial_added(claim: str, quotes: Sequence[str]) -> bool:
    """Whether a claim denies what no quote denies."""
    read = list(map(denials, quotes))
    claimed = denials(claim)
    attributes = [place for place in claimed.attributes if _at(place.stem, read)]
    return any(_is_added(heads, read) for heads in [*claimed.heads, *((place,) for place in attributes)])


def is_denial_dropped(claim: str, quotes: Sequence[str]) -> bool:
    """Whether a claim affirms what its quotes only deny."""
    read = list(map(denials, quotes))
    denied = [heads for quote in read for heads in [*quote.heads, *((place,) for place in quote.attributes)]]
    return any(_is_dropped(heads, denials(claim), read) for heads in denied)


def _is_added(heads: Sequence[Place], quotes: Sequence[Denials]) -> bool:
    if not heads:
        return all(heads for quote in quotes for heads in quote.heads)
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
    known = [(head, _most_alike(head, claim.places[head.stem])) for head in heads if head.stem in claim.places]
    if any(place.is_denied for _, place in known):
        return False
    first = next((head for head in heads if head.stem not in _DEGREES), None) if len(known) > 1 else None
    return any(_is_affirmed(place, head, head is first, _at(head.stem, quotes)) for head, place in known)


def _most_alike(place: Place, others: Sequence[Place]) -> Place:
    return max(others, key=lambda other: sameness(place.around, other.around))


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
    written = read[index].text
    word = written.lower()
    after = read[index + 1].text.lower() if index + 1 < len(read) else ""
    if len(written) > 1 and written.isupper():
        return False  # NO is nitric oxide, NOT a gene
    if word in _BEFORE or word == _NON or word.endswith(("n't", "n’t")):
        return after not in _NOT_DENYING.get(word, ())
    return word in _AFTER or _PREFIX.match(written) is not None


def _is_prefix(word: Word) -> bool:
    return word.text.lower() == _NON or _PREFIX.match(word.text) is not None


def _scope(read: Sequence[Word], index: int) -> tuple[int, ...]:
    """The places that a denial reaches over: forwards; backwards too where little follows; only so after "absent"."""
    if _PREFIX.match(read[index].text):
        return (index,)
    backwards = tuple(_reached(read, range(index - 1, -1, -1)))
    if read[index].text.lower() in _AFTER:
        return backwards
    forwards = tuple(_reached(read, range(index + 1, len(read))))
    if read[index].text.lower() == _NON:
        return forwards[:1]
    return forwards if sum(_tells(read[place]) for place in forwards) > 1 else (*forwards, *backwards)


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
