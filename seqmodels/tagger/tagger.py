"""The tagger at work: texts in, names and methylation events out, nothing cut off."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from seqmodels.errors import ModelError
from seqmodels.tagger.bundled import BUNDLED, RULES
from seqmodels.tagger.decoding import apart, consistent, quoted, tagged_spans
from seqmodels.tagger.pairs import PairWeights, features
from seqmodels.tagger.reading import Reading, speaks_of_methylation
from seqmodels.tagger.standoff import folded
from seqmodels.tagger.status import status_of
from seqmodels.tagger.tagged import Kind, Methylation, Name, Quoted, Tagged
from seqmodels.tagger.tracks import CANCER, GENE, GENE_OF_EPI, MARKED, SAMPLE, SITE, SPECULATED, THEME, TRACKS
from seqmodels.tagger.windows import AS_GENE, AS_TRIGGER
from seqmodels.tagger.words import Span, pieces_of, spread

if TYPE_CHECKING:
    from seqmodels.train.saved import Trained

LEAST = 0.5
"""Least probability that a trigger is said of a gene and of its DNA, where a model does not say its own."""
LEAST_NOTE, PAIRS_NOTE = "least", "pairs"
"""Under which names a model's notes hold its own, and the weights of `seqmodels.tagger.pairs`."""
_WINDOWS_PER_BATCH = 16
_TEXTS_AT_ONCE = 256

Scores = dict[str, NDArray[np.float32]]
Chosen = dict[str, NDArray[np.int64]]


@dataclass(frozen=True)
class _Window:
    """Some words of a text, with marks (words,) for the model."""

    text: int
    chosen: Sequence[int]
    marks: NDArray[np.int64]
    trigger: int = -1


