"""Short codes of many vectors: all of them are looked at for each question, the nearest are rated by their vectors.

Product quantisation (Jégou et al. 2011, doi:10.1109/TPAMI.2010.57) to four bits for every two dimensions, scanned in
registers (André et al. 2015, doi:10.14778/2856318.2856324). Of what was measured by `benchmarks.size` no other kind
finds as many: lists and graphs miss neighbours where vectors form no clusters.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.index import Numbers
from seqmodels.encoder import Vector

_BITS, _DIMENSIONS_PER_CODE = 4, 2
# Sixteen centroids for each pair of dimensions need no more.
_TRAINED_ON = 16_384


def can_code(dimension: int) -> bool:
    """Whether vectors of this dimension can be cut into pairs."""
    return dimension % _DIMENSIONS_PER_CODE == 0


def trained(rows: Vector) -> Any:
    """An index of codes with nothing in it, its centroids learnt from a sample of these vectors."""
    import faiss

    dimension = rows.shape[1]
    codes = faiss.IndexPQFastScan(dimension, dimension // _DIMENSIONS_PER_CODE, _BITS, faiss.METRIC_INNER_PRODUCT)
    sample = np.random.default_rng(0).permutation(len(rows))[:_TRAINED_ON]
    codes.train(np.ascontiguousarray(rows[np.sort(sample)]))
    return codes


def emptied(codes: Any) -> Any:
    """A copy that has learnt the same and holds nothing; the original may be in use."""
    import faiss

    copy = faiss.clone_index(codes)
    copy.reset()
    return copy


def nearest(codes: Any, question: Vector, count: int) -> Numbers:
    """Places of the vectors that look nearest by their codes, at most `count`."""
    _, places = codes.search(question[None], min(count, codes.ntotal))
    found: NDArray[np.int64] = places[0]
    return found[found >= 0]
