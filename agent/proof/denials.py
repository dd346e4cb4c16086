"""What a sentence denies: where its words of denial stand and how far they reach."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from agent.proof.words import Surroundings, Word, surroundings, words

_BEFORE = frozenset(
    "not no never neither nor none cannot without lack lacks lacked lacking fail fails failed failing absence "
    "unable inability".split()
)
# These deny what stands before them: "methylation was absent".
_AFTER = frozenset(("absent",))
# These deny a noun, and with it no verb that follows: "cells without the gene had more breaks".
_OF_NOUNS = frozenset("no without lack lacks lacked lacking absence".split())
# "p16 was lost" bears out "p16 was absent", but who says that p16 was lost denies nothing.
_LOST_BEFORE = frozenset(("loss", "independent", "independently"))
_LOST_AFTER = frozenset(("lost", "silenced", "abolished"))
_PREFIX = re.compile(r"(?:un|non)(?=[a-z]{3,}(?:ed|able|ible|icant)$)(?!der|if|it|iqu)", re.IGNORECASE)
_PREFIXED = re.compile(r"\b(?:non|never)(?=[-‐‑])", re.IGNORECASE)
# "not only" denies nothing, and "No. 5" is a number.
_NOT_DENYING = {"not": ("only", "just", "merely"), "no": (".", "doubt")}
_BREAKS = frozenset("but whereas while although though however yet except . ; : ,".split())
_AUXILIARIES = frozenset("do does did be been is are was were have has had can could may might will would".split())
# How many words a denial reaches over, how many content words tell what it denies, and over how many a loss reaches.
_REACH = 8
_HEADS = 3
_SHORT_REACH = 4


@dataclass(frozen=True)
class Place:
    """Where a content word stands: its stem, what stands around it, and whether it is denied or said to be lost."""

    stem: str
    around: Surroundings
    is_denied: bool
    is_lost: bool


@dataclass(frozen=True)
class Denial:
    """The places that a denial denies first, and all places of its clause that no other one denies."""

    heads: tuple[Place, ...]
    clause: tuple[Place, ...]


@dataclass(frozen=True)
class Denials:
    """What a sentence denies, and the places of each stem in it.

    `attributes` are denied by a prefix, as in "unchanged" and "non-classical": they deny a word, not the sentence.
    """

    places: Mapping[str, Sequence[Place]]
    said: tuple[Denial, ...]
    attributes: tuple[Denial, ...]


@lru_cache(maxsize=4096)
def denials(text: str) -> Denials:
    """What a sentence denies."""
    read = words(text)
    attributes = {index: scope for index in range(len(read)) if (scope := _attribute(text, read, index))}
    cues = [index for index in range(len(read)) if index not in attributes and _denies(read, index)]
    stops = {*cues, *attributes}
    scopes = {index: _scope(read, index, stops) for index in cues}
    lost = {place for index in range(len(read)) for place in _lost(read, index, stops)}
    denied = {place for cue, scope in scopes.items() for place in _strictly(read, cue, scope)}
    stated = _stated(read, {*denied, *_flat(attributes.values())}, lost)
    places: dict[str, list[Place]] = {}
    for place in stated.values():
        places.setdefault(place.stem, []).append(place)
    said = [
        Denial(
            heads=_at(stated, scope)[:_HEADS],
            clause=_at(stated, (place for place in _clause(read, cue, stops) if not _is_in_other(place, cue, scopes))),
        )
        for cue, scope in scopes.items()
    ]
    prefixed = [
        Denial(_at(stated, scope), _at(stated, _clause(read, index, stops)) if _is_predicate(read, index) else ())
        for index, scope in attributes.items()
        if _at(stated, scope)
    ]
    return Denials(MappingProxyType(places), tuple(said), tuple(prefixed))


def _stated(read: Sequence[Word], denied: set[int], lost: set[int]) -> dict[int, Place]:
    """The content words by their index."""
    plain = [_bare(word) for word in read if word.text.lower() not in _BEFORE | _AFTER | _AUXILIARIES]
    return {
        index: Place(_bare(word).stem, surroundings(plain, word.start, word.end), index in denied, index in lost)
        for index, word in enumerate(read)
        if _tells(word)
    }


def _denies(read: Sequence[Word], index: int) -> bool:
    written = read[index].text
    word = written.lower()
    after = read[index + 1].text.lower() if index + 1 < len(read) else ""
    if len(written) > 1 and written.isupper():
        return False  # NO is nitric oxide, NOT a gene
    return word in _AFTER or (
        (word in _BEFORE or word.endswith(("n't", "n’t"))) and after not in _NOT_DENYING.get(word, ())
    )


def _attribute(text: str, read: Sequence[Word], index: int) -> tuple[int, ...]:
    """The one place that a prefix denies: the word itself, or the next in "non-smokers" and "never-smokers"."""
    word = read[index]
    if _PREFIX.match(word.text):
        return (index,)
    return (index + 1,) if _PREFIXED.match(text, word.start) and index + 1 < len(read) else ()


def _is_predicate(read: Sequence[Word], index: int) -> bool:
    """Whether a word is said of a subject: "tumours were unmethylated", not "unmethylated tumours"."""
    return any(word.text.lower() in _AUXILIARIES for word in read[max(0, index - 2) : index])


def _scope(read: Sequence[Word], index: int, stops: set[int]) -> tuple[int, ...]:
    """The places that a denial reaches over: forwards; backwards too where little follows; only so after "absent"."""
    backwards = tuple(_reached(read, range(index - 1, -1, -1), stops))
    if read[index].text.lower() in _AFTER:
        return backwards
    forwards = tuple(_reached(read, range(index + 1, len(read)), stops))
    return forwards if sum(_tells(read[place]) for place in forwards) > 1 else (*forwards, *backwards)


def _strictly(read: Sequence[Word], cue: int, scope: Sequence[int]) -> Iterator[int]:
    """The places of a scope that are denied themselves: after "no" and "without", those up to the next verb."""
    verbs = [place for place in scope if place > cue and read[place].text.lower() in _AUXILIARIES]
    is_of_nouns = read[cue].text.lower() in _OF_NOUNS
    return (place for place in scope if not (is_of_nouns and verbs and place > verbs[0]))


def _clause(read: Sequence[Word], index: int, stops: set[int]) -> tuple[int, ...]:
    return (
        *_reached(read, range(index + 1, len(read)), stops),
        *_reached(read, range(index - 1, -1, -1), stops),
    )


def _is_in_other(place: int, cue: int, scopes: Mapping[int, Sequence[int]]) -> bool:
    return any(place in scope for other, scope in scopes.items() if other != cue)


def _lost(read: Sequence[Word], index: int, stops: set[int]) -> Iterator[int]:
    """The places of what is said to be lost, silenced or independent, up to the next verb."""
    word = read[index].text.lower()
    if word in _LOST_BEFORE:
        yield from _until_verb(read, _reached(read, range(index + 1, len(read)), stops))
    if word in _LOST_AFTER:
        before = [place for place in range(index - 1, -1, -1) if read[place].text.lower() not in _AUXILIARIES]
        yield from _until_verb(read, _reached(read, before, stops))


def _until_verb(read: Sequence[Word], places: Iterable[int]) -> Iterator[int]:
    for count, place in enumerate(places):
        if count == _SHORT_REACH or read[place].text.lower() in _AUXILIARIES:
            return
        yield place


def _reached(read: Sequence[Word], places: Sequence[int], stops: set[int]) -> Iterator[int]:
    for index in places[:_REACH]:
        if read[index].text.lower() in _BREAKS or index in stops:
            return
        yield index


def _at(stated: Mapping[int, Place], scope: Iterable[int]) -> tuple[Place, ...]:
    return tuple(stated[index] for index in scope if index in stated)


def _flat(scopes: Iterable[Sequence[int]]) -> Iterator[int]:
    return (index for scope in scopes for index in scope)


def _bare(word: Word) -> Word:
    """A word without its prefix of denial: what "unchanged" denies is change."""
    match = _PREFIX.match(word.text)
    return words(word.text[match.end() :])[0]._replace(start=word.start, end=word.end) if match else word


def _tells(word: Word) -> bool:
    return word.content and word.text[0].isalpha() and word.text.lower() not in _BEFORE | _AFTER
