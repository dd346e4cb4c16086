"""Whether what a claim states is what its quotes state: numbers, names, directions and denials."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, Protocol, TypeVar

from agent.proof.directions import AMOUNT, Direction, bears_out, directions, is_other_way, is_turned_round, opposite
from agent.proof.figures import agree, comparable, is_said, is_share
from agent.proof.names import Name, cancer_names, gene_names, is_in_full, is_named, is_related, is_same
from agent.proof.negation import is_denial_added, is_denial_dropped
from agent.proof.pairs import mispaired
from agent.proof.quantities import PERCENT, Quantity, quantities, ratios
from agent.proof.words import Kind as WordKind
from agent.proof.words import Word, sameness, surroundings, words
from corpora import glossary

# A fact stands in another's place where the surroundings are that much alike, and by so much more alike than where
# the quotes state it. Chosen on sentences of EPI and CG.
_SAME_PLACE = 0.7
_BETTER_PLACE = 0.25
# A number that no quote says is shown beside the one whose surroundings are at least so much alike.
_NEAR_PLACE = 0.3
# "The gene" and "this marker" may stand for a name.
_POINTERS = frozenset("the this that these those its their a an".split())


class _Spanned(Protocol):
    """Something at a character span of a text."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


_Fact = TypeVar("_Fact", bound=_Spanned)


@dataclass(frozen=True)
class _Kind(Generic[_Fact]):
    """A kind of fact: how a text is read for it, when two say the same, and when only one of them can be true.

    A fact is not placed by words of the kind `left_out`, which are others like it.
    """

    read: Callable[[str], Sequence[_Fact]]
    same: Callable[[_Fact, _Fact], bool]
    exclude: Callable[[_Fact, _Fact], bool]
    left_out: WordKind


def _is_same_way(one: Direction, other: Direction) -> bool:
    return one.family == other.family and not is_other_way(one, other)


def _are_comparable(one: Name, other: Name) -> bool:
    return _is_known(one) == _is_known(other)


def _is_known(name: Name) -> bool:
    return bool(name.symbols)


_NUMBERS = _Kind[Quantity](quantities, agree, comparable, "number")
_GENES = _Kind[Name](gene_names, is_same, _are_comparable, "mark")
_DIRECTIONS = _Kind[Direction](directions, _is_same_way, is_other_way, "mark")


def conflict(claim: str, quotes: Sequence[str]) -> str | None:
    """The first fact of a claim that its quotes do not bear out, in words; None where they bear out all.

    A Chinese claim is read by the glossary.
    """
    figures = glossary.simplified(claim)
    english = glossary.translate(claim).english if glossary.is_chinese(claim) else claim
    return next(_conflicts(figures, english, quotes), None)


def _conflicts(figures: str, english: str, quotes: Sequence[str]) -> Iterator[str]:
    yield from _number_conflicts(figures, quotes)
    yield from _gene_conflicts(english, quotes)
    yield from _cancer_conflicts(english, quotes)
    yield from _pair_conflicts(figures, quotes)
    states = [direction for direction in directions(english) if direction.is_methylation]
    yield from _direction_conflicts(states, english, quotes)
    if is_denial_added(english, quotes):
        yield "the claim is negated, the quote is not"
    if is_denial_dropped(english, quotes):
        yield "the quote is negated, the claim is not"
    others = [direction for direction in directions(english) if not direction.is_methylation]
    yield from _direction_conflicts(others, english, quotes)


def _number_conflicts(claim: str, quotes: Sequence[str]) -> Iterator[str]:
    quoted = [quantity for quote in quotes for quantity in quantities(quote)]
    counted = [ratio for quote in quotes for ratio in ratios(quote)]
    computed = _computed_counts(claim, quoted)
    for asked in quantities(claim):
        is_fine = (
            asked.is_vague or asked in computed or is_said(asked, quoted, counted) or _is_in_name(asked, claim, quotes)
        )
        other = _instead(asked, claim, quotes, _NUMBERS, _SAME_PLACE if is_fine else _NEAR_PLACE)
        if other is not None:
            yield f"the quote says {other.written}, the claim {asked.written}"
        elif not is_fine:
            yield f"the claim says {asked.written}, which no quote does"


def _computed_counts(claim: str, quoted: Sequence[Quantity]) -> list[Quantity]:
    """The counts of a claim that follow from a quoted percentage of a quoted whole."""
    shares = [quantity for quantity in quoted if quantity.unit == PERCENT]
    wholes = {quantity.value for quantity in quoted}
    parts = {
        ratio.part
        for ratio in ratios(claim)
        if ratio.whole in wholes and any(is_share(share, ratio.share) for share in shares)
    }
    return [quantity for quantity in quantities(claim) if quantity.value in parts]


