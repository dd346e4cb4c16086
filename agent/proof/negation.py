"""Whether a claim denies what its quotes deny."""

from collections.abc import Iterable, Sequence

from agent.proof.denials import Denial, Denials, Place, denials
from agent.proof.words import sameness

# Words that say how much or how sure, not what.
_DEGREES = frozenset("signific statist ani clear appar evid obvious further substanti mark detect direct".split())
# Surroundings that differ by less than this tell two places apart no better than chance.
_NEARER = 0.2
_ALIKE = 0.5
_METHYLATED = "methyl"


def is_denial_added(claim: str, quotes: Sequence[str]) -> bool:
    """Whether a claim denies what no quote denies."""
    claimed, read = denials(claim), list(map(denials, quotes))
    attributes = (_places(place.stem, read) for place in _attributes(claimed))
    is_new = any(places and not any(place.is_denied for place in places) for places in attributes)
    return is_new or any(_is_added(denial, read) for denial in claimed.said)


def is_denial_dropped(claim: str, quotes: Sequence[str]) -> bool:
    """Whether a claim affirms what its quotes only deny."""
    claimed, read = denials(claim), list(map(denials, quotes))
    heads = [denial.heads for quote in read for denial in quote.said]
    attributes = [place for quote in read for place in _attributes(quote)]
    heads += [(place,) for place in attributes if not any(other.is_denied for other in _places(place.stem, [claimed]))]
    return any(_is_dropped(places, claimed, read) for places in heads)


def _attributes(read: Denials) -> list[Place]:
    """Words that are denied by a prefix; `agent.proof.directions` tells methylated from unmethylated."""
    return [place for denial in read.attributes for place in denial.heads if place.stem != _METHYLATED]


def _is_added(denial: Denial, quotes: Sequence[Denials]) -> bool:
    if not denial.heads:
        return all(other.heads for quote in quotes for other in quote.said)
    known = _known(denial.heads, quotes)
    if not known:
        return not any(quote.said for quote in quotes)
    if any(_is_denied_alike(head, _places(head.stem, quotes)) for head in known):
        return False
    return not any(_is_only_denied(_places(place.stem, quotes)) for place in denial.clause)


def _is_denied_alike(place: Place, quoted: Sequence[Place]) -> bool:
    """Whether a word is denied at the place of the quotes that is most like this one, or at one as good."""
    rated = [(sameness(place.around, other.around), other.is_denied or other.is_lost) for other in quoted]
    best = max(likeness for likeness, _ in rated)
    return any(is_denied and likeness >= best - _NEARER for likeness, is_denied in rated)


def _is_only_denied(quoted: Sequence[Place]) -> bool:
    return bool(quoted) and all(place.is_denied for place in quoted)


def _is_dropped(heads: Sequence[Place], claim: Denials, quotes: Sequence[Denials]) -> bool:
    known = [(head, _most_alike(head, claim.places[head.stem])) for head in heads if head.stem in claim.places]
    clauses = [other for denial in (*claim.said, *claim.attributes) for other in denial.clause]
    if any(place.is_denied or any(place is other for other in clauses) for _, place in known):
        return False
    if any(place.is_lost and not head.is_lost for head, place in known):
        return False
    first = next((head for head in heads if head.stem not in _DEGREES), None) if len(known) > 1 else None
    return any(_is_affirmed(place, head, head is first, _places(head.stem, quotes)) for head, place in known)


def _most_alike(place: Place, others: Iterable[Place]) -> Place:
    return max(others, key=lambda other: sameness(place.around, other.around))


def _is_affirmed(place: Place, head: Place, is_first: bool, quoted: Sequence[Place]) -> bool:
    """Whether a word is affirmed where the quotes deny it."""
    denied = sameness(place.around, head.around)
    affirmed = [sameness(place.around, other.around) for other in quoted if not other.is_denied]
    if affirmed and denied <= max(affirmed) + _NEARER:
        return False
    return denied >= _ALIKE or (is_first and not affirmed)


def _known(places: Sequence[Place], quotes: Sequence[Denials]) -> list[Place]:
    return [place for place in places if _places(place.stem, quotes)]


def _places(stem: str, quotes: Sequence[Denials]) -> list[Place]:
    return [place for quote in quotes for place in quote.places.get(stem, ())]
