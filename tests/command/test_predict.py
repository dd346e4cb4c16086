"""`epicite predict embed`: sequences in, a vector for each out."""

import csv
import io

import numpy as np
import pytest

SEQUENCES = {"first": "ACGTACGTTTGACA", "second": "GGGGCCCCATAT" * 3, "third": "acgtacgtttgaca"}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A tiny DNABERT-2 in a folder."""
    import torch

    from seqmodels.backbones import new_backbone
    from seqmodels.families import family_named

    torch.manual_seed(0)
    made = new_backbone(family_named("dnabert2"), "masked", "tiny", {}, list(SEQUENCES.values())[:2])
    folder = tmp_path_factory.mktemp("model")
    made.model.save_pretrained(folder)
    made.tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def fasta(tmp_path):
    path = tmp_path / "in.fa"
    path.write_text("".join(f">{name} told\n{letters}\n" for name, letters in SEQUENCES.items()), encoding="utf-8")
    return path


def test_csv_comes_out_in_the_order_of_the_input(epicite, model, fasta):
    outcome = epicite("predict", "embed", fasta, "--model", model)
    assert outcome.code == 0
    rows = list(csv.reader(io.StringIO(outcome.out)))
    assert rows[0] == ["name", *(f"v{number}" for number in range(32))]
    assert [row[0] for row in rows[1:]] == list(SEQUENCES)
    # Case is no difference.
    assert [float(cell) for cell in rows[1][1:]] == pytest.approx([float(cell) for cell in rows[3][1:]], abs=1e-6)


@pytest.mark.parametrize("ending", [".csv", ".npy", ".npz"])
def test_every_format_holds_the_same_numbers(epicite, model, fasta, tmp_path, ending):
    path = tmp_path / f"out{ending}"
    outcome = epicite("predict", "embed", fasta, "-o", path, "--model", model, "--batch-size", "2")
    assert (outcome.code, outcome.out) == (0, "")
    assert f"3 vectors of 32 numbers: {path}" in outcome.err
    whole = epicite("predict", "embed", fasta, "--model", model).out
    expected = [[float(cell) for cell in row[1:]] for row in list(csv.reader(io.StringIO(whole)))[1:]]
    if ending == ".csv":
        found = [line.split(",")[1:] for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    elif ending == ".npz":
        found = np.load(path)["vectors"]
        assert np.load(path)["names"].tolist() == list(SEQUENCES)
    else:
        found = np.load(path)
    np.testing.assert_allclose(np.array(found, dtype=np.float64), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("in.fa", "--model", "nothing"), 1, "nothing is no folder here, and the model hub is not reached"),
        (("absent.fa", "--model", "nothing"), 1, "There is no file absent.fa"),
        (("in.fa", "-o", "out.txt"), 2, "'out.txt' ends with none of .csv, .npy, .npz, .parquet"),
        (("in.fa", "-o", "nowhere/out.csv"), 1, "nowhere. Make it first"),
        (("in.fa", "--batch-size", "0"), 2, "'0' is not a whole number from 1"),
    ],
)
def test_what_is_wrong_is_told_at_once(epicite, fasta, monkeypatch, words, code, complaint):
    monkeypatch.chdir(fasta.parent)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    outcome = epicite("predict", "embed", *words)
    assert outcome.code == code
    assert complaint in outcome.err


def test_a_protein_is_no_dna(epicite, model, tmp_path):
    path = tmp_path / "protein.fa"
    path.write_text(">p53\nMEEPQSDPSVEPPLSQETFSDLWKLLPENNVLSPLPSQAMDD\n", encoding="utf-8")
    outcome = epicite("predict", "embed", path, "--model", model)
    assert outcome.code == 1
    assert "this is a protein" in outcome.err
