"""`epicite ask`: one question, one answer whose sentences can be checked."""

import json
import re
import socket
from pathlib import Path

import pytest

from seqmodels.predictors.phenotype import BUNDLED, SETTINGS

MODEL_MARKERS = json.loads((BUNDLED / SETTINGS).read_text())["markers"]
ROWS = (["line", *MODEL_MARKERS], ["L1", *("0" for _ in MODEL_MARKERS)], ["L2", *("1" for _ in MODEL_MARKERS)])
MARKERS = "\n".join(map(",".join, ROWS))
PANCREAS = "Which genes' promoter methylation could detect pancreatic cancer in blood?"
YI_2013 = "24088737"


@pytest.fixture
def ask(prepared_home, starter_home, epicite):
    """Asks the starter library, with conversations in a home of its own."""

    def run(*words):
        return epicite("ask", *words, "--library", starter_home / "libraries" / "starter")

    return run


def test_an_answer_shows_its_sentences_with_marks_and_what_they_stand_for(ask):
    outcome = ask(PANCREAS)
    assert outcome.code == 0
    answer, *sources = outcome.out.split("\n\n")
    assert answer.startswith("I quote the papers, word for word:\n- ")
    assert "ADAMTS1" in answer
    assert "BNC1" in answer
    marks = [int(mark) for mark in re.findall(r"\[(\d+)\]$", answer, re.MULTILINE)]
    assert marks == list(range(1, len(sources) + 1))
    assert any(re.match(rf"\[\d+\] Novel Methylation .* · 2013 · PMID {YI_2013} · .*digest", line) for line in sources)
    assert "conversation" not in outcome.out
    assert re.search(r"^conversation [0-9a-f]{32}$", outcome.err, re.MULTILINE)


def test_json_has_the_fields_of_the_design(ask, starter_home):
    outcome = ask(PANCREAS, "--json")
    assert outcome.code == 0
    [line] = outcome.out.splitlines()
    answer = json.loads(line)
    assert list(answer) == [
        "answer", "claims", "citations", "nearest", "evidence", "tools", "attachments", "notices", "abstained",
        "conversation", "model",
    ]  # fmt: skip
    assert {tuple(claim) for claim in answer["claims"]} == {("text", "citations", "verdict", "reason")}
    assert {frozenset(citation) for citation in answer["citations"]} == {
        frozenset((
            "n", "pmid", "doi", "title", "journal", "year", "url", "kind", "section", "page", "quote", "start", "end",
            "sha256", "library", "retracted", "notices",
        ))
    }  # fmt: skip
    assert [list(tool) for tool in answer["tools"]] == [["name", "arguments", "seconds", "result"]]
    assert {claim["verdict"] for claim in answer["claims"]} == {"own words", "quoted"}
    numbers = {citation["n"] for citation in answer["citations"]}
    assert {cited for claim in answer["claims"] for cited in claim["citations"]} == numbers
    assert (answer["abstained"], answer["model"], answer["notices"], answer["evidence"]) == (False, "embedded", [], [])


def test_a_conversation_goes_on(ask):
    first = json.loads(ask(PANCREAS, "--json").out)
    second = json.loads(ask("what was the sensitivity?", "--json", "--conversation", first["conversation"]).out)
    assert second["conversation"] == first["conversation"]
    assert YI_2013 in {citation["pmid"] for citation in second["citations"]}
    assert {citation["sha256"] for citation in second["citations"]} <= {
        citation["sha256"] for citation in first["citations"]
    }


def test_a_conversation_that_is_not_there_is_an_error(ask):
    outcome = ask("and in blood?", "--conversation", "none-such")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == "epicite: error: There is no conversation 'none-such' of yours. Start a new one.\n"


def test_that_the_library_does_not_say_is_an_answer(ask):
    outcome = ask("What is the boiling point of nitrogen?")
    assert outcome.code == 0
    assert outcome.out.startswith("The library does not say. The nearest papers are:\n- ")
    answer = json.loads(ask("What is the boiling point of nitrogen?", "--json").out)
    assert answer["abstained"] is True
    assert [list(paper) for paper in answer["nearest"]] == [["library", "sha256", "pmid", "doi", "title", "url"]] * 3
    assert all(paper["title"] in outcome.out for paper in answer["nearest"])


def test_chinese_is_answered_in_a_chinese_frame_and_written_as_it_is(ask):
    outcome = ask("哪些基因的启动子甲基化可以作为胰腺癌的血液标志物？", "--json")
    assert "以下逐字引用论文原文：" in outcome.out
    answer = json.loads(outcome.out)
    assert YI_2013 in {citation["pmid"] for citation in answer["citations"]}
    assert "BNC1" in answer["answer"]


