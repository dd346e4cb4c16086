"""Put a trained tagger into the package: the adapter with its heads, and a card with its scores.

`python -m seqmodels.tagger.recipes.bundle DATA RUNS/MODEL` takes the run `final`; the scores are those of its folds.
"""

import argparse
import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from seqmodels.backbones import DESCRIPTION
from seqmodels.encoder import BUNDLED as ENCODER
from seqmodels.predictors.card import Card, Score, write_card
from seqmodels.tagger.bundled import BUNDLED
from seqmodels.tagger.held_out import write_held_out
from seqmodels.tagger.recipes.results import EVENTS, Row, learnt, pooled, read_results
from seqmodels.tagger.recipes.sets import EPI, FOLDS, documents, folds_of
from seqmodels.tagger.scoring import MEASURES, f1_of, interval
from seqmodels.tagger.standoff import Document
from seqmodels.tagger.tagger import LEAST_NOTE, PAIRS_NOTE
from seqmodels.train.adapters import WEIGHTS
from seqmodels.train.run import Run

_CONFIG = "adapter_config.json"


def main() -> None:
    """Read the arguments and bundle."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("data", type=Path, metavar="DATA", help="folder with the corpora")
    parser.add_argument("runs", type=Path, metavar="RUNS", help="folder of one model's runs")
    arguments = parser.parse_args()
    epi = documents(arguments.data, EPI)
    folds = [[epi[row] for row in split.validation] for split in folds_of(epi)]
    runs = arguments.runs
    bundle(Run(runs / "final"), list(read_results(runs / "scores.jsonl")), folds, BUNDLED)


def bundle(run: Run, rows: Sequence[Row], folds: Sequence[Sequence[Document]], folder: Path) -> None:
    """Copy a finished run's adapter into a folder, its base named by what it is and not by where it lay.

    The folds' pairs of raw text go with it, for those who teach it more.

    Args:
        run: a finished one.
        rows: the judged folds of its recipe, which tell its scores and its threshold.
        folds: the documents of each fold.
        folder: where it goes, made where absent.
    """
    card = run.card
    judged = len({row["fold"] for row in rows})
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(run.model / WEIGHTS, folder / WEIGHTS)
    described = json.loads((run.model / DESCRIPTION).read_text(encoding="utf-8"))
    raw = [row for row in rows if row["setting"] == "raw text"]
    write_held_out(folder, raw, folds)
    weights, least = learnt(raw)
    described["notes"] = {LEAST_NOTE: least, PAIRS_NOTE: weights.record()}
    _write(folder / DESCRIPTION, described)
    config = json.loads((run.model / _CONFIG).read_text(encoding="utf-8"))
    _write(folder / _CONFIG, {**config, "base_model_name_or_path": ENCODER})
    write_card(
        folder,
        Card(
            name="tagger",
            predicts="names of genes, cancers and samples, and which genes' DNA is methylated, in English abstracts",
            data="BioNLP-ST 2011 EPI and 2013 CG (training parts), BC2GM, NCBI disease, BC5CDR (training parts, drawn)",
            licence="annotations CC BY 3.0 and as their corpora; abstracts PubMed; the encoder Apache-2.0",
            split=f"{judged} of {FOLDS} folds of EPI by document; names on CG's development part",
            seeds=(card["seed"],),
            command="python -m seqmodels.tagger.recipes.training DATA RUNS --final",
            scores=tuple(scores_of(rows)),
            calibration="a record's score is the probability of a logistic regression on the folds' held-out pairs",
            limits="English abstracts; figures and tables are not read; statuses follow the trigger's words",
            sha256=hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest(),
        ),
    )


def _write(path: Path, record: object) -> None:
    path.write_text(json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def scores_of(rows: Sequence[Row]) -> Iterator[Score]:
    """F1 of the folds with its interval over documents, and of names the mean over the folds' models."""
    for setting in ("gold genes", "raw text"):
        own = [row for row in rows if row["setting"] == setting]
        if not own:
            continue
        together = pooled(own)
        for at, measure in enumerate(EVENTS):
            counts = together.counts[:, at]
            value, (low, high) = f1_of(counts), interval(counts)
            yield Score(name=f"{setting}: {measure} F1", value=value, low=low, high=high, rows=together.abstracts)
    of_names = [row for row in rows if row["setting"] == "CG devel"]
    for measure in MEASURES[:2] if of_names else ():
        each = [200 * row["names"][measure][0] / sum(row["names"][measure][1:]) for row in of_names]
        yield Score(name=f"CG devel: {measure} F1", value=sum(each) / len(each), rows=of_names[0]["abstracts"])


if __name__ == "__main__":
    main()