class Tagger:
    """Tags texts with a trained model of the tracks.

    Args:
        trained: what `seqmodels.train.saved.load_trained` gives.
        least: least probability of an event that is told; None: the model's own, which its folds chose.
        name: what tells this model from any other, a hash of its weights for one.

    Raises:
        ModelError: the model is no tagger, or of other tracks.

    """

    def __init__(self, trained: "Trained", least: float | None = None, name: str = "") -> None:
        if not trained.backbone.family.spelled or trained.head.kind != "tracks" or trained.head.tracks != dict(TRACKS):
            raise ModelError(
                f"The {trained.backbone.family.name} model tags {', '.join(trained.head.names[:5])}, ..., and not what "
                "a tagger of papers does",
                "Name a run of seqmodels.tagger.recipes.training.",
            )
        self._backbone = trained.backbone
        self._backbone.model.train(False)
        tokenizer = trained.backbone.tokenizer
        assert tokenizer is not None
        self._tokenizer = tokenizer
        self._least = float(trained.notes.get(LEAST_NOTE, LEAST) if least is None else least)
        weights = trained.notes.get(PAIRS_NOTE)
        self._pair_weights = PairWeights.of(weights) if weights else None
        self.hash = hashlib.sha256(f"{name} {self._least} {RULES}".encode()).hexdigest()
        """Changes whenever what is said of a text could."""

    @classmethod
    def open(cls, folder: Path = BUNDLED, least: float | None = None) -> "Tagger":
        """The tagger of a run's or a model's folder; raises ModelError where there is none."""
        from seqmodels.train.adapters import merged
        from seqmodels.train.saved import load_trained

        trained = load_trained(str(folder))
        if trained.base is not None:
            trained = replace(trained, backbone=merged(trained.backbone))
        return cls(trained, least, _weights_hash(folder))

    def tag(self, texts: Sequence[str], genes: Sequence[Sequence[Span]] | None = None) -> list[Tagged]:
        """Tag texts; what stands beside a text changes nothing of what is said of it.

        Args:
            texts: of any length.
            genes: for each text the character spans of its genes, where they are known; None: they are looked for.
        """
        return self._tagged(texts, genes, None)

    def pairs(
        self,
        texts: Sequence[str],
        genes: Sequence[Sequence[Span]] | None = None,
        named: Callable[[str], Iterable[Span]] | None = None,
    ) -> Iterator[tuple[Tagged, Sequence[Span]]]:
        """What the model alone says of texts: names, every trigger with every gene near it, and the genes.

        Args:
            texts: of any length.
            genes: as `tag` takes them.
            named: as `tag_methylation` takes it.
        """
        for first in range(0, len(texts), _TEXTS_AT_ONCE):
            part = slice(first, first + _TEXTS_AT_ONCE)
            readings = [Reading.of(text, self._tokenizer) for text in texts[part]]
            yield from self._read(readings, genes[part] if genes is not None else None, named)

    def tag_methylation(
        self, texts: Sequence[str], named: Callable[[str], Iterable[Span]] | None = None
    ) -> list[Tagged]:
        """Tag the texts that speak of methylation; of the others, most of a library, nothing is said.

        Args:
            texts: of any length.
            named: gives the genes of a text by a table of names; they are looked at besides those that the model finds.
        """
        speaking = [number for number, text in enumerate(texts) if speaks_of_methylation(text)]
        said = [Tagged((), ())] * len(texts)
        for number, tagged in zip(speaking, self._tagged([texts[each] for each in speaking], None, named), strict=True):
            said[number] = tagged
        return said

    def tags(self, sentences: Sequence[Sequence[str]], track: str) -> list[list[str]]:
        """The tags of words that are parted already, one track's.

        Args:
            sentences: words, of at most about 200 a sentence.
            track: one of `seqmodels.tagger.tracks.TRACKS`.
        """
        names = TRACKS[track]
        scores = self._scores(sentences, [np.zeros(len(words), np.int64) for words in sentences])
        return [[names[number] for number in each[track].argmax(1)] for each in scores]

    def _tagged(
        self,
        texts: Sequence[str],
        genes: Sequence[Sequence[Span]] | None,
        named: Callable[[str], Iterable[Span]] | None,
    ) -> list[Tagged]:
        return [self._told(text, *each) for text, each in zip(texts, self.pairs(texts, genes, named), strict=True)]

    def _told(self, text: str, tagged: Tagged, genes: Sequence[Span]) -> Tagged:
        """What is likely enough, by the weights of pairs where the model has some."""
        said = tagged.methylation
        if self._pair_weights is not None and said:
            shares = self._pair_weights.probabilities(features(text, said, genes)).tolist()
            said = tuple(replace(pair, score=share) for pair, share in zip(said, shares, strict=True))
        return Tagged(tagged.names, tuple(pair for pair in said if pair.score >= self._least))

    def _read(
        self,
        readings: Sequence[Reading],
        known: Sequence[Sequence[Span]] | None,
        named: Callable[[str], Iterable[Span]] | None,
    ) -> Iterator[tuple[Tagged, Sequence[Span]]]:
        chosen = self._chosen(readings)
        names: list[tuple[Name, ...]] = []
        genes: list[Sequence[Span]] = []
        for number, reading in enumerate(readings):
            names.append(_names(reading, chosen[number]))
            if known is not None:
                genes.append(known[number])
            else:
                found = _candidates(reading, chosen[number])
                genes.append(apart(reading, found, named(reading.text)) if named else found)
        events = self._events(readings, genes)
        for told, said, own in zip(names, events, genes, strict=True):
            yield Tagged(told, said), own

    def _chosen(self, readings: Sequence[Reading]) -> list[Chosen]:
        """For each text and track of names the chosen tag of every word."""
        windows = [
            _Window(number, stretch, np.zeros(len(stretch), np.int64))
            for number, reading in enumerate(readings)
            for stretch in reading.stretches()
        ]
        chosen = [
            {track: np.zeros(len(reading.spans), np.int64) for track in (GENE, GENE_OF_EPI, CANCER, SAMPLE)}
            for reading in readings
        ]
        for window, scores in zip(windows, self._windows_scores(readings, windows), strict=True):
            for track, tags in chosen[window.text].items():
                tags[list(window.chosen)] = scores[track].argmax(1)
        return chosen

    def _events(self, readings: Sequence[Reading], genes: Sequence[Sequence[Span]]) -> list[tuple[Methylation, ...]]:
        windows = []
        covered = []
        for number, (reading, spans) in enumerate(zip(readings, genes, strict=True)):
            own = [(span, reading.covered(*span)) for span in spans]
            covered.append([(span, words) for span, words in own if words])
            marks = np.zeros(len(reading.spans), np.int64)
            for _, words in covered[-1]:
                marks[words.start : words.stop] = AS_GENE
            for trigger in reading.triggers() if covered[-1] else ():
                around = reading.around(trigger)
                marked = marks[around]
                if not marked.any():
                    continue
                marked[around.index(trigger)] = AS_TRIGGER
                windows.append(_Window(number, around, marked, trigger))
        events: list[list[Methylation]] = [[] for _ in readings]
        for window, scores in zip(windows, self._windows_scores(readings, windows), strict=True):
            events[window.text] += self._said(readings[window.text], window, scores, covered[window.text])
        return [tuple(found) for found in events]

    def _said(
        self, reading: Reading, window: _Window, scores: Scores, genes: Sequence[tuple[Span, range]]
    ) -> list[Methylation]:
        """What one trigger says; of several names of one gene the likeliest."""
        place = {word: at for at, word in enumerate(window.chosen)}
        shares = {track: _softmax(scores[track]) for track in (THEME, SPECULATED, MARKED)}
        of_dna = float(shares[MARKED][place[window.trigger], 1])
        best: dict[str, Methylation] = {}
        trigger = quoted(reading.text, *reading.trigger_span(window.trigger))
        site: Quoted | None = None
        for (start, end), words in genes:
            if words[0] not in place or words[0] == window.trigger:
                continue
            at = place[words[0]]
            none, asserted, negated = shares[THEME][at].tolist()
            score = of_dna * (1 - none)
            gene = quoted(reading.text, start, end)
            name = folded(gene.text)
            if name not in best or best[name].score < score:
                denied = negated > asserted
                status = status_of(trigger.text, negated=denied)
                speculated = bool(shares[SPECULATED][at, 1] > 0.5)
                site = site or _site(reading, window, scores)
                best[name] = Methylation(trigger, gene, status, denied, speculated, site, score)
        return list(best.values())

    def _windows_scores(self, readings: Sequence[Reading], windows: Sequence[_Window]) -> list[Scores]:
        rows = [[readings[window.text].words[at] for at in window.chosen] for window in windows]
        return self._scores(rows, [window.marks for window in windows])

    def _scores(self, rows: Sequence[Sequence[str]], marks: Sequence[NDArray[np.int64]]) -> list[Scores]:
        """For each row of words and each track the scores (words, tags); rows of like length are read together."""
        import torch

        from seqmodels.train.examples import Examples, Strand

        scores: list[Scores] = [{}] * len(rows)
        order = sorted(range(len(rows)), key=lambda number: len(rows[number]))
        for first in range(0, len(order), _WINDOWS_PER_BATCH):
            batch = order[first : first + _WINDOWS_PER_BATCH]
            pieces = pieces_of(self._tokenizer, [rows[number] for number in batch])
            marked = spread(pieces, [marks[number] for number in batch], 0)
            given = Examples(Strand(pieces.ids, None, {**pieces.inputs, "marks": marked}), pad=self._backbone.pad)
            with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=self._in_bfloat16()):
                logits = self._backbone.model(**given.batch(torch.arange(len(batch)))).logits
            for row, number in enumerate(batch):
                own = logits[row, pieces.owners.row(row).long()].numpy()
                scores[number] = {track: own[:, part] for track, part in self._parts.items()}
        return scores

    def _in_bfloat16(self) -> bool:
        """Whether the processor multiplies in bfloat16, in which the models were trained; elsewhere it is slower."""
        import torch

        return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()

    @cached_property
    def _parts(self) -> dict[str, slice]:
        """Where the tags of each track stand among the scores."""
        ends = np.cumsum([len(tags) for tags in TRACKS.values()]).tolist()
        return {track: slice(end - len(tags), end) for (track, tags), end in zip(TRACKS.items(), ends, strict=True)}


