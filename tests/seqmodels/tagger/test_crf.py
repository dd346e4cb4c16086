"""The linear chain is what it is defined to be: all paths summed, the best one found."""

from itertools import pairwise, product

import pytest
import torch

from seqmodels.tagger.crf import LinearChain, packed
from seqmodels.tagger.track_head import TrackHead

LENGTHS = (4, 1, 3, 0)
WORDS, TAGS = 4, 3


@pytest.fixture(scope="module")
def chains():
    """Two chains with random weights, random scores of four rows, and which words are real."""
    random = torch.Generator().manual_seed(0)
    chain = LinearChain(2, TAGS)
    for weight in chain.parameters():
        weight.data = torch.randn(weight.shape, generator=random)
    emissions = torch.randn(2, len(LENGTHS), WORDS, TAGS, generator=random)
    real = (torch.arange(WORDS) < torch.tensor(LENGTHS)[:, None]).expand(2, -1, -1)
    return chain, emissions, real


def path_scores(chain, emissions, number, row):
    """The score of every path of one row."""
    scores = {}
    for path in product(range(TAGS), repeat=LENGTHS[row]):
        score = chain.first[number, path[0]] + chain.last[number, path[-1]]
        score = score + sum(emissions[number, row, at, tag] for at, tag in enumerate(path))
        scores[path] = score + sum(chain.transitions[number, one, two] for one, two in pairwise(path))
    return scores


def test_the_loss_is_the_share_of_the_true_path_among_all(chains):
    chain, emissions, real = chains
    tags = torch.randint(TAGS, (2, len(LENGTHS), WORDS), generator=torch.Generator().manual_seed(1))
    loss = chain(emissions, real, tags)
    for number in range(2):
        for row, length in enumerate(LENGTHS):
            if not length:
                assert loss[number, row] == 0
                continue
            scores = path_scores(chain, emissions, number, row)
            every = torch.stack(list(scores.values())).logsumexp(0)
            true = scores[tuple(tags[number, row, :length].tolist())]
            torch.testing.assert_close(loss[number, row], every - true, atol=1e-5, rtol=1e-5)


def test_the_highest_max_marginals_are_the_best_path(chains):
    chain, emissions, real = chains
    marginals = chain(emissions, real)
    for number in range(2):
        for row, length in enumerate(LENGTHS):
            if length:
                scores = path_scores(chain, emissions, number, row)
                best = max(scores, key=scores.get)
                assert tuple(marginals[number, row, :length].argmax(-1).tolist()) == best
                top = marginals[number, row, :length].amax(-1)
                torch.testing.assert_close(top, scores[best].expand(length), atol=1e-5, rtol=1e-5)


def test_real_places_move_to_the_front_and_back():
    values = torch.arange(12.0).view(2, 3, 2)
    real = torch.tensor([[False, True, True], [False, False, False]])
    front, there, order = packed(values, real)
    assert there.tolist() == [[True, True], [False, False]]
    assert torch.equal(front[0], values[0, 1:])
    assert order[0].tolist() == [1, 2]


@pytest.mark.parametrize("crf", [True, False])
def test_words_that_nobody_has_judged_cost_nothing_and_padding_changes_nothing(crf):
    torch.manual_seed(0)
    tracks = [("O", "B-gene", "I-gene"), ("none", "asserted", "negated"), ("no", "yes")]
    head = TrackHead(8, 6, tracks, crf=crf, dropout=0.0)
    for weight in head.parameters():
        weight.data.normal_()
    states, words = torch.randn(2, 5, 8), torch.tensor([[0, 1, 1, 1, 0], [0, 1, 0, 1, 0]]).bool()
    labels = torch.full((2, 5, 3), -100)
    labels[0, 1:4, 0] = torch.tensor([1, 2, 0])
    labels[1, 3, 1] = 2
    _, loss = head(states, words, labels)
    _, without = head(states[:1], words[:1], labels[:1])
    only = labels.clone()
    only[0] = -100
    _, other = head(states, words, only)
    torch.testing.assert_close(loss, without + other)
    wider = torch.nn.functional.pad(states, (0, 0, 0, 2), value=9.0)
    head.eval()
    scores, same = head(
        wider, torch.nn.functional.pad(words, (0, 2)), torch.nn.functional.pad(labels, (0, 0, 0, 2), value=-100)
    )
    torch.testing.assert_close(loss, same)
    torch.testing.assert_close(scores[:, :5][words], head(states, words, None)[0][words])


def test_a_chain_sees_words_alone_and_not_the_pieces_between_them():
    torch.manual_seed(1)
    head = TrackHead(8, 6, [("O", "B-gene", "I-gene")], crf=True, dropout=0.0).eval()
    for weight in head.parameters():
        weight.data.normal_()
    states = torch.randn(1, 3, 8)
    apart = torch.stack([states[0, 0], torch.randn(8), states[0, 1], torch.randn(8), states[0, 2]])[None]
    scores, _ = head(states, torch.ones(1, 3).bool(), None)
    spread, _ = head(apart, torch.tensor([[True, False, True, False, True]]), None)
    torch.testing.assert_close(spread[:, ::2], scores)
