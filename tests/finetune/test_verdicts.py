"""Which pairs of trigger and gene people's verdicts on evidence rows judge, and how."""

import re

import pytest

from corpora.paper import Paper
from finetune.verdicts import gather_verdicts
from retrieval.evidence_reading import EvidenceReader
from retrieval.evidence_row import Correction
from retrieval.library import Library
from seqmodels.tagger.tagged import Methylation, Quoted, Tagged

TEXT = "Silencing of p16 and MLH1.\np16 was methylated in tumours. MLH1 and CDH1 were unmethylated there."


class EveryPair:
    """Looks at every trigger with every gene, and tells those of one sentence."""

    hash = "every pair"

    def __init__(self, genes: str = "p16|CDKN2A|MLH1|CDH1") -> None:
        self._genes = re.compile(genes)

    def tag_methylation(self, texts):
        said = [self._pairs(text) for text in texts]
        return [
            Tagged(
                (), tuple(pair for pair in pairs if re.fullmatch(r"[^.]+", text[pair.gene.start : pair.trigger.end]))
            )
            for text, pairs in zip(texts, said, strict=True)
        ]

    def pairs(self, texts):
        for text in texts:
            yield Tagged((), tuple(self._pairs(text))), [gene.span() for gene in self._genes.finditer(text)]

    def _pairs(self, text):
        genes = {gene[0]: gene for gene in self._genes.finditer(text)}  # of several mentions the last
        for trigger in re.finditer(r"\w*methylated", text):
            for gene in genes.values():
                said, of = (Quoted(*match.span(), match[0]) for match in (trigger, gene))
                yield Methylation(said, of, "methylated", False, False, None, 0.5)


@pytest.fixture
def library_of(tmp_path, embedder):
    """Makes libraries of papers with these texts, read."""
    opened = []

    def make(*texts: str, name: str = "library") -> Library:
        library = Library.create(tmp_path / name, embedder, reader=EvidenceReader(EveryPair()))
        opened.append(library)
        for number, text in enumerate(texts, 1):
            library.add(Paper(text=text, pmid=str(number), title=text.partition("\n")[0], kind="abstract"))
        library.derive_evidence()
        return library

    yield make
    for library in opened:
        library.close()


def row_of(library: Library, gene: str):
    return next(row for row in library.evidence() if row.gene == gene)


def judged(gathered):
    """The judged pairs, known by two of their features: trigger "un-", and words between it and the gene."""
    [paper] = gathered.papers
    return sorted((pair.features["un"], round(pair.features["words between"], 2), pair.right) for pair in paper.pairs)


def test_an_accepted_row_is_right_and_a_rejected_one_wrong(library_of):
    library = library_of(TEXT)
    library.judge(row_of(library, "p16").key, "accepted")
    library.judge(row_of(library, "CDH1").key, "rejected")
    gathered = gather_verdicts([library], EveryPair())
    assert judged(gathered) == [(False, 0.69, True), (True, 0.69, False)]
    assert (gathered.verdicts, gathered.unmatched, gathered.contradicting) == (2, 0, 0)
    assert (gathered.papers[0].pmid, gathered.papers[0].text) == ("1", TEXT)


def test_a_corrected_row_is_right_where_its_gene_stayed_by_any_of_its_names(library_of):
    library = library_of(TEXT)
    library.judge(row_of(library, "p16").key, "corrected", Correction(gene="CDKN2A"))
    library.judge(row_of(library, "CDH1").key, "corrected", Correction(status="demethylated"))
    assert [right for _, _, right in judged(gather_verdicts([library], EveryPair()))] == [True, True]


def test_where_another_gene_is_named_the_pair_is_wrong_and_that_with_the_gene_right(library_of):
    library = library_of(TEXT)
    library.judge(row_of(library, "CDH1").key, "corrected", Correction(gene="hMLH1"))
    assert judged(gather_verdicts([library], EveryPair())) == [(True, 0.69, False), (True, 1.39, True)]


def test_a_gene_that_the_tagger_does_not_look_at_is_only_wrong_where_it_was(library_of):
    library = library_of(TEXT)
    library.judge(row_of(library, "CDH1").key, "corrected", Correction(gene="TP53"))
    assert [right for _, _, right in judged(gather_verdicts([library], EveryPair()))] == [False]


def test_what_another_tagger_does_not_look_at_is_counted(library_of):
    library = library_of(TEXT)
    library.judge(row_of(library, "p16").key, "accepted")
    gathered = gather_verdicts([library], EveryPair("CDH1"))
    assert gathered.papers[0].pairs == ()
    assert (gathered.verdicts, gathered.unmatched) == (1, 1)


def test_verdicts_of_papers_that_are_gone_or_changed_are_counted(library_of):
    library = library_of(TEXT)
    library.judge(row_of(library, "p16").key, "accepted")
    library.add(Paper(text="Another text.", pmid="1", title="Another text.", kind="abstract"), replace=True)
    gathered = gather_verdicts([library], EveryPair())
    assert (gathered.papers, gathered.verdicts, gathered.unmatched) == ((), 1, 1)


def test_one_paper_in_two_libraries_is_one_and_teaches_nothing_where_they_differ(library_of):
    one, other = library_of(TEXT), library_of("Another.", TEXT, name="other")
    for library in (one, other):
        library.judge(row_of(library, "p16").key, "accepted")
    one.judge(row_of(one, "CDH1").key, "accepted")
    other.judge(row_of(other, "CDH1").key, "rejected")
    gathered = gather_verdicts([one, other], EveryPair())
    assert [right for _, _, right in judged(gathered)] == [True]
    assert (gathered.verdicts, gathered.contradicting) == (4, 2)


def test_a_library_without_verdicts_loads_no_tagger(library_of):
    gathered = gather_verdicts([library_of(TEXT)], object())  # type: ignore[arg-type]
    assert (gathered.papers, gathered.verdicts) == ((), 0)
