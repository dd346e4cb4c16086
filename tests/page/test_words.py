import re
from string import Formatter

import pytest

from page.words import NAMES, Phrase, preferred_language, translations

HAN = re.compile(r"[\u4e00-\u9fff]")


def test_both_languages_have_the_same_phrases() -> None:
    assert translations()["en"].keys() == translations()["zh"].keys()
    assert len(translations()["en"]) == len(NAMES) > 30


@pytest.mark.parametrize("phrase", NAMES, ids=NAMES.values())
def test_each_phrase_is_written_in_its_language_and_fills_in_the_same_names(phrase: Phrase) -> None:
    names = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (phrase.en, phrase.zh)]
    assert names[0] == names[1]
    assert HAN.search(phrase.zh)
    assert phrase.en.strip()
    assert not HAN.search(phrase.en)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh", "zh"),
        ("zh-TW", "zh"),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("zh;q=0.3, en;q=0.7", "en"),
        ("de-DE,de;q=0.9,zh;q=0.5", "zh"),
        ("de", "en"),
        ("*", "en"),
        ("", "en"),
        ("zh;q=many,en", "en"),
    ],
)
def test_the_browser_decides_the_first_language(accepted: str, language: str) -> None:
    assert preferred_language(accepted) == language
