"""Rows of every kind: what is read, what stays together, which token learns what."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqmodels.backbones import new_backbone
from seqmodels.data.annotations import LabelledBases
from seqmodels.data.conll import read_conll
from seqmodels.data.errors import DataError, WrongAlphabet
from seqmodels.families import family_named
from seqmodels.tokens import IGNORED, Ragged
from seqmodels.train.bases import BaseRows, windowed
from seqmodels.train.config import compose
from seqmodels.train.errors import ConfigError
from seqmodels.train.reading import read_rows
from seqmodels.train.sentences import SentenceRows
from seqmodels.train.sequences import read_table, read_windows
from seqmodels.train.units import labels_of_tokens


@pytest.fixture(scope="module")
def backbone():
    made = {}

    def make(name: str, task: str = "token_label"):
        if name not in made:
            torch.manual_seed(0)
            made[name] = new_backbone(family_named(name), task, "tiny", {}, ["ACGTTGCAAGCTTACGGATC" * 4])
        return made[name]

    return make


def test_a_token_learns_the_label_of_most_of_its_bases():
    ids, owned = Ragged.of([[1, 5, 6, 2], [1, 7, 2]]), Ragged.of([[1, 1, 1, 2, 2], [1, 1]])
    truth = Ragged.of([[0, 2, 2, IGNORED, 1], [IGNORED, IGNORED]])
    labels = labels_of_tokens(ids, owned, truth)
    assert [labels.row(row).tolist() for row in range(2)] == [[IGNORED, 2, 1, IGNORED], [IGNORED] * 3]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=8), st.data())
def test_where_every_unit_has_its_own_first_piece_tokens_learn_exactly_the_truth(pieces, data):
    first = torch.tensor([1, *pieces[:-1]]).cumsum(0)
    truth = data.draw(st.lists(st.integers(0, 5), min_size=len(pieces), max_size=len(pieces)))
    labels = labels_of_tokens(Ragged.of([[0] * (sum(pieces) + 2)]), Ragged.of([first]), Ragged.of([truth])).row(0)
    assert labels[first].tolist() == truth
    assert (labels != IGNORED).sum() == len(pieces)


@pytest.mark.parametrize("name", ["dnabert2", "dnabert", "hyenadna", "nucleotide-transformer"])
def test_perfect_token_predictions_give_back_the_bases(name, backbone):
    """What is lost is only what a token of several bases cannot say."""
    random = np.random.default_rng(0)
    sequence = "".join(random.choice(list("ACGTN"), 200, p=[0.24, 0.24, 0.24, 0.24, 0.04]))
    labels = np.repeat([0, 1, 0, 1], [50, 70, 40, 40]).astype(np.int16)
    rows = BaseRows(LabelledBases(("one",), (sequence,), (labels,), ("none", "gene")))
    made = rows.examples(backbone(name), rows.head([0]), both_strands=True)
    learnt = made.forward.token_labels.row(0)
    said = learnt[made.units.owners.row(0).long()]
    wrong = (said != torch.from_numpy(labels)).sum()
    assert wrong == 0 if name == "hyenadna" else wrong <= 3 * 5
    mirrored = made.reverse.token_labels.row(0)
    if name == "hyenadna":
        assert mirrored[:200].tolist() == labels[::-1].tolist()


def test_windows_without_a_known_label_are_left_out():
    labels = np.array([0] * 10 + [IGNORED] * 10 + [1] * 5, np.int16)
    rows = windowed(LabelledBases(("one",), ("ACGTA" * 5,), (labels,), ("none", "gene")), 10)
    assert list(rows.data.names) == ["one:0-10", "one:20-25"]


def test_genes_are_read_from_gff_and_only_where_there_are_two_kinds_of_base(tmp_path, genome):
    gff = tmp_path / "genes.gff3"
    gff.write_text("##gff-version 3\none\tx\tgene\t101\t200\t.\t+\t.\tID=g\n")
    config = compose(
        ["model=hyenadna", "task=token_label", "data=fasta", f"data.path={genome}", f"data.intervals={gff}",
         "data.features=[gene]", "data.window=500"]
    )  # fmt: skip
    rows = read_rows(config, family_named("hyenadna"))
    assert rows.data.classes == ("none", "gene")
    assert sum(int((labels == 1).sum()) for labels in rows.data.labels) == 100
    assert rows.audit().record["bases"]["gene"] == 100
    with pytest.raises(ConfigError, match="have no labels"):
        read_rows(compose(["model=hyenadna", "task=token_label", "data=fasta", f"data.path={genome}"]),
                  family_named("hyenadna"))  # fmt: skip


def test_words_are_tagged_by_their_first_piece(tmp_path, backbone):
    path = tmp_path / "train.tsv"
    path.write_text("RASSF1A\tB-Gene\nis\tO\nmethylated\tO\n\nIn\tO\np16\tB-Gene\n", encoding="utf-8")
    rows = SentenceRows(read_conll(path))
    made = rows.examples(backbone("bert"), rows.head([0, 1]), both_strands=False)
    tokenizer = backbone("bert").tokenizer
    pieces = tokenizer.convert_ids_to_tokens(made.forward.ids.row(0).tolist())
    labels = [rows.data.classes[label] if label >= 0 else "" for label in made.forward.token_labels.row(0).tolist()]
    assert dict(zip(pieces, labels, strict=True))["ras"] == "B-Gene"
    assert labels.count("B-Gene") == 1
    assert [label for label in labels if label] == ["B-Gene", "O", "O"]
    with pytest.raises(ConfigError, match="CoNLL files hold words, hyenadna reads dna"):
        rows.examples(backbone("hyenadna"), rows.head([0]), both_strands=False)


def test_a_genome_is_cut_into_windows_without_those_that_are_mostly_unknown(genome):
    rows = read_windows(genome, "dna", 100, None)
    assert len(rows) == 30 + 20 - 4
    assert all(sequence.isupper() and sequence.count("N") <= 50 for sequence in rows.data.sequences)
    assert rows.data.names[0] == "one:1-100"


def test_proteins_are_read_as_such_and_dna_is_refused(tmp_path):
    path = tmp_path / "proteins.fa"
    path.write_text(">a\nmktay\nIAKQR*\n>b\nGAVLI\n", encoding="utf-8")
    assert read_windows(path, "protein", 100, None).data.sequences == ("MKTAYIAKQR*", "GAVLI")
    path.write_text(f">a\n{'ACGT' * 10}\n", encoding="utf-8")
    with pytest.raises(WrongAlphabet, match="this is DNA"):
        read_windows(path, "protein", 100, None)


def test_what_else_a_model_takes_stands_in_a_column(tmp_path, table):
    path = tmp_path / "species.csv"
    path.write_text("sequence,label,species\nACGT,1,2\nACGG,,0\nACGA,0,1\n", encoding="utf-8")
    rows = read_table(
        path, "dna", "classes", sequence="sequence", targets=["label"], missing="skip", inputs={"domain_ids": "species"}
    )
    assert rows.inputs["domain_ids"].tolist() == [2, 1]
    path.write_text("sequence,label,species\nACGT,1,wheat\n", encoding="utf-8")
    with pytest.raises(DataError, match="'wheat' is no whole number"):
        read_table(path, "dna", "classes", sequence="sequence", targets=["label"], inputs={"domain_ids": "species"})


def test_lines_are_joined_by_name_and_missing_values_stay_missing(wheat):
    config = compose(["model=gmlp", "task=regress", "data=markers", *wheat])
    rows = read_rows(config, family_named("gmlp"))
    made = rows.examples(new_backbone(family_named("gmlp"), "regress", "tiny", rows.settings()), rows.head([0]),
                         both_strands=False)  # fmt: skip
    assert made.matrix["genotypes"].shape == (48, 20)
    assert made.matrix["genotypes"].isnan().sum() == pytest.approx(48 * 20 / 17, abs=3)
    assert made.labels.isnan()[:, 1].nonzero()[:, 0].tolist() == list(range(0, 48, 9))
    assert rows.notes()["markers"][0] == "snp0"


@pytest.mark.parametrize("data", ["proteins", "wheat"])
def test_only_dna_has_another_strand(data, proteins, wheat, run):
    overrides = {
        "proteins": ("model=esm2", "task=regress", "data=csv", f"data.path={proteins}"),
        "wheat": ("model=gmlp", "task=regress", "data=markers", *wheat),
    }[data]
    with pytest.raises(ConfigError, match="reverse_complement is for DNA"):
        run(*overrides, "model.size=tiny", "fit.reverse_complement=true")
