"""The annotated corpora as windows, and the folds that events are judged in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seqmodels.data.conll import read_conll
from seqmodels.data.splits import Split, folds
from seqmodels.tagger.reading import Reading
from seqmodels.tagger.rows import sampled
from seqmodels.tagger.scoring import dna_events
from seqmodels.tagger.standoff import Document, read_standoff
from seqmodels.tagger.tracks import (
    CANCER,
    DISEASE_OF_BC5CDR,
    DISEASE_OF_NCBI,
    GENE,
    GENE_OF_BC2GM,
    GENE_OF_EPI,
    SAMPLE,
    SAMPLE_KINDS,
)
from seqmodels.tagger.windows import Window, event_windows, name_windows, sentence_windows

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

FOLDS = 5
_SEED = 0
_SHARE_OF_EVENTS, _SHARE_KEPT_IN_MIND = 0.2, 0.6
EPI, CG, CG_HELD_OUT = "bionlp_epi_2011/train", "bionlp_cg_2013/train", "bionlp_cg_2013/devel"
OF_CG: Mapping[str, Mapping[str, str]] = {
    GENE: {"Gene_or_gene_product": "gene"},
    CANCER: {"Cancer": "cancer"},
    SAMPLE: SAMPLE_KINDS,
}
OF_EPI: Mapping[str, Mapping[str, str]] = {GENE_OF_EPI: {"Protein": "gene"}}


@dataclass(frozen=True)
class SentenceSet:
    """A corpus of sentences: its folder, the track that it teaches, what its entities are called there, and its share
    that is trained on.
    """  # noqa: D205 - a list of names

    name: str
    track: str
    kinds: Mapping[str, str]
    share: float


SENTENCES = (
    SentenceSet("bc2gm", GENE_OF_BC2GM, {"GENE": "gene"}, 0.7),
    SentenceSet("ncbi-disease", DISEASE_OF_NCBI, {"Disease": "disease"}, 0.5),
    SentenceSet("bc5cdr-disease", DISEASE_OF_BC5CDR, {"Disease": "disease"}, 0.5),
)


def documents(data: Path, name: str) -> list[Document]:
    """The annotated abstracts of a set; raises DataError or OSError where they cannot be read."""
    return read_standoff(data / f"{name}.jsonl.gz")


def folds_of(epi: Sequence[Document]) -> tuple[Split, ...]:
    """Folds of documents, those with methylation events spread evenly."""
    positive = np.array([bool(dna_events(document)) for document in epi], np.int64)
    return folds(np.arange(len(epi)), positive, FOLDS, _SEED)


def windows_of_names(data: Path, tokenizer: "PreTrainedTokenizerBase") -> list[Window]:
    """What teaches names, and of other events what a theme is: no document of EPI is among it.

    Corpora that only help are drawn from, so that an epoch is short; CG, which is judged, comes twice.
    """
    cg = documents(data, CG)
    names = list(name_windows(cg, OF_CG, tokenizer))
    found = [*names, *names, *sampled(list(event_windows(cg, tokenizer, others=True)), _SHARE_OF_EVENTS, _SEED)]
    for each in SENTENCES:
        sentences = read_conll(data / "conll" / each.name / "train.tsv.gz")
        windows = list(sentence_windows(sentences, each.track, each.kinds, each.name))
        found += sampled(windows, each.share, _SEED)
    return found


def windows_of_events(data: Path, epi: Sequence[Document], tokenizer: "PreTrainedTokenizerBase") -> list[Window]:
    """What teaches methylation events from documents of EPI, and keeps the names of CG in mind.

    Of documents that do not speak of methylation nothing is taken; what events teach comes twice, for it is little.
    """
    cg = documents(data, CG)
    speaking = [document for document in epi if Reading.of(document.text, tokenizer).triggers()]
    events = [window for each in (speaking, cg) for window in event_windows(each, tokenizer, others=False)]
    return [
        *events,
        *events,
        *name_windows(speaking, OF_EPI, tokenizer),
        *sampled(list(name_windows(cg, OF_CG, tokenizer)), _SHARE_KEPT_IN_MIND, _SEED),
    ]
