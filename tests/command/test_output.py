"""Stored texts never steer the terminal, and JSON is read as it was written."""

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from command.output import json_line, plain


def test_a_title_cannot_clear_the_screen_or_turn_the_line_around():
    assert plain("BRCA1\x1b[2J silenced\nin \u202etumours\x07") == "BRCA1[2J silenced in tumours"


@given(st.text())
def test_plain_text_is_one_line_and_can_be_printed(text):
    shown = plain(text)
    assert len(shown.splitlines()) <= 1
    assert not any(unicodedata.category(letter) in {"Cc", "Cf"} for letter in shown)


def test_chinese_stays_chinese_in_json():
    assert json_line({"title": "甲基化"}) == '{"title": "甲基化"}'


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers() | st.none()))
def test_a_record_is_one_line_of_json(record):
    line = json_line(record)
    assert "\n" not in line
    assert json.loads(line) == record
