"""`epicite evidence`: a table to read, a table for a spreadsheet, and files that people correct."""

import json

import pytest

from seqmodels.tagger.tagged import Methylation, Quoted, Tagged
from tests.command.conftest import rows_of


class Reader:
    """Says that every RASSF1A and MLH1 is methylated by the next word that speaks of it."""

    hash = "a tagger of tests"

    def tag_methylation(self, texts):
        return [Tagged((), tuple(self._events(text))) for text in texts]

    def _events(self, text):
        for gene in ("RASSF1A", "MLH1"):
            start, trigger = text.rfind(gene), text.find("methylated")
            if start >= 0 and trigger >= 0:
                said = Quoted(trigger, trigger + 10, "methylated")
                yield Methylation(said, Quoted(start, start + len(gene), gene), "methylated", False, False, None, 0.9)


@pytest.fixture
def evidence(mine, epicite, monkeypatch):
    monkeypatch.setattr("retrieval.home.find_tagger", lambda *_: Reader())
    return lambda *words: epicite("evidence", "--library", mine, *words)


def test_the_table_tells_gene_status_sample_frequency_and_quote(evidence):
    outcome = evidence("--gene", "RASSF1")
    assert outcome.code == 0
    head, row, quote = outcome.out.splitlines()
    assert head.split() == ["gene", "status", "disease", "sample", "frequency", "paper"]
    assert row.split("  ")[0] == "RASSF1A (RASSF1)"
    assert "tumour" in row
    assert "14 of 21" in row
    assert "PMID 101, 2001" in row
    assert quote.strip() == "“The promoter of RASSF1A was methylated in 14 of 21 tumours.”"
    assert outcome.err.endswith("1 rows from 1 papers\n")


def test_where_nothing_passes_it_says_so(evidence):
    outcome = evidence("--gene", "TP53", "--from", "1990", "--to", "2000", "--status", "+", "--sample", "blood")
    assert (outcome.code, outcome.out.split(";")[0]) == (0, "no evidence")


def test_without_a_tagger_it_says_what_is_missing(mine, epicite):
    assert "No tagger is installed" in epicite("evidence", "--library", mine).err


def test_csv_has_all_columns(evidence, tmp_path):
    outcome = evidence("--csv", tmp_path / "rows.csv")
    assert (outcome.code, outcome.out) == (0, "")
    (row,) = rows_of((tmp_path / "rows.csv").read_text(encoding="utf-8"))
    assert (row["pmid"], row["gene"], row["symbols"], row["some"], row["all"]) == (
        "101",
        "RASSF1A",
        "RASSF1",
        "14",
        "21",
    )
    assert row["quote"] == "The promoter of RASSF1A was methylated in 14 of 21 tumours."


def test_rows_are_exported_corrected_and_taken_in(evidence, tmp_path):
    path = tmp_path / "rows.jsonl"
    assert evidence("--export", path).code == 0
    (line,) = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["correction"] == {"gene": None, "status": None, "disease": None, "sample": None}
    corrected = json.loads(line) | {"verdict": "corrected", "correction": {"status": "hypermethylated"}}
    path.write_text(json.dumps(corrected), encoding="utf-8")
    assert evidence("--import", path).out == f"1 verdicts taken in from {path}\n"
    row = evidence("--status", "hypermethylated").out.splitlines()[1]
    assert row.endswith("PMID 101, 2001, person, corrected")


def test_a_folder_of_standoff_is_exported_and_taken_in(evidence, tmp_path):
    folder = tmp_path / "standoff"
    assert evidence("--export", folder).code == 0
    (events,) = folder.glob("*.a2")
    events.write_text("", encoding="utf-8")
    assert evidence("--import", folder).out.startswith("1 verdicts")
    assert evidence().out.startswith("no evidence")
    assert "rejected" in evidence("--with-rejected").out


def test_rows_that_are_gone_are_named_with_exit_code_1(evidence, tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"key": "abc:1-2:3-4", "verdict": "rejected"}\n', encoding="utf-8")
    outcome = evidence("--import", path)
    assert (outcome.code, outcome.out) == (1, f"0 verdicts taken in from {path}\n")
    assert "abc:1-2:3-4" in outcome.err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--status", "silenced"], "invalid choice: 'silenced'"),
        (["--sample", "tumor"], "invalid choice: 'tumor'"),
        (["--from", "2002", "--to", "2001"], "--from 2002 is after --to 2001"),
        (["--gene", " "], "argument --gene: it is empty"),
        (["--csv", "a", "--export", "b"], "not allowed with argument"),
    ],
)
def test_a_bad_argument_is_named(evidence, words, complaint):
    outcome = evidence(*words)
    assert (outcome.code, outcome.out) == (2, "")
    assert complaint in outcome.err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--import", "absent.jsonl"], "absent.jsonl cannot be read"),
        (["--csv", "no/such/folder/rows.csv"], "no/such/folder"),
        (["--export", "no/such/folder/rows.jsonl"], "no/such/folder/rows.jsonl cannot be written"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(evidence, words, complaint):
    outcome = evidence(*words)
    assert (outcome.code, outcome.out) == (1, "")
    assert complaint in outcome.err


def test_the_choices_are_those_of_the_table():
    from command import evidence
    from retrieval.evidence_table import SAMPLES, SIGNS, SOURCES, STATUSES

    assert set(evidence._STATUSES) == {*STATUSES, *SIGNS}
    assert set(evidence._SAMPLES) == set(SAMPLES)
    assert set(evidence._SOURCES) == set(SOURCES)


def test_the_tagger_of_the_settings_is_used(mine, epicite, monkeypatch, tmp_path):
    monkeypatch.setenv("EPICITE_TAGGER", str(tmp_path / "absent"))
    outcome = epicite("evidence", "--library", mine)
    assert outcome.code == 1
    assert str(tmp_path / "absent") in outcome.err
