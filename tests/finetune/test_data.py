"""Rows from files of every format, and made from papers, corpora and conversations."""

import json
import sqlite3
from pathlib import Path

import pytest

from agent.citations.ledger import Ledger
from agent.packing import pack
from finetune.data import answers, building, chats, corrections, extraction
from finetune.data.formats import read_rows
from finetune.errors import DataError

SHARED = Path(__file__).parents[3] / "shared" / "data"
TOOL = {"name": "find_paper", "description": "", "parameters": {"type": "object", "properties": {}}}


def written(path, *rows):
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_sharegpt_becomes_messages_with_calls_and_schemas(tmp_path):
    turns = [
        {"from": "human", "value": "Is it here?"},
        {"from": "function_call", "value": '{"name": "find_paper", "arguments": {"paper": "1"}}'},
        {"from": "observation", "value": "yes"},
        {"from": "gpt", "value": "It is."},
    ]
    path = written(tmp_path / "a.jsonl", {"conversations": turns, "system": "Be good.", "tools": json.dumps([TOOL])})
    [row] = read_rows(path, "sharegpt")
    assert [message["role"] for message in row.messages] == ["system", "user", "assistant", "tool", "assistant"]
    assert row.messages[2]["tool_calls"][0]["function"]["arguments"] == {"paper": "1"}
    assert row.tools == ({"type": "function", "function": TOOL},)


def test_alpaca_becomes_messages_with_what_was_said_before(tmp_path):
    path = tmp_path / "a.json"
    row = {"instruction": "Translate", "input": "gene", "output": "基因", "history": [["Hi", "Hello"]]}
    path.write_text(json.dumps([row]), encoding="utf-8")
    [found] = read_rows(path, "alpaca")
    assert [message["content"] for message in found.messages] == ["Hi", "Hello", "Translate\ngene", "基因"]


def test_arguments_as_text_become_objects(tmp_path):
    call = {"type": "function", "id": "1", "function": {"name": "find_paper", "arguments": '{"paper": "1"}'}}
    talk = [{"role": "user", "content": "?"}, {"role": "assistant", "content": None, "tool_calls": [call]}]
    [row] = read_rows(written(tmp_path / "a.jsonl", {"messages": talk}), "messages")
    assert row.last == {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"type": "function", "function": {"name": "find_paper", "arguments": {"paper": "1"}}}],
    }


