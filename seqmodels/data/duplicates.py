"""Rows that are copies, or nearly so: numbered in groups, so that a split can keep each group on one side.

Near-duplicate DNA shares k-mers. Windows of up to 100 bases belong together when they share one k-mer of 20 bases on
either strand; longer sequences when they share a fifth of the 20-mers of the shorter one (about 92 % identity, or an
overlap of a quarter of its length). Groups are transitive. K-mers are compared by sorting, so that time grows with
n log n and no pair of rows is looked at that shares nothing. Above 16 million k-mers only those whose hash is small are
kept (FracMinHash: Irber et al. 2022, doi:10.1101/2022.01.11.475838), which keeps fractions.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from seqmodels.data.alphabet import codes_of
from seqmodels.data.strands import canonical

Groups = NDArray[np.int64]

WINDOW = 100
"""Up to this many bases, one shared k-mer makes two sequences near-duplicates."""

_MOST_KMERS = 16_000_000
_BLOCK = 4_000_000
_NEIGHBOURS = 3
_MOST_MARKERS = 5_000


def exact_groups(sequences: Sequence[str]) -> Groups:
    """Number sequences so that equal ones, and reverse complements, have the same number; int64 (n,), from 0 up."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(canonical(sequence), len(numbers)) for sequence in sequences], dtype=np.int64)


def near_groups(sequences: Sequence[str], *, k: int = 20, containment: float = 0.2) -> Groups:
    """Number sequences so that near-duplicates on either strand have the same number; exact ones always have.

    K-mers with letters other than A C G T, and those that are little but a repeat of one to three bases, do not count.

    Args:
        sequences: upper-case DNA.
        k: length of the compared k-mers, 4 to 31.
        containment: share of the shorter sequence's k-mers that must be found in the other, for sequences above
            `WINDOW` bases.

    Returns:
        int64 (n,), group numbers from 0 up.
    """
    if not 4 <= k <= 31 or not 0 <= containment <= 1:
        raise ValueError(f"k goes from 4 to 31 and containment from 0 to 1; got {k} and {containment}")
    exact = exact_groups(sequences)
    count = int(exact.max(initial=-1)) + 1
    first = np.full(count, -1, dtype=np.int64)
    first[exact[::-1]] = np.arange(len(exact))[::-1]
    distinct = [sequences[int(i)] for i in first]
    short = np.array([len(sequence) <= WINDOW for sequence in distinct], dtype=bool)
    hashes, owners = _sketches(distinct, k)
    sizes = np.bincount(owners, minlength=count)
    needed = np.where(short, 1, np.maximum(1, np.ceil(containment * sizes))).astype(np.int64)
    return _linked(hashes, owners, sizes, needed)[exact]


