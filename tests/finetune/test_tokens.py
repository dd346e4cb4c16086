"""What is learnt of a row is what the assistant says, to the end of its turn, and nothing else."""

import pytest

from finetune.base.tokenizer import END
from finetune.data.rows import Row
from finetune.errors import DataError, NothingToLearn
from finetune.tokens import IGNORED, example, examples, mask_view, pieces, prompt

CALL = {"type": "function", "function": {"name": "find_paper", "arguments": {"paper": '10.1/"β"{}'}}}
TALK = Row(
    messages=(
        {"role": "user", "content": "Is 10.1/x here?"},
        {"role": "assistant", "content": "", "tool_calls": [CALL]},
        {"role": "tool", "name": "find_paper", "content": '{"relevant": true}'},
        {"role": "assistant", "content": "是的。"},
    ),
    tools=({"type": "function", "function": {"name": "find_paper", "parameters": {"properties": {"paper": {}}}}},),
)


def learnt(row, tokenizer, learn="all", most=999):
    one = example(row, tokenizer, learn, most)
    return tokenizer.decode([label for label in one.labels if label != IGNORED])


def test_only_the_last_message_is_learnt_unless_all_are_asked_for(tokenizer):
    assert learnt(TALK, tokenizer, "last") == f"是的。{END}"
    assert learnt(TALK, tokenizer) == (
        '<tool_call>\n{"name": "find_paper", "arguments": {"paper": "10.1/\\"β\\"{}"}}\n</tool_call>'
        f"{END}是的。{END}"
    )


def test_a_row_is_what_the_template_renders_of_it(tokenizer):
    whole = tokenizer.apply_chat_template(list(TALK.messages), tools=list(TALK.tools), tokenize=False)
    assert "".join(piece.text for piece in pieces(TALK, tokenizer, "all")) + "\n" == whole


def test_what_is_not_learnt_before_the_answer_is_what_a_server_gives_the_model(tokenizer):
    one = example(TALK, tokenizer, "last", 999)
    asked = tokenizer.encode(prompt(TALK, tokenizer), add_special_tokens=False)
    assert list(one.ids[: len(asked)]) == asked
    assert set(one.labels[: len(asked)]) == {IGNORED}
    assert one.labels[len(asked) :] == one.ids[len(asked) :]


def test_a_text_is_learnt_whole_with_its_end(tokenizer):
    assert learnt(Row(text="GSTP1 is silenced."), tokenizer) == f"GSTP1 is silenced.{END}"


def test_the_mask_is_shown_token_by_token(tokenizer):
    lines = [line.split("\t") for line in mask_view(TALK, tokenizer, "last", 999)]
    one = example(TALK, tokenizer, "last", 999)
    assert [int(line[1]) for line in lines] == list(one.ids)
    assert [line[2] == "learnt" for line in lines] == [label != IGNORED for label in one.labels]
    assert lines[-1][2:] == ["learnt", repr(END)]


def test_rows_with_nothing_left_to_learn_are_counted_named_and_refused(tokenizer):
    long = Row(messages=({"role": "user", "content": "why? " * 80}, {"role": "assistant", "content": "So."}))
    rows = [TALK, long, TALK, long]
    with pytest.raises(NothingToLearn, match=r"2 of 4 rows have nothing to learn within 90 tokens: 2, 4\."):
        examples(rows, tokenizer, "all", 90)
    assert len(examples(rows, tokenizer, "all", 90, skip=True)) == 2
    with pytest.raises(NothingToLearn, match="2 of 2 rows"):
        examples([long, long], tokenizer, "all", 90, skip=True)


def test_a_template_that_rewrites_what_was_said_is_refused_where_all_is_to_be_learnt(tokenizer):
    before = tokenizer.chat_template
    tokenizer.chat_template = (
        "{% for m in messages %}{{ m.role }}:{{ m.content if loop.last else '...' }}\n{% endfor %}"
        "{% if add_generation_prompt %}assistant:{% endif %}"
    )
    try:
        with pytest.raises(DataError, match="learn=last"):
            pieces(TALK, tokenizer, "all")
    finally:
        tokenizer.chat_template = before


def test_a_model_without_a_chat_template_is_refused(tokenizer):
    before, tokenizer.chat_template = tokenizer.chat_template, None
    try:
        with pytest.raises(DataError, match="no chat template"):
            pieces(TALK, tokenizer, "last")
    finally:
        tokenizer.chat_template = before
