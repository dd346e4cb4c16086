"""What else answers from papers on this machine without a language model, beside the embedded model.

Peers are put together from what they offer for that: llama-index with MiniLM, its sentence splitter, retriever and
sentence optimizer; sentence-transformers' semantic search over sentences; scikit-learn's TF-IDF. Each quotes the best
sentences of its best papers, and declines below the score that 98 % of the EPI and CG titles reach, as ours does.
Measured on every fifth of the 500 PubMedQA questions, over all 1,500 abstracts.

paper-qa and kotaemon write no answer without a language model: paper-qa lists passages (`evidence_skip_summary`), and
kotaemon's pipelines end in one.
"""

import asyncio
import re
import shutil
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import torch
from llama_index.core import Document, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.llms import MockLLM
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.postprocessor import SentenceEmbeddingOptimizer
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.response_synthesizers.no_text import NoText
from llama_index.core.utils import globals_helper
from pydantic import PrivateAttr
from sentence_transformers import SentenceTransformer, util
from sklearn.feature_extraction.text import TfidfVectorizer
from tqdm import tqdm

from agent.assembly import open_agent
from agent.conversation import Agent
from agent.events import Answer, Done
from agent.settings import ModelSettings
from agent.tools.relevance import THRESHOLD, relevance
from benchmarks.shared import WORK, KnownItem, embedder, epi_and_cg, library_of, pubmedqa, require_data
from corpora.paper import Paper
from retrieval.embedder import Embedder
from retrieval.home import Home
from retrieval.library import Library
from seqmodels.encoder import bundled_folder

_EVERY = 5
_WARM_UP = 5
_ANSWERED = 0.98
_PAPERS = 3
# Enough sentences that some are of another paper.
_SENTENCES = 100
_SPLIT = globals_helper.punkt_tokenizer


@dataclass(frozen=True)
class Reply:
    """Quotes with the PMIDs of their papers, and the score by which an answer is given or declined."""

    score: float
    quotes: tuple[tuple[str, str], ...]


class Peer(Protocol):
    """Something that quotes papers."""

    name: str

    def add(self, papers: Sequence[Paper]) -> None:
        """Take in papers."""

    def score(self, question: str, without: str | None = None) -> float:
        """The score of the best paper, the one with the PMID `without` left out."""

    def ask(self, question: str) -> Reply:
        """Quote the best sentences."""


class MiniLM(BaseEmbedding):
    """The bundled encoder as a llama-index embedding, on the runtime that ours has too."""

    _embedder: Embedder = PrivateAttr()

    def __init__(self, encoder: Embedder) -> None:
        super().__init__(model_name=encoder.name)
        self._embedder = encoder

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return [encoded.passage.tolist() for encoded in self._embedder.encode(texts, [() for _ in texts])]

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        vector: list[float] = self._embedder.encode_query(query).tolist()
        return vector

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


class LlamaIndex:
    """A vector index of llama-index asked by its query engine, without synthesis of a text."""

    name = "llama-index, MiniLM, sentence optimizer"

    def __init__(self) -> None:
        self._model = MiniLM(embedder())
        self._index = VectorStoreIndex([], embed_model=self._model)

    def add(self, papers: Sequence[Paper]) -> None:
        """Split and embed papers."""
        hidden = {"excluded_embed_metadata_keys": ["pmid"], "excluded_llm_metadata_keys": ["pmid"]}
        documents = [Document(text=paper.text, metadata={"pmid": paper.pmid}, **hidden) for paper in papers]
        self._index.insert_nodes(SentenceSplitter().get_nodes_from_documents(documents))

    def score(self, question: str, without: str | None = None) -> float:
        """Cosine of the best chunk."""
        nodes = self._index.as_retriever(similarity_top_k=_PAPERS + 1).retrieve(question)
        return next(node.score or 0.0 for node in nodes if node.metadata["pmid"] != without)

    def ask(self, question: str) -> Reply:
        """The sentences that the optimizer leaves of the best chunks."""
        best = SentenceEmbeddingOptimizer(self._model, percentile_cutoff=0.15, context_before=0, context_after=0)
        retriever = self._index.as_retriever(similarity_top_k=_PAPERS)
        # Without a model given, its query engine asks for OpenAI's even where it writes no text.
        engine = RetrieverQueryEngine(retriever, NoText(llm=MockLLM()), [best])
        nodes = engine.query(question).source_nodes
        quotes = [(node.metadata["pmid"], sentence) for node in nodes for sentence in _sentences(node.text)]
        return Reply(nodes[0].score or 0.0, tuple(quotes))


class SemanticSearch:
    """Sentences of all papers by cosine to the question, with sentence-transformers' own search."""

    name = "sentence-transformers, sentences"

    def __init__(self) -> None:
        self._model = SentenceTransformer(str(bundled_folder()), device="cpu")
        self._sentences: list[tuple[str, str]] = []
        self._vectors = torch.empty((0, self._model.get_embedding_dimension() or 0))

    def add(self, papers: Sequence[Paper]) -> None:
        """Embed the sentences of papers."""
        new = [(paper.pmid or "", sentence) for paper in papers for sentence in _sentences(paper.text)]
        vectors = self._model.encode([text for _, text in new], convert_to_tensor=True, show_progress_bar=True)
        self._sentences += new
        self._vectors = torch.cat([self._vectors, vectors])

    def score(self, question: str, without: str | None = None) -> float:
        """Cosine of the best sentence."""
        return next(score for score, (pmid, _) in self._found(question) if pmid != without)

    def ask(self, question: str) -> Reply:
        """The best sentences, of whatever paper."""
        found = self._found(question)[:_PAPERS]
        return Reply(found[0][0], tuple(sentence for _, sentence in found))

    def _found(self, question: str) -> list[tuple[float, tuple[str, str]]]:
        vector = self._model.encode([question], convert_to_tensor=True)
        [hits] = util.semantic_search(vector, self._vectors, top_k=_SENTENCES)
        return [(float(hit["score"]), self._sentences[int(hit["corpus_id"])]) for hit in hits]


