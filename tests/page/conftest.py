from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from agent.citations.claim import Citation, Nearest
from corpora.paper import Paper
from retrieval.errors import UnknownPaper, UnknownRow
from retrieval.evidence_reading import EvidenceReader
from retrieval.evidence_row import Correction, EvidenceQuestion, EvidenceRow, Verdict
from retrieval.hit import Hit, SentenceHit
from retrieval.library import Counts

TITLE = "Novel methylation biomarker panel for the early detection of pancreatic cancer"
FIRST = "BNC1 was methylated in 92% of 143 pancreatic cancers."
SECOND = "In serum of 42 patients sensitivity was 79%."
TEXT = f"{TITLE}\n\n{FIRST} {SECOND}"


def make_sentence(
    start: int, end: int, similarity: float | None, section: str | None = "findings", page: int | None = None
) -> SentenceHit:
    return SentenceHit(start, end, section, page, similarity)


def make_hit(**changes: Any) -> Hit:
    """A hit as search gives it: the first passage of a digest, its last sentence nearest to the question."""
    values: dict[str, Any] = {
        "library": "starter",
        "paper_id": 1,
        "passage_id": 1,
        "sha256": "0" * 64,
        "pmid": "24088737",
        "doi": "10.1158/1078-0432.ccr-12-3224",
        "title": TITLE,
        "journal": "Clin Cancer Res",
        "year": 2013,
        "authors": ("Yi JM",),
        "url": "https://pmc.ncbi.nlm.nih.gov/articles/PMC4310572",
        "kind": "digest",
        "retracted": False,
        "text": TEXT,
        "start": 0,
        "end": len(TEXT),
        "section": "findings",
        "page": None,
        "score": 0.5,
        "sentences": (
            make_sentence(0, len(TITLE), 0.3),
            make_sentence(TEXT.index(FIRST), TEXT.index(FIRST) + len(FIRST), 0.5),
            make_sentence(TEXT.index(SECOND), len(TEXT), 0.9),
        ),
    }
    return Hit(**{**values, **changes})


def make_paper(**changes: Any) -> Paper:
    """The paper of the hit, as a library stores it."""
    values: dict[str, Any] = {
        "text": TEXT,
        "kind": "digest",
        "title": TITLE,
        "pmid": "24088737",
        "doi": "10.1158/1078-0432.ccr-12-3224",
        "journal": "Clin Cancer Res",
        "year": 2013,
        "authors": ("Yi JM",),
    }
    return Paper(**{**values, **changes})


def make_citation(quote: str = SECOND, paper: Paper | None = None, **changes: Any) -> Citation:
    """A quote of a paper as an answer cites it."""
    cited = paper or make_paper()
    start = cited.text.index(quote)
    told = {name: getattr(cited, name) for name in ("pmid", "doi", "title", "journal", "year", "url", "kind", "sha256")}
    place = {"quote": quote, "start": start, "end": start + len(quote), "section": "findings", "page": None}
    return Citation(**{"n": 7, "library": "starter", "paper_id": 1, **told, **place, **changes})


def make_nearest(paper: Paper | None = None, **changes: Any) -> Nearest:
    """A paper that is near to a question."""
    near = paper or make_paper()
    told = {name: getattr(near, name) for name in ("pmid", "doi", "title", "url", "sha256")}
    return Nearest(**{"library": "starter", "paper_id": 1, **told, **changes})


def make_row(quote: str = FIRST, paper: Paper | None = None, **changes: Any) -> EvidenceRow:
    """A row of evidence, by default of the first finding of the paper."""
    told = paper or make_paper()
    start = told.text.index(quote)
    values: dict[str, Any] = {name: getattr(told, name) for name in ("sha256", "pmid", "doi", "title", "journal")}
    values |= {"library": "starter", "paper": 1, "year": told.year, "retracted": told.retracted}
    values |= {"gene": "BNC1", "symbols": ("BNC1",), "status": "methylated", "sign": "+"}
    values |= {"disease": "pancreatic cancer", "disease_text": "pancreatic cancers", "sample": "tumour"}
    values |= {"some": None, "all": 143, "percent": 92.0, "site": None, "negated": False, "speculated": False}
    values |= {"quote": quote, "start": start, "end": start + len(quote), "source": "tagger", "score": 0.9}
    key = f"{told.sha256}-{start}-{changes.get('gene', 'BNC1')}"
    return EvidenceRow(**{**values, "verdict": None, "key": key, **changes})


class FakeLibrary:
    """As much of a library as the page asks for."""

    def __init__(self, folder: Path, papers: int = 3, rows: Sequence[EvidenceRow] = (), **stored: Paper) -> None:
        self.folder = folder
        self.name = folder.name
        self.papers = papers
        self.rows = {row.key: row for row in rows}
        self.reader = EvidenceReader()
        self.unread = 0
        self.stored = {int(name.removeprefix("paper")): paper for name, paper in stored.items()}

    def counts(self) -> Counts:
        return Counts(self.papers, self.papers)

    def paper(self, number: int) -> Paper:
        if number not in self.stored:
            raise UnknownPaper(f"The library has no paper number {number}", "Search again.")
        return self.stored[number]

    def by_hash(self, sha256: str) -> Paper | None:
        return next((paper for paper in self.stored.values() if paper.sha256 == sha256), None)

    def pending(self) -> dict[str, int]:
        return {"evidence": self.unread}

    def evidence(self, question: EvidenceQuestion) -> list[EvidenceRow]:
        """All rows but rejected ones; other filters are the library's own affair."""
        return [row for row in self.rows.values() if question.with_rejected or row.verdict != "rejected"]

    def judge(self, key: str, verdict: Verdict, correction: Correction | None = None) -> None:
        if key not in self.rows:
            raise UnknownRow(f"The library has no evidence row {key}", "Ask for the rows again.")
        changes = {name: value for name, value in asdict(correction or Correction()).items() if value is not None}
        self.rows[key] = replace(self.rows[key], verdict=verdict, **changes)

    def unjudge(self, key: str) -> None:
        self.rows[key] = replace(self.rows[key], verdict=None)


class FakeHome:
    """A home whose libraries are folders that need not exist."""

    owner = "local"
    root = Path("home")

    def __init__(self, *names: str) -> None:
        self.made = list(names)

    def names(self) -> list[str]:
        return self.made

    def library(self, name: str) -> FakeLibrary:
        return FakeLibrary(Path("home") / name)

    def open(self, folder: Path) -> FakeLibrary:
        return FakeLibrary(folder)

    def libraries(self, progress: Callable[[str, int, int | None], None]) -> list[FakeLibrary]:
        progress("reading", 1, None)
        return [self.library(name) for name in self.made]


@pytest.fixture(scope="session")
def hit() -> Callable[..., Hit]:
    return make_hit


@pytest.fixture(scope="session")
def sentence() -> Callable[..., SentenceHit]:
    return make_sentence


@pytest.fixture(scope="session")
def make_home() -> type[FakeHome]:
    return FakeHome


@pytest.fixture
def home() -> FakeHome:
    return FakeHome("starter", "mine")
