"""The tool that asks the evidence table."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Annotated, Any, get_args

from langchain.tools import ToolRuntime, tool
from langchain_core.tools import ToolException
from pydantic import Field

from agent.citations.evidence import cited_papers
from agent.proof.rows import papers
from agent.tools import evidence_asked, evidence_told
from agent.tools.arguments import SampleName, StatusName
from agent.tools.declaration import Declaration, declare
from agent.tools.predicted import Told, file_of
from agent.turn import Turn
from retrieval.evidence_csv import as_csv
from retrieval.evidence_row import EvidenceQuestion, EvidenceRow, RowStatus
from retrieval.evidence_summary import summarise
from retrieval.evidence_table import evidence

Rows = Sequence[EvidenceRow]

MOST_LINES = 10
_MOST_QUOTES = 4
_FILE = "evidence.csv"
SPECULATED = "{count} rows that only suggest what they say are not counted."
RETRACTED = "{count} retracted papers that say something of it are not counted."
_NOTHING_ASKED = (
    "Nothing is asked of the evidence table. Name a gene, a cancer, a state of methylation, a sample or a year."
)
# Where no row passes, what is given up, one after the other, to find the nearest rows.
_GIVEN_UP: tuple[dict[str, Any], ...] = (
    {"first_year": None, "last_year": None},
    {"sample": None},
    {"status": None},
    {"disease": None},
)
_UP = frozenset(("hypermethylated", "methylated"))


@dataclass(frozen=True)
class _Line:
    """A sentence on some rows, and those whose quotes it cites; `is_item`: one of a list."""

    told: Told
    cited: Rows = ()
    is_item: bool = False


@tool("query_evidence")
def _query_evidence(
    runtime: ToolRuntime[Turn],
    gene: Annotated[str | None, Field(description="A gene, by any of its names, such as MLH1 or p16.")] = None,
    disease: Annotated[
        str | None, Field(description="A cancer, by any of its names; those below it are asked for too.")
    ] = None,
    status: Annotated[
        StatusName, Field(description="Only genes that some paper says this of; left out, whatever papers say.")
    ] = None,
    sample: Annotated[SampleName, Field(description="Only what was seen in this kind of sample.")] = None,
    first_year: Annotated[int | None, Field(description="Earliest year of publication.", ge=1500, le=2200)] = None,
    last_year: Annotated[int | None, Field(description="Latest year of publication.", ge=1500, le=2200)] = None,
) -> str:
    """Ask the table of evidence which genes are methylated in which cancers, how, how often, and in how many papers.

    For questions that ask for a list of genes or cancers, or for the methylation status or frequency of a gene. Give at
    least one argument. Its sentences may be repeated as they are, with the numbers that they cite. When "relevant" is
    false the table has no such row: ask search_literature.
    """
    turn = runtime.context
    if (gene, disease, status, sample, first_year, last_year) == (None,) * 6:
        raise ToolException(_NOTHING_ASKED)
    asked = EvidenceQuestion(
        gene, disease, status, sample, first_year, last_year, with_retracted=turn.with_retracted, as_of=turn.as_of
    )
    if status is not None and status not in evidence_told.STATUSES:
        raise ToolException(f"There is no status {status}. There are {', '.join(evidence_told.STATUSES)}.")
    found, notices = _counted(_rows(turn, asked))
    notices += _left_out(turn, asked)
    lines = list(_lines(asked, found) if found else _nearest(turn, asked))
    if found:
        turn.evidence.append(found)
    files = []
    shown = {id(row) for line in lines for row in line.cited}
    if found and len(shown) < len(found):
        kept = turn.keep(_FILE, "table", as_csv(found))
        files = [file_of(kept).model_dump()]
        count = len(papers(found)) if gene and disease else len(summarise(found))
        lines.append(_Line(evidence_told.of_file(kept.handle, count, is_of_genes=not (gene and disease))))
    told = cited_papers((row for line in lines for row in line.cited), turn.libraries, turn.ledger, turn.day)
    return json.dumps(
        {
            "evidence": [_short(row, turn) for line in lines for row in line.cited],
            "says": [_said(line, turn) for line in lines],
            "total": len(found),
            "papers": told,
            "relevant": bool(found),
            "searched": ", ".join(part.en for part in evidence_told.of_question(asked)),
            "files": files,
            "notices": notices,
        },
        ensure_ascii=False,
    )


def _rows(turn: Turn, asked: EvidenceQuestion) -> list[EvidenceRow]:
    """All rows of the genes that some row says the status of, so that what speaks against it is told too."""
    rows = evidence(turn.libraries, replace(asked, status=None))
    if asked.status is None:
        return rows
    said = [gene.rows for gene in summarise(rows) if any(_passes(row, asked.status) for row in gene.rows)]
    keys = {(row.library, row.key) for several in said for row in several}
    return [row for row in rows if (row.library, row.key) in keys]


def _left_out(turn: Turn, asked: EvidenceQuestion) -> list[str]:
    """That rows were left out because their papers are retracted."""
    if asked.with_retracted:
        return []
    rows = [row for row in evidence(turn.libraries, replace(asked, with_retracted=True)) if row.retracted]
    return [RETRACTED.format(count=len(papers(rows)))] if rows else []


def _passes(row: EvidenceRow, status: str | None) -> bool:
    """Whether a row says a status; papers that say methylated of tumours mean hypermethylated, and the other way."""
    return status is None or row.status == status or {row.status, status} == _UP


def _counted(rows: Rows) -> tuple[list[EvidenceRow], list[str]]:
    """The rows that are counted, and what to know of the others; where all only suggest, all are."""
    counted = [row for row in rows if not row.speculated]
    left = len(rows) - len(counted)
    if not counted or not left:
        return list(rows), []
    return counted, [SPECULATED.format(count=left)]


def _lines(asked: EvidenceQuestion, rows: Rows) -> Iterator[_Line]:
    if asked.gene and asked.disease:
        yield from _papers(rows, asked)
    elif asked.gene:
        yield from _diseases(rows)
    else:
        yield from _genes(rows, asked)
    yield from map(_Line, evidence_told.warnings(summarise(rows)))


def _genes(rows: Rows, asked: EvidenceQuestion) -> Iterator[_Line]:
    """A line a gene, those of most papers first."""
    passing = [row for row in rows if _passes(row, asked.status)]
    yield _Line(evidence_told.of_genes(rows, passing, asked.disease))
    genes = sorted(summarise(rows), key=lambda gene: -_weight(gene.rows, asked.status))
    for gene in genes[:MOST_LINES]:
        yield _Line(evidence_told.of_gene(gene.symbol, gene.rows), _chosen(gene.rows), is_item=True)


def _diseases(rows: Rows) -> Iterator[_Line]:
    """What is said of each gene of a name in all, then a line a cancer."""
    for gene in summarise(rows):
        yield _Line(evidence_told.of_gene(gene.symbol, gene.rows), _chosen(gene.rows))
        groups: dict[str, list[EvidenceRow]] = {}
        for row in gene.rows:
            if row.disease is not None:
                groups.setdefault(row.disease, []).append(row)
        for disease, within in sorted(groups.items(), key=lambda group: -_weight(group[1]))[:MOST_LINES]:
            yield _Line(evidence_told.of_gene(gene.symbol, within, disease), _chosen(within), is_item=True)


def _papers(rows: Rows, asked: EvidenceQuestion) -> Iterator[_Line]:
    """What is said of each gene of a name in all, then a line a paper."""
    for gene in summarise(rows):
        yield _Line(evidence_told.of_gene(gene.symbol, gene.rows, asked.disease), _chosen(gene.rows))
        by_paper: dict[str, list[EvidenceRow]] = {}
        for row in gene.rows:
            by_paper.setdefault(row.sha256, []).append(row)
        for of_paper in list(by_paper.values())[:MOST_LINES]:
            yield _Line(evidence_told.of_paper(of_paper[:_MOST_QUOTES]), of_paper[:_MOST_QUOTES], is_item=True)


def _weight(rows: Rows, status: str | None = None) -> int:
    return len(papers(row for row in rows if _passes(row, status)))


def _chosen(rows: Rows) -> list[EvidenceRow]:
    """Few rows that stand for all: of each status in turn, each of another paper as far as there are."""
    by_status = [[row for row in rows if row.status == status] for status in get_args(RowStatus)]
    in_turn = [row for several in zip_longest(*map(_first_of_papers, by_status)) for row in several if row is not None]
    return in_turn[:_MOST_QUOTES]


def _first_of_papers(rows: Rows) -> list[EvidenceRow]:
    """A row of each paper; the ones that tell how often come first."""
    ordered = sorted(rows, key=lambda row: row.percent is None and row.some is None)
    return list({row.sha256: row for row in reversed(ordered)}.values())[::-1]


def _nearest(turn: Turn, asked: EvidenceQuestion) -> Iterator[_Line]:
    """That no row passes, and on what there are rows where less is asked; nothing where there are none at all."""
    less = asked
    for given_up in _GIVEN_UP:
        less = replace(less, **given_up)
        if not (less.gene or less.disease):
            return
        if rows := _rows(turn, less):
            yield _Line(evidence_told.of_none(asked, less, rows))
            return


def _short(row: EvidenceRow, turn: Turn) -> dict[str, Any]:
    """A row as a language model is shown it, with the number of its quote."""
    known = {
        "n": turn.ledger.known(row.sha256, row.start, row.end),
        "gene": "/".join(row.symbols) or row.gene,
        "status": row.status,
        "disease": row.disease or row.disease_text,
        "sample": row.sample,
        "some": row.some,
        "all": row.all,
        "percent": row.percent,
        "year": row.year,
        "source": row.source,
    }
    return {name: value for name, value in known.items() if value is not None}


def _said(line: _Line, turn: Turn) -> dict[str, Any]:
    numbers = (turn.ledger.known(row.sha256, row.start, row.end) for row in line.cited)
    cites = list(dict.fromkeys(number for number in numbers if number is not None))
    return {**line.told.model_dump(), "cites": cites, "is_item": line.is_item}


query_evidence = declare(
    _query_evidence,
    Declaration(
        examples=(
            "Which genes are methylated in this cancer?",
            "Which genes are hypermethylated in this cancer?",
            "List the genes that are hypomethylated in these tumours",
            "hypermethylated genes in this cancer",
            "In which cancers is this gene methylated?",
            "Is this gene methylated in this cancer?",
            "Is the promoter of this gene hypermethylated in tumours?",
            "Is this gene unmethylated in cell lines?",
            "How often is this gene methylated in this cancer?",
            "Methylation status of this gene in this cancer",
            "and in another cancer?",
            "and in blood?",
            "and in cell lines?",
            "哪些基因在这种癌症中发生甲基化？",
            "这种癌症中哪些基因高甲基化？",
            "列出这种肿瘤中低甲基化的基因",
            "这个基因在哪些癌症中甲基化？",
            "这个基因在这种癌症中是否甲基化？",
            "该基因的启动子在肿瘤中是否高甲基化？",
            "这个基因在这种癌症中的甲基化频率是多少？",
            "那在血液中呢？",
            "那另一种癌症呢？",
        ),
        readers={
            "gene": evidence_asked.gene,
            "disease": evidence_asked.disease,
            "status": evidence_asked.status,
            "sample": evidence_asked.sample,
            "first_year": evidence_asked.first_year,
            "last_year": evidence_asked.last_year,
        },
        fits=evidence_asked.fits,
    ),
)
