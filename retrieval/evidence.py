"""From what the tagger says of a text to evidence records: gene, status, cancer, sample and frequency, with a quote.

A record is a claim of the text about itself: every part of it is a span, and its quote is the sentence that its trigger
stands in, character by character.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retrieval.frequency import Frequency, frequencies, frequency_of
from retrieval.names import Names
from retrieval.scope import Sample, sample_of
from retrieval.sentences import Span, sentence_spans
from seqmodels.tagger.status import SIGNS
from seqmodels.tagger.tagged import Methylation, Name, Quoted, Tagged


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
    sentences = sentence_spans(text, _line_ends(text))
    return [_record(text, tagged, event, sentences, names) for event in tagged.methylation]


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


def _record(text: str, tagged: Tagged, event: Methylation, sentences: Sequence[Span], names: Names) -> EvidenceRecord:
    place = event.trigger.start, event.trigger.end
    sentence = next((each for each in sentences if each[0] <= place[0] < each[1]), (0, len(text)))
    beside = [other.gene for other in tagged.methylation if other.trigger == event.trigger]
    genes = sorted((gene.start, gene.end) for gene in beside if _within(gene, sentence))
    cancer = _cancer_of(event, [name for name in tagged.names if name.kind == "cancer"], sentence, sentences)
    return EvidenceRecord(
        event,
        names.symbols(event.gene.text),
        cancer,
        names.cancer(cancer.text) if cancer else None,
        sample_of(text, sentence, place),
        frequency_of(frequencies(text, sentence), (event.gene.start, event.gene.end), genes),
        Quoted(*sentence, text[slice(*sentence)]),
    )


def _cancer_of(event: Methylation, cancers: Sequence[Name], sentence: Span, sentences: Sequence[Span]) -> Name | None:
    """The cancer nearest to the trigger in its sentence; else the last one of the title."""
    near = [name for name in cancers if _within(name, sentence)]
    if near:
        return min(near, key=lambda name: max(name.start - event.trigger.end, event.trigger.start - name.end))
    titled = [name for name in cancers if sentences and _within(name, sentences[0])]
    return titled[-1] if titled else None


def _within(quote: Quoted, sentence: Span) -> bool:
    return sentence[0] <= quote.start and quote.end <= sentence[1]


def _line_ends(text: str) -> Iterator[int]:
    """Lines of abstracts and digests are sentences of their own: a title has no full stop."""
    first = text.find("\n")
    if first >= 0:
        yield first + 1


def _quoted(quote: Quoted) -> dict[str, object]:
    return {"start": quote.start, "end": quote.end, "text": quote.text}
