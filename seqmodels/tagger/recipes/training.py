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

from seqmodels.tagger.pairs import features
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
from seqmodels.tagger.scoring import MEASURES, annotated, counted, said_of
from seqmodels.tagger.standoff import Document
from seqmodels.tagger.tagged import Tagged
from seqmodels.tagger.tagger import Tagger
from seqmodels.tagger.tracks import GENE_KINDS
from seqmodels.tagger.words import Span

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from seqmodels.train.run import Run

log = logging.getLogger(__name__)

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
        tagger = Tagger.open(run.folder)
        cg = documents(self._data, CG_HELD_OUT)
        for setting, gold, genes in (
            ("gold genes", held_out, [genes_of(document) for document in held_out]),
            ("raw text", held_out, None),
            ("CG devel", cg, None),
        ):
            said = list(tagger.pairs([document.text for document in gold], genes))
            record = {"model": self._model, "fold": number, "setting": setting, **judgement(gold, said)}
            log.info("%s", json.dumps({**record, "papers": None}))
            _append(judged, record)


def genes_of(document: Document) -> list[Span]:
    """The character spans of a document's annotated genes."""
    return [(mention.start, mention.end) for mention in document.of_kind(GENE_KINDS)]


def judgement(gold: Sequence[Document], said: Sequence[tuple[Tagged, Sequence[Span]]]) -> dict[str, object]:
    """What was said of documents beside what is annotated there.

    `abstracts` is how many there are, `names` the pooled counts of each measure of names, and `papers` holds the events
    of each document that has any, annotated and said, these with their `features`.
    """
    whole = counted(gold, [tagged for tagged, _ in said])
    named: list[str] = []
    papers: dict[str, dict[str, object]] = {}
    for document, (tagged, genes) in zip(gold, said, strict=True):
        rows = features(document.text, tagged.methylation, genes)
        named = named or [name for row in rows[:1] for name in row]
        wanted = sorted(annotated(document))
        if rows or wanted:
            pairs = zip(tagged.methylation, rows, strict=True)
            told = [
                [*said_of(document, each), [round(float(value), 3) for value in row.values()]] for each, row in pairs
            ]
            papers[document.pmid] = {"gold": [list(each) for each in wanted], "said": told}
    names = {measure: [whole.hits[measure], whole.gold[measure], whole.predicted[measure]] for measure in MEASURES[:2]}
    return {"abstracts": len(gold), "names": names, "features": named, "papers": papers}


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
