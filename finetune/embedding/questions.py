"""Questions and the papers that answer them: titles of papers, and what is said there of the methylation of genes."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpora.starter import prose
from finetune.data.extraction import read_corpus
from finetune.errors import DataError
from retrieval.library import Library
from retrieval.manifest import FILE_NAME as MANIFEST
from retrieval.sentences import sentence_spans
from seqmodels.tagger.scoring import dna_events, gold_status
from seqmodels.tagger.standoff import Document, folded

# What is asked of held-out papers is worded otherwise than what is trained on.
_TRAINED = (
    "Is {gene} {status}?",
    "{status} {gene}",
    "{gene} promoter {status} in tumours",
    "papers on {status} {gene}",
)
_ASKED = ("Which study reports that {gene} is {status}?", "Evidence that {gene} is {status}")


@dataclass(frozen=True)
class Paper:
    """A paper as it is looked for: its text without its title; `said` are gene, status and sentence of its events."""

    key: str
    title: str
    text: str
    said: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Question:
    """A question with the papers that answer it, as indices, and a passage of the first that holds the answer."""

    text: str
    answers: frozenset[int]
    passage: str


def read_papers(sources: Sequence[Path]) -> list[Paper]:
    """The papers of libraries and of BioNLP stand-off files, each once. Raises DataError where there are none."""
    papers = {paper.key: paper for source in sources for paper in _of(source)}
    if not papers:
        named = ", ".join(map(str, sources))
        raise DataError(f"{named} has no paper with a title and a text", "Name a library's folder with papers in it.")
    return list(papers.values())


def parted(papers: Iterable[Paper], share: float) -> tuple[list[Paper], list[Paper]]:
    """Those to train on, and the share that is held out, by the hash of each: the same in every run."""
    parts: tuple[list[Paper], list[Paper]] = ([], [])
    for paper in papers:
        drawn = int(hashlib.sha256(f"embedding {paper.key}".encode()).hexdigest(), 16) % 1000
        parts[drawn < 1000 * share].append(paper)
    return parts


def title_questions(papers: Sequence[Paper]) -> list[Question]:
    """The title of each paper, which its text answers."""
    return [Question(paper.title, frozenset({at}), paper.text) for at, paper in enumerate(papers) if paper.title]


def gene_questions(papers: Sequence[Paper], held_out: bool = False) -> list[Question]:
    """A question for each gene and status; every paper that says so answers it."""
    said: dict[tuple[str, str], list[tuple[int, str, str]]] = defaultdict(list)
    for at, paper in enumerate(papers):
        for gene, status, passage in paper.said:
            said[folded(gene), status].append((at, gene, passage))
    wordings = _ASKED if held_out else _TRAINED
    return [
        Question(
            wordings[number % len(wordings)].format(gene=rows[0][1], status=status),
            frozenset(at for at, _, _ in rows),
            rows[0][2],
        )
        for number, ((_, status), rows) in enumerate(said.items())
    ]


def _of(source: Path) -> Iterator[Paper]:
    return _of_library(source) if (source / MANIFEST).is_file() else map(_of_document, read_corpus(source))


def _of_library(folder: Path) -> Iterator[Paper]:
    from retrieval.embedder import Embedder
    from seqmodels.encoder import BUNDLED

    # Only texts are read: the library's own encoder is not needed for that, nor checked.
    with Library.open(folder, Embedder(BUNDLED, folder)) as library:
        for stored in library.papers():
            paper = stored.paper
            if paper.title and (text := prose(paper).removeprefix(paper.title).strip()):
                yield Paper(paper.sha256, paper.title, text)


def _of_document(document: Document) -> Paper:
    title, _, text = document.text.partition("\n")
    begins = len(title) + 1
    spans = sentence_spans(document.text)
    said = []
    for event in dna_events(document):
        # From the sentence that says it on: what is cut off stands behind it.
        first = max((start for start, _ in spans if start <= event.trigger.start), default=0)
        if event.theme is not None and first >= begins:
            said.append((event.theme.text, gold_status(event), document.text[first:]))
    return Paper(document.pmid, title.strip(), text.strip(), tuple(said))
