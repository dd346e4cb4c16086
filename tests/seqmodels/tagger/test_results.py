"""Folds put together: what weighs pairs never sees the fold that it is used on."""

import json

import numpy as np
import pytest

from seqmodels.predictors.card import Card
from seqmodels.tagger.recipes.results import learnt, pooled, read_results
from seqmodels.tagger.recipes.training import judgement
from seqmodels.tagger.scoring import difference, f1_of, interval
from seqmodels.tagger.tagged import Methylation, Quoted, Tagged


def row(fold: int, *papers: tuple[int, int, int], setting: str = "raw text") -> dict:
    """A fold of ten abstracts; of each told here so many pairs are right and told, right and not, wrong and told.

    One feature says by itself which pairs are likely.
    """
    of = {}
    for number, (hits, missed, wrong) in enumerate(papers):
        right = [[at * 10, at * 10 + 5, f"g{at}", "methylated"] for at in range(hits + missed)]
        said = [[*each, [2.0 if at < hits else -2.0]] for at, each in enumerate(right)]
        said += [[9000 + at * 10, 9005 + at * 10, f"w{at}", "methylated", [2.0]] for at in range(wrong)]
        said += [[50000 + at * 10, 50005 + at * 10, f"n{at}", "methylated", [-2.0]] for at in range(3 * (hits + 1))]
        of[f"{fold}-{number}"] = {"gold": right, "said": said}
    common = {"model": "m", "fold": fold, "setting": setting, "abstracts": 10, "names": {}}
    return {**common, "features": ["model"], "papers": of}


def test_a_fold_is_weighed_by_what_the_others_teach():
    usual = [row(fold, (180, 20, 20)) for fold in range(3)]
    contrary = row(3, (180, 20, 20))
    for pair in (pair for paper in contrary["papers"].values() for pair in paper["said"]):
        pair[4] = [-pair[4][0]]
    whole = pooled([*usual, contrary])
    assert whole.counts[0, 0].tolist() == [180, 200, 200]
    assert whole.counts[3, 0, 0] == 20, "what it says itself of its pairs is not asked"
    assert whole.abstracts == 40


def test_what_ships_is_learnt_from_all_folds():
    weights, least = learnt([row(fold, (180, 20, 20)) for fold in range(3)])
    likely, unlikely = weights.probabilities([{"model": 2.0}, {"model": -2.0}])
    assert unlikely < least <= likely


def test_false_events_are_counted_in_abstracts_without_any():
    rows = [row(0, (80, 0, 0), (0, 0, 3)), row(1, (80, 0, 0))]
    assert pooled(rows).false_events == pytest.approx(100 * 3 / 18)


def test_an_event_that_no_pair_tells_is_missed_all_the_same():
    rows = [row(0, (80, 0, 0)), row(1, (80, 0, 0))]
    rows[0]["papers"]["silent"] = {"gold": [[1, 2, "g", "methylated"]], "said": []}
    assert pooled(rows).counts[:, 0, 1].sum() == 161


def test_what_was_said_is_kept_with_its_features_beside_what_is_annotated(abstracts):
    first = abstracts[0]
    event = first.events[0]
    trigger = Quoted(event.trigger.start, event.trigger.end, event.trigger.text)
    gene = Quoted(event.theme.start, event.theme.end, event.theme.text)
    said = Tagged((), (Methylation(trigger, gene, "hypermethylated", False, False, None, 0.45),))
    told = judgement(abstracts, [(said, [(gene.start, gene.end)]), (Tagged((), ()), [])])
    assert told["abstracts"] == 2
    [[start, end, cluster, status, values]] = told["papers"]["1"]["said"]
    assert [start, end, cluster, status] in told["papers"]["1"]["gold"]
    assert len(values) == len(told["features"])
    assert "2" not in told["papers"], "an abstract without any is not listed"
    assert json.loads(json.dumps(told)) == told


def test_the_interval_holds_the_score_and_narrows_with_documents():
    few = np.array([(3, 4, 5), (0, 2, 1), (5, 5, 5)])
    many = np.tile(few, (40, 1))
    score = 200 * few[:, 0].sum() / few[:, 1:].sum()
    (low, high), (narrow_low, narrow_high) = interval(few), interval(many)
    assert low < narrow_low < score < narrow_high < high
    assert interval(np.zeros((4, 3), np.int64)) == (0.0, 0.0)


def test_a_rise_is_of_the_same_documents_drawn_for_both():
    before = np.array([(3, 4, 5), (0, 2, 1), (5, 5, 5)] * 20)
    better = before + np.array([1, 0, 0]) * (before[:, :1] < before[:, 1:2])
    low, high = difference(before, better)
    assert 0 < low < f1_of(better) - f1_of(before) < high
    assert difference(before, before) == (0.0, 0.0)
    assert difference(np.zeros((2, 3), np.int64), np.zeros((2, 3), np.int64)) == (0.0, 0.0)


def test_a_bundle_names_no_path_and_its_card_has_the_folds_scores(tmp_path, abstracts):
    from seqmodels.tagger.recipes.bundle import bundle
    from seqmodels.train.run import Run

    run = Run(tmp_path / "final")
    run.model.mkdir(parents=True)
    (run.folder / "card.json").write_text(json.dumps({"seed": 0}))
    (run.model / "adapter_model.safetensors").write_bytes(b"weights")
    (run.model / "backbone.json").write_text(json.dumps({"base": {"source": "all-MiniLM-L6-v2"}}))
    (run.model / "adapter_config.json").write_text(json.dumps({"r": 32, "base_model_name_or_path": str(tmp_path)}))
    rows = [row(fold, (180, 20, 20)) for fold in range(2)]
    rows.append({**rows[0], "setting": "CG devel", "names": {"gene": [8, 10, 10], "cancer": [9, 10, 10]}})
    bundle(run, rows, [abstracts[:1], abstracts[1:]], tmp_path / "weights")
    assert not [path for path in (tmp_path / "weights").iterdir() if str(tmp_path).encode() in path.read_bytes()]
    notes = json.loads((tmp_path / "weights" / "backbone.json").read_text())["notes"]
    assert set(notes) == {"least", "pairs"}
    assert set(notes["pairs"]["weights"]) == {"model"}
    card = Card.model_validate_json((tmp_path / "weights" / "card.json").read_text())
    assert card.score("raw text: event F1").value == pytest.approx(90)
    assert card.score("CG devel: cancer F1").value == pytest.approx(90)


def test_no_results_are_no_rows(tmp_path):
    assert list(read_results(tmp_path / "none.jsonl")) == []
