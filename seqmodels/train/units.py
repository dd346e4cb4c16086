"""The label that a token learns which answers for bases or words."""

import torch

from seqmodels.tokens import IGNORED, Ragged


def labels_of_tokens(ids: Ragged, owners: Ragged, truth: Ragged) -> Ragged:
    """The label that each token learns: that of most of its units, -100 where it has none or none is known.

    Args:
        ids: token ids of every row.
        owners: the token of each unit, as a position in its row.
        truth: the label of each unit, -100 where not known.

    Returns:
        Labels, in the shape of `ids`. Where two labels are equally frequent, the smaller number.
    """
    places = owners.values.long() + ids.offsets[:-1].repeat_interleave(owners.lengths)
    known = truth.values != IGNORED
    classes = int(truth.values.max()) + 1 if known.any() else 1
    votes = torch.zeros(len(ids.values) * classes, dtype=torch.int32)
    votes.index_add_(
        0, places[known] * classes + truth.values[known].long(), torch.ones(int(known.sum()), dtype=torch.int32)
    )
    votes = votes.view(-1, classes)
    labels = votes.argmax(1).to(torch.int32).masked_fill_(votes.sum(1) == 0, IGNORED)
    return Ragged(labels, ids.offsets)
