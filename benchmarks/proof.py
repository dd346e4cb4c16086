"""Proof is tested by breaking things: quotes, facts, and whole abstracts in each other's place.

With `--choose` it prints instead what EPI and CG ask for: the weight of shared words, how many quotes are read as one,
and the threshold. The rules were written with sentences of EPI, CG and the starter corpus in view; nothing was chosen
on PubMedQA.
"""

import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import update
from tqdm import tqdm

from agent.citations.claim import Citation
from agent.citations.findings import of_hits
from agent.citations.ledger import Ledger
from agent.proof.proving import LIKE, NEAREST, WORDS, likeness, meaning, prove, shared_words
from agent.proof.quotes import check
from benchmarks.mutations import (
    Mutation,
    added_denial,
    changed_character,
    changed_number,
    removed_denial,
    reworded,
    swapped_direction,
    swapped_gene,
)
from benchmarks.shared import KnownItem, embedder, epi_and_cg, library_of, pubmedqa, require_data, rows
from corpora import genes
from corpora.paper import Paper
from corpora.starter import starter_papers
from retrieval.library import Library
from retrieval.schema import papers as paper_table
from retrieval.sentences import sentence_spans
from seqmodels.encoder import Vector

Scores = NDArray[np.float64]
_Measure = Callable[[str, Sequence[str]], float]

_SEED = 0
_HITS = 5
_SENTENCES = 1000
_SHORTEST = 40
_RESAMPLES = 2000
_BORNE_OUT = 0.98
_FOUND = 3


class _Sentence(NamedTuple):
    """A stored sentence, itself with those beside it, and whether nothing was developed on its corpus."""

    text: str
    beside: list[str]
    is_unseen: bool


class _Pair(NamedTuple):
    """A text, the sentences of its own abstract, and those of the nearest other one."""

    text: str
    own: list[str]
    other: list[str]


def main() -> None:
    """Print what is caught, what is flagged, and how well likeness tells an abstract from the nearest other."""
    require_data()
    if "--choose" in sys.argv:
        _print_choice()
        return
    tuned_on, _ = epi_and_cg()
    asked_of, items = pubmedqa()
    library = library_of("all-1500", [*tuned_on, *asked_of])
    _print_broken_quotes(library, items)
    _print_broken_facts([*tuned_on, *starter_papers()], asked_of)
    _print_likeness(asked_of)


# Broken quotes


def _print_broken_quotes(library: Library, items: Sequence[KnownItem]) -> None:
    answers = [_answer(library, item.question) for item in tqdm(items, desc="answers")]
    quotes = [citation for answer in answers for citation in answer]
    absent = sum(library.paper(quote.paper_id).text[quote.start : quote.end] != quote.quote for quote in quotes)
    refused = sum(check(quote, library) is not None for quote in quotes)
    print(f"quotes that are not in their paper: {absent} of {len(quotes)} in {len(answers)} answers")
    print(f"untouched quotes refused: {refused} of {len(quotes)}")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(library.folder, Path(folder) / library.name)
        with Library.open(Path(folder) / library.name, library.embedder) as copy:
            for changed, caught in _caught(copy, answers).items():
                print(f"caught with {changed} changed: {caught} of {len(answers)}")


def _answer(library: Library, question: str) -> list[Citation]:
    """The best sentence of each hit, cited as the agent's tools cite."""
    hits = library.search(question, _HITS).hits
    ledger = Ledger()
    shown = of_hits(hits, ledger)
    best = {(hit.sha256, sentence.start) for hit in hits if (sentence := hit.best_sentence) is not None}
    numbers = [sentence["n"] for paper in shown for sentence in paper["sentences"]]
    citations = [citation for number in numbers if (citation := ledger.citation(number)) is not None]
    return [citation for citation in citations if (citation.sha256, citation.start) in best]


def _caught(library: Library, answers: Sequence[Sequence[Citation]]) -> Counter[str]:
    """In how many answers one broken citation is caught, by what was changed; the library is spoilt."""
    chance = random.Random(_SEED)
    broken = [chance.choice(answer) for answer in answers]
    numbers = [stored.id for stored in library.papers()]
    caught: Counter[str] = Counter()
    for citation in tqdm(broken, desc="breaking"):
        for changed, other in _changes(citation, numbers, chance):
            caught[changed] += check(citation.model_copy(update=other), library) is not None
        text = library.paper(citation.paper_id).text
        _store_text(library, citation.paper_id, changed_character(text, chance))
        caught["a stored character"] += check(citation, library) is not None
        _store_text(library, citation.paper_id, text)
    for number in {citation.paper_id for citation in broken}:
        library.remove(number)
    caught["the library, the paper taken out,"] = sum(check(one, library) is not None for one in broken)
    return caught


