"""What is hidden in pre-training."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqmodels.tokens import IGNORED
from seqmodels.train.masking import Masking, next_tokens

MASK, PAD, FIRST = 4, 0, 5
WORDS = 200


def masking(share=0.15, span=1):
    plain = torch.ones(FIRST + WORDS, dtype=torch.bool)
    plain[:FIRST] = False
    return Masking(share, span, MASK, plain)


def batch(rows=64, length=128, seed=0):
    ids = torch.randint(FIRST, FIRST + WORDS, (rows, length), generator=torch.Generator().manual_seed(seed))
    mask = torch.ones_like(ids)
    ids[:, 0], ids[:, -10:], mask[:, -10:] = 1, PAD, 0
    return {"input_ids": ids, "attention_mask": mask}


def seeded(seed=1):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("span", [1, 3, 6])
def test_the_share_is_that_asked_for_whatever_the_span(span):
    hidden = masking(0.15, span)(batch(), seeded())
    free = (batch()["input_ids"] >= FIRST).sum()
    assert (hidden["labels"] != IGNORED).sum() / free == pytest.approx(0.15, abs=0.02)


def test_eight_in_ten_become_the_mask_one_another_token_and_one_stays():
    before, hidden = batch(256)["input_ids"], masking()(batch(256), seeded())
    chosen = hidden["labels"] != IGNORED
    now, was = hidden["input_ids"][chosen], before[chosen]
    assert (now == MASK).double().mean() == pytest.approx(0.8, abs=0.02)
    assert (now == was).double().mean() == pytest.approx(0.1, abs=0.02)
    assert torch.equal(hidden["labels"][chosen], was)
    assert torch.equal(hidden["input_ids"][~chosen], before[~chosen])


def test_special_tokens_and_padding_are_never_hidden():
    hidden = masking(0.9)(batch(), seeded())
    special = batch()["input_ids"] < FIRST
    assert torch.equal(hidden["input_ids"][special], batch()["input_ids"][special])
    assert (hidden["labels"][special] == IGNORED).all()
    assert (hidden["input_ids"][~special] >= MASK).all()


def test_overlapping_k_mers_are_hidden_in_whole_spans_that_are_treated_alike():
    hidden = masking(0.15, 6)(batch(128), seeded())
    for row, labels in enumerate(hidden["labels"]):
        chosen = (labels != IGNORED).tolist()
        runs = "".join("x" if mark else " " for mark in chosen[:-10]).split()
        # The end of a row may cut a span short.
        runs = runs[:-1] if chosen[-11] else runs
        assert all(len(run) >= 6 for run in runs)
        if runs and len(runs[0]) == 6:
            at = chosen.index(True)
            masked = hidden["input_ids"][row, at : at + 6] == MASK
            assert masked.all() or not masked.any()


@given(length=st.integers(2, 6), seed=st.integers(0, 1000))
def test_a_batch_always_has_something_to_learn(length, seed):
    ids = torch.full((2, length), FIRST)
    hidden = masking(1e-6)({"input_ids": ids, "attention_mask": torch.ones_like(ids)}, seeded(seed))
    assert (hidden["labels"] != IGNORED).sum() == 1


def test_next_tokens_are_the_tokens_without_the_padding():
    given_batch = batch(2)
    labels = next_tokens(given_batch, seeded())["labels"]
    assert (labels[:, -10:] == IGNORED).all()
    assert torch.equal(labels[:, :-10], given_batch["input_ids"][:, :-10])
