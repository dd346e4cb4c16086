"""From what the tagger says of a text to evidence records: gene, status, cancer, sample and frequency, with a quote.

A record is a claim of the text about itself: every part of it is a span, and its quote is the sentence that its trigger
stands in, character by character; of a sentence that fills pages, what stands around the trigger.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.frequency import Frequency, frequencies, frequency_of
from retrieval.names import Names
from retrieval.scope import Sample, sample_of
from retrieval.sentences import Span, sentence_spans
from seqmodels.tagger.status import SIGNS
from seqmodels.tagger.tagged import Methylation, Name, Quoted, Tagged

# Text without full stops (a table, a list, a broken file) is one sentence; this much around a trigger can be read.
_LONGEST_SENTENCE = 1000


@dataclass(frozen=True)
class EvidenceRecord:
    """That a text says that a gene is methylated, or not.

    `symbols` are those that the gene's name may mean, `disease` the canonical name of `cancer`; `quote` is the sentence
    that says it. What the text does not say is None.
    """

    methylation: Methylation
    symbols: tuple[str, ...]
    cancer: Name | None
    disease: str | None
    sample: Sample | None
    frequency: Frequency | None
    quote: Quoted


def evidence_records(text: str, tagged: Tagged, names: Names) -> list[EvidenceRecord]:
    """The evidence of a text, in the order of its triggers.

    Args:
        text: what was tagged.
        tagged: what the tagger says of it.
        names: the tables that names are looked up in.
    """
    reading = _Sentences(text, tagged)
    return [_record(text, event, reading, names) for event in tagged.methylation]


def record_json(record: EvidenceRecord) -> dict[str, object]:
    """A record as JSON, offsets in characters, ends exclusive."""
    event, frequency = record.methylation, record.frequency
    return {
        "trigger": _quoted(event.trigger),
        "gene": {**_quoted(event.gene), "symbols": list(record.symbols)},
        "status": event.status,
        "sign": SIGNS[event.status],
        "negated": event.negated,
        "speculated": event.speculated,
        "site": event.site and _quoted(event.site),
        "cancer": record.cancer and {**_quoted(record.cancer), "id": record.disease},
        "sample": record.sample,
        "frequency": frequency
        and {
            **_quoted(Quoted(frequency.start, frequency.end, text_of(record, frequency))),
            "n": frequency.some,
            "of": frequency.all,
            "percent": frequency.percent,
        },
        "quote": _quoted(record.quote),
        "score": round(event.score, 4),
    }


def text_of(record: EvidenceRecord, frequency: Frequency) -> str:
    """The words of a frequency, which stand in the record's quote."""
    return record.quote.text[frequency.start - record.quote.start : frequency.end - record.quote.start]


class _Sentences:
    """The sentences of a text, with the cancers and genes that are told in each."""

    def __init__(self, text: str, tagged: Tagged) -> None:
        # White space alone has no sentences.
        self._spans = sentence_spans(text, _line_ends(text)) or [(0, len(text))]
        self._starts = [start for start, _ in self._spans]
        self._cancers: dict[Span, list[Name]] = defaultdict(list)
        for name in sorted(tagged.names, key=lambda name: name.start):
            if name.kind == "cancer":
                self._cancers[self.around(name)].append(name)
        self._genes: dict[Quoted, list[Span]] = defaultdict(list)
        for event in tagged.methylation:
            if self.around(event.gene) == self.around(event.trigger):
                self._genes[event.trigger].append((event.gene.start, event.gene.end))

    def around(self, quote: Quoted) -> Span:
        """The sentence that a span begins in."""
        return self._spans[max(0, bisect_right(self._starts, quote.start) - 1)]

    def genes_of(self, trigger: Quoted) -> list[Span]:
        """Genes that a trigger is said of in its own sentence, in the order of the text."""
        return sorted(self._genes[trigger])

    def cancer_of(self, trigger: Quoted) -> Name | None:
        """The cancer nearest to a trigger in its sentence; else the last one of the title."""
        near = self._cancers[self.around(trigger)]
        if near:
            # A sentence can fill a megabyte and name a thousand: only those on either side are looked at.
            behind = bisect_right(near, trigger.start, key=lambda name: name.start)
            beside = near[max(0, behind - 1) : behind + 1]
            return min(beside, key=lambda name: max(name.start - trigger.end, trigger.start - name.end))
        titled = self._cancers[self._spans[0]]
        return titled[-1] if titled else None


def _record(text: str, event: Methylation, sentences: _Sentences, names: Names) -> EvidenceRecord:
    sentence = _readable(text, sentences.around(event.trigger), event.trigger)
    cancer = sentences.cancer_of(event.trigger)
    gene = event.gene.start, event.gene.end
    return EvidenceRecord(
        event,
        names.symbols(event.gene.text),
        cancer,
        names.cancer(cancer.text) if cancer else None,
        sample_of(text, sentence, (event.trigger.start, event.trigger.end)),
        frequency_of(frequencies(text, sentence), gene, sentences.genes_of(event.trigger)),
        Quoted(*sentence, text[slice(*sentence)]),
    )


def _readable(text: str, sentence: Span, trigger: Quoted) -> Span:
    """A sentence, or the words around a trigger where it is too long; no figure is cut in two."""
    start, end = sentence
    if end - start <= _LONGEST_SENTENCE:
        return sentence
    beside = _LONGEST_SENTENCE // 2
    if start < trigger.start - beside:
        start = max(trigger.start - beside, text.find(" ", trigger.start - beside, trigger.start) + 1)
    if end > trigger.end + beside:
        space = text.rfind(" ", trigger.end, trigger.end + beside)
        end = space if space > 0 else trigger.end + beside
    return start, end


def _line_ends(text: str) -> Iterator[int]:
    """Lines of abstracts and digests are sentences of their own: a title has no full stop."""
    first = text.find("\n")
    if first >= 0:
        yield first + 1


def _quoted(quote: Quoted) -> dict[str, object]:
    return {"start": quote.start, "end": quote.end, "text": quote.text}