def _changes(
    citation: Citation, numbers: Sequence[int], chance: random.Random
) -> Iterator[tuple[str, dict[str, object]]]:
    step = chance.choice((-2, -1, 1, 2))
    yield "a character of the quote", {"quote": changed_character(citation.quote, chance)}
    yield "the first offset", {"start": citation.start + step}
    yield "the last offset", {"end": citation.end + step}
    yield "both offsets", {"start": citation.start + step, "end": citation.end + step}
    yield "the hash", {"sha256": changed_character(citation.sha256, chance)}
    yield "the paper", {"paper_id": chance.choice([number for number in numbers if number != citation.paper_id])}
    yield "the PMID", {"pmid": str(int(citation.pmid or 0) + step)}


def _store_text(library: Library, number: int, text: str) -> None:
    with library.database.writing() as connection:
        connection.execute(update(paper_table).filter_by(id=number).values(text=text))


# Broken facts


def _print_broken_facts(seen: Sequence[Paper], unseen: Sequence[Paper]) -> None:
    sentences = [*_sentences(seen, False), *_sentences(unseen, True)]
    names = sorted({mention.text for sentence in sentences for mention in genes.mentions(sentence.text)})
    kinds: dict[str, Mutation] = {
        "number changed": changed_number,
        "gene swapped": swapped_gene(names),
        "hyper and hypo swapped": swapped_direction,
        "negation added": added_denial,
        "negation removed": removed_denial,
    }
    print(
        "share flagged of claims that are stored sentences, given itself or itself with those beside it (+) as quotes"
    )
    columns = ("unchanged", "changed", "changed+", "reworded+", "both", "both+", "quoted")
    print(f"{'':<36}{'sentences':>10}" + "".join(f"{column:>11}" for column in columns))
    for kind, mutation in kinds.items():
        drawn = _drawn(sentences, mutation)
        verdicts = _verdicts(drawn, kind)
        _print_shares(kind, verdicts)
        is_unseen = [sentence.is_unseen for sentence, _ in drawn]
        if any(is_unseen):
            _print_shares("  of these from PubMedQA", verdicts[is_unseen])


def _print_shares(name: str, verdicts: NDArray[np.str_]) -> None:
    shares = [*(verdicts == "flagged").mean(axis=0), (verdicts[:, 0] == "quoted").mean()]
    print(f"{name:<36}{len(verdicts):>10}" + "".join(f"{share:>11.1%}" for share in shares))


def _sentences(papers: Sequence[Paper], is_unseen: bool) -> Iterator[_Sentence]:
    for paper in papers:
        breaks = [section.start for section in paper.sections]
        texts = [paper.text[start:end] for start, end in sentence_spans(paper.text, breaks)]
        for index, text in enumerate(texts):
            if len(text) >= _SHORTEST:
                yield _Sentence(text, texts[max(0, index - 1) : index + 2], is_unseen)


def _drawn(sentences: Sequence[_Sentence], mutation: Mutation) -> list[tuple[_Sentence, str]]:
    """Sentences that can carry a mutation, at most 1,000, each with itself changed."""
    chance = random.Random(_SEED)
    drawn: list[tuple[_Sentence, str]] = []
    for sentence in chance.sample(sentences, len(sentences)):
        changed = mutation(sentence.text, chance)
        if changed is not None:
            drawn.append((sentence, changed))
        if len(drawn) == _SENTENCES:
            break
    return drawn


def _verdicts(drawn: Sequence[tuple[_Sentence, str]], kind: str) -> NDArray[np.str_]:
    """The verdict on each claim that a sentence gives rise to, shape (sentences, claims)."""
    encoder = embedder()
    chance = random.Random(_SEED)
    verdicts: list[list[str]] = []
    for sentence, changed in tqdm(drawn, desc=kind):
        alone, beside = [sentence.text], sentence.beside
        other, other_changed = reworded(sentence.text, chance), reworded(changed, chance)
        claims = (
            (sentence.text, alone),
            (changed, alone),
            (changed, beside),
            (other, beside),
            (other_changed, alone),
            (other_changed, beside),
        )
        verdicts.append([prove(claim, quotes, encoder).verdict for claim, quotes in claims])
    return np.array(verdicts)


# Likeness


