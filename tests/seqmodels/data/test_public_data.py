"""Published data sets, where they are at hand: their known defects are found."""

from pathlib import Path

import numpy as np
import pytest

from seqmodels.data.audit import audit
from seqmodels.data.conll import read_conll
from seqmodels.data.duplicates import line_groups, near_groups
from seqmodels.data.markers import join, read_markers, read_phenotypes
from seqmodels.data.splits import TestFile as HeldOut
from seqmodels.data.splits import folds, strata_of
from seqmodels.data.tables import read_labelled

DATA = Path(__file__).parents[4] / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here")


@pytest.mark.parametrize(
    ("name", "contradicted", "in_test"),
    [("6mA_A.thaliana", 1, 7), ("4mC_F.vesca", 19, None), ("6mA_Xoc_BLS256", 65, None), ("5hmC_H.sapiens", 0, 0)],
)
def test_methylation_windows_have_the_defects_that_were_published(
    name: str, contradicted: int, in_test: int | None
) -> None:
    folder = DATA / "dna_methylation" / name
    tests = {} if in_test is None else {"test": HeldOut(folder / "test.csv.gz")}
    data = read_labelled(folder / "train.csv.gz", length=41)
    found = audit(data, tests=tests)
    assert found.conflicting_sequences == contradicted
    assert [overlap.exact for overlap in found.overlaps] == ([] if in_test is None else [in_test])


def test_promoters_split_into_folds_of_equal_classes() -> None:
    data = read_labelled(DATA / "gue" / "prom_prom_core_tata" / "train.csv.gz", length=70)
    groups = near_groups(data.sequences)
    assert data.targets is not None
    for fold in folds(groups, strata_of(data.targets)):
        assert not set(groups[fold.train]) & set(groups[fold.validation])
        assert data.targets.values[fold.validation].mean() == pytest.approx(data.targets.values.mean(), abs=0.01)


def test_wheat_lines_are_read_and_joined() -> None:
    markers = read_markers(DATA / "wheat" / "markers.csv.gz")
    phenotypes = read_phenotypes(DATA / "wheat" / "yield.csv.gz", traits=("env1", "env2", "env3", "env4"))
    joined = join(markers, phenotypes)
    assert joined.markers.dosages.shape == (599, 1279)
    assert not np.isnan(joined.phenotypes.values).any()
    assert (joined.without_markers, joined.without_phenotype) == ((), ())
    assert set(np.unique(markers.dosages)) == {0, 1}
    assert np.bincount(line_groups(markers.dosages)).max() < 20


@pytest.mark.parametrize(("name", "classes"), [("ncbi-disease", 3), ("bionlp13cg", 33)])
def test_entity_corpora_are_read_with_the_tags_of_their_training_part(name: str, classes: int) -> None:
    train = read_conll(DATA / "conll" / name / "train.tsv.gz")
    devel = read_conll(DATA / "conll" / name / "devel.tsv.gz", classes=train.classes)
    assert (train.scheme, len(train.classes), devel.classes) == ("IOB2", classes, train.classes)
