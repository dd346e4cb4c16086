"""A linear-chain conditional random field over the tags of words (Lafferty et al. 2001, ICML 18:282).

The best path is told by max-marginals: for every word and tag the score of the best path that goes through it, so
that choosing the highest tag word by word gives the path of Viterbi's algorithm.
"""

import torch
from torch import Tensor, nn


class LinearChain(nn.Module):
    """Transition scores of several independent chains with the same number of tags.

    Args:
        chains: how many chains.
        tags: tags of each.

    """

    def __init__(self, chains: int, tags: int) -> None:
        super().__init__()
        self.transitions = nn.Parameter(torch.zeros(chains, tags, tags))
        self.first = nn.Parameter(torch.zeros(chains, tags))
        self.last = nn.Parameter(torch.zeros(chains, tags))

    def forward(self, emissions: Tensor, real: Tensor, tags: Tensor | None = None) -> Tensor:
        """Max-marginals, or with `tags` the negative log-likelihood of a row.

        Args:
            emissions: (chains, rows, words, tags) float, scores of single words.
            real: (chains, rows, words) bool; real words come first in a row.
            tags: (chains, rows, words) int64, the true ones.

        Returns:
            (chains, rows, words, tags), or (chains, rows); 0 for rows without words.
        """
        if tags is None:
            return self._max_marginals(emissions, real)
        return self._log_partition(emissions, real) - self._score(emissions, real, tags)

    def _score(self, emissions: Tensor, real: Tensor, tags: Tensor) -> Tensor:
        """The score of the true paths, (chains, rows)."""
        tags = tags.masked_fill(~real, 0)
        own = emissions.gather(-1, tags[..., None])[..., 0]
        chain = torch.arange(len(tags), device=tags.device)[:, None, None]
        moved = self.transitions[chain, tags[..., :-1], tags[..., 1:]] * real[..., 1:]
        ends = (real.sum(-1, keepdim=True) - 1).clamp(min=0)
        opened = self.first.gather(1, tags[..., 0])
        closed = self.last.gather(1, tags.gather(-1, ends)[..., 0])
        return (own * real).sum(-1) + moved.sum(-1) + (opened + closed) * real.any(-1)

    def _log_partition(self, emissions: Tensor, real: Tensor) -> Tensor:
        """The log of the sum over all paths, (chains, rows)."""
        state = self.first[:, None] + emissions[:, :, 0]
        for word in range(1, emissions.shape[2]):
            reached = (state[..., None] + self.transitions[:, None]).logsumexp(-2) + emissions[:, :, word]
            state = torch.where(real[:, :, word, None], reached, state)
        return (state + self.last[:, None]).logsumexp(-1) * real.any(-1)

    def _max_marginals(self, emissions: Tensor, real: Tensor) -> Tensor:
        """Best scores up to a word, and from there to the end, (chains, rows, words, tags)."""
        words = emissions.shape[2]
        forward = [self.first[:, None] + emissions[:, :, 0]]
        for word in range(1, words):
            forward.append((forward[-1][..., None] + self.transitions[:, None]).amax(-2) + emissions[:, :, word])
        end = self.last[:, None].expand_as(forward[0])
        backward = [end]
        for word in range(words - 1, 0, -1):
            reached = (self.transitions[:, None] + (emissions[:, :, word] + backward[0])[..., None, :]).amax(-1)
            backward.insert(0, torch.where(real[:, :, word, None], reached, end))
        return torch.stack(forward, 2) + torch.stack(backward, 2)


def packed(values: Tensor, real: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Real places moved to the front of each row.

    Args:
        values: (rows, places, ...).
        real: (rows, places) bool.

    Returns:
        The values (rows, most, ...), which of them are real (rows, most), and where they stood (rows, most) int64.
    """
    most = max(1, int(real.sum(1).max())) if len(real) else 1
    order = (~real).long().argsort(dim=1, stable=True)[:, :most]
    there = real.gather(1, order)
    spread = order.view(*order.shape, *[1] * (values.ndim - 2)).expand(*order.shape, *values.shape[2:])
    return values.gather(1, spread), there, order
