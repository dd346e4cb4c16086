"""What the tagger says of a text, every part of it a span of its characters."""

from dataclasses import dataclass
from typing import Literal

from seqmodels.tagger.status import Status

Kind = Literal["gene", "cancer", "disease", "cell", "tissue", "organism", "fluid"]


@dataclass(frozen=True)
class Quoted:
    """A span of a text and the characters that stand there; ends are exclusive."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Name(Quoted):
    """The name of something."""

    kind: Kind


@dataclass(frozen=True)
class Methylation:
    """That a gene's DNA is methylated, or not: said by a trigger, at a site where one is named.

    `score` is the model's probability that the trigger is said of this gene and of its DNA.
    """

    trigger: Quoted
    gene: Quoted
    status: Status
    negated: bool
    speculated: bool
    site: Quoted | None
    score: float


@dataclass(frozen=True)
class Tagged:
    """Names in the order of the text, and what is said of the methylation of genes."""

    names: tuple[Name, ...]
    methylation: tuple[Methylation, ...]