def test_where_no_endpoint_answers_the_embedded_model_does_and_says_so(ask, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    monkeypatch.setenv("EPICITE_MODEL__URL", url)
    monkeypatch.setenv("EPICITE_MODEL__PATIENCE", "5")
    outcome = ask(PANCREAS)
    assert outcome.code == 0
    assert "BNC1" in outcome.out
    assert re.search(rf"^{re.escape(url)} could not answer \(.+\); embedded does\.$", outcome.err, re.MULTILINE)
    assert "could not answer" not in outcome.out


def test_a_missing_paper_is_said_to_be_missing(ask):
    outcome = ask("find PMID 99999999")
    assert outcome.code == 0
    assert "No library has a paper '99999999'." in outcome.err


def test_files_are_attached_and_told_under_handles(ask, tmp_path):
    genome, lines = tmp_path / "genome.fa", tmp_path / "lines.csv"
    genome.write_text(">s1\nACGTTGCAAGCTTAGCC\n")
    lines.write_text("line,m1,m2\nL1,0,1\nL2,1,-1\n")
    outcome = ask("is it a promoter?", "--attach", genome, "--attach", lines)
    assert outcome.code == 0
    assert "file1: genome.fa, FASTA, 1 sequence, 17 letters (ACGT)" in outcome.err
    assert "file2: lines.csv, table, 2 rows" in outcome.err
    assert outcome.out.startswith("That did not work: s1 has 17 bases, and 70 are needed by core.")


def test_attachments_are_in_json_and_go_on_with_the_conversation(ask, tmp_path):
    genome = tmp_path / "genome.fa"
    genome.write_text(">s1\nACGTTGCAAGCTTAGCC\n")
    first = json.loads(ask("is it a promoter?", "--attach", genome, "--json").out)
    [attached] = first["attachments"]
    assert list(attached) == [
        "handle", "kind", "name", "size", "length", "parts", "alphabet", "preview", "sha256",
    ]  # fmt: skip
    assert (attached["handle"], attached["name"], attached["preview"]) == ("file1", "genome.fa", "ACGTTGCAAGCTTAGCC")
    outcome = ask("is file1 a promoter?", "--conversation", first["conversation"])
    assert outcome.out.startswith("That did not work: s1 has 17 bases, and 70 are needed by core.")


def test_a_paper_that_no_library_has_is_to_be_added_first(ask, tmp_path):
    paper = tmp_path / "paper.txt"
    paper.write_text("Newts\n\nPromoter methylation of newtreg1 fell in newts.\n")
    outcome = ask("summarise file1", "--attach", paper)
    assert outcome.code == 0
    assert "epicite ingest" in outcome.out


def test_what_is_no_file_cannot_be_attached(ask, tmp_path):
    outcome = ask("what is it?", "--attach", tmp_path / "missing.fa")
    assert (outcome.code, outcome.out) == (1, "")
    assert "'missing.fa' is no file that can be read. Give it again." in outcome.err


@pytest.mark.parametrize("question", ["", "   "])
def test_nothing_asked_is_not_understood(epicite, question):
    outcome = epicite("ask", question)
    assert (outcome.code, outcome.out) == (2, "")


def test_a_misspelt_library_is_an_error_before_anything_is_asked(prepared_home, tmp_path, epicite):
    outcome = epicite("ask", PANCREAS, "--library", tmp_path / "lirbary")
    assert outcome.code == 1
    assert outcome.err.startswith(f"epicite: error: {tmp_path / 'lirbary'} is not a library")
    assert not (tmp_path / "lirbary").exists()
    assert not (prepared_home / "conversations.db").exists()


def test_a_prediction_is_told_with_its_verdict_and_where_its_files_are(ask, tmp_path):
    lines = tmp_path / "lines.csv"
    lines.write_text(MARKERS)
    answer = json.loads(ask("Predict the yield of these lines in environment 2", "--attach", lines, "--json").out)
    assert {claim["verdict"] for claim in answer["claims"]} == {"own words", "predicted"}
    assert (answer["citations"], answer["abstained"]) == ([], False)
    [tool] = answer["tools"]
    assert (tool["name"], tool["arguments"]) == ("predict_phenotype", {"markers": "file1", "environments": [2]})
    [file] = tool["result"]["files"]
    assert Path(file["path"]).read_text().startswith("line,env1,")
    outcome = ask("预测这些品系在环境2的产量", "--attach", lines)
    assert "预测产量最高" in outcome.out
    assert "产量以该环境训练品系的均值为零点" in outcome.err
    assert "result1: yield_file1.csv: " in outcome.err