class _Remembering:
    """An encoder that keeps every vector: sentences come again with each pair."""

    def __init__(self) -> None:
        self._encoder = embedder()
        self._vectors: dict[str, Vector] = {}

    def encode_query(self, query: str) -> Vector:
        """Unit vector of a text."""
        if query not in self._vectors:
            self._vectors[query] = self._encoder.encode_query(query)
        return self._vectors[query]


def _print_likeness(papers: Sequence[Paper]) -> None:
    encoder = _Remembering()
    conclusions = [row["long_answer"] for row in rows("pubmedqa/train.jsonl.gz")]
    pairs = _pairs(conclusions, papers, encoder)
    measures: dict[str, _Measure] = {
        "likeness": lambda text, quotes: likeness(text, quotes, encoder),
        "best cosine": partial(_meaning, encoder, 1),
    }
    for name, measure in measures.items():
        print(f"AUROC of {name}, conclusions of PubMedQA: {_with_interval(_wins(*_rated(pairs, measure)))}")


def _print_choice() -> None:
    papers, items = epi_and_cg()
    encoder = _Remembering()
    pairs = _pairs([item.question for item in items], papers, encoder)
    own, other = _rated(pairs, shared_words)
    areas: dict[tuple[int, float], float] = {}
    for nearest in range(1, 6):
        meant, meant_other = _rated(pairs, partial(_meaning, encoder, nearest))
        for weight in np.arange(0, 1.05, 0.05).round(2):
            wins = _wins((1 - weight) * meant + weight * own, (1 - weight) * meant_other + weight * other)
            areas[nearest, float(weight)] = float(wins.mean())
    for name, choice in (("best", max(areas, key=areas.__getitem__)), ("in use", (NEAREST, WORDS))):
        print(f"{name}: {choice[0]} quotes as one, words {choice[1]:.2f}: AUROC {areas[choice]:.4f} on EPI and CG")

    def found(text: str, quotes: Sequence[str]) -> float:
        best = sorted(quotes, key=lambda quote: _meaning(encoder, 1, text, [quote]), reverse=True)
        return likeness(text, best[:_FOUND], encoder)

    own, other = _rated(pairs, found)
    threshold = np.quantile(own, 1 - _BORNE_OUT)
    print(
        f"{_BORNE_OUT:.0%} of titles are at least {threshold:.3f} like the {_FOUND} nearest sentences of their own "
        f"abstract (in use: {LIKE}), {np.mean(other >= threshold):.0%} like those of the other"
    )


def _meaning(encoder: _Remembering, nearest: int, text: str, quotes: Sequence[str]) -> float:
    return meaning(text, quotes, encoder, nearest)


def _pairs(texts: Sequence[str], papers: Sequence[Paper], encoder: _Remembering) -> list[_Pair]:
    """Each text with the sentences of its own abstract, and of the other one that has the sentence nearest to it."""
    cut = [[paper.text[start:end] for start, end in sentence_spans(paper.text)] for paper in papers]
    firsts = np.cumsum([0, *map(len, cut)])[:-1]
    flat = [sentence for sentences in cut for sentence in sentences]
    vectors = np.array([encoder.encode_query(sentence) for sentence in tqdm(flat, desc="embedding")])
    pairs = []
    for index, text in enumerate(texts):
        nearest = np.maximum.reduceat(vectors @ encoder.encode_query(text), firsts)
        nearest[index] = -1
        pairs.append(_Pair(text, cut[index], cut[int(nearest.argmax())]))
    return pairs


def _rated(pairs: Sequence[_Pair], measure: _Measure) -> tuple[Scores, Scores]:
    """What a measure says of each text with its own sentences, and with the other's."""
    own = [measure(pair.text, pair.own) for pair in pairs]
    other = [measure(pair.text, pair.other) for pair in pairs]
    return np.array(own), np.array(other)


def _wins(own: Scores, other: Scores) -> Scores:
    """Whether a text's own score beats another text's other score, for all pairs; a tie is half a win.

    Its mean is the area under the receiver operating characteristic (Hanley and McNeil 1982,
    doi:10.1148/radiology.143.1.7063747).
    """
    wins: Scores = (own[:, None] > other) + (own[:, None] == other) / 2
    return wins


def _with_interval(wins: Scores) -> str:
    """The mean and its 95 % percentile bootstrap interval over texts."""
    chosen = np.random.default_rng(_SEED).integers(len(wins), size=(_RESAMPLES, len(wins)))
    low, high = np.percentile([wins[np.ix_(sample, sample)].mean() for sample in chosen], [2.5, 97.5])
    return f"{wins.mean():.4f} [{low:.3f}, {high:.3f}]"


if __name__ == "__main__":
    main()
