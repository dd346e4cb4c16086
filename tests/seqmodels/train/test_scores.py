"""Scores are those of scikit-learn, and of the CoNLL-2003 scorer."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from seqmodels.train.head import Head
from seqmodels.train.losses import loss_of
from seqmodels.train.scores import Entity, entities, of_classes, of_flags, of_tags, of_values


@pytest.mark.parametrize("classes", [2, 4])
def test_scores_of_classes_are_scikit_learns(classes):
    random = torch.Generator().manual_seed(0)
    labels = torch.randint(classes, (300,), generator=random)
    logits = torch.randn(300, classes, generator=random) + 1.5 * torch.eye(classes)[labels]
    found, shares, chosen = of_classes(logits, labels), logits.softmax(1).numpy(), logits.argmax(1)
    average = "binary" if classes == 2 else "macro"
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(labels, chosen))
    assert found["mcc"] == pytest.approx(metrics.matthews_corrcoef(labels, chosen), abs=1e-6)
    assert found["f1"] == pytest.approx(metrics.f1_score(labels, chosen, average=average), abs=1e-6)
    if classes == 2:
        assert found["auroc"] == pytest.approx(metrics.roc_auc_score(labels, shares[:, 1]), abs=1e-6)
        assert found["auprc"] == pytest.approx(metrics.average_precision_score(labels, shares[:, 1]), abs=1e-6)
    else:
        assert found["auroc"] == pytest.approx(metrics.roc_auc_score(labels, shares, multi_class="ovr"), abs=1e-6)


def test_calibration_error_is_the_gap_between_confidence_and_truth():
    # 0.75 sure and right in half of the cases.
    logits = torch.tensor([[0.0, np.log(3)]]).repeat(10, 1)
    assert of_classes(logits, torch.tensor([0, 1] * 5))["ece"] == pytest.approx(0.25, abs=1e-6)


def test_missing_labels_count_for_nothing():
    logits = torch.tensor([[2.0, 0.0], [0.0, 2.0], [9.0, 0.0]])
    assert of_classes(logits, torch.tensor([0, 1, -100])) == of_classes(logits[:2], torch.tensor([0, 1]))
    one, both = torch.tensor([[1.0, 5.0], [2.0, 5.0], [4.0, 9.0]]), torch.tensor([[1.0], [2.0], [4.0]])
    measured = torch.tensor([[1.5, np.nan], [2.5, np.nan], [3.0, np.nan]])
    assert of_values(one, measured) == of_values(both, measured[:, :1])
    flags = torch.tensor([[1.0, np.nan], [0.0, np.nan], [1.0, 1.0]])
    assert of_flags(one, flags) == of_flags(both, flags[:, :1])


def test_scores_of_values_are_correlation_error_and_r2():
    random = np.random.default_rng(0)
    measured = random.normal(size=(50, 1))
    predicted = measured + random.normal(size=(50, 1))
    found = of_values(torch.from_numpy(predicted), torch.from_numpy(measured))
    assert found["r"] == pytest.approx(np.corrcoef(predicted[:, 0], measured[:, 0])[0, 1])
    assert found["rmse"] == pytest.approx(metrics.root_mean_squared_error(measured, predicted))
    assert found["r2"] == pytest.approx(metrics.r2_score(measured, predicted))


def test_a_constant_prediction_correlates_with_nothing():
    assert of_values(torch.ones(5, 1), torch.arange(5.0)[:, None])["r"] == 0


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("O B-G I-G O B-G", [("G", 1, 3), ("G", 4, 5)]),
        ("B-G B-G", [("G", 0, 1), ("G", 1, 2)]),
        ("I-G I-G I-D", [("G", 0, 2), ("D", 2, 3)]),
        ("B-G I-D I-D", [("G", 0, 1), ("D", 1, 3)]),
        ("B-G O I-G", [("G", 0, 1), ("G", 2, 3)]),
    ],
)
def test_entities_are_those_of_the_conll_scorer(tags, found):
    assert entities(tags.split()) == [Entity(*each) for each in found]


def test_an_entity_counts_only_with_both_borders_and_its_kind():
    names = ("O", "B-G", "I-G", "B-D")
    truth = torch.tensor([1, 2, 0, 3, 1])
    found = of_tags(torch.tensor([1, 2, 0, 1, 1]), truth, [3, 2], names)
    assert (found["entity_precision"], found["entity_recall"]) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert found["f1"] == pytest.approx(2 / 3)
    assert of_tags(truth, truth, [3, 2], names)["f1"] == 1
    # The last word of one row and the first of the next are no entity together.
    assert of_tags(torch.tensor([0, 0, 1, 2, 0]), torch.tensor([0, 0, 1, 2, 0]), [3, 2], names)["entity_recall"] == 1


def test_bases_without_entities_are_scored_by_class():
    found = of_tags(torch.tensor([0, 1, 1, 0]), torch.tensor([0, 1, 0, -100]), [4], ("none", "gene"))
    assert found["f1"] == found["token_f1"] == pytest.approx((2 / 3 + 2 / 3) / 2)


@given(st.integers(0, 100))
def test_the_loss_of_a_batch_without_any_label_is_zero_and_so_is_its_gradient(seed):
    random = torch.Generator().manual_seed(seed)
    for head, labels in (
        (Head("classes", ("a", "b")), torch.full((3,), -100)),
        (Head("values", ("a", "b")), torch.full((3, 2), torch.nan)),
        (Head("flags", ("a", "b")), torch.full((3, 2), torch.nan)),
    ):
        logits = torch.randn(3, 2, generator=random, requires_grad=True)
        loss = loss_of(logits, labels, head, 0.1)
        loss.backward()
        assert loss == 0
        assert (logits.grad == 0).all()


def test_missing_values_leave_the_loss_of_the_others_alone():
    logits, head = torch.tensor([[1.0, 9.0], [3.0, 9.0]]), Head("values", ("a", "b"))
    labels = torch.tensor([[2.0, torch.nan], [5.0, torch.nan]])
    assert loss_of(logits, labels, head) == pytest.approx((1 + 4) / 2)
