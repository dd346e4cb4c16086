"""Scores are those of the shared tasks' rules, told by hand and by the scorer beside the repository."""

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from seqmodels.tagger.scoring import MEASURES, counted, record_of
from seqmodels.tagger.tagged import Methylation, Name, Quoted, Tagged

SHARED = Path(__file__).parents[4] / "shared"


def methylation(document, trigger: tuple[str, int], gene: tuple[str, int], status: str) -> Methylation:
    def span(words: str, which: int) -> Quoted:
        start = [match.start() for match in re.finditer(re.escape(words), document.text)][which]
        return Quoted(start, start + len(words), words)

    return Methylation(span(*trigger), span(*gene), status, False, False, None, 1.0)


@pytest.fixture
def said(abstracts):
    """What a tagger might say: one event by another name of its gene, one wrong status, one gene too many."""
    first, second = abstracts
    events = (
        methylation(first, ("Hypermethylation", 0), ("CDH1", 0), "hypermethylated"),
        methylation(first, ("methylated", 0), ("MLH1", 0), "methylated"),
        methylation(first, ("Hypermethylation", 0), ("AGS", 0), "hypermethylated"),
    )
    names = (Name(13, 16, "p16", "gene"), Name(20, 34, "gastric cancer", "cancer"), Name(0, 9, "Silencing", "gene"))
    return [
        Tagged(names, events),
        Tagged((), (methylation(second, ("Methylation", 0), ("histone H3", 1), "methylated"),)),
    ]


def test_events_statuses_and_signs_are_counted_as_the_rules_say(abstracts, said):
    counts = counted(abstracts, said)
    rows = {measure: (counts.hits[measure], counts.gold[measure], counts.predicted[measure]) for measure in MEASURES}
    assert rows == {
        "gene": (1, 9, 2),
        "cancer": (1, 1, 1),
        "event": (2, 4, 4),
        "gene+status": (2, 4, 4),
        "gene+sign": (2, 4, 4),
    }
    assert counts.precision("event") == 50
    assert counts.f1("gene") == pytest.approx(100 * 2 / 11)


def test_perfect_answers_score_all_and_silence_nothing(abstracts):
    perfect = [
        Tagged(
            (),
            tuple(
                methylation(abstracts[0], *each)
                for each in (
                    (("Hypermethylation", 0), ("p16", 1), "hypermethylated"),
                    (("Hypermethylation", 0), ("E-cadherin", 0), "hypermethylated"),
                    (("methylated", 0), ("MLH1", 0), "unmethylated"),
                    (("methylated", 1), ("MLH1", 0), "methylated"),
                )
            ),
        ),
        Tagged((), ()),
    ]
    counts = counted(abstracts, perfect)
    assert [counts.f1(measure) for measure in MEASURES[2:]] == [100, 100, 100]
    silent = counted(abstracts, [Tagged((), ()), Tagged((), ())])
    assert [silent.f1(measure) for measure in MEASURES] == [0] * len(MEASURES)


def test_the_scorer_beside_the_repository_agrees(abstracts, said, standoff, tmp_path):
    path = SHARED / "score" / "methylation.py"
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    gold, predicted = tmp_path / "gold.jsonl.gz", tmp_path / "predicted.jsonl"
    gold.write_bytes(gzip.compress(standoff.read_bytes()))
    records = [record_of(document.pmid, tagged) for document, tagged in zip(abstracts, said, strict=True)]
    predicted.write_text("".join(json.dumps(record) + "\n" for record in records))
    printed = subprocess.run([sys.executable, path, gold, predicted], capture_output=True, text=True, check=True).stdout
    told = {
        line.split()[0]: [float(part) for part in re.findall(r"\d+\.\d|\d+", line)] for line in printed.splitlines()
    }
    counts = counted(abstracts, said)
    for measure in MEASURES:
        f1, gold_count, predicted_count = told[measure][-3:]
        assert f1 == pytest.approx(counts.f1(measure), abs=0.05)
        assert (gold_count, predicted_count) == (counts.gold[measure], counts.predicted[measure])
