import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqmodels.data.audit import audit
from seqmodels.data.errors import UnsuitableData
from seqmodels.data.splits import TestFile as HeldOut
from seqmodels.data.strands import reverse_complement
from seqmodels.data.tables import LabelledSequences, Targets

DNA = np.frombuffer(b"ACGT", dtype=np.uint8)


def labelled(sequences: list[str], labels: list[int]) -> LabelledSequences:
    targets = Targets("classes", ("label",), tuple(str(i) for i in range(max(labels, default=0) + 1)), np.array(labels))
    count = len(sequences)
    names = tuple(str(i) for i in range(count))
    return LabelledSequences(names, tuple(sequences), targets, np.arange(count), Path("planted.csv"))


def random_windows(count: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    return [rng.choice(DNA, 41).tobytes().decode() for _ in range(count)]


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 999))
def test_planted_copies_and_contradictions_are_counted(
    exact: int, reverse: int, shifted: int, conflicts: int, seed: int
) -> None:
    clean = random_windows(40, seed)
    planted = clean[:exact]
    planted += [reverse_complement(window) for window in clean[10 : 10 + reverse]]
    planted += [window[5:] + "ACGTA" for window in clean[20 : 20 + shifted]]
    contradicted = clean[30 : 30 + conflicts]
    labels = [i % 2 for i in range(40)]
    planted_labels = [labels[i] for i in range(exact)] + [labels[10 + i] for i in range(reverse)] + [0] * shifted
    found = audit(
        labelled(
            clean + planted + contradicted, labels + planted_labels + [1 - labels[30 + i] for i in range(conflicts)]
        )
    )
    assert found.exact_duplicates == exact + conflicts
    assert found.reverse_duplicates == reverse
    assert found.conflicting_sequences == conflicts
    assert found.conflicting_rows == 2 * conflicts
    assert found.near_groups == exact + reverse + shifted + conflicts
    assert found.near_rows == 2 * found.near_groups
    assert found.rows == sum(found.classes.values())


def test_rows_of_other_files_in_the_training_file_are_counted(tmp_path: Path) -> None:
    clean = random_windows(30, 1)
    train = labelled(clean, [i % 2 for i in range(30)])
    judged = [clean[0], clean[1], reverse_complement(clean[2]), clean[3][4:] + "TTCA", *random_windows(3, 2)]
    validation = labelled(judged, [0] * 7)
    path = tmp_path / "test.csv"
    path.write_text("sequence,label\n" + "".join(f"{window},not read\n" for window in judged[:3]))
    found = audit(train, validation, {"test": HeldOut(path)})
    first, second = found.overlaps
    assert (first.name, first.rows, first.exact, first.reverse, first.near, first.total) == (
        "validation",
        7,
        2,
        1,
        1,
        4,
    )
    assert (second.name, second.rows, second.exact, second.reverse, second.near) == ("test", 3, 2, 1, 0)
    assert found.near_groups == 0
    assert "validation shares 4 of its 7 rows with the training file" in str(found)


def test_data_without_fault_has_no_advice_but_its_size() -> None:
    found = audit(labelled(random_windows(600, 3), [i % 2 for i in range(600)]))
    assert (found.recommendations, found.refusals) == ((), ())
    found.raise_if_unfit()
    assert "rows are few" in str(audit(labelled(random_windows(50, 3), [i % 2 for i in range(50)])))


def test_lengths_letters_and_classes_are_described() -> None:
    found = audit(labelled(["ACGTN", "ACGTRNNN", "AC"], [0, 1, 1]))
    assert found.lengths == (2, 5, 8)
    assert found.unknown_share == pytest.approx(4 / 15)
    assert found.ambiguous_share == pytest.approx(1 / 15)
    assert found.classes == {"0": 1, "1": 2}
    assert any("27% of the bases are N" in advice for advice in found.recommendations)


def test_imbalance_and_rare_classes_are_advised_on() -> None:
    advice = audit(labelled(random_windows(600, 4), [0] * 595 + [1] * 5)).recommendations
    assert any("MCC" in each for each in advice)
    assert any("fewer than 10 rows of 1" in each for each in advice)


def test_data_from_which_nothing_can_be_learnt_is_refused() -> None:
    for data, reason in (
        (labelled([], []), "there are no rows"),
        (labelled(random_windows(5, 5), [1] * 5), r"all rows have the same class \(1\)"),
    ):
        found = audit(data)
        assert "cannot train" in str(found)
        with pytest.raises(UnsuitableData, match=reason):
            found.raise_if_unfit()
    values = Targets("values", ("x", "y"), (), np.float32([[1, 2], [np.nan, 3]]))
    data = LabelledSequences(("1", "2"), tuple(random_windows(2, 6)), values, np.arange(2), Path("x.csv"))
    assert audit(data).refusals == ("the column 'x' has the same value in all rows",)
    assert audit(data).classes == {"x": 1, "y": 2}


def test_the_record_has_every_field_of_the_audit() -> None:
    found = audit(labelled(random_windows(5, 7), [0, 1, 0, 1, 0]), labelled(random_windows(2, 7), [0, 1]))
    record = json.loads(found.to_json())
    assert record["classes"] == {"0": 3, "1": 2}
    assert record["overlaps"] == [{"name": "validation", "rows": 2, "exact": 2, "reverse": 0, "near": 0}]
    assert set(record) == set(type(found).__dataclass_fields__)