def line_groups(dosages: ArrayLike, identity: float = 0.99) -> Groups:
    """Number breeding lines so that those with the same genotype at nearly all markers have the same number.

    Args:
        dosages: (lines, markers) 0/1/2 or 0/1, NaN missing; a marker counts where both lines have it. Of more than
            5,000 markers, evenly spaced ones are compared.
        identity: share of equal markers from which two lines belong together.

    Returns:
        int64 (lines,), group numbers from 0 up.
    """
    values = np.asarray(dosages, dtype=np.float32)
    values = values[:, :: max(1, -(-values.shape[1] // _MOST_MARKERS))]
    lines = len(values)
    states = np.concatenate([values == state for state in np.unique(values[~np.isnan(values)])] or [values], axis=1)
    states = states.astype(np.float32)
    known = (~np.isnan(values)).astype(np.float32)
    pairs = []
    block = max(1, _BLOCK // max(1, lines))
    for start in range(0, lines, block):
        shared = known[start : start + block] @ known.T
        equal = states[start : start + block] @ states.T
        left, right = np.nonzero((equal >= identity * shared) & (shared > 0))
        pairs.append(np.stack([left + start, right]))
    return _components(lines, np.concatenate(pairs, axis=1) if pairs else np.empty((2, 0), dtype=np.int64))


def merge(*groups: ArrayLike) -> Groups:
    """Groups that hold together whatever any of the given ones holds together; int64 (n,)."""
    numbered = [np.unique(np.asarray(each), return_inverse=True)[1].astype(np.int64) for each in groups]
    rows = len(numbered[0])
    pairs, offset = [], rows
    for numbers in numbered:
        pairs.append(np.stack([np.arange(rows), numbers + offset]))
        offset += int(numbers.max(initial=-1)) + 1
    return np.unique(_components(offset, np.concatenate(pairs, axis=1))[:rows], return_inverse=True)[1].astype(np.int64)


def _components(nodes: int, pairs: NDArray[np.int64]) -> Groups:
    links = coo_array((np.ones(pairs.shape[1], dtype=bool), (pairs[0], pairs[1])), shape=(nodes, nodes))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def _linked(
    hashes: NDArray[np.uint64], owners: NDArray[np.int64], sizes: NDArray[np.int64], needed: NDArray[np.int64]
) -> Groups:
    # In the run of owners of one k-mer, similar sequences are made neighbours by their smallest hash; comparing
    # neighbours alone keeps the work linear where a repeat is shared by thousands.
    count = len(sizes)
    groups = np.arange(count, dtype=np.int64)
    smallest = np.full(count, np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(smallest, owners, hashes)
    order = np.lexsort((owners, smallest[owners], hashes))
    runs, members = hashes[order], owners[order]
    kmers = np.unique(runs, return_inverse=True)[1]
    by_owner = np.sort(members * (len(runs) + 1) + kmers)
    for distance in range(1, _NEIGHBOURS + 1):
        same = runs[distance:] == runs[:-distance]
        left, right = members[:-distance][same], members[distance:][same]
        apart = groups[left] != groups[right]
        keys, shared = np.unique(
            np.minimum(left, right)[apart] * count + np.maximum(left, right)[apart], return_counts=True
        )
        left, right = keys // count, keys % count
        enough = np.where(sizes[left] <= sizes[right], needed[left], needed[right])
        accepted = shared >= enough
        doubtful = np.flatnonzero(~accepted & (shared >= np.maximum(2, enough // 8)))
        accepted[doubtful] = _shared(left[doubtful], right[doubtful], by_owner, sizes) >= enough[doubtful]
        links = np.stack([left[accepted], right[accepted]])
        groups = merge(groups, _components(count, links))
        if not same.any():
            break
    return groups


def _shared(
    left: NDArray[np.int64], right: NDArray[np.int64], by_owner: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.int64]:
    # by_owner holds owner * (entries + 1) + k-mer in order: one owner's k-mers stand together and can be searched for
    stride = len(by_owner) + 1
    starts = np.concatenate([[0], np.cumsum(sizes)])
    counts = np.empty(len(left), dtype=np.int64)
    smaller = np.where(sizes[left] <= sizes[right], left, right)
    larger = np.where(sizes[left] <= sizes[right], right, left)
    block = max(1, _BLOCK // int(sizes.max(initial=1)))
    for start in range(0, len(left), block):
        few, many = smaller[start : start + block], larger[start : start + block]
        pair = np.repeat(np.arange(len(few)), sizes[few])
        within = np.arange(len(pair)) - np.repeat(np.cumsum(sizes[few]) - sizes[few], sizes[few])
        wanted = many[pair] * stride + by_owner[starts[few][pair] + within] % stride
        at = np.minimum(np.searchsorted(by_owner, wanted), len(by_owner) - 1)
        counts[start : start + block] = np.bincount(pair[by_owner[at] == wanted], minlength=len(few))
    return counts


def _sketches(sequences: Sequence[str], k: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hashes of the canonical k-mers and their sequences, each pair once."""
    total = sum(max(0, len(sequence) - k + 1) for sequence in sequences)
    bound = np.uint64(min(2**64 - 1, int(2**64 * min(1.0, _MOST_KMERS / max(1, total)))))
    hashes, owners = [np.empty(0, dtype=np.uint64)], [np.empty(0, dtype=np.int64)]
    for numbers, codes in _blocks(sequences):
        kmers, usable = _kmers(codes, k)
        values = _mixed(kmers[usable])
        kept = values <= bound
        both = np.stack([numbers[: len(usable)][usable][kept].astype(np.uint64), values[kept]])
        order = np.lexsort((both[1], both[0]))
        both = both[:, order]
        fresh = np.ones(both.shape[1], dtype=bool)
        fresh[1:] = (both[:, 1:] != both[:, :-1]).any(axis=0)
        owners.append(both[0, fresh].astype(np.int64))
        hashes.append(both[1, fresh])
    return np.concatenate(hashes), np.concatenate(owners)


def _blocks(sequences: Sequence[str]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint8]]]:
    """Sequences run together, an N after each, to some million bases: each base's sequence number and code."""
    numbers: list[int] = []
    gathered = 0
    for number, sequence in enumerate(sequences):
        numbers.append(number)
        gathered += len(sequence) + 1
        if gathered >= _BLOCK or number == len(sequences) - 1:
            owners = np.repeat(np.array(numbers, dtype=np.int64), [len(sequences[i]) + 1 for i in numbers])
            yield owners, codes_of("N".join(sequences[i] for i in numbers) + "N")
            numbers, gathered = [], 0


def _kmers(codes: NDArray[np.uint8], k: int) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """Of every position the canonical k-mer, two bits a base, and whether it counts."""
    positions = max(0, len(codes) - k + 1)
    forward = np.zeros(positions, dtype=np.uint64)
    backward = np.zeros(positions, dtype=np.uint64)
    known = codes & 3
    for i in range(k):
        forward = (forward << np.uint64(2)) | known[i : i + positions].astype(np.uint64)
        backward |= (3 - known[i : i + positions]).astype(np.uint64) << np.uint64(2 * i)
    usable = _within(codes > 3, k, positions) == 0
    for period in (1, 2, 3):
        repeats = np.zeros(len(codes), dtype=bool)
        repeats[:-period] = codes[period:] == codes[:-period]
        usable &= _within(repeats, k - period, positions) < k - period - 2
    return np.minimum(forward, backward), usable


def _within(flags: NDArray[np.bool_], width: int, positions: int) -> NDArray[np.int64]:
    sums = np.concatenate([[0], np.cumsum(flags, dtype=np.int64)])
    return np.asarray(sums[width : width + positions] - sums[:positions], dtype=np.int64)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    # the finaliser of SplitMix64 (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195): k-mers in random order
    mixed = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
