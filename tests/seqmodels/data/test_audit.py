import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqmodels.data.annotations import LabelledBases
from seqmodels.data.audit import audit
from seqmodels.data.audit_lines import audit_lines
from seqmodels.data.audit_sentences import audit_sentences
from seqmodels.data.conll import read_conll
from seqmodels.data.errors import UnsuitableData
from seqmodels.data.markers import Joined, Markers, Phenotypes
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
    assert (first.name, first.rows, first.exact, first.reverse, first.near) == ("validation", 7, 2, 1, 1)
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
        (labelled(random_windows(5, 5), [1] * 5), r"all labels are the same \(1\)"),
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


def test_labelled_bases_are_counted_by_class_and_looked_through_for_copies() -> None:
    windows = random_windows(3, 8)
    labels = tuple(np.repeat(np.int16([0, 1, -100]), [30, 10, 1]) for _ in range(4))
    found = audit(LabelledBases(("a", "b", "c", "d"), (*windows, windows[0]), labels, ("none", "exon")))
    assert found.classes == {"none": 120, "exon": 40}
    assert (found.exact_duplicates, found.refusals) == (1, ())
    unlabelled = LabelledBases(("a",), (windows[0],), (np.zeros(41, dtype=np.int16),), ("none", "exon"))
    assert audit(unlabelled).refusals == ("all labels are the same (none)",)


def test_faults_of_marker_and_trait_tables_are_counted() -> None:
    rng = np.random.default_rng(9)
    dosages = rng.integers(0, 3, (40, 200)).astype(np.float32)
    dosages[:, 0] = 2
    dosages[:20, 1] = np.nan
    dosages[7] = dosages[3]
    lines = tuple(f"line{i}" for i in range(40))
    values = rng.normal(size=(40, 2)).astype(np.float32)
    values[4, 0], values[5, 1] = np.nan, 100
    markers = Markers(lines, tuple(f"m{j}" for j in range(200)), dosages, ("",) * 200)
    found = audit_lines(Joined(markers, Phenotypes(lines, ("yield", "height"), values), ("line98",), ()))
    assert (found.constant_markers, found.mostly_missing_markers, found.mostly_missing_lines) == (1, 1, 0)
    assert (found.alike_lines, found.largest_group, found.without_phenotype) == (2, 2, 1)
    assert found.missing_genotypes == pytest.approx(20 / 8000)
    assert found.measured == {"yield": 39, "height": 40}
    assert found.outliers == {"yield": 0, "height": 1}
    assert "check 1 measurements of 'height'" in str(found)
    found.raise_if_unfit()
    flat = Phenotypes(lines, ("yield", "height"), np.ones((40, 2), dtype=np.float32))
    with pytest.raises(UnsuitableData, match="the trait 'yield' has the same value in all lines"):
        audit_lines(Joined(markers, flat, (), ())).raise_if_unfit()


def test_faults_of_tagged_text_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "train.tsv"
    path.write_text("BRCA1\tB-GENE\nis\tO\n\nTP53\tB-GENE\n\nBRCA1\tO\nis\tO\n\nTP53\tB-GENE\n")
    train = read_conll(path)
    found = audit_sentences(train, train.take([1]))
    assert (found.sentences, found.tokens, found.documents, found.longest) == (4, 6, 2, 2)
    assert (found.entities, found.repeated, found.conflicting) == ({"GENE": 3}, 2, 1)
    assert (found.validation, found.in_validation) == (1, 1)
    assert "take the 1 sentences" in str(found)
    path.write_text("BRCA1\tO\n")
    with pytest.raises(UnsuitableData, match="no token is tagged"):
        audit_sentences(read_conll(path)).raise_if_unfit()
