"""What people's verdicts on evidence rows say of the pairs of trigger and gene that the tagger looks at."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from corpora.paper import Paper
from corpora.starter import prose
from retrieval import evidence_store
from retrieval.evidence_store import Judgement
from retrieval.library import Library
from retrieval.names import Names
from seqmodels.tagger.pairs import features
from seqmodels.tagger.retraining import JudgedPair, JudgedPaper
from seqmodels.tagger.standoff import folded
from seqmodels.tagger.tagged import Methylation, Quoted, Tagged
from seqmodels.tagger.words import Span

_PAPERS_AT_ONCE = 64


class PairTagger(Protocol):
    """What looks at pairs of trigger and gene in texts."""

    def pairs(self, texts: Sequence[str]) -> Iterator[tuple[Tagged, Sequence[Span]]]:
        """Every pair of each text, as the model alone sees it, and the genes of that text."""
        ...


@dataclass(frozen=True)
class Gathered:
    """The papers of verdicts, with the pairs that they judge.

    Of `verdicts` that people gave, `unmatched` are of papers that are gone or of what the tagger does not look at, and
    `contradicting` are of pairs on which verdicts differ; nothing is learnt from either.
    """

    papers: tuple[JudgedPaper, ...]
    verdicts: int
    unmatched: int
    contradicting: int


def gather_verdicts(libraries: Iterable[Library], tagger: PairTagger) -> Gathered:
    """Read the papers of all verdicts again with the tagger in use, and find the pairs that are judged.

    An accepted row is right and a rejected one wrong. A corrected one is right where its gene stayed; where it names
    another gene it is wrong, and the pair of the same trigger with that gene is right.
    """
    judged: dict[str, tuple[Paper, Names, list[Judgement]]] = {}
    verdicts = unmatched = contradicting = 0
    for library in libraries:
        with library.database.reading() as connection:
            said = evidence_store.judgements(connection)
        for sha256, own in said.items():
            stored = library.by_hash(sha256)
            verdicts += len(own)
            if stored is None:
                unmatched += len(own)
            else:
                judged.setdefault(sha256, (stored.paper, library.reader.names, []))[2].extend(own)
    papers = []
    for paper, of_paper in _read(list(judged.values()), tagger):
        papers.append(JudgedPaper(paper.pmid, paper.text, of_paper.pairs))
        unmatched += of_paper.unmatched
        contradicting += of_paper.contradicting
    return Gathered(tuple(papers), verdicts, unmatched, contradicting)


@dataclass(frozen=True)
class _OfPaper:
    """What the verdicts of one paper come to."""

    pairs: tuple[JudgedPair, ...]
    unmatched: int
    contradicting: int


def _read(
    judged: Sequence[tuple[Paper, Names, Sequence[Judgement]]], tagger: PairTagger
) -> Iterator[tuple[Paper, _OfPaper]]:
    """Each paper with what the verdicts on it come to, some at a time."""
    for first in range(0, len(judged), _PAPERS_AT_ONCE):
        part = judged[first : first + _PAPERS_AT_ONCE]
        texts = [prose(paper) for paper, _, _ in part]
        for (paper, names, said), text, (tagged, genes) in zip(part, texts, tagger.pairs(texts), strict=True):
            yield paper, _of_paper(text, tagged.methylation, genes, said, names)


def _of_paper(
    text: str, pairs: Sequence[Methylation], genes: Sequence[Span], said: Sequence[Judgement], names: Names
) -> _OfPaper:
    claims: dict[int, set[bool]] = {}
    by_verdict = [list(_claims(each, pairs, names)) for each in said]
    for number, right in (claim for own in by_verdict for claim in own):
        claims.setdefault(number, set()).add(right)
    unmatched = sum(not own for own in by_verdict)
    contradicting = sum(any(len(claims[number]) > 1 for number, _ in own) for own in by_verdict)
    described = features(text, pairs, genes) if claims else []
    agreed = [JudgedPair(described[number], right) for number, (right, *more) in sorted(claims.items()) if not more]
    return _OfPaper(tuple(agreed), unmatched, contradicting)


def _claims(said: Judgement, pairs: Sequence[Methylation], names: Names) -> Iterator[tuple[int, bool]]:
    """The numbers of the pairs that a verdict speaks of, and whether it says that they hold."""
    finding, named = said.finding, said.correction.gene
    stayed = named is None or _same_gene(named, finding.gene, names)
    for number, pair in enumerate(pairs):
        if not _overlap(pair.trigger, finding.place):
            continue
        # The likeliest of several mentions of a gene stands for it, which need not be the one that was judged.
        if _overlap(pair.gene, finding.gene_place) or folded(pair.gene.text) == folded(finding.gene):
            yield number, said.verdict != "rejected" and stayed
        elif named is not None and not stayed and _same_gene(named, pair.gene.text, names):
            yield number, True


def _overlap(quoted: Quoted, place: Span) -> bool:
    return quoted.start < place[1] and place[0] < quoted.end


def _same_gene(one: str, other: str, names: Names) -> bool:
    return folded(one) == folded(other) or not set(names.symbols(one)).isdisjoint(names.symbols(other))
