"""An invented evidence table: a conflict, cell lines alone, a single paper, mice, and what a person rejected."""

from dataclasses import replace
from typing import Any

from retrieval.evidence_row import EvidenceRow

_SIGNS = {"methylated": "+", "hypermethylated": "+", "differentially methylated": None}


def row(paper: int, gene: str, status: str = "hypermethylated", **told: Any) -> EvidenceRow:
    """A row of a paper; its symbol is the gene's name, its cancer that of the stomach where nothing else is said."""
    quote = told.pop("quote", f"{gene} is {status} in gastric cancer.")
    start = told.pop("start", 0)
    known: dict[str, Any] = {
        "key": f"{paper}:{gene}:{status}:{start}",
        "library": "invented",
        "paper": paper,
        "sha256": f"{paper:064d}",
        "pmid": str(1000000 + paper),
        "doi": None,
        "title": f"Paper {paper}",
        "journal": None,
        "year": 2000 + paper,
        "retracted": False,
        "symbols": (gene,),
        "disease": "gastric cancer",
        "disease_text": "gastric cancer",
        "sample": "tumour",
        "some": None,
        "all": None,
        "percent": None,
        "site": None,
        "negated": False,
        "speculated": False,
        "source": "curated",
        "score": None,
        "verdict": None,
    }
    sign = _SIGNS.get(status, "-")
    shared = {"gene": gene, "status": status, "sign": sign, "quote": quote, "start": start, "end": start + len(quote)}
    return EvidenceRow(**{**known, **shared, **told})


CDH1 = (
    row(1, "CDH1", some=12, all=40, percent=30.0),
    row(2, "E-cadherin", symbols=("CDH1",), percent=83.0),
    row(3, "CDH1", "methylated", percent=51.0),
    row(4, "CDH1", "unmethylated", sample="cell line"),
)
RUNX3 = (row(1, "RUNX3", sample="cell line", start=50), row(5, "RUNX3", sample="cell line"))
MLH1 = (row(6, "MLH1", some=1, all=3),)
CD44 = (row(7, "CD44", sample="animal"), row(8, "CD44", sample="animal"))
ROWS = (*CDH1, *RUNX3, *MLH1, *CD44)
REJECTED = replace(row(9, "TP53"), verdict="rejected")
