"""Train the tagger: names first, then methylation events, judged in five folds of EPI.

`python -m seqmodels.tagger.recipes.training DATA RUNS` trains what is missing in RUNS: `names` on corpora without EPI,
then `foldN` on the other folds' documents, whose own are judged once and appended to RUNS/scores.jsonl, then `final` on
all of EPI. A run that was interrupted goes on. Weights are chosen on a tenth of each run's own rows.
"""

import argparse
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqmodels.tagger.recipes.results import named
from seqmodels.tagger.recipes.sets import (
    CG_HELD_OUT,
    EPI,
    FOLDS,
    documents,
    folds_of,
    windows_of_events,
    windows_of_names,
)
from seqmodels.tagger.rows import WindowRows
from seqmodels.tagger.scoring import MEASURES, counted
from seqmodels.tagger.standoff import Document
from seqmodels.tagger.tagged import Tagged
from seqmodels.tagger.tagger import Least, Tagger, is_told
from seqmodels.tagger.tracks import GENE_KINDS
from seqmodels.tagger.words import Span

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from seqmodels.train.run import Run

log = logging.getLogger(__name__)

LEASTS: tuple[Least, ...] = tuple(
    (of_any, of_plain)
    for of_any in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
    for of_plain in (0.0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
    if of_plain <= of_any
)
"""Least probabilities of an event that are judged; a fold's are chosen on the other folds."""

_ENCODER = (
    "model=tagger",
    "model.pretrained=all-MiniLM-L6-v2",
    "lora.rank=32",
    "lora.dropout=0",
    "fit.learning_rate=1e-3",
)
MODELS = {
    "lora-crf": (*_ENCODER, "model.settings={attention_probs_dropout_prob: 0.0, crf: true}"),
    "lora": (*_ENCODER, "model.settings={attention_probs_dropout_prob: 0.0}"),
    "bilstm-crf": ("model=bilstm", "fit.learning_rate=2e-3"),
}
_FIT = (
    "task=token_label",
    "data=conll",
    "fit.batch_size=16",
    "fit.patience=null",
    "split.validation=0.05",
    "trainer.precision=bf16-mixed",
    "trainer.threads=1",
    "fit.checkpoint_every=50",
    "plots=false",
)
_NAMES, _EVENTS = ("fit.epochs=5",), ("fit.epochs=6", "fit.learning_rate=6e-4", "fit.validate_every=200")


def main() -> None:
    """Read the arguments and train."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("data", type=Path, metavar="DATA", help="folder with the corpora")
    parser.add_argument("runs", type=Path, metavar="RUNS", help="folder of the runs, made where absent")
    parser.add_argument("--model", choices=sorted(MODELS), default="lora-crf", help="what is trained (lora-crf)")
    parser.add_argument("--folds", type=int, nargs="*", default=list(range(FOLDS)), help="folds to train")
    parser.add_argument("--final", action="store_true", help="also train on all folds together")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="settings of training, as in epicite train")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    recipe = Recipe(arguments.data, arguments.runs / arguments.model, arguments.model, arguments.overrides)
    recipe.names()
    for fold in arguments.folds:
        recipe.fold(fold)
    if arguments.final:
        recipe.final()


class Recipe:
    """The runs of one model in one folder.

    Args:
        data: folder with the corpora.
        runs: folder of the runs.
        model: one of `MODELS`.
        overrides: further settings of training.

    """

    def __init__(self, data: Path, runs: Path, model: str, overrides: Sequence[str] = ()) -> None:
        self._data = data
        self._runs = runs
        self._model = model
        self._overrides = overrides
        self._epi = documents(data, EPI)
        self._tokenizer = _tokenizer()

    def names(self) -> "Run":
        """Train on the corpora that have no methylation events to judge."""
        return self._trained("names", WindowRows(windows_of_names(self._data, self._tokenizer)), _NAMES)

    def fold(self, number: int) -> "Run":
        """Train on all folds but one, and judge that one unless it is judged."""
        split = folds_of(self._epi)[number]
        run = self._events(f"fold{number}", [self._epi[row] for row in split.train])
        judged = self._runs / "scores.jsonl"
        if not _has(judged, number):
            self._judge(run, number, [self._epi[row] for row in split.validation], judged)
        return run

    def final(self) -> "Run":
        """Train on everything."""
        return self._events("final", self._epi)

    def _events(self, name: str, epi: Sequence[Document]) -> "Run":
        rows = WindowRows(windows_of_events(self._data, epi, self._tokenizer))
        start = self._runs / "names"
        # What is no adapter is gone on from as a whole.
        source = f"lora.start={start}" if "bilstm" not in self._model else f"model.pretrained={start}"
        return self._trained(name, rows, (*_EVENTS, source))

    def _trained(self, name: str, rows: WindowRows, fit: Sequence[str]) -> "Run":
        from seqmodels.train.config import compose
        from seqmodels.train.training import train

        own = [f"data.path={self._data / EPI}.jsonl.gz", f"run={self._runs / name}"]
        settings = [*MODELS[self._model], *_FIT, *fit, *own, *self._overrides]
        return train(compose(settings), rows, "python -m seqmodels.tagger.recipes.training DATA RUNS")

    def _judge(self, run: "Run", number: int, held_out: Sequence[Document], judged: Path) -> None:
        tagger = Tagger.open(run.folder, (min(LEASTS)[0], min(each for _, each in LEASTS)))
        cg = documents(self._data, CG_HELD_OUT)
        for setting, gold, genes in (
            ("gold genes", held_out, [genes_of(document) for document in held_out]),
            ("raw text", held_out, None),
            ("CG devel", cg, None),
        ):
            tagged = tagger.tag([document.text for document in gold], genes)
            record = {"model": self._model, "fold": number, "setting": setting, **judgement(gold, tagged)}
            log.info("%s", json.dumps({**record, "events": None}))
            _append(judged, record)


def genes_of(document: Document) -> list[Span]:
    """The character spans of a document's annotated genes."""
    return [(mention.start, mention.end) for mention in document.of_kind(GENE_KINDS)]


def judgement(gold: Sequence[Document], tagged: Sequence[Tagged]) -> dict[str, object]:
    """Hits, gold and predicted of documents.

    `abstracts` is how many there are, `names` the pooled counts of each measure of names, and `events` for each
    pair of least probabilities and document, where there are any, those of each measure of events.
    """
    whole = counted(gold, tagged)
    events: dict[str, dict[str, list[list[int]]]] = {}
    for least in LEASTS:
        pairs = zip(gold, tagged, strict=True)
        each = {document.pmid: _counts(document, likely(document.text, said, least)) for document, said in pairs}
        events[named(least)] = {pmid: rows for pmid, rows in each.items() if any(map(any, rows))}
    names = {measure: [whole.hits[measure], whole.gold[measure], whole.predicted[measure]] for measure in MEASURES[:2]}
    return {"abstracts": len(gold), "names": names, "events": events}


def likely(text: str, tagged: Tagged, least: Least) -> Tagged:
    """What is said of a text with at least these probabilities."""
    told = (event for event in tagged.methylation if is_told(text, event.trigger, event.gene, event.score, least))
    return Tagged(tagged.names, tuple(told))


def _counts(document: Document, tagged: Tagged) -> list[list[int]]:
    counts = counted([document], [tagged])
    return [[counts.hits[each], counts.gold[each], counts.predicted[each]] for each in MEASURES[2:]]


def _append(path: Path, record: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")


def _has(path: Path, fold: int) -> bool:
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return any(json.loads(line)["fold"] == fold for line in lines)


def _tokenizer() -> "PreTrainedTokenizerBase":
    from seqmodels.encoder import bundled_folder
    from seqmodels.families import family_named

    read = family_named("tagger").saved_tokenizer
    assert read is not None
    return read(str(bundled_folder()), True)


if __name__ == "__main__":
    main()
