"""Which methylation models a request means, by the marks and species that it names."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from langchain_core.tools import ToolException

from corpora.species import species as latin_name
from seqmodels.predictors.domains import DOMAINS, Domain

ALL_MARKS = "No mark was named: predicted is each that there is a model of in {species}: {marks}."
NOT_THERE = "There is no model of {mark} in {species}; it was left out."


class Chosen(NamedTuple):
    """The models, and what a reader should know of the choice."""

    domains: tuple[Domain, ...]
    notices: tuple[str, ...]


def chosen(marks: Sequence[str] | None, species: Sequence[str] | None) -> Chosen:
    """The models of some marks in some species; without marks all that the species have.

    Raises ToolException where no species is named or none has such a model: it says which there are.
    """
    marks, asked = _known(marks), tuple(dict.fromkeys(map(_latin, species or ())))
    if not asked:
        raise ToolException(f"Which species is it from? Each has a model of its own. {there_are(marks)}")
    wanted = [(mark, name) for name in asked for mark in marks or _marks_of([name])]
    found = tuple(domain for pair in wanted for domain in DOMAINS if (domain.mark, domain.species) == pair)
    if not found:
        raise ToolException(
            f"There is no model of {' or '.join(marks or ['methylation'])} in {', '.join(asked)}. "
            f"{_of_these(marks, asked)}"
        )
    there = {(domain.mark, domain.species) for domain in found}
    notices = [NOT_THERE.format(mark=mark, species=name) for mark, name in wanted if (mark, name) not in there]
    if not marks:
        there_is = ((name, _marks_of([name])) for name in asked)
        notices += [ALL_MARKS.format(species=name, marks=", ".join(own)) for name, own in there_is if own]
    return Chosen(found, tuple(notices))


def _known(marks: Sequence[str] | None) -> list[str]:
    """Marks as their models spell them. Raises ToolException for one that no model is of."""
    spelt = {mark.casefold(): mark for mark in _marks_of(None)}
    for mark in marks or ():
        if mark.casefold() not in spelt:
            raise ToolException(f"There is no model of {mark}. {there_are(None)}")
    return [spelt[mark.casefold()] for mark in marks or ()]


def there_are(marks: Sequence[str] | None) -> str:
    """Which models there are of some marks, or of all."""
    told = (f"of {mark} in {', '.join(_species_of(mark))}" for mark in dict.fromkeys(marks or _marks_of(None)))
    return f"There are models {'; '.join(told)}."


def _of_these(marks: Sequence[str] | None, species: Sequence[str]) -> str:
    """What there is of the marks elsewhere, and of the species otherwise."""
    other = [f"In {name} there are models of {', '.join(own)}." for name in species if (own := _marks_of([name]))]
    return " ".join([*other, there_are(marks)])


def _marks_of(species: Iterable[str] | None) -> list[str]:
    return list(dict.fromkeys(domain.mark for domain in DOMAINS if species is None or domain.species in species))


def _species_of(mark: str) -> list[str]:
    """The species of a mark; "sp. SUP5-1" would read as the end of a sentence."""
    return [domain.species.partition(" sp. ")[0] for domain in DOMAINS if domain.mark == mark]


def _latin(name: str) -> str:
    """A species by its Latin name; of a model's name such as 6mA_A.thaliana that of its species."""
    by_model = {domain.name.casefold(): domain.species for domain in DOMAINS}
    return by_model.get(name.strip().casefold()) or latin_name(name.strip()) or name.strip()
