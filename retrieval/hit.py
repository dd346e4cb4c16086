"""What a search gives back."""

from dataclasses import dataclass

from corpora.paper import PaperKind
from retrieval.works import Version


@dataclass(frozen=True)
class SentenceHit:
    """A sentence of a hit: character offsets into the paper's text, where it stands, its cosine to the question.

    `similarity` is None where the passage has no vectors yet.
    """

    start: int
    end: int
    section: str | None
    page: int | None
    similarity: float | None


@dataclass(frozen=True)
class Hit:
    """A passage with a score, and what its paper says of itself.

    `text` is the paper's text from `start` to `end`; `sha256` is that of the paper's whole text. `versions` are the
    other texts of its work, `notices` what was said of the paper since, in words.
    """

    library: str
    paper_id: int
    passage_id: int
    sha256: str
    pmid: str | None
    doi: str | None
    title: str | None
    journal: str | None
    year: int | None
    authors: tuple[str, ...]
    url: str | None
    kind: PaperKind
    retracted: bool
    text: str
    start: int
    end: int
    section: str | None
    page: int | None
    score: float
    sentences: tuple[SentenceHit, ...]
    versions: tuple[Version, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def best_sentence(self) -> SentenceHit | None:
        """The sentence nearest to the question, where sentences have vectors."""
        rated = [sentence for sentence in self.sentences if sentence.similarity is not None]
        return max(rated, key=lambda sentence: sentence.similarity or 0.0, default=None)

    def quote(self, sentence: SentenceHit) -> str:
        """The text of one of its sentences."""
        return self.text[sentence.start - self.start : sentence.end - self.start]


@dataclass(frozen=True)
class Results:
    """Hits, best first, what the reader should know of how they were found, and the text that was searched.

    `background` is the mean score of what was rated below the best few: how well this question fits anything
    in the libraries. `left_out` are hits that would stand among the others, were their papers not retracted.
    """

    hits: tuple[Hit, ...]
    notices: tuple[str, ...]
    query: str
    background: float = 0.0
    left_out: tuple[Hit, ...] = ()
