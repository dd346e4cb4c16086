"""Learning from verdicts: judged on folds that are locked, told as it is, and written beside what is in use."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqmodels.errors import ModelError
from seqmodels.predictors.card import Card, Score, read_card, weights_hash, write_card
from seqmodels.tagger.held_out import PAIRS, HeldOut, read_held_out, write_held_out
from seqmodels.tagger.recipes.results import Choice, Judged, learnt, pooled, weights_of
from seqmodels.tagger.retraining import JudgedPair, JudgedPaper, lesson_of, retrain, save_retrained
from seqmodels.tagger.scoring import f1_of
from tests.seqmodels.tagger.test_results import row

ROWS = tuple(row(fold, (30, 3, 3), (10, 2, 4)) for fold in range(2))
HELD_OUT = HeldOut(ROWS, frozenset({"11", "12"}), frozenset())


def paper(text: str, *pairs: tuple[float, bool], pmid: str | None = None) -> JudgedPaper:
    """A paper with pairs, each with what the model thinks of it and what people do."""
    return JudgedPaper(pmid, text, tuple(JudgedPair({"model": said}, right) for said, right in pairs))


AGREEING = [paper(f"paper {number}", (2.0, True), (-2.0, False)) for number in range(6)]
CONTRARY = [paper(f"paper {number}", *[(2.0, False), (-2.0, True)] * 20) for number in range(6)]


# What is learnt


def test_without_and_with_the_verdicts_the_folds_are_told_with_intervals():
    lesson = retrain(HELD_OUT, AGREEING).lesson
    assert [each.measure for each in lesson.measures] == ["event", "gene+status", "gene+sign"]
    without = pooled(ROWS)
    for at, each in enumerate(lesson.measures):
        assert each.before == f1_of(without.counts[:, at])
        assert each.before_low <= each.before <= each.before_high
        assert each.after_low <= each.after <= each.after_high
        assert each.low <= each.after - each.before <= each.high
    assert (lesson.pairs, lesson.right, lesson.papers, lesson.locked, lesson.abstracts) == (12, 6, 6, 0, 20)
    assert (lesson.agreed_before, lesson.agreed_after) == (12, 12)
    assert not lesson.is_worse


def test_verdicts_that_spoil_the_folds_are_called_worse():
    lesson = retrain(HELD_OUT, CONTRARY).lesson
    assert lesson.is_worse
    assert lesson.measures[0].high < 0
    assert lesson.agreed_before == 0


def test_the_verdicts_of_a_paper_are_told_by_those_of_other_papers():
    odd = paper("an odd one", *[(2.0, False), (-2.0, True)] * 5)
    lesson = retrain(HELD_OUT, [*AGREEING, odd]).lesson
    assert lesson.agreed_after == 12, "its own verdicts would have told it rightly, perhaps"


@settings(max_examples=3, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([-3.0, 0.0, 3.0]), st.booleans()), min_size=1, max_size=30),
    st.sampled_from(["11", "12"]),
)
def test_what_is_said_of_a_paper_of_a_fold_changes_nothing_that_is_learnt(said, pmid):
    known, changed = retrain(HELD_OUT, AGREEING), retrain(HELD_OUT, [*AGREEING, paper("locked", *said, pmid=pmid)])
    assert changed.lesson == replace(known.lesson, locked=1)
    assert (changed.weights.record(), changed.least) == (known.weights.record(), known.least)


def test_a_fold_is_never_judged_by_weights_that_it_taught():
    contrary = json.loads(json.dumps(ROWS[1]))
    for pair in (pair for each in contrary["papers"].values() for pair in each["said"]):
        pair[4] = [-pair[4][0]]
    nothing = Judged(np.zeros((1, 1)), np.array([True]))
    counts = pooled([*ROWS, ROWS[0], contrary], nothing).counts
    assert counts[-1, 0, 0] <= 2, "by the others alone its right pairs are unlikely"


def test_a_judged_pair_counts_as_often_as_was_chosen():
    judged = Judged(np.array([[2.0], [-2.0]]), np.array([False, True]))
    ten, once = Choice(30.0, 0.3, 10), Choice(30.0, 0.3, 1)
    tenfold = Judged(np.repeat(judged.features, 10, 0), np.repeat(judged.right, 10))
    assert weights_of(ROWS, ten, judged).record() == weights_of(ROWS, once, tenfold).record()
    assert weights_of(ROWS, ten, judged).weights < learnt(ROWS)[0].weights


@pytest.mark.parametrize(
    ("papers", "complaint"),
    [
        ([], "There are 0 judged pairs"),
        (AGREEING[:4], "There are 8 judged pairs"),
        ([*AGREEING[:4], paper("locked", (1.0, True), (1.0, False), pmid="11")], "besides those of 1 papers"),
        ([paper("all right", *[(1.0, True)] * 12)], "All of them hold"),
        ([paper("all wrong", *[(1.0, False)] * 12)], "None of them holds"),
    ],
)
def test_too_little_is_refused_with_what_is_missing(papers, complaint):
    with pytest.raises(ModelError) as caught:
        retrain(HELD_OUT, papers)
    assert complaint in str(caught.value)
    assert "ccept" in caught.value.remedy or "eject" in caught.value.remedy


# The folds in a file


def test_the_same_folds_are_the_same_bytes_and_come_back(tmp_path, abstracts):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "adapter_model.safetensors").write_bytes(b"weights")
        write_held_out(tmp_path / name, ROWS, [abstracts[:1], abstracts[1:]])
    assert (tmp_path / "one" / PAIRS).read_bytes() == (tmp_path / "two" / PAIRS).read_bytes()
    held_out = read_held_out(tmp_path / "one")
    assert pooled(held_out.rows).counts.tolist() == pooled(ROWS).counts.tolist()
    assert held_out.has("2", "anything")
    assert held_out.has(None, abstracts[0].text.replace("\n", "  ").upper()), "the same words, spaced otherwise"
    assert not held_out.has(None, "anything")


def test_folds_of_other_weights_are_refused(tmp_path, abstracts):
    (tmp_path / "adapter_model.safetensors").write_bytes(b"weights")
    with pytest.raises(ModelError, match="has no pairs"):
        read_held_out(tmp_path)
    write_held_out(tmp_path, ROWS, [abstracts, abstracts])
    (tmp_path / "adapter_model.safetensors").write_bytes(b"others")
    with pytest.raises(ModelError, match="of other weights"):
        read_held_out(tmp_path)


def test_the_tagger_of_the_package_brings_its_folds():
    from seqmodels.tagger.bundled import BUNDLED

    held_out = read_held_out(BUNDLED)
    assert (BUNDLED / PAIRS).stat().st_size < 300_000
    assert sum(each["abstracts"] for each in held_out.rows) == len(held_out.pmids) == 600
    notes = json.loads((BUNDLED / "backbone.json").read_text())["notes"]
    assert set(held_out.rows[0]["features"]) == set(notes["pairs"]["weights"])
    assert all(set(each["papers"]) <= set(each["pmids"]) for each in held_out.rows)
    assert read_card(BUNDLED).sha256 == weights_hash(BUNDLED)


# What is written


@pytest.fixture
def folder(tmp_path, abstracts):
    """A tagger's folder, as the package has one."""
    place = tmp_path / "tagger"
    place.mkdir()
    (place / "adapter_model.safetensors").write_bytes(b"weights")
    (place / "backbone.json").write_text(json.dumps({"notes": {"least": 0.4, "other": 1}, "task": "token_label"}))
    scores = tuple(Score(name=f"{name}: event F1", value=1, rows=1) for name in ("gold genes", "raw text", "CG devel"))
    told = {"name": "tagger", "predicts": "p", "data": "EPI", "licence": "l", "split": "s", "seeds": (0,), "limits": ""}
    card = Card(**told, command="c", scores=scores, calibration="", sha256=weights_hash(place))
    write_card(place, card)
    write_held_out(place, ROWS, [abstracts[:1], abstracts[1:]])
    return place


