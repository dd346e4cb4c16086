import hashlib
from collections import Counter
from importlib.resources import files

import pytest

from corpora import cancers

ROWS = [line.split("\t") for line in (files("corpora") / "data" / "cancers.tsv").read_text("utf-8").splitlines()[1:]]
NAMES = [row[0] for row in ROWS]


def split(cell: str) -> list[str]:
    return [name for name in cell.split("|") if name]


# the table


def test_the_table_has_five_columns_and_no_name_twice():
    assert {len(row) for row in ROWS} == {5}
    assert len(set(NAMES)) == len(NAMES) > 150


def test_no_written_name_belongs_to_two_cancers():
    written = [name for row in ROWS for name in {row[0], *split(row[2]), *split(row[3])}]
    assert [name for name, count in Counter(written).items() if count > 1] == []


def test_every_written_name_leads_back_to_its_cancer():
    lost = [
        (row[0], name)
        for row in ROWS
        for name in (row[0], *split(row[2]), *split(row[3]))
        if cancers.cancer(name) != row[0]
    ]
    assert lost == []


def test_the_cancers_form_one_tree():
    parents = {row[0]: row[1] for row in ROWS}
    assert [name for name, parent in parents.items() if not parent] == ["cancer"]
    assert [name for name, parent in parents.items() if parent and parent not in parents] == []
    for name in NAMES:
        above, seen = parents[name], {name}
        while above:
            assert above not in seen, f"{name} is below itself"
            seen.add(above)
            above = parents[above]
        assert "cancer" in seen


def test_the_hash_is_that_of_the_data_file():
    assert cancers.table_hash() == hashlib.sha256((files("corpora") / "data" / "cancers.tsv").read_bytes()).hexdigest()


# what a name means


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("PDAC", "pancreatic ductal adenocarcinoma"),
        ("NSCLC", "non-small cell lung cancer"),
        ("non-small-cell lung carcinoma", "non-small cell lung cancer"),
        ("hcc", "hepatocellular carcinoma"),
        ("crc", "colorectal cancer"),
        ("GBMs", "glioblastoma"),
        ("acute myeloid leukaemia", "acute myeloid leukemia"),
        ("Oesophageal Squamous Cell Carcinoma", "esophageal squamous cell carcinoma"),
        ("Wilms' tumour", "Wilms tumor"),
        ("Hodgkin’s lymphomas", "Hodgkin lymphoma"),
        ("pancreatic carcinomas", "pancreatic cancer"),
        ("gastric tumours", "gastric cancer"),
        ("phaeochromocytoma", "pheochromocytoma"),
        ("haematological malignancies", "hematologic malignancy"),
        ("B cell lymphoma", "B-cell lymphoma"),
        ("胰腺癌", "pancreatic cancer"),
        ("胰腺导管腺癌", "pancreatic ductal adenocarcinoma"),
        ("肝细胞癌", "hepatocellular carcinoma"),
        ("多形性胶质母细胞瘤", "glioblastoma"),
        ("tumour", "cancer"),
    ],
)
def test_a_cancer_is_known_however_it_is_written(written, name):
    assert cancers.cancer(written) == name


@pytest.mark.parametrize("abbreviation", ["ALL", "NET", "GIST", "MM"])
def test_an_abbreviation_that_is_a_word_counts_in_capitals_only(abbreviation):
    assert cancers.cancer(abbreviation)
    assert cancers.cancer(abbreviation.lower()) is None


@pytest.mark.parametrize("name", ["", "diabetes", "all", "benign prostatic hyperplasia", "lung"])
def test_what_is_no_cancer_is_unknown(name):
    assert cancers.cancer(name) is None
    assert cancers.ancestors(name) == cancers.cancer_names(name) == ()
    assert not cancers.is_a(name, "cancer")
    assert not cancers.is_a("cancer", name)


# the tree


def test_ancestors_are_nearest_first_and_end_at_the_root():
    assert cancers.ancestors("PDAC") == ("pancreatic cancer", "digestive system cancer", "solid tumor", "cancer")
    assert cancers.ancestors("cancer") == ()


@pytest.mark.parametrize(
    ("name", "ancestor"),
    [
        ("胰腺导管腺癌", "pancreatic carcinoma"),
        ("glioblastoma", "glioma"),
        ("AML", "leukaemia"),
        ("TNBC", "breast cancer"),
        ("lung adenocarcinoma", "NSCLC"),
        ("colon cancer", "结直肠癌"),
        ("melanoma", "melanoma"),
    ],
)
def test_a_kind_of_cancer_is_that_cancer(name, ancestor):
    assert cancers.is_a(name, ancestor)


def test_siblings_and_parents_are_not_kinds_of_each_other():
    assert not cancers.is_a("small cell lung cancer", "non-small cell lung cancer")
    assert not cancers.is_a("lung cancer", "lung adenocarcinoma")


# the names


def test_names_are_canonical_first_and_then_spelled_in_every_way():
    names = cancers.cancer_names("乳癌")
    assert names[0] == "breast cancer"
    assert {"breast carcinoma", "breast tumor", "breast tumour", "乳腺癌"} <= set(names)
    assert "acute myeloid leukaemia" in cancers.cancer_names("AML")
    assert "oesophageal cancer" in cancers.cancer_names("食管癌")


def test_every_name_of_a_cancer_means_that_cancer():
    for name in NAMES:
        names = cancers.cancer_names(name)
        assert len(set(names)) == len(names)
        assert {cancers.cancer(written) for written in names} == {name}
