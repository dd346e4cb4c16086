"""Which tool a request is meant for: the one whose declared examples it is most like."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from langchain_core.tools import BaseTool

from agent.declaration import DOI, PMID, TITLE, Request, declaration_of, read_arguments
from corpora import glossary
from retrieval.embedder import Embedder
from seqmodels.encoder import Vector

# Requests that need no tool. They compete with the tools' examples on the same footing.
SMALL_TALK = (
    "Hello",
    "Hi there, good morning",
    "Thank you very much",
    "Thanks, that was helpful",
    "Goodbye",
    "Who are you?",
    "What can you do?",
    "How do you work?",
    "Are you a language model?",
    "Tell me a joke",
    "Write a poem about spring",
    "Write a Python script that sorts a list",
    "Book me a flight to Paris",
    "Send an email to my colleague",
    "Translate this sentence into French",
    "What is the weather today?",
    "你好",
    "早上好",
    "谢谢你",
    "再见",
    "你是谁？",
    "你能做什么？",
    "给我讲个笑话",
    "写一首诗",
    "帮我写一段代码",
    "帮我订机票",
    "今天天气怎么样？",
)
_NEAREST = 2


class Router:
    """Routes requests by their likeness to examples; it knows no tool by name."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors = lru_cache(maxsize=None)(self._embed)

    def choose(self, request: Request, tools: Sequence[BaseTool]) -> tuple[BaseTool, dict[str, Any]] | None:
        """The tool and the arguments of its call, None where no tool is meant."""
        vector = self._embedder.encode_query(_form(request.text))
        best, chosen = self._likeness(SMALL_TALK, vector), None
        for tool in tools:
            declaration = declaration_of(tool)
            arguments = read_arguments(tool, declaration, request) if declaration else None
            if declaration is None or arguments is None:
                continue
            likeness = self._likeness(declaration.examples, vector)
            if likeness > best:
                best, chosen = likeness, (tool, arguments)
        return chosen

    def _likeness(self, examples: tuple[str, ...], vector: Vector) -> float:
        return float(np.sort(self._vectors(examples) @ vector)[-_NEAREST:].mean())

    def _embed(self, examples: tuple[str, ...]) -> Vector:
        return np.stack([self._embedder.encode_query(_form(example)) for example in examples])


def _form(text: str) -> str:
    """A request without the names in it: requests of one form are for one tool, whatever they name."""
    for pattern, name in ((DOI, "DOI 1"), (TITLE, "'a title'"), (PMID, "PMID 1")):
        text = pattern.sub(name, text)
    return re.sub(r"(?i)\b(pmid|doi)[:\s]+(?=PMID|DOI)", "", glossary.translate(text).english)
