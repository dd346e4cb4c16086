"""From annotated documents to labelled windows: stretches for names, and one window a trigger for events."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seqmodels.data.conll import TaggedSentences
from seqmodels.tagger.reading import Reading
from seqmodels.tagger.standoff import Document, Event, Mention
from seqmodels.tagger.track_head import UNKNOWN
from seqmodels.tagger.tracks import (
    DNA_EVENTS,
    GENE_KINDS,
    MARKED,
    PROTEIN_EVENTS,
    SITE,
    SPECULATED,
    THEME,
    TRACKS,
)

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

AS_GENE, AS_TRIGGER = 1, 2
_NUMBER = {track: at for at, track in enumerate(TRACKS)}


@dataclass(frozen=True)
class Window:
    """Words with what is known of them.

    `labels` (words, tracks) int64, -100 where not known; `marks` (words,) int64; `group` keeps what belongs together on
    one side of a split.
    """

    words: tuple[str, ...]
    labels: NDArray[np.int64]
    marks: NDArray[np.int64]
    group: str


def name_windows(
    documents: Iterable[Document], kinds: Mapping[str, Mapping[str, str]], tokenizer: "PreTrainedTokenizerBase"
) -> Iterator[Window]:
    """The stretches of documents, with names of some kinds.

    Args:
        documents: annotated ones.
        kinds: for each track the kinds of mentions that it tags, and what they are called there.
        tokenizer: of the model.
    """
    for document in documents:
        reading = Reading.of(document.text, tokenizer)
        labels = np.full((len(reading.spans), len(TRACKS)), UNKNOWN, np.int64)
        for track, called in kinds.items():
            labels[:, _NUMBER[track]] = 0
            for mention in _outermost(document.of_kind(called)):
                _tag(labels, reading, mention, track, called[mention.kind])
        for stretch in reading.stretches():
            part = slice(stretch.start, stretch.stop)
            words = tuple(reading.words[part])
            yield Window(words, labels[part], np.zeros(len(words), np.int64), document.pmid)


def sentence_windows(data: TaggedSentences, track: str, kinds: Mapping[str, str], group: str) -> Iterator[Window]:
    """The sentences of a CoNLL file, whose entities of some kinds are a track's."""
    number = {tag: at for at, tag in enumerate(TRACKS[track])}
    for at, sentence in enumerate(data.sentences):
        tags = [f"{tag[:2]}{kinds[tag[2:]]}" if tag[2:] in kinds else "O" for tag in sentence.tags]
        labels = np.full((len(tags), len(TRACKS)), UNKNOWN, np.int64)
        labels[:, _NUMBER[track]] = [number[tag] for tag in tags]
        yield Window(sentence.tokens, labels, np.zeros(len(tags), np.int64), f"{group}-{at}")


def event_windows(
    documents: Iterable[Document], tokenizer: "PreTrainedTokenizerBase", *, others: bool
) -> Iterator[Window]:
    """A window for each word that may say that something is methylated, its genes marked and judged.

    Args:
        documents: annotated ones.
        tokenizer: of the model.
        others: also a window for each trigger of other events whose theme is a gene: to be a theme is much alike.
    """
    for document in documents:
        reading = Reading.of(document.text, tokenizer)
        genes = {mention.id: mention for mention in document.of_kind(GENE_KINDS)}
        by_trigger: dict[int, list[Event]] = {trigger: [] for trigger in reading.triggers()}
        for event in document.events:
            at = reading.covered(event.trigger.start, event.trigger.end)
            trigger = next((word for word in at if word in by_trigger), at[-1] if at else None)
            themed = event.theme is not None and event.theme.id in genes
            if trigger is not None and themed and (others or trigger in by_trigger):
                by_trigger.setdefault(trigger, []).append(event)
        for trigger, events in sorted(by_trigger.items()):
            yield _judged(document, reading, genes, trigger, events)


def _judged(
    document: Document, reading: Reading, genes: Mapping[str, Mention], trigger: int, events: Sequence[Event]
) -> Window:
    """The window of one trigger; other names of a theme are neither right nor wrong."""
    marks = np.zeros(len(reading.spans), np.int64)
    labels = np.full((len(reading.spans), len(TRACKS)), UNKNOWN, np.int64)
    themes = {event.theme.id: event for event in events if event.theme is not None}
    named = {document.clusters[name] for name in themes}
    for mention in genes.values():
        covered = reading.covered(mention.start, mention.end)
        marks[covered.start : covered.stop] = AS_GENE
        if not covered:
            continue
        if mention.id in themes:
            event = themes[mention.id]
            labels[covered[0], _NUMBER[THEME]] = 2 if event.negated else 1
            labels[covered[0], _NUMBER[SPECULATED]] = int(event.speculated)
        elif document.clusters[mention.id] not in named and labels[covered[0], _NUMBER[THEME]] == UNKNOWN:
            labels[covered[0], _NUMBER[THEME]] = 0
    marks[trigger] = AS_TRIGGER
    kinds = {event.kind for event in events}
    if kinds & {*DNA_EVENTS, *PROTEIN_EVENTS}:
        labels[trigger, _NUMBER[MARKED]] = int(bool(kinds & set(DNA_EVENTS)))
    if kinds & set(DNA_EVENTS):
        labels[:, _NUMBER[SITE]] = 0
        for event in events:
            if event.site is not None:
                _tag(labels, reading, event.site, SITE, "site")
    chosen = reading.around(trigger)
    return Window(tuple(reading.words[at] for at in chosen), labels[chosen], marks[chosen], document.pmid)


def _tag(labels: NDArray[np.int64], reading: Reading, mention: Mention, track: str, kind: str) -> None:
    covered = reading.covered(mention.start, mention.end)
    tags = TRACKS[track]
    labels[covered.start : covered.stop, _NUMBER[track]] = tags.index(f"I-{kind}")
    if covered:
        labels[covered.start, _NUMBER[track]] = tags.index(f"B-{kind}")


def _outermost(mentions: Sequence[Mention]) -> list[Mention]:
    """Mentions that lie in no other one."""
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda each: (each.start, -each.end)):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept
