"""Which tool a request is meant for: the one whose declared examples it is most like."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from langchain_core.tools import BaseTool

from agent.tools.declaration import DOI, PMID, TITLE, Request, declaration_of, read_arguments
from corpora import glossary
from retrieval.analysis import index_terms
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
    "Can you write code that draws a plot of my data?",
    "Make slides for my talk",
    "Order reagents from the supplier",
    "Remind me of the meeting tomorrow",
    "What should I have for dinner?",
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
    "帮我做一个幻灯片",
    "帮我把这段话翻译成英文",
    "帮我写一封邮件",
    "晚上吃什么好？",
    "帮我订机票",
    "今天天气怎么样？",
)
_NEAREST = 2
_HAN = re.compile("[\u4e00-\u9fff]")
# A question that is like no example is still a question: titles of EPI and CG abstracts reach 0.21 here.
_LEAST_TALK = 0.3
# Shared words beside shared meaning: the encoder reads English, and of Chinese only what the glossary renders.
_WORDS = 0.5


@dataclass(frozen=True)
class _Examples:
    """Requests of one kind: their vectors, shape (examples, dimension), and the words of each."""

    vectors: Vector
    words: tuple[frozenset[str], ...]


class Router:
    """Routes requests by their likeness to examples; it knows no tool by name."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._read = lru_cache(maxsize=None)(self._read_examples)

    def choose(self, request: Request, tools: Sequence[BaseTool]) -> tuple[BaseTool, dict[str, Any]] | None:
        """The tool and the arguments of its call, None where no tool is meant."""
        form = _form(request.text)
        vector, words = self._vector(form), _words(form)
        talk = _likeness(self._read(SMALL_TALK), vector, words)
        # Of Chinese that the glossary does not render there are only the words to go by, and little of it is biology.
        least = _LEAST_TALK if vector.any() else 0.0
        best, chosen = talk if talk > least else -np.inf, None
        for tool in tools:
            declaration = declaration_of(tool)
            arguments = read_arguments(tool, declaration, request) if declaration else None
            if declaration is None or arguments is None:
                continue
            likeness = _likeness(self._read(declaration.examples), vector, words)
            if likeness > best:
                best, chosen = likeness, (tool, arguments)
        return chosen

    def _vector(self, form: str) -> Vector:
        """The meaning of a request; zero where the glossary renders none of its Chinese."""
        english = glossary.translate(form).english
        return self._embedder.encode_query(english) if english.strip() else np.zeros(self._dimension, np.float32)

    @property
    def _dimension(self) -> int:
        return self._embedder.record.dimension

    def _read_examples(self, examples: tuple[str, ...]) -> _Examples:
        forms = [_form(example) for example in examples]
        return _Examples(np.stack([self._vector(form) for form in forms]), tuple(map(_words, forms)))


def _likeness(examples: _Examples, vector: Vector, words: frozenset[str]) -> float:
    """How like a request is to the nearest examples of a kind, by meaning and by words."""
    shared = [len(words & of) / max(1.0, (len(words) * len(of)) ** 0.5) for of in examples.words]
    likenesses = np.sort(examples.vectors @ vector + _WORDS * np.array(shared))
    return float(likenesses[-_NEAREST:].mean())


def _words(form: str) -> frozenset[str]:
    return frozenset(index_terms(form)) | frozenset(_HAN.findall(form))


def _form(text: str) -> str:
    """A request without the names in it: requests of one form are for one tool, whatever they name."""
    for pattern, name in ((DOI, "DOI 1"), (TITLE, "'a title'"), (PMID, "PMID 1")):
        text = pattern.sub(name, text)
    return re.sub(r"(?i)\b(pmid|doi)[:\s]+(?=PMID|DOI)", "", text)
