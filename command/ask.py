"""`epicite ask`: one question, one answer whose sentences are cited and proved."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from command.options import add_as_of, add_libraries, words
from command.output import json_line, plain, say, warn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.citations.claim import Citation, Claim
    from agent.events import Answer
    from command.settings import Settings
    from retrieval.library import Library

# Of use to the page and to the libraries only.
_NOT_TOLD: Any = {
    "claims": {"__all__": {"lead"}},
    "citations": {"__all__": {"paper_id"}},
    "nearest": {"__all__": {"paper_id"}},
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the verb."""
    parser = subparsers.add_parser("ask", help="ask a question and get a cited answer")
    parser.add_argument("question", type=words, metavar="QUESTION", help="what to find out, English or Chinese")
    parser.add_argument("--json", action="store_true", help="answer in JSON, with verdicts, citations and tools")
    parser.add_argument("--conversation", type=words, metavar="ID", help="go on with a conversation")
    parser.add_argument(
        "--attach",
        type=Path,
        metavar="FILE",
        action="append",
        default=[],
        dest="attached",
        help="a sequence, table or paper of a library to ask about (FASTA, VCF, CSV, TSV, PDF); repeat it for several",
    )
    add_as_of(parser)
    parser.add_argument("--with-retracted", action="store_true", help="let retracted papers answer, too")
    add_libraries(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Answer a question."""
    import asyncio

    from agent.attachments.handles import described
    from agent.tools.refusals import retold
    from agent.wording import language_of
    from command.libraries import searched
    from command.settings import read_settings

    settings = read_settings()
    with searched(settings, arguments.libraries) as libraries:
        answer = asyncio.run(_answer(arguments, settings, libraries))
    if arguments.json:
        say(json_line(answer.model_dump(mode="json", exclude=_NOT_TOLD)))
        return 0
    for attachment in answer.attachments:
        warn(described(attachment))
    for notice in answer.notices:
        warn(retold(notice, language_of(arguments.question)))
    say("".join(_shown(claim, answer) for claim in answer.claims).strip())
    for position, citation in enumerate(answer.citations, start=1):
        say(f"\n[{position}] {_described(citation)}")
    for file in _files(answer):
        warn(f"{file['handle']}: {file['name']}: {file['path']}")
    warn(f"\nconversation {answer.conversation}")
    return 0


async def _answer(arguments: argparse.Namespace, settings: "Settings", libraries: "list[Library]") -> "Answer":
    from agent.assembly import open_agent
    from agent.errors import UnknownConversation
    from agent.events import Done
    from command.libraries import home_of

    async with open_agent(home_of(settings), settings.model) as agent:
        conversation = arguments.conversation or agent.conversations.new_id()
        if arguments.conversation and not await agent.conversations.exists(conversation, settings.owner):
            raise UnknownConversation(conversation)
        asked = agent.ask(
            arguments.question,
            libraries,
            conversation,
            settings.owner,
            arguments.attached,
            as_of=arguments.as_of,
            with_retracted=arguments.with_retracted,
        )
        async for event in asked:
            if isinstance(event, Done):
                attachments = await agent.conversations.attachments(conversation, settings.owner)
                for file in _files(event.answer):
                    file["path"] = str(attachments.read(file["handle"]).path)
                return event.answer
    raise AssertionError("a turn ends with Done")


def _files(answer: "Answer") -> "Iterator[dict[str, Any]]":
    """The files that tools have made, as their results tell them."""
    return (file for tool in answer.tools for file in tool["result"].get("files", ()))


def _shown(claim: "Claim", answer: "Answer") -> str:
    """A sentence with its marks, numbered in the order of the answer; a doubtful one says why."""
    if claim.verdict == "withheld":
        return f"{claim.lead}(withheld: {claim.reason})"
    order = {citation.n: position for position, citation in enumerate(answer.citations, start=1)}
    marks = "".join(f"[{order[citation.n]}]" for citation in claim.citations)
    doubt = f" (flagged: {claim.reason})" if claim.verdict == "flagged" else ""
    return f"{claim.lead}{plain(claim.text)}{' ' if marks else ''}{marks}{doubt}"


def _described(citation: "Citation") -> str:
    told = [
        citation.title or "title not given",
        citation.journal or "journal not given",
        str(citation.year) if citation.year else "year not given",
        f"PMID {citation.pmid}" if citation.pmid else "",
        f"DOI {citation.doi}" if citation.doi else "",
        citation.kind,
        f"page {citation.page}" if citation.page else "",
        "RETRACTED" if citation.retracted else "",
        *citation.notices,
    ]
    return plain(" · ".join(part for part in told if part))
