"""Which tool a request is meant for: the one whose declared examples it is most like."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from langchain_core.tools import BaseTool

from agent.attachments.handles import speaks_of_attachment
from agent.tools.declaration import DOI, PMID, TITLE, Request, declaration_of, question, read_arguments
from agent.wording import Phrase
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
# What may be asked of something to be attached, without a word of it.
_COMMANDS = re.compile(
    r"(?i)^\s*(?:please |can you |could you |would you |i want to |i'd like to |help me |let's )*"
    r"(?:predict|scan|score|classify|embed|annotate|call|detect)\b|^\s*(?:is|are|does|do) (?:this|these|it)\b"
    r"|^这(?:是|些)|^(?:请|帮我|帮忙|麻烦|我想|你|能|给我|一下|用)*.{0,12}(?:预测|扫描|打分|嵌入)"
)
_PASTED_BEHIND = re.compile(r"(.{6,160}?)\s*[:：\n].{60,}", re.DOTALL)
_HAN = re.compile("[\u4e00-\u9fff]")
# A question that is like no example is still a question: titles of EPI and CG abstracts reach 0.21 here.
_LEAST_TALK = 0.3
# What a tool loses that can do nothing with some of the attachments: a VCF is not attached for its reference alone.
_LEFT_UNUSED = 0.15
# Shared words beside shared meaning: the encoder reads English, and of Chinese only what the glossary renders.
_WORDS = 0.5


@dataclass(frozen=True)
class _Examples:
    """Requests of one kind: their vectors, shape (examples, dimension), and the words of each."""

    vectors: Vector
    words: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class _Choice:
    """A tool that is meant; `arguments` is None where a required one is missing, which `asks` then asks for."""

    tool: BaseTool
    arguments: dict[str, Any] | None
    asks: Phrase | None


class Router:
    """Routes requests by their likeness to examples; it knows no tool by name."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._read = lru_cache(maxsize=None)(self._read_examples)

    def choose(self, request: Request, tools: Sequence[BaseTool]) -> tuple[BaseTool, dict[str, Any]] | None:
        """The tool and the arguments of its call, None where no tool is meant."""
        chosen = self._nearest(request, tools)
        return (chosen.tool, chosen.arguments) if chosen and chosen.arguments is not None else None

    def asks(self, request: Request, tools: Sequence[BaseTool]) -> Phrase | None:
        """What to ask for where a request is meant for a tool on attachments and comes without one."""
        if not (speaks_of_attachment(request.text) or _COMMANDS.search(request.text)):
            return None
        chosen = self._nearest(request, tools, incomplete=True)
        return chosen.asks if chosen and chosen.arguments is None else None

    def _nearest(self, request: Request, tools: Sequence[BaseTool], incomplete: bool = False) -> "_Choice | None":
        """The tool whose examples are nearest; `incomplete`: tools that ask for what is missing are among them."""
        # Of an attachment that was spoken of before, what is asked only makes sense with what was asked then.
        form = _form(question(request) if request.kinds and not request.given else request.text)
        vector, words = self._vector(form), _words(form)
        talk = _likeness(self._read(SMALL_TALK), vector, words)
        # Of Chinese that the glossary does not render there are only the words to go by, and little of it is biology.
        least = _LEAST_TALK if vector.any() else 0.0
        best, chosen = talk if talk > least else -np.inf, None
        for tool in tools:
            declaration = declaration_of(tool)
            if declaration is None:
                continue
            arguments = read_arguments(tool, declaration, request)
            if arguments is None and not (incomplete and declaration.asks):
                continue
            examples = self._read(declaration.examples)
            likeness = _likeness(examples, vector, words)
            # Of a text that is pasted behind a request only the request tells what to do with it.
            if declaration.is_alone and (said := _PASTED_BEHIND.fullmatch(form)):
                likeness = max(likeness, _likeness(examples, self._vector(said[1]), _words(said[1])))
            if not (declaration.takes | declaration.beside_them).issuperset(request.kinds.values()):
                likeness -= _LEFT_UNUSED
            if likeness > best:
                best, chosen = likeness, _Choice(tool, arguments, declaration.asks)
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
