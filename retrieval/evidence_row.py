"""The rows of the evidence table, what is asked of it, and what people say of its rows."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from retrieval.scope import Sample

RowStatus = Literal[
    "methylated", "hypermethylated", "hypomethylated", "unmethylated", "demethylated", "differentially methylated"
]
RowSource = Literal["tagger", "curated", "person"]
Verdict = Literal["accepted", "rejected", "corrected"]
Sign = Literal["+", "-"]
Nothing = Literal["none"]
NOTHING: Nothing = "none"
"""What a correction says of a row that should have no disease, or no sample."""


@dataclass(frozen=True)
class EvidenceRow:
    """That a paper says that a gene is methylated, or not; `text[start:end] == quote` of the paper's text, always.

    `key` is stable: the paper's sha256, then start and end of the trigger (of the quote, in curated rows) and of the
    gene. `gene` is as the paper writes it, `symbols` what that may mean: several where it is ambiguous, none where no
    table knows it. `disease` is the canonical name in the tree of cancers, `disease_text` the paper's. `some` of `all`
    cases, or `percent` of them. What the paper does not say is None.
    """

    key: str
    library: str
    paper: int
    sha256: str
    pmid: str | None
    doi: str | None
    title: str | None
    journal: str | None
    year: int | None
    retracted: bool
    gene: str
    symbols: tuple[str, ...]
    status: RowStatus
    sign: Sign | None
    disease: str | None
    disease_text: str | None
    sample: Sample | None
    some: int | None
    all: int | None
    percent: float | None
    site: str | None
    negated: bool
    speculated: bool
    quote: str
    start: int
    end: int
    source: RowSource
    score: float | None
    verdict: Verdict | None


@dataclass(frozen=True)
class EvidenceQuestion:
    """What rows are asked for; None asks nothing, and a row must pass all that is asked.

    `gene` is any alias, `disease` any known name, English or Chinese, and matches all below it in the tree of cancers;
    `status` is one status, or "+" or "-" for a sign. `as_of` is the day on which one looks: only papers that were out
    by then, and were not retracted by then.
    """

    gene: str | None = None
    disease: str | None = None
    status: str | None = None
    sample: str | None = None
    first_year: int | None = None
    last_year: int | None = None
    source: str | None = None
    with_rejected: bool = False
    with_retracted: bool = False
    as_of: date | None = None


@dataclass(frozen=True)
class Correction:
    """What a person says that a row should be; only what is changed. `disease` and `sample` can be `NOTHING`."""

    gene: str | None = None
    status: RowStatus | None = None
    disease: str | None = None
    sample: Sample | Nothing | None = None
