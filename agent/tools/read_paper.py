"""The tool that reads one paper."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from langchain.tools import ToolRuntime, tool
from langchain_core.tools import ToolException
from pydantic import Field

from agent.attachments.handles import named
from agent.citations.findings import of_paper
from agent.tools.declaration import Declaration, declare, paper_in_question, particular
from agent.tools.relevance import is_held
from agent.turn import Turn
from corpora.failure import Failure
from corpora.paper import Paper
from corpora.reading import read
from retrieval.library import Library
from retrieval.query import parse_query
from retrieval.sentences import Span

# Sentences handed over at once: about what a small language model can still read with care.
_MOST_SENTENCES = 60
Rated = tuple[Span, float | None]


@tool("read_paper")
def _read_paper(
    paper: Annotated[
        str, Field(description="The paper: a PMID, a DOI, its title, or its handle such as P3, or file1 of an upload.")
    ],
    runtime: ToolRuntime[Turn],
    question: Annotated[
        str | None,
        Field(description="What to look for in it; sentences are then scored by how well they answer."),
    ] = None,
    part: Annotated[
        int | None,
        Field(description="Which part of a long paper, counted from 1; left out, the one that answers best.", ge=1),
    ] = None,
) -> str:
    """Read one paper, a part at a time, as numbered sentences: to summarise it or answer a question about it.

    When "relevant" is false the paper does not hold the answer: say so.
    """
    turn = runtime.context
    library, number, found = lookup(turn, paper)
    sentences = rated(library, number, question)
    parts = _parts(found, sentences)
    chosen = _best_part(parts) if question and part is None else part or 1
    if chosen > len(parts):
        raise ToolException(f"{paper} has {len(parts)} parts, not {chosen}. Ask for one of them.")
    read_part = of_paper(found, library.name, number, parts[chosen - 1], turn.ledger, turn.beside(library, number))
    result = {
        "papers": [read_part],
        "relevant": question is None or is_held(question, found.text, best(sentences)),
        "within": [read_part["paper"]],
        "searched": question or paper,
        "part": chosen,
        "parts": len(parts),
        "sections": list(dict.fromkeys(section.name for section in found.sections if section.name)),
        "notices": [],
    }
    return json.dumps(result, ensure_ascii=False)


def rated(library: Library, number: int, asked: str | None) -> list[Rated]:
    """The sentences of a paper, each with its cosine to the question, or without one to the paper as a whole."""
    sentences = library.sentences(number)
    vectors = [vector for _, vector in sentences if vector is not None]
    if not vectors:
        return [(span, None) for span, _ in sentences]
    target = library.embedder.encode_query(parse_query(asked).english) if asked else np.mean(vectors, axis=0)
    return [(span, None if vector is None else float(vector @ target)) for span, vector in sentences]


def best(sentences: Sequence[Rated]) -> float | None:
    """The highest cosine of some sentences, None where they have no vectors."""
    return max((likeness for _, likeness in sentences if likeness is not None), default=None)


def lookup(turn: Turn, name: str) -> tuple[Library, int, Paper]:
    """The paper of a handle, identifier or title; raises ToolException where no library has it."""
    attached = named(name) == (name.strip().strip("[]").lower(),)
    sha256 = _text_of_upload(turn, name) if attached else turn.ledger.paper(name)
    for library in turn.libraries:
        if sha256 and (stored := library.by_hash(sha256)) and turn.sees(library, stored.id):
            return library, stored.id, turn.seen(library, stored.id, stored.paper)
    if attached:
        raise ToolException(
            f"{name} is in none of the libraries that are asked, so what it says cannot be checked. "
            "Add the file to My papers (or `epicite ingest` it), tick that library, and ask again."
        )
    for library in turn.libraries:
        if (found := library.find_paper(name, 1)) and turn.sees(library, found[0].id):
            return library, found[0].id, turn.seen(library, found[0].id, found[0].paper)
    raise ToolException(
        f"No library has a paper {name!r}. Give a PMID, a DOI or most of the title, or search_literature for it."
    )


def _text_of_upload(turn: Turn, handle: str) -> str:
    """The hash of the text of an uploaded paper; raises ToolException where it is none, or several."""
    papers = read_upload(turn, handle, 2)
    if len(papers) != 1:
        raise ToolException(f"{handle} is not one paper. Name a paper by its PMID, DOI or title.")
    return papers[0].sha256


def read_upload(turn: Turn, handle: str, most: int) -> list[Paper]:
    """The first papers of an upload; raises ToolException where one of them cannot be read."""
    attachment = turn.attachments.read(handle)
    with tempfile.TemporaryDirectory() as folder:
        # Content lies under its hash; how a file is read is told by its name.
        link = Path(folder) / (attachment.name or handle)
        link.symlink_to(attachment.path.resolve())
        found = [paper for paper, _ in zip(read(link), range(most), strict=False)]
    failure = next((paper for paper in found if isinstance(paper, Failure)), None)
    if failure is not None:
        raise ToolException(f"{handle} cannot be read as a paper: {failure.reason}. {failure.remedy}")
    return [paper for paper in found if isinstance(paper, Paper)]


def _parts(paper: Paper, sentences: Sequence[Rated]) -> list[list[Rated]]:
    """Sentences in parts that end with a section where one ends in time."""
    begins_section = {section.start for section in paper.sections}
    parts: list[list[Rated]] = [[]]
    for span, likeness in sentences:
        room = _MOST_SENTENCES // 2 if span[0] in begins_section else _MOST_SENTENCES
        if len(parts[-1]) >= room:
            parts.append([])
        parts[-1].append((span, likeness))
    return parts


def _best_part(parts: Sequence[Sequence[Rated]]) -> int:
    """The number of the part with the best sentence."""
    likenesses = [best(part) or 0.0 for part in parts]
    return likenesses.index(max(likenesses)) + 1


read_paper = declare(
    _read_paper,
    Declaration(
        examples=(
            "Summarise PMID 1",
            "Summarise file1",
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
            "总结 file1",
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
        takes=frozenset({"file"}),
    ),
)
