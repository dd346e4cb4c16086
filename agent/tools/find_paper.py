"""The tool that looks a paper up."""

import json
from typing import Annotated

from langchain.tools import ToolRuntime, tool
from pydantic import Field

from agent.citations.findings import of_paper
from agent.tools.declaration import Declaration, declare, identifier
from agent.turn import Turn
from retrieval.notices import said_of, told


@tool("find_paper")
def _find_paper(
    paper: Annotated[str, Field(description="A PMID, a DOI, or the title or most of its words.")],
    runtime: ToolRuntime[Turn],
) -> str:
    """Look a paper up by PMID, DOI or title: whether the libraries have it, its title, journal, year and link."""
    turn = runtime.context
    papers = [
        of_paper(
            turn.seen(library, stored.id, stored.paper),
            library.name,
            stored.id,
            [(span, 1.0) for span, _ in library.sentences(stored.id)[:1]],
            turn.ledger,
            turn.beside(library, stored.id),
        )
        for library in turn.libraries
        for stored in library.find_paper(paper)
        if turn.sees(library, stored.id)
    ]
    notices = [] if papers else [f"No library has a paper {paper!r}.", *_said(turn, paper)]
    return json.dumps(
        {"papers": papers, "relevant": bool(papers), "searched": paper, "notices": notices}, ensure_ascii=False
    )


def _said(turn: Turn, name: str) -> list[str]:
    """What was said of a paper that no library has."""
    return list(
        dict.fromkeys(told(notice) for library in turn.libraries for notice in said_of(library, name, turn.day))
    )


find_paper = declare(
    _find_paper,
    Declaration(
        examples=(
            "Find PMID 1",
            "Do you have the paper with DOI 1?",
            "Is the paper 'a title' in the library?",
            "Look up this article by its title 'a title'",
            "Who wrote PMID 1 and in which journal was it published?",
            "When was PMID 1 published?",
            "Give me the link to the paper 'a title'",
            "查找 PMID 1",
            "库里有没有 DOI 1 这篇文章？",
            "有没有题为「a title」的论文？",
            "PMID 1 发表在哪个期刊？",
            "DOI 1 是哪一年发表的？",
            "PMID 1 的作者是谁？",
            "帮我找一下「a title」这篇文章",
        ),
        readers={"paper": identifier},
    ),
)
