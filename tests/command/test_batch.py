"""`epicite search --batch`: every line that can be answered is, every other is named."""

import json

import pytest


@pytest.fixture
def batch(mine, tmp_path, epicite):
    """Answers a file of these lines; gives the outcome and the file."""

    def run(lines, *words):
        path = tmp_path / "queries.jsonl"
        path.write_bytes(lines if isinstance(lines, bytes) else lines.encode())
        return epicite("search", "--batch", path, "--library", mine, *words), path

    return run


def answers(text):
    return [json.loads(line) for line in text.splitlines()]


def test_answers_come_in_the_order_of_the_questions_under_their_ids(batch):
    outcome, _ = batch('{"id": "a", "query": "MLH1"}\n\n{"id": 2, "query": "RASSF1A", "note": "kept out"}\n', "-k", "1")
    assert outcome.code == 0
    first, second = answers(outcome.out)
    assert (first["id"], first["hits"][0]["pmid"]) == ("a", "102")
    assert (second["id"], second["hits"][0]["pmid"]) == (2, "101")
    assert first.keys() == {"id", "hits"}
    assert first["hits"][0].keys() == {"pmid", "doi", "title", "passage", "start", "end", "score"}


def test_answers_may_go_to_a_file(batch, tmp_path):
    out = tmp_path / "answers.jsonl"
    outcome, _ = batch('{"id": 1, "query": "甲基化"}', "-o", out)
    assert (outcome.code, outcome.out) == (0, "")
    assert [answer["id"] for answer in answers(out.read_text(encoding="utf-8"))] == [1]


def test_each_bad_line_is_named_and_the_rest_answered(batch):
    bad = {
        b"MLH1": "Invalid JSON: expected value at line 1 column 1. Write one JSON object a line",
        b'["MLH1"]': 'not an object. Write {"id": ..., "query": ...}',
        b'{"id": 1}': "query is missing",
        b'{"query": "MLH1"}': "id is missing",
        b'{"id": 1, "query": " "}': "query is empty",
        b'{"id": 1, "query": 5}': "query: input should be a valid string",
        b'{"id": 1.5, "query": "MLH1"}': "id: input should be a valid string",
        b'{"id": 1, "query": "caf\xe9"}': "Invalid JSON: invalid unicode code point",
    }
    outcome, path = batch(b'{"id": 1, "query": "MLH1"}\n' + b"\n".join(bad) + b'\n{"id": 3, "query": "MLH1"}\n')
    assert outcome.code == 1
    assert [answer["id"] for answer in answers(outcome.out)] == [1, 3]
    complaints = outcome.err.splitlines()
    assert len(complaints) == len(bad)
    for number, (complaint, reason) in enumerate(zip(complaints, bad.values(), strict=True), 2):
        assert complaint.startswith(f"{path}, line {number}: {reason}")


def test_a_byte_order_mark_does_no_harm(batch):
    outcome, _ = batch(b'\xef\xbb\xbf{"id": 1, "query": "MLH1"}')
    assert outcome.code == 0


def test_a_notice_is_given_once_however_many_questions_it_holds_for(batch):
    outcome, _ = batch('{"id": 1, "query": "MLH1"}\n{"id": 2, "query": "RASSF1A"}', "--year-from", "2000")
    assert outcome.err.count("give no year") == 1


def test_a_batch_that_cannot_be_read_is_an_error(tmp_path, epicite):
    outcome = epicite("search", "--batch", tmp_path / "missing.jsonl")
    assert outcome.code == 1
    assert outcome.err == f"epicite: error: {tmp_path / 'missing.jsonl'} cannot be read: No such file or directory.\n"


def test_answers_never_overwrite_the_questions(batch, tmp_path):
    lines = '{"id": 1, "query": "MLH1"}\n'
    outcome, path = batch(lines, "-o", tmp_path / "queries.jsonl")
    assert outcome.code == 1
    assert "holds the questions" in outcome.err
    assert path.read_text() == lines


def test_answers_that_cannot_be_written_are_an_error(batch, tmp_path):
    outcome, _ = batch('{"id": 1, "query": "MLH1"}\n', "-o", tmp_path / "no folder" / "answers.jsonl")
    assert outcome.code == 1
    assert "cannot be written: No such file or directory" in outcome.err
