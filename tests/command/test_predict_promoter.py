"""`epicite predict promoter`: a table of windows or FASTA in, scores out."""

import pytest

from seqmodels.data.strands import reverse_complement
from seqmodels.predictors import promoter
from tests.command.conftest import rows_of
from tests.seqmodels.predictors.test_promoter import folder_of_predictor
from tests.seqmodels.predictors.tiny import dna

WINDOWS = [dna(70, seed) for seed in range(5)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("promoter")
    folder_of_predictor(folder / "core")
    folder_of_predictor(folder / "tata300", 300)
    return folder


@pytest.fixture(autouse=True)
def predictor(folder, monkeypatch):
    """Tiny predictors take the place of those that ship."""
    monkeypatch.setattr(promoter, "BUNDLED", folder)
    promoter.bundled.cache_clear()
    yield promoter.bundled("core")
    promoter.bundled.cache_clear()


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "windows.csv"
    lines = [f'{number},"gene, {number}",{window}' for number, window in enumerate(WINDOWS)]
    path.write_text("\n".join(["id,note,sequence", *lines]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def fasta(tmp_path):
    path = tmp_path / "genome.fa"
    path.write_text(f">one\n{dna(250, 1)}\n>two\n{dna(40, 2)}\n>three\n{dna(70, 3)}\n", encoding="utf-8")
    return path


def test_rows_come_back_in_their_order_with_score_and_label(epicite, table, predictor):
    outcome = epicite("predict", "promoter", table)
    assert outcome.code == 0
    rows = rows_of(outcome.out)
    assert [(row["id"], row["note"], row["sequence"]) for row in rows] == [
        (str(number), f"gene, {number}", window) for number, window in enumerate(WINDOWS)
    ]
    expected = predictor.windows(WINDOWS).probabilities
    assert [float(row["score"]) for row in rows] == pytest.approx(expected.tolist(), rel=1e-4)
    assert [row["label"] for row in rows] == [str(int(probability >= 0.5)) for probability in expected]


def test_a_window_is_flagged_where_its_other_strand_is_the_promoter(epicite, tmp_path, predictor):
    windows = [window for seed in range(40) for window in (dna(70, seed), reverse_complement(dna(70, seed)))]
    path = tmp_path / "both.csv"
    path.write_text("\n".join(["sequence", *windows]) + "\n", encoding="utf-8")
    judged = predictor.windows(windows)
    flags = [row["flag"] for row in rows_of(epicite("predict", "promoter", path).out)]
    assert [bool(flag) for flag in flags] == (judged.disagreements > 0.3).tolist()
    assert any(flags)


def test_fasta_is_scanned_on_both_strands_and_short_records_are_told(epicite, fasta):
    outcome = epicite("predict", "promoter", fasta, "--step", "30")
    rows = rows_of(outcome.out)
    assert [(row["name"], row["start"], row["end"]) for row in rows] == [
        *(("one", str(begin + 1), str(begin + 70)) for begin in range(0, 181, 30)),
        ("three", "1", "70"),
    ]
    assert {row["strand"] for row in rows} <= {"+", "-"}
    assert "two has 40 bases, fewer than a window, and is left out" in outcome.err
    assert "in a genome very few are" in outcome.err


def test_a_scan_of_the_other_strand_finds_the_same_places(epicite, tmp_path):
    letters = dna(250, 1)
    found = []
    for sequence in (letters, reverse_complement(letters)):
        path = tmp_path / "in.fa"
        path.write_text(f">one\n{sequence}\n", encoding="utf-8")
        found.append(rows_of(epicite("predict", "promoter", path, "--step", "20").out))
    mirrored = [(251 - int(row["end"]), "+-"[row["strand"] == "+"], row["score"]) for row in reversed(found[1])]
    assert [(int(row["start"]), row["strand"], row["score"]) for row in found[0]] == mirrored


def test_prevalence_lowers_the_scores(epicite, table):
    plain, rare = (
        [float(row["score"]) for row in rows_of(epicite("predict", "promoter", table, *more).out)]
        for more in ((), ("--prevalence", "0.01"))
    )
    assert all(low < high for low, high in zip(rare, plain, strict=True))


def test_bed_holds_the_places_called(epicite, tmp_path, fasta):
    path = tmp_path / "out.bed"
    outcome = epicite("predict", "promoter", fasta, "-o", path, "--step", "10", "--threshold", "0.3")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert f"{len(lines)} places called" in outcome.err
    assert all(int(line.split("\t")[2]) - int(line.split("\t")[1]) == 70 for line in lines)


def test_importance_says_what_every_other_base_would_change(epicite, tmp_path, table, predictor):
    path = tmp_path / "importance.csv"
    assert epicite("predict", "promoter", table, "--importance", path).code == 0
    rows = rows_of(path.read_text(encoding="utf-8"))
    assert len(rows) == 5 * 70
    window, changed = WINDOWS[1], WINDOWS[1][:9] + "G" + WINDOWS[1][10:]
    before, after = predictor.logits([window, changed])
    assert float(rows[70 + 9]["G"]) == pytest.approx(after - before, abs=1e-5)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sequence\nACGT\n", "the window has 4 bases and needs 70"),
        (f"sequence\n{'MKVLAAGIEF' * 7}\n", "protein"),
        ("name\nACGT\n", "no column 'sequence'"),
        ("sequence\n", "there are no rows"),
        (">short\nACGT\n", "The longest record has 4 bases"),
    ],
)
def test_what_cannot_be_judged_is_told_with_what_is_needed(epicite, tmp_path, text, told):
    path = tmp_path / "in.txt"
    path.write_text(text, encoding="utf-8")
    outcome = epicite("predict", "promoter", path)
    assert outcome.code != 0
    assert told in outcome.err


def test_the_model_of_300_bases_needs_windows_of_300(epicite, table):
    assert "needs 300" in epicite("predict", "promoter", table, "--model", "tata300").err


def test_a_label_column_of_the_input_is_kept_under_another_name(epicite, tmp_path):
    path = tmp_path / "labelled.csv"
    path.write_text("sequence,label\n" + "".join(f"{window},yes\n" for window in WINDOWS), encoding="utf-8")
    outcome = epicite("predict", "promoter", path)
    assert [row["input_label"] for row in rows_of(outcome.out)] == ["yes"] * 5
    assert "The input's own label is written as input_label." in outcome.err
