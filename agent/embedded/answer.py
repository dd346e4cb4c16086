"""How the embedded model words an answer: quotes in readable order, and a few fixed phrases around them."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool

from agent.attachments.handles import called
from agent.attachments.pasted import Kind
from agent.citations.marks import mark
from agent.citations.results import result_of
from agent.tools.declaration import Request, declaration_of
from agent.tools.refusals import retold
from agent.tools.relevance import named_by, subjects
from agent.wording import language_of
from corpora import genes, glossary
from retrieval.query import Group

Phrase = Literal[
    "introduction", "quoting", "predicting", "silent", "nearest", "unsaid", "failed", "unable", "wanted", "examples"
]
_PHRASES: dict[Phrase, tuple[str, str]] = {
    "introduction": (
        "I am Epicite's embedded model. I search your paper libraries and quote what they say, word for word, with "
        "a citation for every sentence; I do not write answers of my own. Ask me about genes, methylation and "
        "cancers, or name a paper by PMID, DOI or title.",
        "我是 Epicite 的内置模型：我检索您的文献库，逐字引用原文并为每一句给出出处，不自行撰写答案。"
        "您可以询问基因、甲基化和癌症方面的问题，也可以用 PMID、DOI 或标题指定一篇论文。",
    ),
    "quoting": ("I quote the papers, word for word:", "以下逐字引用论文原文："),
    "predicting": ("A model predicts, which is no literature:", "以下是模型的预测，并非文献："),
    "silent": ("The library does not say.", "文献库中没有相关内容。"),
    "nearest": ("The nearest papers are:", "最接近的论文是："),
    "unsaid": ("The answer is not in:", "以下论文中没有答案："),
    "failed": ("That did not work:", "未能完成："),
    "unable": (
        "No tool here can work with {}. I can search your papers: ask without attachments.",
        "这里没有工具能处理 {}。我可以检索您的文献库：请不带附件提问。",
    ),
    "wanted": ("What would you like to know about {}?", "您想了解 {} 的什么？"),
    "examples": ("For example:", "例如："),
}
_CHINESE_KINDS: dict[Kind, str] = {
    "dna": "DNA",
    "rna": "RNA",
    "protein": "蛋白质",
    "ambiguous sequence": "类型不明的序列",
    "fasta": "FASTA",
    "table": "表格",
    "vcf": "VCF",
    "file": "文件",
}
_MOST_SENTENCES = 6
_MOST_OF_ONE_PAPER = 2
_NEAREST_PAPERS = 3
# A sentence this much worse than the best says something else.
_WORSE = 0.22
# How much of its paper's score a sentence inherits; a title names a subject, it seldom answers.
_OF_PAPER = 0.25
_TITLE_PENALTY = 0.15
# What a sentence gains that names all that is asked for; what few sentences name counts most. Of papers that are
# known already no more is asked than what is new, and the cosines to so few words say little.
_NAMES = 0.1
_NAMES_WITHIN = 0.3
# Where genes are asked for, a sentence that names one answers better than one that does not.
_ASKS_FOR_GENES = re.compile(r"(?i)\bgenes?\b|基因")
_NAMES_GENE = 0.12
# What is missing is asked for, which is no failure.
_ASKS = re.compile(r"[^.!?]*\?")


@dataclass(frozen=True)
class _Sentence:
    """A numbered sentence that may be quoted."""

    paper: int
    start: int
    number: int
    text: str
    score: float


def say(phrase: Phrase, request: str) -> str:
    """A fixed phrase in the language of the request."""
    english, chinese = _PHRASES[phrase]
    return chinese if language_of(request) == "zh" else english


def unable(request: Request) -> str:
    """That no tool takes what a request is about."""
    is_chinese = glossary.is_chinese(request.text)
    form, separator = ("{}（{}）", "、") if is_chinese else ("{} ({})", ", ")
    named = (
        form.format(handle, _CHINESE_KINDS[kind] if is_chinese else called(kind))
        for handle, kind in request.kinds.items()
    )
    return say("unable", request.text).format(separator.join(named))


def wanted(request: Request, tools: Sequence[BaseTool]) -> Iterator[str]:
    """A question for what attachments are given for, with an example of what each tool does with them."""
    is_chinese = glossary.is_chinese(request.text)
    yield say("wanted", request.text).format(("、" if is_chinese else ", ").join(request.kinds))
    examples = [example for tool in tools for example in _examples(tool, is_chinese)[:1]]
    if examples:
        yield f" {say('examples', request.text)}"
        yield from (f"\n- {example}" for example in examples)


def _examples(tool: BaseTool, is_chinese: bool) -> list[str]:
    declared = declaration_of(tool)
    return [text for text in (declared.examples if declared else ()) if glossary.is_chinese(text) == is_chinese]


def compose(request: str, messages: Sequence[ToolMessage]) -> Iterator[str]:
    """The pieces of an answer from what the tools of this turn said."""
    results = [result for message in messages if (result := result_of(message))]
    errors = [str(message.content) for message in messages if message.status == "error"]
    predictions = [result for result in results if "predicted" in result]
    asked_of_table = [result for result in results if "evidence" in result]
    found = [result for result in results if "predicted" not in result and "evidence" not in result]
    relevant = [paper for result in found if result.get("relevant") for paper in result.get("papers", ())]
    papers = [paper for paper in relevant if paper["sentences"]]
    parts = [_predicted(request, prediction) for prediction in predictions]
    parts += [_counted(request, result) for result in asked_of_table if result["says"]]
    answered = predictions or any(result["relevant"] for result in asked_of_table)
    if errors and (predictions or not papers):
        parts.append(_failed(request, errors))
    if papers:
        # Beside a prediction, only a part of the request was asked of the papers.
        asked = found[0]["searched"] if predictions else request
        parts.append(_quotes(request, asked, papers, _NAMES_WITHIN if _only_within(found) else _NAMES))
    elif (found or not parts) and not (answered and not found):
        parts.append(_silence(request, found))
    for number, part in enumerate(parts):
        yield "\n\n" if number else ""
        yield from part


def _failed(request: str, errors: Sequence[str]) -> Iterator[str]:
    """What did not work, or what a tool asks for, in the language of the request as far as that is known."""
    if not _ASKS.match(errors[0]):
        yield say("failed", request)
    for error in errors:
        yield f"{'' if language_of(request) == 'zh' else ' '}{retold(error, language_of(request))}"


def is_wanting(text: str) -> bool:
    """Whether an answer only asks what is wanted of attachments."""
    return text.startswith(tuple(said.partition("{")[0] for said in _PHRASES["wanted"]))


def _predicted(request: str, prediction: dict[str, Any]) -> Iterator[str]:
    """What a tool says of its prediction, in the language of the request."""
    yield say("predicting", request)
    for said in prediction["says"]:
        yield f"\n- {said[language_of(request)]}"
    sentences = [sentence for paper in prediction.get("papers", ()) for sentence in paper["sentences"]]
    if sentences:
        yield f"\n{say('quoting', request)}"
    for sentence in sentences[:_MOST_SENTENCES]:
        yield f"\n- {' '.join(sentence['text'].split())} {mark(sentence['n'])}"


def _counted(request: str, result: dict[str, Any]) -> Iterator[str]:
    """What the evidence table says, in the language of the request, with the numbers of the quotes behind it."""
    language = language_of(request)
    for number, said in enumerate(result["says"]):
        begin = "\n- " if said["is_item"] else "\n" if number else ""
        marks = mark(*said["cites"])
        yield f"{begin}{said[language]}{' ' if marks else ''}{marks}"


def is_without_rows(message: ToolMessage) -> bool:
    """Whether the evidence table was asked and has nothing."""
    result = result_of(message)
    return "evidence" in result and not result["relevant"]


def _only_within(results: Sequence[dict[str, Any]]) -> bool:
    return all(result.get("within") for result in results)


def _quotes(request: str, asked: str, papers: Sequence[dict[str, Any]], names: float) -> Iterator[str]:
    yield say("quoting", request)
    for sentence in _chosen(asked, papers, names):
        yield f"\n- {' '.join(sentence.text.split())} {mark(sentence.number)}"


def _silence(request: str, results: Sequence[dict[str, Any]]) -> Iterator[str]:
    """That nothing answers; where only some papers were asked, that they do not."""
    titles = [paper["title"] for result in results for paper in result.get("papers", ()) if paper["title"]]
    listed = [f"\n- {title}" for title in titles[:_NEAREST_PAPERS]]
    if listed and _only_within(results):
        yield say("unsaid", request)
    else:
        yield say("silent", request)
        if listed:
            yield f" {say('nearest', request)}"
    yield from listed


def _chosen(request: str, papers: Sequence[dict[str, Any]], names: float) -> list[_Sentence]:
    """The best sentences, few of each paper, in the order of papers and of their texts.

    The best of the first paper is always among them: the search holds that paper to be the answer's.
    """
    rated = sorted(_rated(request, papers, names), key=lambda sentence: sentence.score, reverse=True)
    most_of_one = _MOST_SENTENCES if len(papers) == 1 else _MOST_OF_ONE_PAPER
    chosen = [next(sentence for sentence in rated if sentence.paper == 0)]
    for sentence in rated:
        if sentence in chosen:
            continue
        of_paper = sum(other.paper == sentence.paper for other in chosen)
        if len(chosen) < _MOST_SENTENCES and of_paper < most_of_one and sentence.score > rated[0].score - _WORSE:
            chosen.append(sentence)
    return sorted(chosen, key=lambda sentence: (sentence.paper, sentence.start))


def _rated(request: str, papers: Sequence[dict[str, Any]], names: float) -> Iterator[_Sentence]:
    asks_for_genes = _ASKS_FOR_GENES.search(request) is not None
    asked = subjects(request)
    named = {sentence["n"]: named_by(sentence["text"], asked) for paper in papers for sentence in paper["sentences"]}
    worth = _worth(list(named.values()))
    for index, paper in enumerate(papers):
        for sentence in paper["sentences"]:
            number, text = sentence["n"], sentence["text"]
            score = (sentence["score"] or 0.0) + _OF_PAPER * paper.get("score", 0.0)
            score += names * sum(worth[group] for group in named[number])
            if sentence["section"] == "title" and len(paper["sentences"]) > 1:
                score -= _TITLE_PENALTY
            if asks_for_genes and any(genes.mentions(text)):
                score += _NAMES_GENE
            yield _Sentence(index, sentence["start"], number, text, score)


def _worth(named: Sequence[Sequence[Group]]) -> dict[Group, float]:
    """Of the things asked for that the sentences name, the share that each is worth: the rarer, the more."""
    counts = Counter(group for of_sentence in named for group in of_sentence)
    rarity = {group: math.log(1 + len(named) / count) for group, count in counts.items()}
    return {group: value / sum(rarity.values()) for group, value in rarity.items()}
