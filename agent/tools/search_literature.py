"""The tool that searches the libraries."""

import json
import re
from dataclasses import replace
from typing import Annotated

from langchain.tools import ToolRuntime, tool
from langchain_core.tools import ToolException
from pydantic import Field

from agent.attachments.handles import without_handles
from agent.citations.findings import of_hits
from agent.proof.names import cancer_names
from agent.tools import asked
from agent.tools.declaration import Declaration, Request, declare, question
from agent.tools.relevance import is_held, is_relevant
from agent.turn import Turn
from corpora import genes, glossary, species
from retrieval.analysis import query_terms
from retrieval.filters import Filters
from retrieval.hit import Hit, Results
from retrieval.notices import left_out
from retrieval.search import search

_PAPERS = 6
# "And in blood?" asks for more than the papers before; "what was the sensitivity?" asks of them.
_WIDENS = re.compile(r"(?i)^\s*(?:and|what about|how about|also|or)\b|^(?:那|那么|还有|另外)|呢[？?]?\s*$")


@tool("search_literature")
def _search_literature(
    query: Annotated[str, Field(description="What to find out, as a question or key words, English or Chinese.")],
    runtime: ToolRuntime[Turn],
    within: Annotated[
        list[str] | None,
        Field(description="Handles of papers, such as P3, to stay within: for questions about papers cited before."),
    ] = None,
    year_from: Annotated[int | None, Field(description="Earliest year of publication.", ge=1500, le=2200)] = None,
    year_to: Annotated[int | None, Field(description="Latest year of publication.", ge=1500, le=2200)] = None,
    gene: Annotated[str | None, Field(description="Only papers on this gene, by any of its names.")] = None,
    journal: Annotated[str | None, Field(description="Only papers of this journal.")] = None,
) -> str:
    """Search the user's paper libraries for an answer and get numbered sentences to cite.

    For every question about biology, medicine or methods that papers can answer. When "relevant" is false the
    libraries do not hold the answer: say so, and name the nearest papers.
    """
    turn = runtime.context
    papers = frozenset(_shown(turn, handle) for handle in within or ())
    if year_from and year_to and year_from > year_to:
        raise ToolException(f"No year is from {year_from} to {year_to}. Ask for the years the other way round.")
    # Who asks of papers that were shown asks of those, retracted or not.
    retracted = None if papers or turn.with_retracted else False
    filters = Filters(
        year_from=year_from, year_to=year_to, as_of=turn.as_of, gene=gene, journal=journal, retracted=retracted,
        papers=papers or None,
    )  # fmt: skip
    results = search(turn.libraries, query, _PAPERS, filters)
    return json.dumps(
        {
            "papers": of_hits(results.hits, turn.ledger),
            "relevant": any(_holds(hit, query) for hit in results.hits)
            if papers
            else is_relevant(query, results, turn.libraries),
            "within": list(within or ()),
            "searched": results.query,
            "notices": [*results.notices, *left_out(_missed(results, query, turn))],
        },
        ensure_ascii=False,
    )


def _missed(results: Results, query: str, turn: Turn) -> list[Hit]:
    """The hits that would have been among the sources, were their papers not retracted."""
    return [hit for hit in results.left_out if is_relevant(query, replace(results, hits=(hit,)), turn.libraries)]


def _shown(turn: Turn, handle: str) -> str:
    """The hash of the paper of a handle; raises ToolException where none was shown under it."""
    sha256 = turn.ledger.paper(handle)
    if sha256 is None:
        raise ToolException(f"No paper {handle!r} has been shown. Use the handles of papers in earlier results.")
    return sha256


def _holds(hit: Hit, query: str) -> bool:
    likeness = hit.best_sentence.similarity if hit.best_sentence else None
    return is_held(query, f"{hit.title or ''} {hit.text}", likeness)


def _query(request: Request) -> str:
    """What is asked: of papers that are known already only what is new, else with the question before it."""
    return request.text if _within(request) and query_terms(request.english) else question(request)


def _within(request: Request) -> list[str] | None:
    asks_of_them = request.before is not None and not _WIDENS.search(request.text)
    return list(request.cited) if asks_of_them and request.cited else None


# What asks for papers in a request that is about an attachment, and where such a part of it ends.
_LITERATURE = re.compile(
    r"(?i)\b(?:literature|papers?|publications?|published|publish|articles?|stud(?:y|ies)|known|reported|reports?|"
    r"librar(?:y|ies)|evidence)\b|文献|论文|文章|研究|报道|报告过|已知|资料|证据"
)
_CLAUSE = re.compile(r"[,;.?!，；。？！\n]|\b(?:and|then|also|plus)\b|并且|并|同时|以及|然后|再|另外|顺便")
_MARKS = re.compile(r"(?i)\b(?:6mA|4mC|5hmC|5mC|m6A)\b")


def _beside(request: Request) -> Request | None:
    """What a request about an attachment also asks of papers, with the species and marks that it names."""
    text = without_handles(request.text)
    clauses = [clause.strip() for clause in _CLAUSE.split(text) if _LITERATURE.search(clause)]
    if not clauses:
        return None
    said = " ".join(clauses)
    # "And what do papers say?" is about what the rest of the request names.
    query = said if _names(said) else " ".join([said, *dict.fromkeys(_names(text))])
    return Request(query, glossary.translate(query).english)


def _names(text: str) -> list[str]:
    """The marks, species, genes and cancers that a text names."""
    said = (text[mention.start : mention.end] for mention in species.mentions(text))
    found = (gene.text for gene in genes.mentions(text))
    return [*_MARKS.findall(text), *said, *found, *cancer_names(glossary.translate(text).english)]


search_literature = declare(
    _search_literature,
    Declaration(
        examples=(
            "Which genes are methylated in this cancer?",
            "Is the promoter of this gene hypermethylated in tumours?",
            "What is known about DNA methylation and ageing?",
            "How accurate are blood tests for early detection?",
            "Does this drug restore the expression of silenced genes?",
            "What did studies find about smoking and methylation?",
            "Why is this gene silenced in cancer?",
            "How does this protein bind methylated DNA?",
            "What is the boiling point of a substance?",
            "What is the capital of a country?",
            "evidence for biomarkers in urine",
            "gene cancer methylation",
            "and in blood?",
            "what was the sensitivity?",
            "哪些基因在这种癌症中发生甲基化？",
            "该基因的启动子在肿瘤中是否高甲基化？",
            "关于DNA甲基化与衰老有哪些研究？",
            "血液检测对早期诊断的准确性如何？",
            "为什么这个基因在癌症中沉默？",
            "吸烟对甲基化有什么影响？",
            "那在血液中呢？",
            "某种物质的沸点是多少？",
            "某个国家的首都是哪里？",
        ),
        readers={
            "query": _query,
            "within": _within,
            "year_from": asked.year_from,
            "year_to": asked.year_to,
        },
        beside=_beside,
    ),
)
