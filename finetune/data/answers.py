"""Questions with numbered sentences, as the search tool gives them, and answers that cite them, or say there is none.

From PubMedQA (Jin et al. 2019, arXiv:1909.06146; a JSONL file), or from the starter corpus that comes with Epicite.
"""

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.citations.findings import of_paper
from agent.citations.ledger import Ledger
from agent.graph import SYSTEM_PROMPT
from agent.tools import LITERATURE
from agent.wording import Language, Phrase, language_of
from corpora.paper import Paper
from corpora.starter import observations, starter_papers
from finetune.data.rows import Row
from finetune.data.tool_use import is_held_out
from finetune.errors import DataError
from retrieval.sentences import sentence_spans

_ABSTAINED = 0.2
_MOST_CITED = 2
_BESIDE = 2
NOT_SAID = Phrase(
    "The library does not say. The nearest papers are {papers}.", "文献库中没有相关内容。最接近的论文是 {papers}。"
)
_ASKS: dict[Language, tuple[str, ...]] = {
    "en": (
        "What is the methylation state of {gene} in {place}?",
        "How is {gene} methylated in {place}?",
        "{gene} in {place}: methylated or not?",
        "What did they find on {gene} in {place}?",
    ),
    "zh": ("{gene}在{place}中的甲基化状态如何？", "{place}中{gene}是怎样甲基化的？", "{gene}（{place}）甲基化了吗？"),
}


@dataclass(frozen=True)
class _Asked:
    """A question, the paper that answers it, and the spans of the sentences that do."""

    question: str
    paper: Paper
    spans: tuple[tuple[int, int], ...]


def build(count: int, seed: int = 0, held_out: bool = False, source: Path | None = None) -> Iterator[Row]:
    """So many rows; a fifth of the questions come with papers that do not answer them. Papers are split by their hash.

    Raises DataError where `source` holds no PubMedQA.
    """
    rng = random.Random(f"answers {seed} {held_out}")  # noqa: S311  nothing is kept secret
    told = [
        one for one in (_pubmedqa(source) if source else _starter(rng)) if is_held_out(one.paper.sha256) == held_out
    ]
    if len(told) <= _BESIDE:
        raise DataError(f"{source or 'the starter corpus'} has too few questions", "Give PubMedQA as JSONL.")
    for _ in range(count):
        one = rng.choice(told)
        others = [other for other in rng.sample(told, _BESIDE + 1) if other.paper.sha256 != one.paper.sha256][:_BESIDE]
        yield _row(rng, one, others, answered=rng.random() >= _ABSTAINED)


def _row(rng: random.Random, one: _Asked, others: Sequence[_Asked], answered: bool) -> Row:
    """A conversation up to its answer, which repeats the sentences that tell, with their numbers."""
    ledger, papers = Ledger(), [other.paper for other in others]
    if answered:
        papers.insert(rng.randrange(len(papers) + 1), one.paper)
    found = [
        of_paper(paper, "library", number, [(span, None) for span in sentence_spans(paper.text)], ledger)
        for number, paper in enumerate(papers, 1)
    ]
    result = {"papers": found, "relevant": answered, "within": [], "searched": one.question, "notices": []}
    language = language_of(one.question)
    call = {"name": "search_literature", "arguments": {"query": one.question}}
    return Row(
        messages=(
            {"role": "system", "content": SYSTEM_PROMPT},
            {"role": "user", "content": one.question},
            {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": call}]},
            {"role": "tool", "name": "search_literature", "content": json.dumps(result, ensure_ascii=False)},
            {"role": "assistant", "content": _cited(one, ledger) if answered else _abstained(found, language)},
        ),
        tools=tuple(tool.name for tool in LITERATURE),
        kind="cited" if answered else "abstained",
        language=language,
    )


def _cited(one: _Asked, ledger: Ledger) -> str:
    said = []
    for start, end in one.spans[:_MOST_CITED]:
        number = ledger.known(one.paper.sha256, start, end)
        assert number is not None, "the sentence was told"
        said.append(f"{one.paper.text[start:end]} [{number}]")
    return " ".join(said)


def _abstained(found: Sequence[dict[str, Any]], language: Language) -> str:
    return NOT_SAID.say(language, papers=", ".join(f"{paper['title'] or paper['paper']}" for paper in found))


def _pubmedqa(path: Path) -> Iterator[_Asked]:
    """Its conclusion is the last part of each abstract, and answers."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines]
        for record in records:
            before = "\n".join(record["contexts"])
            text = f"{before}\n{record['long_answer']}"
            spans = tuple(span for span in sentence_spans(text, [len(before) + 1]) if span[0] > len(before))
            paper = Paper(text=text, kind="abstract", pmid=str(record["pmid"]), title=record["question"].rstrip("?"))
            told = sentence_spans(text)
            if spans and all(span in told for span in spans[:_MOST_CITED]):
                yield _Asked(record["question"], paper, spans)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} is no PubMedQA ({error})", "Give its PQA-L as JSONL.") from error


def _starter(rng: random.Random) -> Iterator[_Asked]:
    """Each row of the starter corpus's digests answers a question about its gene and place."""
    for paper in starter_papers():
        told = sentence_spans(paper.text)
        for one in observations(paper):
            if one.place is None or one.sentence not in told:
                continue
            names = {"gene": paper.text[slice(*one.gene)], "place": paper.text[slice(*one.place)]}
            language: Language = rng.choice(("en", "zh"))
            yield _Asked(rng.choice(_ASKS[language]).format(**names), paper, (one.sentence,))
