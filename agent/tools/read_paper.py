"""The tool that reads one paper."""

import json
from typing import Annotated

import numpy as np
from langchain.tools import ToolRuntime, tool
from langchain_core.tools import ToolException
from pydantic import Field

from agent.citations.findings import of_paper
from agent.tools.declaration import Declaration, declare, paper_in_question, particular
from agent.turn import Turn
from corpora.paper import Paper
from retrieval.library import Library
from retrieval.query import parse_query
from retrieval.sentences import Span
from seqmodels.encoder import Vector

# Sentences handed over at once: about what a small language model can still read with care.
_MOST_SENTENCES = 60
_Rated = tuple[Span, Vector | None]


@tool("read_paper")
def _read_paper(
    paper: Annotated[str, Field(description="The paper: a PMID, a DOI, its title, or its handle such as P3.")],
    runtime: ToolRuntime[Turn],
    question: Annotated[
        str | None,
        Field(description="What to look for in it; sentences are then scored by how well they answer."),
    ] = None,
    part: Annotated[int, Field(description="Which part of a long paper, counted from 1.", ge=1)] = 1,
) -> str:
    """Read one paper, a part at a time, as numbered sentences: to summarise it or answer a question about it."""
    turn = runtime.context
    library, number, found = _lookup(turn, paper)
    parts = _parts(found, library.sentences(number))
    if part > len(parts):
        raise ToolException(f"{paper} has {len(parts)} parts, not {part}. Ask for one of them.")
    scored = _scored(library, parts[part - 1], question)
    result = {
        "papers": [of_paper(found, library.name, number, scored, turn.ledger)],
        "relevant": True,
        "searched": question or paper,
        "part": part,
        "parts": len(parts),
        "sections": list(dict.fromkeys(section.name for section in found.sections if section.name)),
        "notices": [],
    }
    return json.dumps(result, ensure_ascii=False)


def _lookup(turn: Turn, name: str) -> tuple[Library, int, Paper]:
    """The paper of a handle, identifier or title; raises ToolException where no library has it."""
    sha256 = turn.ledger.paper(name)
    for library in turn.libraries:
        if sha256 and (stored := library.by_hash(sha256)):
            return library, stored.id, stored.paper
    for library in turn.libraries:
        if found := library.find_paper(name, 1):
            return library, found[0].id, found[0].paper
    raise ToolException(
        f"No library has a paper {name!r}. Give a PMID, a DOI or most of the title, or search_literature for it."
    )


def _parts(paper: Paper, sentences: list[_Rated]) -> list[list[_Rated]]:
    """Sentences in parts that end with a section where one ends in time."""
    begins_section = {section.start for section in paper.sections}
    parts: list[list[_Rated]] = [[]]
    for span, vector in sentences:
        room = _MOST_SENTENCES // 2 if span[0] in begins_section else _MOST_SENTENCES
        if len(parts[-1]) >= room:
            parts.append([])
        parts[-1].append((span, vector))
    return parts


def _scored(library: Library, sentences: list[_Rated], asked: str | None) -> list[tuple[Span, float | None]]:
    """How near each sentence is to the question, or without one to the part as a whole."""
    vectors = [vector for _, vector in sentences if vector is not None]
    if not vectors:
        return [(span, None) for span, _ in sentences]
    target = library.embedder.encode_query(parse_query(asked).english) if asked else np.mean(vectors, axis=0)
    return [(span, None if vector is None else float(vector @ target)) for span, vector in sentences]


read_paper = declare(
    _read_paper,
    Declaration(
        examples=(
            "Summarise PMID 1",
            "Summarize the paper 'a title'",
            "Summary of DOI 1 please",
            "Give me an overview of PMID 1",
            "What does the paper 'a title' conclude?",
            "What does DOI 1 say?",
            "What were their controls?",
            "Read me the methods of PMID 1",
            "How many patients did PMID 1 include?",
            "What are the main findings of this paper?",
            "Tell me more about the first paper",
            "What method did they use?",
            "总结 PMID 1",
            "请总结一下 DOI 1",
            "介绍一下「a title」这篇论文的内容",
            "这篇文章的样本量是多少？",
            "概括一下 DOI 1 这篇文章",
            "PMID 1 的主要结论是什么？",
            "PMID 1 用了什么实验方法？",
            "DOI 1 纳入了多少病人？",
            "他们的对照组是什么？",
            "这篇论文用了什么方法？",
        ),
        readers={"paper": paper_in_question, "question": particular},
    ),
)
