"""The order of training is a function of the seed and the step."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from seqmodels.tokens import IGNORED, Ragged
from seqmodels.train.batches import OrderedBatches, TrainBatches
from seqmodels.train.examples import Examples, Strand


def examples(rows: int, reverse: bool = False) -> Examples:
    """Row i has tokens i + 1, i times over and once more; its other strand the negative ones."""
    forward = [[row + 1] * (row % 5 + 1) for row in range(rows)]
    other = [[-(row + 1)] * (row % 3 + 1) for row in range(rows)]
    return Examples(
        Strand(Ragged.of(forward), Ragged.of(forward)),
        Strand(Ragged.of(other), Ragged.of(other)) if reverse else None,
        inputs={"row": torch.arange(rows)},
    )


@given(
    rows=st.integers(1, 40), size=st.integers(1, 12), epochs=st.integers(1, 3), seed=st.integers(0, 2**63 - 1),
    like=st.booleans(),
)  # fmt: skip
def test_every_row_comes_once_an_epoch(rows, size, epochs, seed, like):
    batches = TrainBatches(examples(rows), seed, rows * epochs // size + 1, size, like_lengths=like)
    drawn = torch.cat([batch["row"] for batch in batches])[: rows * epochs]
    for epoch in drawn.split(rows):
        if len(epoch) == rows:
            assert sorted(epoch.tolist()) == list(range(rows))


@given(world=st.integers(1, 4), accumulate=st.integers(1, 3), both=st.booleans())
def test_processes_and_parts_share_the_step_of_one(world, accumulate, both):
    size, steps = 12 * world * accumulate, 3
    whole = [batch["row"].tolist() for batch in TrainBatches(examples(50, both), 7, steps, size, both_strands=both)]
    shared = [[] for _ in range(steps)]
    for part in range(steps * accumulate):
        for rank in range(world):
            batches = TrainBatches(examples(50, both), 7, steps, size, accumulate, world, rank, both)
            shared[part // accumulate] += batches.part(part)["row"].tolist()
    assert shared == whole


@given(start=st.integers(0, 12))
def test_a_part_is_the_same_whenever_it_is_read(start):
    def read(begin):
        batches = TrainBatches(examples(20, True), 3, 6, 8, 2, both_strands=True, change=noisy, start=begin)
        return [{name: values.tolist() for name, values in batch.items()} for batch in batches]

    assert read(start) == read(0)[start:]


def noisy(batch, random):
    return {**batch, "noise": torch.rand(3, generator=random)}


def test_rows_of_either_strand_keep_their_place_their_labels_and_their_padding():
    batch = examples(6, True).batch(torch.tensor([4, 1, 3]), torch.tensor([False, True, False]))
    assert batch["input_ids"].tolist() == [[5, 5, 5, 5, 5], [-2, -2, 0, 0, 0], [4, 4, 4, 4, 0]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [1, 1, 1, 1, 0]]
    assert batch["labels"][1].tolist() == [-2, -2, IGNORED, IGNORED, IGNORED]
    assert batch["row"].tolist() == [4, 1, 3]


def test_rows_of_like_length_share_a_step_so_that_little_is_padding():
    random = torch.Generator().manual_seed(0)
    lengths = torch.randint(1, 200, (1000,), generator=random).tolist()
    rows = Examples(Strand(Ragged.of([[1] * length for length in lengths])))
    batches = list(TrainBatches(rows, 0, 250, 8, like_lengths=True))
    real = sum(int(batch["attention_mask"].sum()) for batch in batches)
    assert real / sum(batch["input_ids"].numel() for batch in batches) > 0.9
    widths = [batch["input_ids"].shape[1] for batch in batches]
    # Long and short steps come in no order.
    assert abs(torch.corrcoef(torch.tensor([widths[:-1], widths[1:]], dtype=torch.float))[0, 1]) < 0.3


def test_both_strands_are_drawn_about_equally_often():
    batches = TrainBatches(examples(64, True), 5, 30, 32, both_strands=True)
    share = torch.cat([batch["input_ids"][:, 0] < 0 for batch in batches]).float().mean()
    assert 0.45 < share < 0.55


@given(rows=st.integers(1, 40), size=st.integers(1, 9), world=st.integers(1, 4))
def test_validation_reads_every_row_once_in_as_many_batches_on_each_process(rows, size, world):
    shares = [OrderedBatches(examples(rows), size, world=world, rank=rank) for rank in range(world)]
    read = [list(share) for share in shares]
    assert sorted(row for batches in read for batch in batches for row in batch["rows"].tolist()) == list(range(rows))
    assert {len(batches) for batches in read} == {len(shares[0])}


@given(st.lists(st.lists(st.integers(0, 9), max_size=6), min_size=1, max_size=8), st.data())
def test_ragged_rows_are_those_that_were_put_in(rows, data):
    ragged = Ragged.of(rows)
    assert [ragged.row(row).tolist() for row in range(len(rows))] == rows
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=5))
    taken = ragged.take(torch.tensor(chosen))
    padded, real = taken.padded(torch.arange(len(chosen)), -1)
    for at, row in enumerate(chosen):
        assert taken.row(at).tolist() == rows[row] == padded[at][real[at]].tolist()
        assert (padded[at][~real[at]] == -1).all()