def _weights_hash(folder: Path) -> str:
    """A hash of all weights under a folder."""
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*.safetensors"))]
    return " ".join(digests)


def _names(reading: Reading, chosen: Chosen) -> tuple[Name, ...]:
    found = tagged_spans(reading, chosen[SAMPLE], TRACKS[SAMPLE])
    found += tagged_spans(reading, chosen[CANCER], TRACKS[CANCER])
    genes = [span for span, _ in tagged_spans(reading, chosen[GENE], TRACKS[GENE])]
    # Not so of cancers: of CG's own, in its training part, nearly half of what is added this way is none.
    found += [(span, "gene") for span in consistent(reading, genes)]
    return tuple(Name(start, end, reading.text[start:end], cast(Kind, kind)) for (start, end), kind in sorted(found))


def _candidates(reading: Reading, chosen: Chosen) -> list[Span]:
    """What may be methylated: genes by either of the corpora that mark whole documents."""
    first, other = (
        [span for span, _ in tagged_spans(reading, chosen[track], TRACKS[track])] for track in (GENE_OF_EPI, GENE)
    )
    spans = apart(reading, first, other)
    # Of "hMLH1" the h alone is now and then taken for a name.
    return consistent(reading, [(start, end) for start, end in spans if len(folded(reading.text[start:end])) > 1])


def _site(reading: Reading, window: _Window, scores: Scores) -> Quoted | None:
    """The site that stands nearest to the trigger."""
    chosen = np.zeros(len(reading.spans), np.int64)
    chosen[list(window.chosen)] = scores[SITE].argmax(1)
    spans = [span for span, _ in tagged_spans(reading, chosen, TRACKS[SITE])]
    start, end = reading.spans[window.trigger]
    nearest = min(spans, key=lambda span: max(span[0] - end, start - span[1]), default=None)
    return nearest and quoted(reading.text, *nearest)


def _softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = np.exp(scores - scores.max(-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(-1, keepdims=True), np.float32)
