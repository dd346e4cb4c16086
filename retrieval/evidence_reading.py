"""What papers say of the methylation of genes: curated rows of digests, and what the tagger finds in every text."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol, cast

from corpora import cancers, genes
from corpora.hgnc import FILE_NAME as HGNC
from corpora.paper import Paper
from corpora.starter import Observation, observations, prose
from corpora.unreadable import Unreadable
from retrieval.errors import LibraryError
from retrieval.evidence import EvidenceRecord, evidence_records
from retrieval.evidence_row import RowStatus
from retrieval.finding import Finding
from retrieval.frequency import Frequency, frequencies, frequency_of
from retrieval.names import Names
from retrieval.scope import Sample, sample_of_place
from retrieval.sentences import Span
from seqmodels.tagger.tagged import Tagged

PRODUCER = "evidence-"
"""How the names of all that derive evidence begin."""
RULES = "records and curated rows, version 1"
"""How records are made of what the tagger says; to be changed with `retrieval.{evidence,frequency,scope,names}`."""

_UNTOLD = Frequency(0, 0, None, None, None)


class PaperTagger(Protocol):
    """What finds names and methylation events in texts; `hash` changes whenever what it says could."""

    @property
    def hash(self) -> str:
        """What tells it from every other."""
        ...

    def tag_methylation(self, texts: Sequence[str]) -> list[Tagged]:
        """Tag the texts that speak of methylation; nothing is said of the others."""
        ...


class EvidenceReader:
    """Reads papers for evidence.

    Args:
        tagger: None: only curated rows are read.
        home: the user's folder, where HGNC's complete set may lie.

    """

    def __init__(self, tagger: PaperTagger | None = None, home: Path | None = None) -> None:
        self.tagger = tagger
        self._hgnc = home / HGNC if home is not None and (home / HGNC).is_file() else None

    @cached_property
    def producer(self) -> str:
        """The hash under which what is read is filed; neither the tagger nor the tables are loaded for it."""
        hgnc = hashlib.sha256(self._hgnc.read_bytes()).hexdigest() if self._hgnc else ""
        tagger = self.tagger.hash if self.tagger else ""
        parts = (tagger, RULES, genes.table_hash(), cancers.table_hash(), hgnc)
        return f"{PRODUCER}{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:32]}"

    @cached_property
    def names(self) -> Names:
        """The tables that names are looked up in; raises LibraryError where the user's own is damaged."""
        try:
            return Names.of_home(self._hgnc.parent) if self._hgnc else Names()
        except Unreadable as problem:
            raise LibraryError(f"{self._hgnc} {problem.reason}", problem.remedy) from problem

    def read(self, papers: Sequence[Paper]) -> list[list[Finding]]:
        """The findings of each paper, in the order of its text; a curated row is not told again by the tagger."""
        texts = [prose(paper) for paper in papers]
        tagged = self.tagger.tag_methylation(texts) if self.tagger else [Tagged((), ())] * len(papers)
        found = []
        for paper, text, said in zip(papers, texts, tagged, strict=True):
            curated = [_of_observation(paper.text, row, self.names) for row in observations(paper)]
            read = [_of_record(record) for record in evidence_records(text, said, self.names)]
            new = [finding for finding in read if not any(_is_same_claim(finding, row) for row in curated)]
            found.append(sorted(new + curated, key=lambda finding: (finding.start, finding.place, finding.gene_place)))
        return found


def _of_record(record: EvidenceRecord) -> Finding:
    event, frequency, quote = record.methylation, record.frequency or _UNTOLD, record.quote
    return Finding(
        place=(event.trigger.start, event.trigger.end),
        gene_place=(event.gene.start, event.gene.end),
        gene=event.gene.text,
        symbols=record.symbols,
        status=event.status,
        disease=record.disease,
        disease_text=record.cancer.text if record.cancer else None,
        sample=record.sample,
        some=frequency.some,
        all=frequency.all,
        percent=frequency.percent,
        site=event.site.text if event.site else None,
        negated=event.negated,
        speculated=event.speculated,
        quote=quote.text,
        start=quote.start,
        end=quote.end,
        source="tagger",
        score=round(event.score, 4),
    )


def _of_observation(text: str, row: Observation, names: Names) -> Finding:
    disease, words = _disease(text, row.place, names)
    told = frequencies(text, row.detail) if row.detail else []
    frequency = frequency_of(told, row.gene, [row.gene]) or _UNTOLD
    gene = text[slice(*row.gene)]
    return Finding(
        place=row.sentence,
        gene_place=row.gene,
        gene=gene,
        symbols=names.symbols(gene),
        status=cast(RowStatus, row.status),
        disease=disease,
        disease_text=words,
        sample=_sample(text, row.place, disease),
        some=frequency.some,
        all=frequency.all,
        percent=frequency.percent,
        site=None,
        negated=False,
        speculated=False,
        quote=text[slice(*row.sentence)],
        start=row.sentence[0],
        end=row.sentence[1],
        source="curated",
        score=None,
    )


def _disease(text: str, place: Span | None, names: Names) -> tuple[str | None, str | None]:
    """The cancer that a place names, by its canonical name, and the words for it; else the place as it is written."""
    if place is None:
        return None, None
    written = text[slice(*place)]
    words = written.replace("(", " ").replace(")", " ").split()
    for last in range(len(words), 0, -1):
        for first in range(last):
            part = " ".join(words[first:last])
            if found := cancers.cancer(part):
                return found, part
    return names.cancer(written), written


def _sample(text: str, place: Span | None, disease: str | None) -> Sample | None:
    if place is None:
        return None
    told = sample_of_place(text, place) or ("tumour" if disease else None)
    # Brackets tell the material: what is seen in the stool or urine of patients is not seen in their tumours.
    return None if told == "tumour" and "(" in text[slice(*place)] else told


def _is_same_claim(read: Finding, curated: Finding) -> bool:
    same_gene = set(read.symbols) & set(curated.symbols) or read.gene.casefold() == curated.gene.casefold()
    return bool(same_gene) and read.sign == curated.sign
