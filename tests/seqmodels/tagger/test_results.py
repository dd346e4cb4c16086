"""Folds put together: least probabilities never see the fold that they are used on."""

import json

import numpy as np
import pytest

from seqmodels.predictors.card import Card
from seqmodels.tagger.recipes.results import best_least, pooled, read_results
from seqmodels.tagger.recipes.training import judgement
from seqmodels.tagger.scoring import interval
from seqmodels.tagger.tagged import Methylation, Quoted, Tagged


def row(fold: int, low: tuple[int, int, int], high: tuple[int, int, int]) -> dict:
    """A fold of ten abstracts, one with events, whose counts are these at two pairs."""
    counts = {"0.3/0.1": {str(fold): [low] * 3}, "0.6/0.1": {str(fold): [high] * 3}}
    return {"model": "m", "fold": fold, "setting": "raw text", "abstracts": 10, "names": {}, "events": counts}


def test_a_folds_least_probabilities_are_the_best_on_the_others():
    good, bad = (9, 10, 10), (1, 10, 10)
    rows = [row(0, bad, good), row(1, good, bad), row(2, good, bad)]
    whole = pooled(rows)
    assert whole.leasts == ((0.3, 0.1),) * 3
    assert whole.counts[0, 0].tolist() == list(bad)
    assert whole.abstracts == 30
    assert best_least(rows) == (0.3, 0.1)


def test_a_single_fold_has_the_middle_ones():
    only = row(0, (1, 1, 1), (1, 1, 1))
    only["events"]["0.5/0.5"] = {"7": [(3, 4, 5)] * 3}
    assert pooled([only]).leasts == ((0.5, 0.5),)
    assert pooled([only]).counts[0, 0].tolist() == [3, 4, 5]


def test_false_events_are_counted_in_abstracts_without_any():
    mixed = row(0, (1, 1, 2), (0, 0, 0))
    mixed["events"]["0.5/0.5"] = {"1": [(1, 1, 2)] * 3, "2": [(0, 0, 3)] * 3}
    assert pooled([mixed]).false_events == pytest.approx(100 * 3 / 9)


def test_what_was_said_is_judged_at_all_least_probabilities(abstracts):
    first = abstracts[0]
    event = first.events[0]
    trigger = Quoted(event.trigger.start, event.trigger.end, event.trigger.text)
    gene = Quoted(event.theme.start, event.theme.end, event.theme.text)
    said = Tagged((), (Methylation(trigger, gene, "hypermethylated", False, False, None, 0.45),))
    told = judgement(abstracts, [said, Tagged((), ())])
    assert told["abstracts"] == 2
    found = {key: told["events"][key]["1"][0][0] for key in ("0.4/0.4", "0.7/0.4", "0.5/0.5", "0.7/0.7")}
    assert found == {"0.4/0.4": 1, "0.7/0.4": 1, "0.5/0.5": 0, "0.7/0.7": 0}, "it is plainly said"
    assert "2" not in told["events"]["0.5/0.5"], "an abstract without any is not listed"
    assert json.loads(json.dumps(told)) == told


def test_the_interval_holds_the_score_and_narrows_with_documents():
    few = np.array([(3, 4, 5), (0, 2, 1), (5, 5, 5)])
    many = np.tile(few, (40, 1))
    score = 200 * few[:, 0].sum() / few[:, 1:].sum()
    (low, high), (narrow_low, narrow_high) = interval(few), interval(many)
    assert low < narrow_low < score < narrow_high < high
    assert interval(np.zeros((4, 3), np.int64)) == (0.0, 0.0)


def test_a_bundle_names_no_path_and_its_card_has_the_folds_scores(tmp_path):
    from seqmodels.tagger.recipes.bundle import bundle
    from seqmodels.train.run import Run

    run = Run(tmp_path / "final")
    run.model.mkdir(parents=True)
    (run.folder / "card.json").write_text(json.dumps({"seed": 0}))
    (run.model / "adapter_model.safetensors").write_bytes(b"weights")
    (run.model / "backbone.json").write_text(json.dumps({"base": {"source": "all-MiniLM-L6-v2"}}))
    (run.model / "adapter_config.json").write_text(json.dumps({"r": 32, "base_model_name_or_path": str(tmp_path)}))
    rows = [row(fold, (9, 10, 10), (1, 10, 10)) for fold in range(2)]
    rows.append({**rows[0], "setting": "CG devel", "names": {"gene": [8, 10, 10], "cancer": [9, 10, 10]}})
    bundle(run, rows, tmp_path / "weights")
    assert not [path for path in (tmp_path / "weights").iterdir() if str(tmp_path).encode() in path.read_bytes()]
    assert json.loads((tmp_path / "weights" / "backbone.json").read_text())["notes"] == {"least": [0.3, 0.1]}
    card = Card.model_validate_json((tmp_path / "weights" / "card.json").read_text())
    assert card.score("raw text: event F1").value == pytest.approx(90)
    assert card.score("CG devel: cancer F1").value == pytest.approx(90)


def test_no_results_are_no_rows(tmp_path):
    assert list(read_results(tmp_path / "none.jsonl")) == []
