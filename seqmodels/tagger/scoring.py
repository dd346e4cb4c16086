"""How well a tagger does on annotated documents, by the rules of the BioNLP shared tasks.

Names count where both borders are right. An event counts where triggers overlap and the gene is the same, each once; a
gene is the same where a mention overlaps any gold mention of its cluster. Statuses and signs are counted once a
document and gene.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seqmodels.tagger.standoff import Document, Event, folded
from seqmodels.tagger.status import SIGNS, status_of
from seqmodels.tagger.tagged import Methylation, Quoted, Tagged
from seqmodels.tagger.tracks import CANCER_KINDS, DNA_EVENTS, GENE_KINDS

Said = tuple[int, int, str, str]
"""An event: characters of its trigger, the cluster of its gene, its status."""

_DRAWN = 10_000
MEASURES = ("gene", "cancer", "event", "gene+status", "gene+sign")


@dataclass
class Counts:
    """Hits, gold and predicted things by measure."""

    hits: Counter[str] = field(default_factory=Counter)
    gold: Counter[str] = field(default_factory=Counter)
    predicted: Counter[str] = field(default_factory=Counter)

    def add(self, measure: str, gold: set[object], predicted: set[object]) -> None:
        """Count sets that are matched by equality."""
        self.hits[measure] += len(gold & predicted)
        self.gold[measure] += len(gold)
        self.predicted[measure] += len(predicted)

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.hits + other.hits, self.gold + other.gold, self.predicted + other.predicted)

    def precision(self, measure: str) -> float:
        """Share of the predicted that is right, 0 to 100."""
        return 100 * self.hits[measure] / max(self.predicted[measure], 1)

    def recall(self, measure: str) -> float:
        """Share of the gold that was found, 0 to 100."""
        return 100 * self.hits[measure] / max(self.gold[measure], 1)

    def f1(self, measure: str) -> float:
        """The harmonic mean of both, 0 to 100."""
        return 200 * self.hits[measure] / max(self.gold[measure] + self.predicted[measure], 1)


def interval(counts: NDArray[np.int64]) -> tuple[float, float]:
    """The middle 95 % of F1, 0 to 100, over documents drawn with replacement 10,000 times.

    Args:
        counts: (documents, 3) hits, gold and predicted.
    """
    counts = counts[counts.any(1)]
    return _middle(_f1_drawn(counts)[0]) if len(counts) else (0.0, 0.0)


def difference(before: NDArray[np.int64], after: NDArray[np.int64]) -> tuple[float, float]:
    """The middle 95 % of how much F1, 0 to 100, rises when the same documents are drawn for both.

    Args:
        before: (documents, 3) hits, gold and predicted.
        after: the same documents, told otherwise.
    """
    any_said = before.any(1) | after.any(1)
    if not any_said.any():
        return 0.0, 0.0
    first, then = _f1_drawn(before[any_said], after[any_said])
    return _middle(then - first)


def f1_of(counts: NDArray[np.int64]) -> float:
    """F1, 0 to 100, of (documents, 3) hits, gold and predicted."""
    hits, gold, predicted = counts.sum(0).tolist()
    return float(200 * hits / max(1, gold + predicted))


def _f1_drawn(*told: NDArray[np.int64]) -> list[NDArray[np.float64]]:
    """F1 of each telling of the same documents, (draws,)."""
    random, documents = np.random.default_rng(0), len(told[0])
    times = random.multinomial(documents, np.full(documents, 1 / documents), _DRAWN)
    drawn = [times @ counts for counts in told]
    return [200 * each[:, 0] / np.maximum(1, each[:, 1] + each[:, 2]) for each in drawn]


def _middle(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def counted(documents: Sequence[Document], tagged: Sequence[Tagged]) -> Counts:
    """Compare what was said of documents with their annotations."""
    return sum((_of_document(*pair) for pair in zip(documents, tagged, strict=True)), Counts())


def dna_events(document: Document) -> list[Event]:
    """The events that say that a gene's DNA is methylated, or no longer."""
    return [
        event
        for event in document.events
        if event.kind in DNA_EVENTS and event.theme is not None and event.theme.kind in GENE_KINDS
    ]


