"""What is searched for: a question as groups of wordings, and as the text to embed."""

from collections.abc import Iterator
from dataclasses import dataclass

from corpora import genes, glossary
from retrieval.analysis import query_terms

_OTHER_WORDING = 0.8
_MOST_WORDINGS = 12


@dataclass(frozen=True)
class Wording:
    """One way to write what is asked for; the terms of a `phrase` count only side by side."""

    terms: tuple[str, ...]
    weight: float = 1.0
    phrase: bool = False


Group = tuple[Wording, ...]


@dataclass(frozen=True)
class Query:
    """A question made ready: `english` is the text to embed, each group one thing asked for in its wordings."""

    text: str
    english: str
    groups: tuple[Group, ...]


def parse_query(text: str) -> Query:
    """Translate Chinese by the glossary; add the other renderings of its terms and the other names of genes."""
    translation = glossary.translate(text)
    groups = [
        *(group for term in translation.terms for group in _term_groups(term)),
        *(group for stretch in translation.passed for group in _english_groups(stretch)),
    ]
    return Query(text, translation.english, tuple(dict.fromkeys(groups)))


def _term_groups(term: glossary.Term) -> Iterator[Group]:
    wordings = [
        Wording(tuple(query_terms(term.english[0]))),
        Wording(tuple(query_terms(term.chinese)), phrase=True),
        *(Wording(tuple(query_terms(other)), _OTHER_WORDING) for other in term.english[1:]),
    ]
    if group := _distinct(wordings):
        yield group


def _english_groups(text: str) -> Iterator[Group]:
    position = 0
    for mention in genes.mentions(text):
        if len(mention.symbols) == 1:
            yield from _word_groups(text[position : mention.start])
            yield _gene_group(mention)
            position = mention.end
    yield from _word_groups(text[position:])


def _word_groups(text: str) -> Iterator[Group]:
    yield from ((Wording((term,)),) for term in query_terms(text))


def _gene_group(mention: genes.GeneMention) -> Group:
    others = genes.aliases(mention.symbols[0])
    return _distinct(
        [
            Wording(tuple(query_terms(mention.text)), phrase=True),
            *(Wording(tuple(query_terms(other)), _OTHER_WORDING, phrase=True) for other in others),
        ]
    )


def _distinct(wordings: list[Wording]) -> Group:
    by_terms: dict[tuple[str, ...], Wording] = {}
    for wording in wordings:
        if wording.terms:
            by_terms.setdefault(wording.terms, wording)
    return tuple(by_terms.values())[:_MOST_WORDINGS]
