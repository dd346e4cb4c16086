"""A test file is scored by the finished model, and never before."""

import json
import random
from pathlib import Path

import pytest

from seqmodels.data.errors import DataError
from seqmodels.train.errors import RunError
from seqmodels.train.evaluation import evaluate
from seqmodels.train.run import Run


def fresh(rows):
    drawn = random.Random(11)
    return [
        ("".join(drawn.choices("ACGT", k=18)) + "TATAAA" + "".join(drawn.choices("ACGT", k=17)), "promoter")
        for _ in range(rows)
    ] + [
        ("".join(drawn.choices("ACGT", k=18)) + "GCGCGC" + "".join(drawn.choices("ACGT", k=17)), "other")
        for _ in range(rows)
    ]


def test_a_test_file_is_scored_once_training_is_over(own_classifier, table):
    found = evaluate(own_classifier, table("test.csv", fresh(20)))
    assert found.scores["accuracy"] > 0.8
    assert (found.rows, found.seen, found.times) == (40, 0, 1)
    assert found.unseen == found.scores
    [note] = (own_classifier.folder / "evaluations").iterdir()
    assert json.loads(note.read_text())["weights"] == own_classifier.card["weights"]["model.safetensors"]


def test_rows_that_training_has_seen_are_counted_and_left_out_of_a_second_score(own_classifier, table, windows):
    known = [tuple(line.split(",")) for line in windows.read_text().splitlines()[1:11]]
    other = str.maketrans("ACGT", "TGCA")
    turned = [(sequence.translate(other)[::-1], label) for sequence, label in known]
    found = evaluate(own_classifier, table("test.csv", fresh(10) + known[:5] + turned[5:]))
    assert (found.rows, found.seen) == (30, 10)
    assert found.unseen == pytest.approx(evaluate(own_classifier, table("fresh.csv", fresh(10))).scores)


def test_lines_are_scored_with_phenotypes_of_their_own(run, wheat, tmp_path):
    done = run("model=gmlp", "model.size=tiny", "task=regress", "data=markers", *wheat, "fit.steps=3")
    markers, phenotypes = (Path(override.partition("=")[2]) for override in wheat)
    (tmp_path / "others.csv").write_text(markers.read_text().replace("\nL", "\nN"))
    (tmp_path / "measured.csv").write_text(phenotypes.read_text().replace("\nL", "\nN"))
    found = evaluate(done, tmp_path / "others.csv", tmp_path / "measured.csv")
    assert (found.rows, found.seen) == (48, 48)
    with pytest.raises(DataError, match="no line has both markers and phenotypes"):
        evaluate(done, tmp_path / "others.csv")


def test_how_often_a_test_file_was_scored_is_remembered(own_classifier, table):
    path = table("test.csv", fresh(5))
    assert [evaluate(own_classifier, path).times for _ in range(2)] == [1, 2]


def test_an_unfinished_run_is_not_scored(own_classifier, table):
    (own_classifier.folder / "card.json").unlink()
    with pytest.raises(RunError, match="has not finished"):
        evaluate(Run(own_classifier.folder), table("test.csv", fresh(5)))


def test_other_classes_than_the_training_files_are_refused(own_classifier, table):
    with pytest.raises(DataError, match="'enhancer' is none of other, promoter"):
        evaluate(own_classifier, table("test.csv", [("ACGT" * 10, "enhancer")]))
