from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqmodels.data import duplicates
from seqmodels.data.duplicates import exact_groups, line_groups, merge, near_groups
from seqmodels.data.strands import reverse_complement

DNA = np.frombuffer(b"ACGT", dtype=np.uint8)


def random_dna(rng: np.random.Generator, bases: int) -> str:
    return rng.choice(DNA, bases).tobytes().decode()


def mutated(rng: np.random.Generator, sequence: str, share: float) -> str:
    letters = np.frombuffer(sequence.encode(), dtype=np.uint8).copy()
    letters[rng.random(len(letters)) < share] = rng.choice(DNA)
    return letters.tobytes().decode()


def partition(groups: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(groups == number).tolist()) for number in np.unique(groups)}


def by_looking_at_every_pair(sequences: list[str], k: int) -> set[frozenset[int]]:
    """The definition, word for word: windows share a k-mer of either strand; groups are transitive."""
    kmers = []
    for sequence in sequences:
        both = (sequence, reverse_complement(sequence))
        kmers.append({strand[i : i + k] for strand in both for i in range(len(strand) - k + 1)})
    groups = [{i} for i in range(len(sequences))]
    for i, j in combinations(range(len(sequences)), 2):
        if sequences[i] == sequences[j] or sequences[i] == reverse_complement(sequences[j]) or kmers[i] & kmers[j]:
            first = next(group for group in groups if i in group)
            second = next(group for group in groups if j in group)
            if first is not second:
                first |= second
                groups.remove(second)
    return {frozenset(group) for group in groups}


@given(st.lists(st.text("ACGTN", max_size=6), max_size=12))
def test_copies_and_reverse_complements_have_one_number(sequences: list[str]) -> None:
    groups = exact_groups(sequences)
    for i, j in combinations(range(len(sequences)), 2):
        same = sequences[i] in (sequences[j], reverse_complement(sequences[j]))
        assert (groups[i] == groups[j]) == same


@given(st.integers(0, 10_000))
def test_windows_that_share_a_stretch_on_either_strand_are_together_and_no_others(seed: int) -> None:
    rng = np.random.default_rng(seed)
    genome = random_dna(rng, 300)
    starts = rng.integers(0, 300 - 41, 12)
    windows = [genome[start : start + 41] for start in starts]
    windows = [reverse_complement(window) if rng.random() < 0.5 else window for window in windows]
    windows += [random_dna(rng, 41), "N" * 41, "ACGT", "ACGT"]
    assert partition(near_groups(windows)) == by_looking_at_every_pair(windows, 20)


def test_one_changed_base_in_the_middle_of_a_window_leaves_it_with_its_like() -> None:
    rng = np.random.default_rng(1)
    window = random_dna(rng, 41)
    changed = window[:20] + reverse_complement(window[20]) + window[21:]
    groups = near_groups([window, random_dna(rng, 41), changed])
    assert groups[0] == groups[2] != groups[1]


def test_a_stretch_of_a_repeat_does_not_tie_windows_together() -> None:
    rng = np.random.default_rng(2)
    for repeat in ("A" * 24, "AT" * 12, "CAG" * 8):
        first, second = (random_dna(rng, 8) + repeat + random_dna(rng, 9) for _ in range(2))
        assert len(set(near_groups([first, second]))) == 2


@pytest.mark.parametrize(("divergence", "together"), [(0.0, True), (0.05, True), (0.3, False)])
def test_long_sequences_are_together_when_they_are_nearly_the_same(divergence: float, together: bool) -> None:
    rng = np.random.default_rng(3)
    sequence = random_dna(rng, 600)
    other = reverse_complement(mutated(rng, sequence, divergence))
    assert (len(set(near_groups([sequence, random_dna(rng, 600), other]))) == 2) == together


def test_long_sequences_that_share_one_short_stretch_are_apart() -> None:
    rng = np.random.default_rng(4)
    shared = random_dna(rng, 40)
    first, second = (random_dna(rng, 280) + shared + random_dna(rng, 280) for _ in range(2))
    assert len(set(near_groups([first, second]))) == 2


def test_a_long_family_of_near_copies_is_one_group() -> None:
    rng = np.random.default_rng(5)
    founder = random_dna(rng, 300)
    family = [mutated(rng, founder, 0.02) for _ in range(300)]
    strangers = [random_dna(rng, 300) for _ in range(50)]
    groups = near_groups(family + strangers)
    assert len(set(groups[:300])) == 1
    assert len(set(groups)) == 51


def test_groups_hold_when_only_a_sample_of_the_kmers_fits_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "_MOST_KMERS", 4_000)
    monkeypatch.setattr(duplicates, "_BLOCK", 3_000)
    rng = np.random.default_rng(6)
    originals = [random_dna(rng, 1_000) for _ in range(20)]
    copies = [reverse_complement(mutated(rng, sequence, 0.02)) for sequence in originals]
    groups = near_groups(originals + copies)
    assert np.array_equal(groups[:20], groups[20:])
    assert len(set(groups)) == 20


def test_nothing_has_no_groups() -> None:
    assert near_groups([]).tolist() == exact_groups([]).tolist() == []


def test_lines_with_nearly_the_same_genotype_are_together() -> None:
    rng = np.random.default_rng(7)
    dosages = rng.integers(0, 3, (6, 400)).astype(np.float32)
    dosages[4] = dosages[0]
    dosages[4, :3] = 2 - dosages[4, :3]  # under 1 % of the markers
    dosages[5] = dosages[1]
    dosages[5, :200] = np.nan
    groups = line_groups(dosages)
    assert groups[0] == groups[4]
    assert groups[1] == groups[5]
    assert len(set(groups)) == 4
    assert len(set(line_groups(np.full((3, 5), np.nan)))) == 3


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12))
def test_merged_groups_hold_together_what_either_does(pairs: list[tuple[int, int]]) -> None:
    first, second = (np.array(column) for column in zip(*pairs, strict=True))
    merged = merge(first, second)
    for numbers in (first, second):
        for i, j in combinations(range(len(pairs)), 2):
            assert numbers[i] != numbers[j] or merged[i] == merged[j]
    assert len(set(merged)) <= min(len(set(first)), len(set(second)))
