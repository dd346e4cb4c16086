"""Made requests for tools: every call is one that the agent can run, and the split keeps templates apart."""

import json
import random
from collections import Counter

import pytest

from agent.attachments.handles import attached
from agent.tools import TOOLS
from finetune.calls import faults
from finetune.data import grammar, tool_use
from finetune.data.requests import requests_in
from finetune.data.rows import checked, read_lines, schemas_beside, write_rows
from finetune.data.slots import MAKERS


@pytest.fixture(scope="module")
def rows():
    return list(tool_use.build(1500))


@pytest.fixture(scope="module")
def held_out():
    return list(tool_use.build(300, held_out=True))


def calls(row):
    return [call["function"] for message in row.messages for call in message.get("tool_calls", ())]


def test_every_tool_that_the_agent_has_is_asked_for_in_both_languages(rows):
    asked = {(row.language, call["name"]) for row in rows for call in calls(row)}
    taught = {tool.name for tool in TOOLS} - set(tool_use.untaught())
    assert asked == {(language, name) for language in ("en", "zh") for name in taught}
    assert len(taught) >= 8


def test_every_call_fits_its_schema(rows):
    for row in rows:
        for call in calls(row):
            assert faults(call, tool_use.schemas()) == []


def test_years_run_forwards(rows):
    for row in rows:
        for call in calls(row):
            told = call["arguments"]
            for first, last in (("year_from", "year_to"), ("first_year", "last_year")):
                assert told.get(first, 0) <= told.get(last, 9999)


def test_handles_are_those_of_what_is_attached(rows):
    handles = ("sequences", "markers", "training", "variants", "reference")
    for row in rows:
        there = {handle for message in row.messages for handle in attached(str(message["content"]))}
        for call in calls(row):
            for name in handles:
                given = call["arguments"].get(name, [])
                assert {given} if isinstance(given, str) else set(given) <= there


def test_what_a_request_says_stands_in_it(rows):
    for row in rows:
        [request, *_] = [message["content"] for message in row.messages if message["role"] == "user"][-1:]
        for call in calls(row)[-1:]:
            for name in ("question", "gene", "journal", "query", "text"):
                assert call["arguments"].get(name, "").lower() in request.lower()


def test_a_quarter_needs_no_call(rows):
    share = sum(row.kind != "call" for row in rows) / len(rows)
    assert 0.2 < share < 0.3
    assert {row.kind for row in rows} == {"call", "none", "clarify", "refuse"}
    assert all(not calls(row) and row.last["content"] for row in rows if row.kind != "call")


def test_tools_on_attachments_are_offered_only_beside_attachments(rows):
    always = {tool.name for tool in TOOLS if tool.metadata["declaration"].asks is None}
    for row in rows:
        there = any(attached(message["content"]) for message in row.messages if message["role"] == "user")
        assert set(row.tools) == ({tool.name for tool in TOOLS} if there else always)
        assert {call["name"] for call in calls(row)} <= set(row.tools)


def test_held_out_templates_and_requests_are_none_of_the_training_ones(rows, held_out):
    assert not {row.template for row in rows} & {row.template for row in held_out}
    said = {json.dumps(row.messages[1:], ensure_ascii=False) for row in rows}
    assert not said & {json.dumps(row.messages[1:], ensure_ascii=False) for row in held_out}


def test_both_sides_of_the_split_ask_for_every_tool(held_out):
    asked = Counter(call["name"] for row in held_out for call in calls(row))
    assert set(asked) == {tool.name for tool in TOOLS} - set(tool_use.untaught())


def test_templates_are_not_the_examples_that_tools_declare():
    said = {example for tool in TOOLS for example in tool.metadata["declaration"].examples}
    told = [requests_in("en"), requests_in("zh")]
    written = {
        one for of in told for by_tool in (of.asking, of.bare) for several in by_tool.values() for one in several
    }
    assert not said & written


def test_each_template_fills_in_with_slots_and_phrases_that_there_are():
    rng = random.Random(5)
    for language in ("en", "zh"):
        phrases = requests_in(language).phrases
        of = requests_in(language)
        written = [one for by_tool in (of.asking, of.bare) for several in by_tool.values() for one in several]
        for template in [*written, *(ask for kind in of.unanswered.values() for ask in kind)]:
            for _ in range(3):
                words = grammar.chosen(grammar.spelt_out(template.partition(" => ")[0], phrases, rng), rng)
                known = set(MAKERS) | {"it", "all", "file", "ref", "train", "mark_c"}
                assert words.strip()
                assert set(grammar.slots(words)) <= known, template
                assert "|" not in words, template


def test_both_languages_have_many_wordings_of_each_tool():
    for language in ("en", "zh"):
        assert min(len(several) for several in requests_in(language).asking.values()) >= 30


def test_what_is_asked_of_papers_is_the_question_without_what_stands_around_it():
    assert grammar.asked("since 2015: [does A cause B?]") == ("since 2015: does A cause B?", "does A cause B?")
    assert grammar.asked("does A cause B?") == ("does A cause B?", "does A cause B?")


def test_a_mistyped_template_keeps_its_slots():
    rng = random.Random(1)
    for _ in range(50):
        assert grammar.slots(grammar.mistyped("predict {mark} bases in {species}", rng)) == ["mark", "species"]


def test_the_same_seed_gives_the_same_rows_and_another_others():
    assert list(tool_use.build(30)) == list(tool_use.build(30))
    assert list(tool_use.build(30)) != list(tool_use.build(30, seed=1))


def test_written_rows_come_back_with_their_schemas(rows, tmp_path):
    path = tmp_path / "train.jsonl"
    write_rows(path, rows[:20], tool_use.schemas())
    beside = schemas_beside(path)
    back = [checked(found, f"line {number}", beside) for number, found in read_lines(path)]
    assert [row.messages for row in back] == [row.messages for row in rows[:20]]
    assert [tool["function"]["name"] for tool in back[0].tools] == list(rows[0].tools)