def _is_in_name(asked: Quantity, claim: str, quotes: Sequence[str]) -> bool:
    """Whether quotes have a number in a name that the claim writes apart, as in "exon 3" and "exon-3"."""
    before = [word for word in words(claim) if word.end <= asked.start]
    if not before or before[-1].kind == "mark":
        return False
    name = Name(before[-1].start, asked.end, claim[before[-1].start : asked.end])
    return any(is_named(name, quote) for quote in quotes)


def _gene_conflicts(claim: str, quotes: Sequence[str]) -> Iterator[str]:
    for name in gene_names(claim):
        if not any(is_named(name, quote) for quote in quotes):
            yield f"the claim names {name.text}, which no quote does"
        elif misplaced := _instead(name, claim, quotes, _GENES):
            yield f"the quote names {misplaced.text}, the claim {name.text}"
    for missing, instead in _displaced(claim, quotes):
        yield f"the quote names {missing}, the claim {instead}"


def _displaced(claim: str, quotes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Gene names of the quotes that a claim has not, with the foreign words that it has in their place."""
    named = [(name, surroundings(words(claim), name.start, name.end, _GENES.left_out)) for name in gene_names(claim)]
    for run in _foreign(claim, quotes):
        start, end = run[0].start, run[-1].end
        around = surroundings(words(claim), start, end, _GENES.left_out)
        for quote in quotes:
            for name in gene_names(quote):
                place = surroundings(words(quote), name.start, name.end, _GENES.left_out)
                kept = max((sameness(other, place) for same, other in named if is_same(same, name)), default=0.0)
                likeness = sameness(around, place)
                if likeness >= _SAME_PLACE and likeness >= kept + _BETTER_PLACE and not is_in_full(name, claim):
                    yield name.text, claim[start:end]


def _foreign(claim: str, quotes: Sequence[str]) -> Iterator[list[Word]]:
    """Runs of words that no quote has, unless an article or "this" tells that they only stand for a name."""
    said = {word.stem for quote in quotes for word in words(quote)}
    before = ""
    for is_foreign, group in groupby(words(claim), key=lambda word: word.content and word.stem not in said):
        run = list(group)
        if is_foreign and before not in _POINTERS:
            yield run
        before = run[-1].text.lower()


def _cancer_conflicts(claim: str, quotes: Sequence[str]) -> Iterator[str]:
    quoted = [cancer for quote in quotes for cancer in cancer_names(quote)]
    for cancer in cancer_names(claim):
        if quoted and not any(is_related(cancer, other) for other in quoted):
            yield f"the claim names {cancer}, the quote {quoted[0]}"


def _pair_conflicts(claim: str, quotes: Sequence[str]) -> Iterator[str]:
    found = mispaired(claim, quotes)
    if found is not None:
        asked, quoted = found
        yield f"the quote says {quoted.quantity.written} for {quoted.text}, the claim {asked.quantity.written}"


def _direction_conflicts(said: Sequence[Direction], claim: str, quotes: Sequence[str]) -> Iterator[str]:
    is_turned = any(is_turned_round(claim, quote) for quote in quotes)
    for asked in said:
        if asked.family == AMOUNT and is_turned:
            continue
        other = opposite(asked, quotes)
        if not bears_out(asked, quotes):
            if other is not None:
                yield f"the claim says {asked.text}, the quote {other.text}"
            elif asked.is_methylation:
                yield f"the claim says {asked.text}, which no quote does"
        elif misplaced := _instead(asked, claim, quotes, _DIRECTIONS):
            yield f"the claim says {asked.text}, the quote {misplaced.text}"


def _instead(
    fact: _Fact, claim: str, quotes: Sequence[str], kind: _Kind[_Fact], alike: float = _SAME_PLACE
) -> _Fact | None:
    """What the quotes state where the claim states a fact, if that is another fact of its kind."""
    around = surroundings(words(claim), fact.start, fact.end, kind.left_out)
    own, others = 0.0, list[tuple[float, _Fact]]()
    for quote in quotes:
        for candidate in kind.read(quote):
            place = surroundings(words(quote), candidate.start, candidate.end, kind.left_out)
            likeness = sameness(around, place)
            if kind.same(fact, candidate):
                own = max(own, likeness)
            elif kind.exclude(fact, candidate):
                others.append((likeness, candidate))
    likeness, other = max(others, key=lambda rated: rated[0], default=(0.0, None))
    return other if likeness >= alike and likeness >= own + _BETTER_PLACE else None
