"""What a model wrote, held against what was wanted."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetune.calls import faults, judged, written
from finetune.data.tool_use import schemas


def call(name, **arguments):
    return {"name": name, "arguments": arguments}


def said(*calls):
    return "\n".join(f"<tool_call>\n{json.dumps(one, ensure_ascii=False)}\n</tool_call>" for one in calls)


def wanted(*calls):
    return {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": one} for one in calls]}


PROMOTER = call("predict_promoter", sequences=["seq1"], model="core")
WORDS = st.text(max_size=20).filter(lambda text: "</tool_call>" not in text)


@settings(deadline=None)
@given(st.dictionaries(WORDS, WORDS | st.integers() | st.none() | st.lists(WORDS)))
def test_a_call_is_read_back_as_it_was_written(arguments):
    assert written(said(call("find_paper", **{f"a{name}": value for name, value in arguments.items()}))) == [
        call("find_paper", **{f"a{name}": value for name, value in arguments.items()})
    ]


@pytest.mark.parametrize(
    ("text", "message", "judgement"),
    [
        (said(PROMOTER), wanted(PROMOTER), (True, True, True)),
        (said(call("predict_promoter", sequences=["seq2"], model="core")), wanted(PROMOTER), (True, False, True)),
        (said(call("predict_promoter", model="core")), wanted(PROMOTER), (True, False, False)),
        (said(call("embed_sequence", sequences=["seq1"])), wanted(PROMOTER), (False, False, True)),
        (said(PROMOTER, PROMOTER), wanted(PROMOTER), (False, False, True)),
        ("<tool_call>\n{broken\n</tool_call>", wanted(PROMOTER), (False, False, False)),
        ("<tool_call>\n" + json.dumps(PROMOTER), wanted(PROMOTER), (False, False, False)),
        ("Hello.", wanted(PROMOTER), (False, False, True)),
        ("", {"role": "assistant", "content": "Hello."}, (False, False, True)),
        ("Good day.", {"role": "assistant", "content": "Hello."}, (True, True, True)),
        (said(PROMOTER), {"role": "assistant", "content": "Hello."}, (False, False, True)),
    ],
)
def test_the_tool_its_arguments_and_their_schema_are_judged_apart(text, message, judgement):
    found = judged(text, message, schemas())
    assert (found.tool, found.exact, found.valid) == judgement


def test_the_words_of_a_search_are_free_but_its_years_are_not():
    one = wanted(call("search_literature", query="MLH1?", year_from=2015))
    assert judged(said(call("search_literature", query="papers on MLH1", year_from=2015)), one, schemas()).exact
    assert not judged(said(call("search_literature", query="MLH1?", year_from=2016)), one, schemas()).exact
    assert not judged(said(call("search_literature", year_from=2015)), one, schemas()).exact


@pytest.mark.parametrize(
    ("one", "fault"),
    [
        (call("fold_protein"), "there is no tool fold_protein"),
        (call("predict_promoter"), "arguments lack sequences"),
        (call("predict_promoter", sequences="seq1"), "sequences is no array"),
        (call("predict_promoter", sequences=["seq1"], window=3), "arguments have no window"),
        (call("predict_promoter", sequences=["seq1"], model="big"), "model is none of ['core', 'tata300']"),
        (call("predict_phenotype", markers="table1", environments=[5]), "environments is none of [1, 2, 3, 4]"),
        (call("search_literature", query="a", year_from=99), "year_from is out of range"),
        (call("search_literature", query="a", year_from=True), "year_from is no integer"),
    ],
)
def test_what_a_tool_would_refuse_is_named(one, fault):
    assert faults(one, schemas()) == [fault]
