"""How likely a trigger is said of a gene's DNA: what the model says, weighed with where and how both are written.

A logistic regression over a few dozen features of the pair (trigger, gene), in the manner of the classifiers of the
BioNLP shared tasks (Björne and Salakoski 2011, doi:10.1186/1471-2105-13-S11-S4).
"""

import math
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqmodels.tagger.standoff import folded
from seqmodels.tagger.tagged import Methylation
from seqmodels.tagger.words import Span

_END = re.compile(r"[.!?\u3002](?=\s|$)|\n")
_WORD = re.compile(r"\w+")
_OF_DNA = re.compile(
    r"\bDNA\b|promoters?\b|\bCpGs?\b|\bgenes?\b|\blocus\b|\bloci\b|hyper-?methyl|hypo-?methyl|un-?methyl|aberrant"
    r"|epigenetic|bisulfi|\bMSP\b|silenc|5-aza|decitabine|methylation-specific",
    re.IGNORECASE,
)
_OF_PROTEIN = re.compile(
    r"\bhistones?\b|\bH[234][AB]?-?K\d+|\blysines?\b|\barginines?\b|\bPRMT\d*\b|protein methyl"
    r"|methylated proteins?\b|\bSET domain|\bmethylarginine",
    re.IGNORECASE,
)
# Genes whose products write, read or undo methylation, of DNA or of histones, are seldom what is methylated.
_ACTOR = re.compile(
    r"(?:h|m|x)?(?:DNMT|DNA.?methyl|MTase|MBD|MeCP|HDAC|histone|EZH|UHRF|TET\d|SUV|PRMT|SET|CTCF|SP-?1|LSH|HP1|G9a|CBX"
    r"|BMI|PcG|HELLS|KAISO|DEMETER|DME|ROS1|MET1|DDM1|CMT|DRM|H[1234][AB]?)",
    re.IGNORECASE,
)
_PART_OF_GENE = re.compile(r"[\w\s,/()-]{0,20}(promoter|gene|CpG|locus|exon|intron|enhancer|region)", re.IGNORECASE)
_PRODUCT = re.compile(r"\s*(protein|enzyme|antibody|kinase|receptor|binding|expression)\b")
_ASSAY = re.compile(r"[- ](specific|sensitive|dependent|independent|status|pattern|analysis|level|profile)")
_DNA_BEFORE = re.compile(r"(DNA|CpG|cytosine|promoter|gene|island)s?[ -]$", re.IGNORECASE)
_PROTEIN_BEFORE = re.compile(r"(histone|lysine|arginine|protein|H3|H4|K\d+)[ -]$", re.IGNORECASE)
_OF = re.compile(r"\b(of|in|at|within)( the)?( \w+)? $")
_DOING = re.compile(r"bind|recruit|inhibit|activat|regulat|repress|silenc")
_LEAST_SHARE = 1e-4
# Characters that are looked through at most, so that a paragraph without end costs no more than others.
_FURTHEST = 2000

Features = Mapping[str, float]


@dataclass(frozen=True)
class PairWeights:
    """The weights of a logistic regression over features by name.

    Attributes:
        names: of the features, as `features` calls them.
        weights: (features,) float64, of features as they are.
        bias: what is added.

    """

    names: tuple[str, ...]
    weights: NDArray[np.float64]
    bias: float

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "PairWeights":
        """The weights of a record that `record` gave."""
        weights = record["weights"]
        return cls(tuple(weights), np.array(list(weights.values()), np.float64), float(record["bias"]))

    def record(self) -> dict[str, Any]:
        """The weights as JSON."""
        rounded = {name: round(float(each), 4) for name, each in zip(self.names, self.weights, strict=True)}
        return {"bias": round(self.bias, 4), "weights": rounded}

    def probabilities(self, rows: Sequence[Features]) -> NDArray[np.float64]:
        """Of each pair, (pairs,)."""
        given = np.array([[row[name] for name in self.names] for row in rows]).reshape(-1, len(self.names))
        return np.asarray(1 / (1 + np.exp(-(given @ self.weights + self.bias))), np.float64)


def features(text: str, pairs: Sequence[Methylation], genes: Sequence[Span]) -> list[Features]:
    """What is known of each pair of one text.

    Args:
        text: the paper's.
        pairs: every trigger with every gene that the model was asked of, with the model's probability.
        genes: characters of all names of genes.
    """
    paper = _Paper(text, pairs, genes)
    return [
        {**paper.place(pair), **paper.wording(pair), **paper.others(pair), **paper.gene(pair), **paper.subject}
        for pair in pairs
    ]


