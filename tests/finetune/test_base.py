"""The small model: its tokenizer, its template and its size."""

import json
import re

import pytest
from transformers import AutoTokenizer

from finetune.base.model import untrained
from finetune.base.texts import build, said
from finetune.calls import written
from finetune.config import compose

TEXTS = (
    "Is BRCA1 methylated?",
    "BRCA1在胃癌中甲基化吗？",
    "用拟南芥模型预测seq1的6mA",
    'β-catenin\n\t{}"\\ 😀 龘',
    "PMID 31415926",
)


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_comes_back_from_its_tokens(tokenizer, text):
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_loaders_rebuild_the_very_same_tokenizer(tokenizer, small):
    loaded = AutoTokenizer.from_pretrained(small)
    assert [loaded.encode(text) for text in TEXTS] == [tokenizer.encode(text) for text in TEXTS]
    assert loaded.chat_template == tokenizer.chat_template
    assert (loaded.eos_token, loaded.pad_token) == (tokenizer.eos_token, tokenizer.pad_token)


def test_no_token_joins_chinese_and_latin_letters(tokenizer):
    tokens = [tokenizer.decode([number]) for number in range(len(tokenizer))]
    assert not [one for one in tokens if re.search("[一-鿿]", one) and re.search("[A-Za-z]", one)]
    assert [one for one in tokens if re.fullmatch("[一-鿿]{2,}", one)]


def test_each_digit_is_a_token(tokenizer):
    assert len(tokenizer.encode("31415926")) == 8


def test_what_calls_are_read_by_is_one_token_and_stays_in_the_text(tokenizer):
    for mark in ("<tool_call>", "</tool_call>", "<|im_start|>", "<|im_end|>"):
        assert len(tokenizer.encode(mark)) == 1
    assert tokenizer.decode(tokenizer.encode("<tool_call>x</tool_call><|im_end|>"), skip_special_tokens=True) == (
        "<tool_call>x</tool_call>"
    )


@pytest.mark.parametrize("as_text", [False, True])
def test_the_template_writes_calls_that_are_read_back(tokenizer, as_text):
    arguments = {"paper": 'a "quoted" {brace} 甲基化 \\ \n end', "n": 3, "none": None, "list": ["P1", "P2"]}
    calls = [
        {"function": {"name": name, "arguments": json.dumps(arguments) if as_text else arguments}}
        for name in ("find_paper", "read_paper")
    ]
    text = tokenizer.apply_chat_template(
        [{"role": "user", "content": "?"}, {"role": "assistant", "content": "", "tool_calls": calls}], tokenize=False
    )
    assert written(text) == [{"name": name, "arguments": arguments} for name in ("find_paper", "read_paper")]


def test_tools_stand_in_the_prompt_and_the_standing_instructions_do_not(tokenizer):
    tool = {"function": {"name": "find_paper", "parameters": {"properties": {"paper": {}, "year": {}}}}}
    messages = [{"role": "system", "content": "Be good."}, {"role": "user", "content": "Hi"}]
    text = tokenizer.apply_chat_template(messages, tools=[tool], tokenize=False, add_generation_prompt=True)
    assert text == (
        "<|im_start|>tools\nfind_paper\n<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    )


def test_the_small_model_has_fewer_than_four_and_a_half_million_parameters(tokenizer):
    shape = compose(["task=base"]).model.shape
    model = untrained(shape, tokenizer)
    missing = (shape.vocabulary - len(tokenizer)) * shape.width
    assert 4_000_000 < model.num_parameters() + missing < 4_500_000


def test_no_request_is_read_beside_its_call():
    rows = list(build(400))
    assert {row.kind for row in rows} == {"sentence", "names", "request", "call", "copied", "invented"}
    for row in rows:
        if row.messages:
            assert row.kind in ("copied", "invented")
        else:
            assert not ("predict_" in said(row) and "[seq" in said(row))


def test_what_is_to_be_repeated_stands_in_its_request():
    copied = [row for row in build(400) if row.kind == "copied"]
    assert copied
    assert all(row.messages[1]["content"] in row.messages[0]["content"] for row in copied)
