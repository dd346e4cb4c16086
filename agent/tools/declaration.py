"""What a tool declares beside its schema, so that a model that cannot write can still call it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from agent.attachments.handles import without_handles
from agent.attachments.pasted import Kind
from agent.wording import Phrase
from retrieval.analysis import query_terms

_KEY = "declaration"
PMID = re.compile(r"(?i)\bpmid[:\s]*([1-9]\d{3,8})\b|(?<![\d.])([1-9]\d{6,7})(?![\d.])")
DOI = re.compile(r"(?i)\b10\.\d{4,9}(?:\.\d+)*/[^\s\"'，。；）)]+[^\s\"'，。；）).,;]")
TITLE = re.compile(r"[\"“«《「『]([^\"”»》」』]{8,300})[\"”»》」』]|(?<!\w)['‘]([^'’]{12,300})['’](?!\w)")
_WHOLE = re.compile(
    r"(?i)\b(?:pmid|doi|please|summari[sz]e|summary|overview|abstract|papers?|articles?|stud(?:y|ies)|tell|give|read|say|"
    r"main|key|findings?|results?|conclusions?|about|more|last|first|files?|documents?|pdf|attachments?|uploads?)\b|"
    r"总结|概括|介绍|一下|请|这篇|这个|这份|该|文章|论文|文件|附件|内容|主要|结论|结果|的|是|什么|吗"
)
_PAPER_HANDLE = re.compile(r"\bP\d{1,4}\b")


@dataclass(frozen=True)
class Request:
    """What a person asks, and what it may refer to.

    `english` is the text with Chinese rendered by the glossary; `handles` are those of attachments, `kinds` says of
    what kind those are that are there; `cited` are handles of the papers that the last answer cited; `before` is the
    request before this one, where this one follows it up. `given` are the attachments that came with this message,
    `there` is what the conversation has attached so far, and `files` are the names of uploaded files, by handle.
    """

    text: str
    english: str
    handles: tuple[str, ...] = ()
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    cited: tuple[str, ...] = ()
    before: str | None = None
    given: frozenset[str] = frozenset()
    there: Mapping[str, Kind] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


Reader = Callable[[Request], Any]


def _any(_: Request) -> bool:
    return True


def _nothing_beside(_: Request) -> Request | None:
    return None


@dataclass(frozen=True)
class Declaration:
    """Requests that a tool is meant for, English and Chinese, and how each argument is read from one.

    A reader gives None where the request does not hold the argument; a tool whose required argument cannot be
    read is not called. `takes` are the kinds of attachment that it works on, `beside_them` those that it also reads
    where it has one of these, such as a reference; `asks` is what to ask for where a request
    that is meant for it comes without one. `beside` gives the request that a tool is meant for beside another tool's,
    such as what papers say of what is predicted. `fits` tells whether a request has a form that the tool can answer;
    one that has not is never routed to it, however like the examples it is. `is_alone`: no other tool can do what it is
    meant for, so where it fails its error is the answer.
    """

    examples: tuple[str, ...]
    readers: Mapping[str, Reader] = field(default_factory=dict)
    takes: frozenset[Kind] = frozenset()
    beside_them: frozenset[Kind] = frozenset()
    asks: Phrase | None = None
    beside: Callable[[Request], Request | None] = _nothing_beside
    fits: Callable[[Request], bool] = _any
    is_alone: bool = False


def declare(tool: BaseTool, declaration: Declaration) -> BaseTool:
    """The tool, with its declaration on it."""
    tool.metadata = {**(tool.metadata or {}), _KEY: declaration}
    return tool


def declaration_of(tool: BaseTool) -> Declaration | None:
    """What a tool declares, if anything."""
    found = (tool.metadata or {}).get(_KEY)
    return found if isinstance(found, Declaration) else None


def read_arguments(tool: BaseTool, declaration: Declaration, request: Request) -> dict[str, Any] | None:
    """The arguments of a call, None where a required one is not in the request or the tool cannot answer its form."""
    if not declaration.fits(request):
        return None
    found = {name: reader(request) for name, reader in declaration.readers.items()}
    arguments = {name: value for name, value in found.items() if value is not None}
    required = convert_to_openai_tool(tool)["function"]["parameters"].get("required", [])
    return arguments if all(name in arguments for name in required) else None


def question(request: Request) -> str:
    """What is asked, with the question before it where it only makes sense after that."""
    return f"{request.before} {request.text}" if request.before else request.text


def particular(request: Request) -> str | None:
    """What is asked of a paper, None where the whole of it is asked for."""
    text = without_handles(request.text)
    for pattern in (DOI, TITLE, PMID, _PAPER_HANDLE, _WHOLE):
        text = pattern.sub(" ", text)
    return text.strip() if query_terms(text) else None


def identifier(request: Request) -> str | None:
    """A PMID, DOI, title in quotation marks or paper handle."""
    if found := DOI.search(request.text):
        return found.group()
    if found := PMID.search(request.text):
        return found.group(1) or found.group(2)
    if found := TITLE.search(request.text):
        return found.group(1) or found.group(2)
    if found := _PAPER_HANDLE.search(request.text):
        return found.group()
    return None


def paper_in_question(request: Request) -> str | None:
    """The paper that a request names, else the file that it is about, else the paper that was cited last."""
    files = (handle for handle in request.handles if request.kinds.get(handle, "file") == "file")
    return identifier(request) or next(files, None) or next(iter(request.cited), None)
