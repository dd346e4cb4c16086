"""Whether what was found answers a question, or is only the nearest there is."""

from collections.abc import Iterable, Sequence

from corpora import glossary
from retrieval.analysis import index_terms, query_terms
from retrieval.hit import Results
from retrieval.library import Library
from retrieval.query import Group, Wording, parse_query

# Chosen with `benchmarks/abstention.py` on EPI and CG, and on one part of its questions to the starter library.
THRESHOLD = 0.6
PAPER_THRESHOLD = 0.66
# The answer is made of the first few papers, so one of them has to be relevant.
_FIRST = 3
# What the share that is named counts beside the score, and in one paper beside the cosine: there it has to be enough.
_NAMED = 0.5
_NAMED_IN_PAPER = 0.7
# A text without vectors has to name half of what is asked.
_UNEMBEDDED = PAPER_THRESHOLD - _NAMED_IN_PAPER / 2
# Words of asking, of who asks, of how two things go together, and of what every paper has: none is about them.
_ASKING = frozenset(
    query_terms(
        "please tell give explain describe discuss summarise summarize mention report state say said show shown "
        "find found know known learn understand wonder whether exactly briefly question study studies paper "
        "papers article articles author authors literature evidence library libraries hello hi thanks m ve re ll "
        "d s t phd student want like need help interested curious affect effect influence impact cause lead role "
        "play relation relationship relate associate association correlate correlation link involve involvement "
        "many much number sample size include included main key use used method methods result results finding "
        "findings conclude conclusion conclusions people participants took part 结论"
    )
)


def is_relevant(question: str, results: Results, libraries: Sequence[Library]) -> bool:
    """Whether the best hits are good enough to answer from."""
    return bool(results.hits) and relevance(question, results, libraries) >= THRESHOLD


def relevance(question: str, results: Results, libraries: Sequence[Library]) -> float:
    """How far a hit stands out from the background, and how much of the question it names; of the best hit.

    A question that nothing answers is met by many passages about equally badly, and has words that no passage of
    the libraries has; one that many papers answer stands out little too, but a hit names what it asks for. So the
    score above the background counts with half of (the share of what is asked that the hit's title or passage
    names, less the share that no passage names).
    """
    asked, first = subjects(question), results.hits[:_FIRST]
    named = [named_by(f"{hit.title or ''} {hit.text}", asked) for hit in first]
    unheard = [
        group for group in asked if not any(group in of_hit for of_hit in named) and not _heard(group, libraries)
    ]
    return max(
        hit.score - results.background + _NAMED * (_share(of_hit, asked) - _share(unheard, asked))
        for hit, of_hit in zip(first, named, strict=True)
    )


def is_held(question: str, text: str, likeness: float | None) -> bool:
    """Whether a text of a paper that is known already answers what is asked of it."""
    return paper_relevance(question, text, likeness) >= PAPER_THRESHOLD


def paper_relevance(question: str, text: str, likeness: float | None) -> float:
    """The cosine of the question to the text's best sentence, and 0.7 of the share of the question that it names.

    There is no background to stand out from here: what was asked before has chosen the paper. A question that
    asks for nothing but what every paper has ("how many were included?") is one for any paper.
    """
    asked = subjects(question)
    named = _share(named_by(text, asked), asked) if asked else 1.0
    return (_UNEMBEDDED if likeness is None else likeness) + _NAMED_IN_PAPER * named


def subjects(question: str) -> tuple[Group, ...]:
    """What a question asks for, each in its wordings: words, gene names, Chinese terms with their English."""
    missed = (tuple(query_terms(chinese)) for chinese in glossary.translate(question).missed)
    groups = [*parse_query(question).groups, *((Wording(terms, phrase=True),) for terms in missed if terms)]
    return tuple(group for group in groups if not all(term in _ASKING for term in group[0].terms))


def named_by(text: str, asked: Iterable[Group]) -> list[Group]:
    """What is asked for that a text names, in any of its wordings."""
    terms = frozenset(index_terms(text))
    return [group for group in asked if any(terms.issuperset(wording.terms) for wording in group)]


def _heard(group: Group, libraries: Sequence[Library]) -> bool:
    """Whether some passage has all the words of a wording, if not together."""
    return any(
        all(library.words.candidates([(Wording((term,)),)], 1) for term in wording.terms)
        for library in libraries
        for wording in group
    )


def _share(some: Sequence[Group], asked: Sequence[Group]) -> float:
    return len(some) / max(1, len(asked))
