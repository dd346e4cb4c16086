"""What came of a question: results, a request for a better question, or a failure; each tells itself in HTML."""

from collections.abc import Collection
from dataclasses import dataclass, field

from page import words
from page.cards import cards, message, notices, summary
from page.reasons import said
from page.shelf import Shelf
from page.words import Language, Phrase
from retrieval.errors import LibraryError
from retrieval.filters import Filters
from retrieval.hit import Results
from retrieval.notices import left_out
from retrieval.search import search
from seqmodels.errors import ModelError


@dataclass(frozen=True)
class Found:
    """Results of a question that `papers` papers were searched for."""

    question: str
    results: Results
    papers: int

    def html(self, language: Language) -> str:
        """Notices, how much was found, and the cards; advice where there are none."""
        told = notices(said(notice, language) for notice in (*self.results.notices, *left_out(self.results.left_out)))
        if not self.results.hits:
            heading, advice = words.NOTHING_FOUND.say(language), words.NOTHING_FOUND_ADVICE.say(language)
            return told + self._summary(heading, language) + message(advice, heading)
        count = len(self.results.hits)
        found = words.FOUND_ONE if count == 1 else words.FOUND
        heading = found.say(language, count=count, papers=self.papers)
        return told + self._summary(heading, language) + cards(self.results.hits, language)

    def _summary(self, heading: str, language: Language) -> str:
        translated = self.results.query if self.results.query.strip() != self.question else None
        if not self.results.hits and translated is None:
            return ""
        return summary(heading, translated, language)


@dataclass(frozen=True)
class Refused:
    """A question that cannot be searched as it was put."""

    phrase: Phrase
    values: dict[str, object] = field(default_factory=dict)

    def html(self, language: Language) -> str:
        """What to change."""
        return message(self.phrase.say(language, **self.values))


@dataclass(frozen=True)
class Failed:
    """What a library or a model could not carry out."""

    reason: str
    heading: Phrase = words.FAILED

    def html(self, language: Language) -> str:
        """The reason, as the library or model gives it."""
        return message(said(self.reason, language), self.heading.say(language), failed=True)


Outcome = Found | Refused | Failed


def find(shelf: Shelf, names: Collection[str], question: str, count: int, filters: Filters) -> Outcome:
    """Search the libraries of some names for the passages, `count` at most, that answer a question."""
    question = question.strip()
    if not question:
        return Refused(words.NO_QUESTION)
    try:
        libraries = shelf.ticked(names)
        if not libraries:
            return Refused(words.NO_LIBRARY)
        results = search(libraries, question, count, filters)
        papers = sum(library.counts().papers for library in libraries)
    except (LibraryError, ModelError) as error:
        return Failed(str(error))
    return Found(question, results, papers)