class TfIdf:
    """Papers, then their sentences, by the cosine of TF-IDF over words and pairs of words."""

    name = "scikit-learn TF-IDF"

    def __init__(self) -> None:
        self._papers: list[Paper] = []
        self._words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, stop_words="english")
        self._rows: Any = None

    def add(self, papers: Sequence[Paper]) -> None:
        """Weigh the words of all papers anew."""
        self._papers += papers
        self._rows = self._words.fit_transform([paper.text for paper in self._papers])

    def score(self, question: str, without: str | None = None) -> float:
        """Cosine of the best paper."""
        found = self._found(self._words.transform([question]))
        return next(score for score, paper in found if paper.pmid != without)

    def ask(self, question: str) -> Reply:
        """The best sentence of each of the best papers."""
        asked = self._words.transform([question])
        found = self._found(asked)[:_PAPERS]
        quotes = tuple((paper.pmid or "", self._best_sentence(paper.text, asked)) for _, paper in found)
        return Reply(found[0][0], quotes)

    def _found(self, asked: Any) -> list[tuple[float, Paper]]:
        scores = (self._rows @ asked.T).toarray().ravel()
        return [(float(scores[i]), self._papers[i]) for i in np.argsort(-scores)[: _PAPERS + 1]]

    def _best_sentence(self, text: str, asked: Any) -> str:
        sentences = _sentences(text)
        return sentences[int(np.argmax((self._words.transform(sentences) @ asked.T).toarray()))]


@dataclass(frozen=True)
class Figures:
    """What one of them does on the questions."""

    name: str
    seconds: Sequence[float]
    own: Sequence[bool]
    wrong: int
    quotes: int
    declined: Sequence[bool]


def main() -> None:
    """Print a line for each peer, then for ours."""
    require_data()
    papers, titles = epi_and_cg()
    asked_of, questions = pubmedqa()
    asked, texts = questions[::_EVERY], {paper.pmid: paper.text for paper in [*papers, *asked_of]}
    makers: Sequence[Callable[[], Peer]] = (LlamaIndex, SemanticSearch, TfIdf)
    for make in makers:
        peer = make()
        peer.add(papers)
        scores = [peer.score(title.question) for title in tqdm(titles, desc=peer.name)]
        peer.add(asked_of)
        _print(_of_peer(peer, asked, float(np.quantile(scores, 1 - _ANSWERED)), texts))
    _print(asyncio.run(_of_ours(library_of("all-1500", [*papers, *asked_of]), asked)))


def _of_peer(peer: Peer, asked: Sequence[KnownItem], cutoff: float, texts: dict[str | None, str]) -> Figures:
    replies, seconds = [], []
    for item in asked:
        start = time.perf_counter()
        reply = peer.ask(item.question)
        seconds.append(time.perf_counter() - start)
        replies.append(reply if reply.score >= cutoff else replace(reply, quotes=()))
    quotes = [quote for reply in replies for quote in reply.quotes]
    return Figures(
        peer.name,
        seconds,
        [item.pmid in dict(reply.quotes) for item, reply in zip(asked, replies, strict=True)],
        sum(_plain(quote) not in _plain(texts[pmid]) for pmid, quote in quotes),
        len(quotes),
        [peer.score(item.question, item.pmid) < cutoff for item in asked],
    )


async def _of_ours(library: Library, asked: Sequence[KnownItem]) -> Figures:
    home = Home(WORK / "answers")
    shutil.rmtree(home.root, ignore_errors=True)
    home.root.mkdir(parents=True)
    (home.root / "encoders").symlink_to(WORK / "encoders", target_is_directory=True)
    answers, seconds = [], []
    async with open_agent(home, ModelSettings()) as agent:
        for item in asked:
            start = time.perf_counter()
            answers.append(await _answer(agent, item.question, library))
            seconds.append(time.perf_counter() - start)
    quotes = [citation for answer in answers for citation in answer.citations]
    return Figures(
        "Epicite, embedded model, proved",
        seconds,
        [
            any(citation.pmid == item.pmid for citation in answer.citations)
            for item, answer in zip(asked, answers, strict=True)
        ],
        sum(library.paper(quote.paper_id).text[quote.start : quote.end] != quote.quote for quote in quotes),
        len(quotes),
        [_is_declined_without(library, item) for item in asked],
    )


async def _answer(agent: Agent, question: str, library: Library) -> Answer:
    async for event in agent.ask(question, [library], agent.conversations.new_id(), "local"):
        if isinstance(event, Done):
            return event.answer
    raise AssertionError("a turn ends with Done")


def _is_declined_without(library: Library, item: KnownItem) -> bool:
    results = library.search(item.question, _PAPERS + 1)
    others = tuple(hit for hit in results.hits if hit.pmid != item.pmid)
    return relevance(item.question, replace(results, hits=others), [library]) < THRESHOLD


def _print(figures: Figures) -> None:
    print(
        f"{figures.name}: median {statistics.median(figures.seconds[_WARM_UP:]) * 1e3:.0f} ms, own paper quoted in "
        f"{np.mean(figures.own):.0%}, declined without it {np.mean(figures.declined):.0%}, "
        f"quotes that are not in their paper {figures.wrong} of {figures.quotes} ({len(figures.own)} questions)"
    )


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SPLIT.tokenize(text) if sentence.strip()]


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


if __name__ == "__main__":
    main()
