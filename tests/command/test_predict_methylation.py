"""`epicite predict methylation`: a table of windows or FASTA in, scores out."""

import gzip

import pytest

from seqmodels.data.strands import reverse_complement
from seqmodels.predictors import methylation
from seqmodels.predictors.domains import DOMAINS, domain_of
from tests.command.conftest import rows_of
from tests.seqmodels.predictors.tiny import dna, methylation_folder

ADENINE = domain_of("6mA_A.thaliana")
WINDOWS = [dna(20, seed) + "A" + dna(20, 100 + seed) for seed in range(5)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return methylation_folder(tmp_path_factory.mktemp("predictor"))


@pytest.fixture(autouse=True)
def predictor(folder, monkeypatch):
    """A tiny predictor takes the place of the one that ships."""
    monkeypatch.setattr(methylation, "BUNDLED", folder)
    methylation.bundled.cache_clear()
    yield methylation.bundled()
    methylation.bundled.cache_clear()


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "windows.csv"
    lines = [f'{number},"site, {number}",{window}' for number, window in enumerate(WINDOWS)]
    path.write_text("\n".join(["id,note,sequence", *lines]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def fasta(tmp_path):
    path = tmp_path / "genome.fa"
    path.write_text(f">one\n{dna(150, 1)}\n>two with words\n{dna(40, 2)}\n{dna(70, 3)}\n", encoding="utf-8")
    return path


def test_a_table_comes_back_with_its_rows_in_order_and_a_score_and_label_each(epicite, predictor, table):
    outcome = epicite("predict", "methylation", table, "--batch", "2")
    assert outcome.code == 0
    rows = rows_of(outcome.out)
    assert [(row["id"], row["note"], row["sequence"]) for row in rows] == [
        (str(number), f"site, {number}", window) for number, window in enumerate(WINDOWS)
    ]
    expected = predictor.windows(WINDOWS, ADENINE).probabilities
    assert [float(row["score"]) for row in rows] == pytest.approx(expected.tolist(), abs=1e-5)
    assert [row["label"] for row in rows] == [str(int(each >= 0.5)) for each in expected]
    assert "5 windows judged for 6mA in Arabidopsis thaliana" in outcome.err


def test_a_label_column_of_the_input_is_kept_under_another_name(epicite, tmp_path):
    path = tmp_path / "labelled.tsv"
    path.write_text("sequence\tlabel\n" + "".join(f"{window}\tyes\n" for window in WINDOWS), encoding="utf-8")
    outcome = epicite("predict", "methylation", path)
    rows = rows_of(outcome.out)
    assert [row["input_label"] for row in rows] == ["yes"] * 5
    assert {row["label"] for row in rows} <= {"0", "1"}
    assert "The input's own label is written as input_label." in outcome.err


def test_a_window_with_unknown_bases_keeps_its_row_and_is_not_judged(epicite, tmp_path):
    path = tmp_path / "windows.csv"
    path.write_text(f"sequence\n{WINDOWS[0]}\nN{WINDOWS[1][1:]}\n", encoding="utf-8")
    rows = rows_of(epicite("predict", "methylation", path).out)
    assert rows[0]["score"] != ""
    assert (rows[1]["score"], rows[1]["label"], rows[1]["flag"]) == ("", "", "unknown bases")


def test_a_scan_judges_both_strands_and_counts_what_it_leaves_out(epicite, predictor, fasta):
    outcome = epicite("predict", "methylation", fasta, "--chunk", "50")
    assert outcome.code == 0
    rows = rows_of(outcome.out)
    sequences = {"one": dna(150, 1), "two": dna(40, 2) + dna(70, 3)}
    windows = []
    for row in rows:
        at = int(row["position"]) - 1
        window = sequences[row["name"]][at - 20 : at + 21]
        windows.append(window if row["strand"] == "+" else reverse_complement(window))
    expected = predictor.windows(windows, ADENINE).probabilities
    assert [float(row["score"]) for row in rows] == pytest.approx(expected.tolist(), abs=1e-5)
    assert "Scanning 260 bases in 2 records on both strands" in outcome.err
    assert "MiB beyond the program itself" in outcome.err
    at_edges = sum(letters in "AT" for dna_ in sequences.values() for letters in dna_[:20] + dna_[-20:])
    assert f"{len(rows)} candidates scored" in outcome.err
    assert f"left out: {at_edges} within 20 bases of an end, 0 near unknown bases" in outcome.err


def test_bed_and_gff3_hold_the_sites_that_are_called(epicite, fasta, tmp_path):
    scored = rows_of(epicite("predict", "methylation", fasta).out)
    cut = sorted(float(row["score"]) for row in scored)[len(scored) // 2]
    called = [row for row in scored if float(row["score"]) >= cut]
    for ending, lines in ((".bed", len(called)), (".gff3", len(called) + 1)):
        path = tmp_path / f"sites{ending}"
        outcome = epicite("predict", "methylation", fasta, "-o", path, "--threshold", cut)
        assert (outcome.code, outcome.out) == (0, "")
        assert abs(len(path.read_text(encoding="utf-8").splitlines()) - lines) <= 1  # the one at the cut is rounded


def test_gzip_makes_no_difference(epicite, fasta):
    packed = fasta.with_suffix(".fa.gz")
    packed.write_bytes(gzip.compress(fasta.read_bytes()))
    assert epicite("predict", "methylation", packed).out == epicite("predict", "methylation", fasta).out


def test_a_scan_says_that_genomes_are_not_half_methylated_and_corrects_for_a_stated_share(epicite, fasta):
    plain = epicite("predict", "methylation", fasta)
    assert "warning: The model learnt from sets of which half is methylated" in plain.err
    rare = epicite("predict", "methylation", fasta, "--prevalence", "0.01")
    assert "warning" not in rare.err
    assert "Scores are corrected to a share of 0.01." in rare.err
    for row, corrected in zip(rows_of(plain.out), rows_of(rare.out), strict=True):
        odds = float(row["score"]) / (1 - float(row["score"])) / 99
        assert float(corrected["score"]) == pytest.approx(odds / (1 + odds), rel=1e-3)


def test_rna_is_read_as_dna_and_said_so(epicite, table, fasta):
    for path in (table, fasta):
        rna = path.with_name(f"rna{path.suffix}")
        rna.write_text(path.read_text(encoding="utf-8").replace("T", "U"), encoding="utf-8")
        plain, spelt = (epicite("predict", "methylation", each) for each in (path, rna))
        scores = [[row["score"] for row in rows_of(outcome.out)] for outcome in (plain, spelt)]
        assert scores[0] == scores[1]
        assert "spelt with U, which is read as T" in spelt.err
        assert "spelt with U" not in plain.err


def test_importance_tells_what_every_other_base_would_change(epicite, predictor, table, tmp_path):
    path = tmp_path / "importance.csv"
    outcome = epicite("predict", "methylation", table, "--importance", path)
    assert outcome.code == 0
    rows = rows_of(path.read_text(encoding="utf-8"))
    assert len(rows) == 5 * 41
    third = next(row for row in rows if (row["row"], row["position"]) == ("2", "3"))
    window = WINDOWS[1]
    other = "C" if window[2] != "C" else "G"
    changed, own = predictor.logits([window[:2] + other + window[3:], window], ADENINE)
    assert third["base"] == window[2]
    assert float(third[other]) == pytest.approx(changed - own, abs=1e-4)
    assert float(third[window[2]]) == 0
    centre = next(row for row in rows if (row["row"], row["position"]) == ("2", "21"))
    assert (centre["A"], centre["C"], centre["G"], centre["T"]) == ("", "", "", "")


def test_the_card_says_which_weights_predict_and_how_well(epicite, predictor, table):
    told = epicite("predict", "methylation", table).err
    assert f"6mA_A.thaliana (weights {predictor.card.sha256[:12]}): 6mA_A.thaliana AUC 0.900 (0.890 to 0.910)" in told
    cytosines = table.with_name("cytosines.csv")
    cytosines.write_text(f"sequence\n{'A' * 20}C{'A' * 20}\n", encoding="utf-8")
    assert "no held-out scores" in epicite("predict", "methylation", cytosines, "--model", "4mC_F.vesca").err


def test_all_models_are_listed(epicite):
    outcome = epicite("predict", "methylation", "--model", "list")
    assert outcome.code == 0
    assert [line.split("\t")[0] for line in outcome.out.splitlines()] == [domain.name for domain in DOMAINS]


PROTEIN = "MEEPQSDPSVEPPLSQETFSDLWKLLPENNVLSPLPSQAMDD"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (f">p53\n{PROTEIN}\n", "record 'p53': this is a protein sequence"),
        (f"sequence\n{PROTEIN[:41]}\n", "line 2, column 'sequence': this is a protein sequence"),
        ("", "the file is empty"),
        ("sequence\n", "there are no rows"),
        (">one\n>two\nACGT\n", "record 'one': the sequence is empty"),
        (">one\nACGTACGT\n", "The longest record has 8 bases; a candidate needs 20 known bases on each side"),
        (f"sequence\n{WINDOWS[0]}\n{WINDOWS[0]}C\n", "line 3, column 'sequence': the window has 42 bases and needs 41"),
        (f"sequence\n{WINDOWS[0][:20]}C{WINDOWS[0][21:]}\n", "the window has C in its centre, where 6mA needs A"),
        (f"seq\n{WINDOWS[0]}\n", "there is no column 'sequence'; the columns are seq. Name the column to use"),
        (f"{WINDOWS[0]}\n{WINDOWS[1]}\n", "the first line holds data"),
        ("##fileformat=VCFv4.2\n", "this is VCF, not a table"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_is_needed(epicite, tmp_path, content, complaint):
    path = tmp_path / "input"
    path.write_text(content, encoding="utf-8")
    outcome = epicite("predict", "methylation", path, "-o", tmp_path / "out.csv")
    assert outcome.code == 1
    assert complaint in outcome.err
    assert [each.name for each in tmp_path.iterdir() if each.name != "home"] == ["input"]


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("genome.fa", "--model", "6mA_A.thalana"), 1, "Did you mean 6mA_A.thaliana? The models are 4mC_C.equ"),
        ((), 1, "INPUT is missing"),
        (("absent.fa",), 1, "There is no file absent.fa"),
        (("genome.fa", "-o", "nowhere/out.csv"), 1, "nowhere. Make it first"),
        (("genome.fa", "-o", "out.txt"), 2, "'out.txt' ends with none of .csv, .bed, .gff3"),
        (("genome.fa", "--prevalence", "1"), 2, "'1' is not a number between 0 and 1"),
        (("genome.fa", "--importance", "x.csv"), 1, "Importance is told for windows"),
        (("windows.csv", "-o", "out.bed"), 1, "Windows come back as CSV"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_at_once(epicite, fasta, table, monkeypatch, words, code, complaint):
    monkeypatch.chdir(fasta.parent)
    outcome = epicite("predict", "methylation", *words)
    assert outcome.code == code
    assert complaint in outcome.err
