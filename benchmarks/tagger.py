"""Methylation events in abstracts: five folds of EPI by document, CG as a probe outside them, and the starter's papers.

The folds' counts come from `python -m seqmodels.tagger.recipes.training ../shared/data RUNS`; `--keep RUNS` takes them
over into benchmarks/results/tagger.jsonl. Intervals are bootstrapped over documents. The shipped tagger reads CG and
the starter's titles and findings here: the starter's own rows are what is looked for.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.shared import DATA, ROOT
from corpora.starter import StarterRecord
from retrieval.names import Names
from retrieval.paper_tagger import FolderTagger
from seqmodels.tagger.bundled import BUNDLED
from seqmodels.tagger.recipes.results import EVENTS, Row, pooled, read_results
from seqmodels.tagger.recipes.sets import CG_HELD_OUT, FOLDS, documents
from seqmodels.tagger.recipes.training import genes_of
from seqmodels.tagger.scoring import counted, interval
from seqmodels.tagger.status import SIGNS
from seqmodels.tagger.tagger import Tagger

KEPT = ROOT / "benchmarks" / "results" / "tagger.jsonl"
_TARGETS = {
    ("gold genes", "event"): 80,
    ("gold genes", "gene+status"): 76,
    ("raw text", "event"): 66,
    ("raw text", "gene+status"): 62,
    ("raw text", "gene+sign"): 64,
}
Pair = tuple[str, str, str]


def main() -> None:
    """Print the folds' scores, and read the probes with the shipped tagger."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, metavar="RUNS", help="take over the folds' counts from their runs")
    options = parser.parse_args()
    if options.keep:
        KEPT.parent.mkdir(exist_ok=True)
        _keep([row for path in sorted(options.keep.glob("*/scores.jsonl")) for row in read_results(path)])
    _print_folds(list(read_results(KEPT)))
    if not DATA.is_dir():
        print(f"{DATA} is not here; these are the results in {KEPT.relative_to(ROOT)}")
    elif not BUNDLED.is_dir():
        print("There is no tagger to read the probes with.")
    else:
        _probe(Tagger.open())


def _keep(rows: Sequence[Row]) -> None:
    """Add results that are not there yet."""
    kept = {(row["model"], row["setting"], row["fold"]): row for row in [*read_results(KEPT), *rows]}
    KEPT.write_text("".join(json.dumps(kept[key]) + "\n" for key in sorted(kept)), encoding="utf-8")


def _print_folds(rows: Sequence[Row]) -> None:
    together: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row["setting"] != "CG devel":
            together[row["model"], row["setting"]].append(row)
    print(f"{'model':12} {'genes':10} {'measure':12} {'P':>5} {'R':>5} {'F1':>5}  95 % interval  wanted")
    for (model, setting), folds in sorted(together.items()):
        if len(folds) < FOLDS:
            print(f"{model:12} {setting:10} of {FOLDS} folds only {sorted(row['fold'] for row in folds)} are done")
        whole = pooled(folds)
        for at, measure in enumerate(EVENTS):
            print(_line(model, setting, measure, whole.counts[:, at]))
        print(
            f"{model:12} {setting:10} false events in 100 abstracts without any: {whole.false_events:.1f}; "
            f"penalties and least probabilities {whole.chosen}"
        )


def _line(model: str, setting: str, measure: str, counts: NDArray[np.int64]) -> str:
    hits, gold, predicted = counts.sum(0).tolist()
    low, high = interval(counts)
    wanted = _TARGETS.get((setting, measure), "")
    return (
        f"{model:12} {setting:10} {measure:12} {100 * hits / max(1, predicted):5.1f} {100 * hits / max(1, gold):5.1f} "
        f"{200 * hits / max(1, gold + predicted):5.1f}  {low:5.1f} to {high:5.1f}  {wanted}"
    )


def _probe(tagger: Tagger) -> None:
    cg = documents(DATA, CG_HELD_OUT)
    for setting, genes in (("gold genes", [genes_of(each) for each in cg]), ("raw text", None)):
        counts = counted(cg, tagger.tag([each.text for each in cg], genes))
        shown = ", ".join(f"{m} {counts.f1(m):.1f} ({counts.gold[m]})" for m in EVENTS)
        print(f"CG devel, {setting}: {shown}")
    gold, found = _starter(FolderTagger(BUNDLED))
    hits = len(gold & found)
    print(
        f"starter, titles and findings: recall {100 * hits / len(gold):.1f} % of {len(gold)} (paper, gene, sign), "
        f"precision {100 * hits / max(1, len(found)):.1f} % (wanted 80 and 75)"
    )


def _starter(tagger: FolderTagger) -> tuple[set[Pair], set[Pair]]:
    """What the starter's rows say, and what the tagger reads in titles and findings, as (paper, gene, sign)."""
    names = Names()
    lines = (DATA / "starter" / "papers.jsonl").read_text(encoding="utf-8").splitlines()
    gold: set[Pair] = set()
    found: set[Pair] = set()
    texts = []
    for number, line in enumerate(lines):
        record = StarterRecord.model_validate_json(line)
        texts.append("\n".join([record.title or "", *record.findings]))
        gold |= {
            (str(number), _symbol(names, row.gene), SIGNS[row.status])
            for row in record.methylation
            if row.status in SIGNS
        }
    for number, tagged in enumerate(tagger.tag_methylation(texts)):
        found |= {(str(number), _symbol(names, event.gene.text), SIGNS[event.status]) for event in tagged.methylation}
    return gold, found


def _symbol(names: Names, written: str) -> str:
    return "|".join(names.symbols(written)) or written.lower()


if __name__ == "__main__":
    main()