def gold_status(event: Event) -> str:
    """The status of an annotated event: what its trigger's prefix says, else its kind and whether it is negated."""
    told = status_of(event.trigger.text, negated=event.negated)
    if status_of(event.trigger.text, negated=False) not in ("methylated", "demethylated"):
        return told
    return status_of("demethylated" if event.kind == "DNA_demethylation" else "methylated", negated=event.negated)


def _of_document(document: Document, tagged: Tagged) -> Counts:
    counts = Counts()
    for measure, kinds in (("gene", GENE_KINDS), ("cancer", CANCER_KINDS)):
        gold: set[object] = {(mention.start, mention.end) for mention in document.of_kind(kinds)}
        counts.add(measure, gold, {(name.start, name.end) for name in tagged.names if name.kind == measure})
    return counts + event_counts(annotated(document), {said_of(document, each) for each in tagged.methylation})


def annotated(document: Document) -> set[Said]:
    """The methylation events of a document."""
    return {
        (event.trigger.start, event.trigger.end, _cluster(document, event), gold_status(event))
        for event in dna_events(document)
    }


def said_of(document: Document, each: Methylation) -> Said:
    """What a tagger says as an event of the document, its gene one of the document's where it touches one."""
    return each.trigger.start, each.trigger.end, _cluster_of(document, each.gene), str(each.status)


def event_counts(wanted: set[Said], said: set[Said]) -> Counts:
    """Compare events: by trigger and gene, and what they say of each gene of the document."""
    counts = Counts()
    _count_events(counts, {each[:3] for each in wanted}, said)
    counts.add("gene+status", {each[2:] for each in wanted}, {each[2:] for each in said})
    counts.add("gene+sign", _signed(wanted), _signed(said))
    return counts


def _signed(events: Iterable[Said]) -> set[object]:
    return {(gene, SIGNS[status]) for _, _, gene, status in events}


def _count_events(counts: Counts, wanted: set[tuple[int, int, str]], said: set[Said]) -> None:
    free = sorted(said)
    for start, end, gene in sorted(wanted):
        match = next((each for each in free if each[0] < end and start < each[1] and each[2] == gene), None)
        if match:
            free.remove(match)
            counts.hits["event"] += 1
    counts.gold["event"] += len(wanted)
    counts.predicted["event"] += len(said)


def _cluster(document: Document, event: Event) -> str:
    assert event.theme is not None
    return str(document.clusters[event.theme.id])


def _cluster_of(document: Document, gene: Quoted) -> str:
    """The cluster of the first gold gene that a span overlaps, else the name itself."""
    for mention in document.mentions:
        if mention.kind in GENE_KINDS and mention.start < gene.end and gene.start < mention.end:
            return str(document.clusters[mention.id])
    return "?" + folded(gene.text)


def record_of(pmid: str, tagged: Tagged) -> dict[str, object]:
    """What was said of a text as a JSON record, offsets in characters, ends exclusive."""
    return {
        "pmid": pmid,
        "entities": [{"type": name.kind, **_json(name)} for name in tagged.names],
        "methylation": [_event_json(event) for event in tagged.methylation],
    }


def _event_json(event: Methylation) -> dict[str, object]:
    return {
        "trigger": _json(event.trigger),
        "gene": _json(event.gene),
        "status": event.status,
        "sign": SIGNS[event.status],
        "site": event.site and _json(event.site),
        "negated": event.negated,
        "speculated": event.speculated,
        "score": round(event.score, 4),
    }


def _json(quote: Quoted) -> dict[str, object]:
    return {"start": quote.start, "end": quote.end, "text": quote.text}
