"""What an answer is made of: claims, each with its citations and the verdict of their proof."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, field_serializer

from corpora.paper import PaperKind

Verdict = Literal["quoted", "supported", "computed", "predicted", "own words", "flagged", "withheld"]


class Citation(BaseModel):
    """A character span of a stored paper, and what that paper says of itself.

    `quote` is the paper's text from `start` to `end`; `sha256` is that of the paper's whole text; `n` is the
    number under which the sentence was shown to the language model. `notices` are what was said of the paper since:
    corrections, concerns and the like, in words.
    """

    model_config = ConfigDict(frozen=True)

    n: int
    library: str
    paper_id: int
    pmid: str | None
    doi: str | None
    title: str | None
    journal: str | None
    year: int | None
    url: str | None
    kind: PaperKind
    retracted: bool = False
    notices: tuple[str, ...] = ()
    section: str | None
    page: int | None
    quote: str
    start: int
    end: int
    sha256: str


class Nearest(BaseModel):
    """A paper that is among the nearest to a question which no paper answers; it bears nothing out."""

    model_config = ConfigDict(frozen=True)

    library: str
    paper_id: int
    sha256: str
    pmid: str | None
    doi: str | None
    title: str | None
    url: str | None


class Proof(BaseModel):
    """Whether quotes bear a claim out: the verdict, and the reason where they do not."""

    model_config = ConfigDict(frozen=True)

    verdict: Verdict
    reason: str | None = None


class Claim(BaseModel):
    """A sentence of an answer. `lead` is what stands before it on the page, such as a list mark or a new line.

    In JSON its citations are their numbers.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    citations: tuple[Citation, ...] = ()
    verdict: Verdict
    reason: str | None = None
    lead: str = ""

    @field_serializer("citations")
    def _numbers(self, citations: tuple[Citation, ...]) -> list[int]:
        return [citation.n for citation in citations]