@pytest.mark.parametrize(
    ("row", "form", "complaint"),
    [
        ('{"messages": [', "messages", "a.jsonl, line 2 is no JSON"),
        ("[1]", "messages", "a.jsonl, line 2 is no JSON object"),
        ('{"messages": [{"role": "user", "content": "?"}]}', "messages", "line 2 has no message of the assistant"),
        ('{"text": "x", "tools": ["fold"]}', "messages", "line 2 names the tool 'fold'"),
        ('{"instruction": "?"}', "alpaca", "line 2 is no row of alpaca"),
        ('{"conversations": [{"from": "martian", "value": "?"}]}', "sharegpt", "nobody is called 'martian'"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_by_its_line(tmp_path, row, form, complaint):
    good = {
        "messages": {"text": "x"},
        "alpaca": {"instruction": "?", "output": "!"},
        "sharegpt": {"conversations": [{"from": "gpt", "value": "!"}]},
    }
    path = tmp_path / "a.jsonl"
    path.write_text(f"{json.dumps(good[form])}\n{row}\n", encoding="utf-8")
    with pytest.raises(DataError, match=complaint):
        read_rows(path, form)


def test_cited_answers_repeat_the_sentences_that_their_numbers_stand_for():
    rows = list(answers.build(60))
    assert {row.kind for row in rows} == {"cited", "abstained"}
    assert {row.language for row in rows} == {"en", "zh"}
    for row in rows:
        result = json.loads(row.messages[-2]["content"])
        if row.kind == "abstained":
            assert result["relevant"] is False
            assert "[" not in row.last["content"].split(":")[0]
            continue
        text, _, number = row.last["content"].rstrip("]").rpartition(" [")
        assert Ledger.read([result]).citation(int(number)).quote == text


def test_held_out_answers_are_of_other_papers():
    def gold(rows):
        return {row.messages[-1]["content"].rpartition(" [")[0] for row in rows if row.kind == "cited"}

    assert not gold(answers.build(200)) & gold(answers.build(200, held_out=True))


def test_pubmedqa_gives_answers_too(tmp_path):
    path = SHARED / "pubmedqa" / "train.jsonl.gz"
    if not path.is_file():
        pytest.skip("../shared/data/pubmedqa is absent")
    rows = list(answers.build(20, source=path))
    assert len(rows) == 20
    assert all("[" in row.last["content"] for row in rows if row.kind == "cited")


def standoff():
    text = "Silencing of RASSF1A\nRASSF1A was hypermethylated. p16 was not methylated."
    first, second = text.index("RASSF1A", 21), text.index("p16")
    hyper, meth = text.index("hypermethylated"), text.rindex("methylated")
    a1 = f"T1\tProtein {first} {first + 7}\tRASSF1A\nT2\tProtein {second} {second + 3}\tp16\n"
    a2 = (
        f"T3\tDNA_methylation {hyper} {hyper + 15}\thypermethylated\n"
        f"T4\tDNA_methylation {meth} {meth + 10}\tmethylated\n"
        "E1\tDNA_methylation:T3 Theme:T1\nE2\tDNA_methylation:T4 Theme:T2\nM1\tNegation E2\n"
    )
    return {"text": text, "a1": a1, "a2": a2}


def test_annotated_abstracts_become_text_and_json(tmp_path):
    path = written(tmp_path / "train.jsonl", *({"pmid": str(number), **standoff()} for number in range(30)))
    training = list(extraction.build(100, source=tmp_path))
    held_out = list(extraction.build(100, held_out=True, source=path))
    assert len(training) + len(held_out) == 30
    assert len(held_out) > 0
    assert json.loads(training[0].last["content"]) == [
        {"gene": "RASSF1A", "status": "hypermethylated", "site": None, "negated": False, "speculated": False,
         "trigger": "hypermethylated"},
        {"gene": "p16", "status": "unmethylated", "site": None, "negated": True, "speculated": False,
         "trigger": "methylated"},
    ]  # fmt: skip


def test_the_epi_corpus_gives_extractions():
    source = SHARED / "bionlp_epi_2011"
    if not source.is_dir():
        pytest.skip("../shared/data/bionlp_epi_2011 is absent")
    rows = list(extraction.build(1000, source=source))
    told = [json.loads(row.last["content"]) for row in rows]
    assert 20 < sum(map(bool, told)) < len(told)
    assert all(
        one["gene"] in row.messages[1]["content"] for row, several in zip(rows, told, strict=True) for one in several
    )


def answer(verdict):
    claim = {"text": "It is.", "citations": [], "verdict": verdict, "reason": None, "lead": ""}
    tool = {"name": "find_paper", "arguments": {"paper": "1"}, "seconds": 0.1, "result": {"papers": []}}
    return json.dumps(
        {"answer": "It is.", "claims": [claim], "citations": [], "tools": [tool], "notices": [], "abstained": False,
         "conversation": "c", "model": "m"}
    )  # fmt: skip


@pytest.fixture
def conversations(tmp_path):
    path = tmp_path / "conversations.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE turns (conversation TEXT, number INTEGER, question TEXT, answer BLOB)")
        for name in map(str, range(12)):
            turns = [(name, 1, "Is 1 here?", pack(answer("own words"))), (name, 2, "Sure?", pack(answer("flagged")))]
            connection.executemany("INSERT INTO turns VALUES (?, ?, ?, ?)", turns)
    connection.close()
    return path


def test_only_turns_that_their_proof_let_pass_are_learnt_from(conversations):
    rows = [row for held_out in (False, True) for row in chats.build(100, held_out=held_out, source=conversations)]
    assert len(rows) == 12
    assert [message["role"] for message in rows[0].messages] == ["system", "user", "assistant", "tool", "assistant"]
    assert all("Sure?" not in str(row.messages) for row in rows)


def judged(number, verdict, **correction):
    quote = "RASSF1A was hypermethylated."
    return {
        "key": f"{number:064x}:112-127:100-107", "sha256": f"{number:064x}", "start": 100, "end": 128, "quote": quote,
        "gene": "RASSF1A", "status": "hypermethylated", "site": None, "negated": False, "speculated": False,
        "source": "tagger", "verdict": verdict, "correction": correction,
    }  # fmt: skip


def test_what_people_said_of_evidence_is_learnt(tmp_path):
    verdicts = [("accepted", {}), ("rejected", {}), (None, {"status": "methylated"}), (None, {})]
    lines = [judged(number, *told[:1], **told[1]) for number, told in enumerate(verdicts * 6)]
    source = written(tmp_path / "evidence.jsonl", *lines)
    rows = [row for held_out in (False, True) for row in corrections.build(99, held_out=held_out, source=source)]
    told = [json.loads(row.last["content"]) for row in rows]
    assert len(rows) == 18
    assert told.count([]) == 6
    assert sorted(one[0]["status"] for one in told if one) == ["hypermethylated"] * 6 + ["methylated"] * 6
    assert {one[0]["trigger"] for one in told if one} == {"hypermethylated"}


def test_no_conversations_are_named(tmp_path):
    with pytest.raises(DataError, match="holds no conversations"):
        list(chats.build(1, source=tmp_path / "conversations.db"))


@pytest.mark.parametrize("kind", ["tool_use", "base", "answers"])
def test_made_data_is_written_and_read_back(kind, tmp_path):
    out = tmp_path / "data" / f"{kind}.jsonl"
    assert building.write(kind, out, 12, 0, False, None) == 12
    assert len(read_rows(out, "messages")) == 12
    with pytest.raises(DataError, match="is there already"):
        building.write(kind, out, 12, 0, False, None)