class _Paper:
    """A text with all its pairs."""

    def __init__(self, text: str, pairs: Sequence[Methylation], genes: Sequence[Span]) -> None:
        self._text = text
        self._genes = [(start, end, folded(text[start:end])) for start, end in sorted(genes)]
        self._starts = [start for start, _, _ in self._genes]
        self._title = len(text.partition("\n")[0])
        self._by_trigger: dict[int, list[Methylation]] = defaultdict(list)
        self._by_gene: dict[str, list[Methylation]] = defaultdict(list)
        for pair in pairs:
            self._by_trigger[pair.trigger.start].append(pair)
            self._by_gene[folded(pair.gene.text)].append(pair)
        self._mentions = Counter(name for _, _, name in self._genes)
        self.subject = {
            "DNA words in the paper": math.log1p(len(_OF_DNA.findall(text))),
            "protein words in the paper": math.log1p(len(_OF_PROTEIN.findall(text))),
            "genes in the paper": math.log1p(len(self._mentions)),
        }

    def place(self, pair: Methylation) -> Features:
        """Where the gene stands, seen from the trigger."""
        trigger, gene = pair.trigger, pair.gene
        start, end = self._sentence(pair)
        together = start <= gene.start < end
        lowest, highest = self._gap(pair)
        between = self._text[lowest:highest]
        names = self._names(lowest, highest) - {folded(gene.text)}
        beside = self._names(start, end)
        nearer = self._nearer(pair)
        said = _logit(pair.score)
        return {
            "model": said,
            "same sentence": together,
            "model, same sentence": said * together,
            "sentence before": not together and gene.end <= start,
            "sentences between": min(len(_END.findall(between)), 3),
            "words between": math.log1p(len(_WORD.findall(between))),
            "genes between": math.log1p(len(names)),
            "genes in the sentence": math.log1p(len(beside)),
            "only gene of the sentence": len(beside) == 1,
            "nearer genes": math.log1p(nearer),
            "nearest gene": nearer == 0,
            "gene first": gene.start < trigger.start,
            "gene in the title": gene.start < self._title,
            "trigger in the title": trigger.start < self._title,
        }

    def wording(self, pair: Methylation) -> Features:
        """How both are written, and what stands around them."""
        text, trigger, gene = self._text, pair.trigger, pair.gene
        start, end = self._sentence(pair)
        lowest, highest = self._gap(pair)
        sentence, word = text[start:end], trigger.text.lower()
        of_dna, of_protein = bool(_OF_DNA.search(sentence)), bool(_OF_PROTEIN.search(sentence))
        plain = start <= gene.start < end and of_dna and not of_protein
        actor = bool(_ACTOR.match(gene.text))
        before_trigger, before_gene = (text[max(0, each.start - 30) : each.start] for each in (trigger, gene))
        return {
            "DNA words in the sentence": of_dna,
            "protein words in the sentence": of_protein,
            "plainly said": plain,
            "plainly said, nearest gene": plain and not self._nearer(pair),
            "writer or reader of methylation": actor,
            "plainly said, writer or reader": plain and actor,
            "hyper": "hyper" in word,
            "hypo": "hypo" in word or "under" in word,
            "un": word.startswith(("un", "non")),
            "noun": word.endswith("methylation"),
            "assay after the trigger": bool(_ASSAY.match(text, trigger.end)),
            "DNA before the trigger": bool(_DNA_BEFORE.search(before_trigger)),
            "protein before the trigger": bool(_PROTEIN_BEFORE.search(before_trigger)),
            "part of a gene after the gene": bool(_PART_OF_GENE.match(text, gene.end)),
            "product after the gene": bool(_PRODUCT.match(text, gene.end)),
            "trigger of the gene": gene.start > trigger.start and bool(_OF.search(before_gene)),
            "doing between": bool(_DOING.search(text, lowest, highest)),
        }

    def others(self, pair: Methylation) -> Features:
        """What the model says of the trigger's other genes."""
        others = [_logit(other.score) for other in self._by_trigger[pair.trigger.start] if other is not pair]
        best = max(others, default=_logit(0))
        return {"model, best other gene": best, "model's best gene": _logit(pair.score) >= best}

    def gene(self, pair: Methylation) -> Features:
        """What is known of the gene elsewhere in the paper."""
        name = folded(pair.gene.text)
        elsewhere = [_logit(other.score) for other in self._by_gene[name] if other is not pair]
        return {
            "mentions of the gene": math.log1p(self._mentions[name]),
            "model, best other trigger": max(elsewhere, default=-5.0),
            "model, mean of other triggers": sum(elsewhere) / len(elsewhere) if elsewhere else -5.0,
        }

    def _sentence(self, pair: Methylation) -> Span:
        """The sentence of the trigger."""
        first, last = pair.trigger.start, pair.trigger.end
        before = max(0, first - _FURTHEST)
        start = max((end.end() for end in _END.finditer(self._text, before, first)), default=before)
        end = _END.search(self._text, last, last + _FURTHEST)
        return start, end.start() if end else min(len(self._text), last + _FURTHEST)

    def _gap(self, pair: Methylation) -> Span:
        """The characters between gene and trigger, the last of them where they are many."""
        first, last = sorted([(pair.trigger.start, pair.trigger.end), (pair.gene.start, pair.gene.end)])
        return max(first[1], last[0] - _FURTHEST), last[0]

    def _nearer(self, pair: Methylation) -> int:
        """How many of the trigger's genes stand nearer to it."""
        return sum(_distance(other) < _distance(pair) for other in self._by_trigger[pair.trigger.start])

    def _names(self, start: int, end: int) -> set[str]:
        """The genes that are named within a span."""
        first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
        return {name for _, _, name in self._genes[first:last]}


def _distance(pair: Methylation) -> int:
    return max(pair.gene.start - pair.trigger.end, pair.trigger.start - pair.gene.end)


def _logit(share: float) -> float:
    kept = min(max(share, _LEAST_SHARE), 1 - _LEAST_SHARE)
    return math.log(kept / (1 - kept))