def test_a_candidate_has_the_same_weights_other_notes_and_a_card_that_says_so(folder, tmp_path):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    retrained = retrain(HELD_OUT, AGREEING)
    save_retrained(folder, tmp_path / "candidate", retrained, "2026-11-24")
    candidate = tmp_path / "candidate"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before, "what is in use stays"
    assert (candidate / "adapter_model.safetensors").read_bytes() == b"weights"
    assert read_held_out(candidate) == read_held_out(folder)
    notes = json.loads((candidate / "backbone.json").read_text())["notes"]
    assert (notes["least"], notes["pairs"], notes["other"]) == (retrained.least, retrained.weights.record(), 1)
    card = read_card(candidate)
    assert "12 judged pairs (6 right) of 6 papers" in card.data
    assert "2026-11-24" in card.data
    assert card.score("raw text: event F1").value == retrained.lesson.measures[0].after
    assert card.score("raw text: event F1 without the verdicts").value == retrained.lesson.measures[0].before
    assert card.score("CG devel: event F1")
    assert not card.score("gold genes: event F1"), "those were of other weights of pairs"
    assert lesson_of(candidate) == retrained.lesson
    assert lesson_of(folder) is None


def test_who_learns_again_learns_from_the_folds_and_says_only_the_last_lesson(folder, tmp_path):
    save_retrained(folder, tmp_path / "candidate", retrain(HELD_OUT, AGREEING), "2026-11-24")
    shutil.rmtree(folder)
    (tmp_path / "candidate").rename(folder)
    save_retrained(folder, tmp_path / "candidate", retrain(HELD_OUT, CONTRARY), "2026-11-25")
    data = read_card(tmp_path / "candidate").data
    assert "2026-11-25" in data
    assert "2026-11-24" not in data
    assert lesson_of(tmp_path / "candidate").is_worse
    assert sorted(path.name for path in tmp_path.iterdir()) == ["candidate", "tagger"], "nothing unfinished is left"
