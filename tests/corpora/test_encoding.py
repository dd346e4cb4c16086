import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.encoding import decoded, encoding_of, text_lines
from corpora.streams import MIB, RECORD_LIMIT
from corpora.unreadable import Unreadable


class Bytes(io.BufferedReader):
    """A stream of these bytes."""

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content))


CHINESE = "目的：探讨胰腺癌患者血清中基因甲基化的水平及其临床意义。方法：采用甲基化特异性检测。"
OTHERS = {
    "latin-1": "Größe und naïve Äußerung über Überträger für Prüfungen, où, déjà, œuvre".replace("œ", "oe"),
    "big5": "目的探討胰腺癌患者血清中基因甲基化的水平及其臨床意義方法採用甲基化特異性檢測",
    "shift_jis": "膵臓癌患者の血清における遺伝子のメチル化の水準とその臨床的意義について検討した",
    "euc-jp": "膵臓癌患者の血清における遺伝子のメチル化の水準とその臨床的意義について検討した",
    "euc-kr": "췌장암 환자의 혈청에서 유전자 메틸화의 수준과 임상적 의의를 조사하였다",
    "cp1251": "Метилирование генов в сыворотке крови больных раком поджелудочной железы",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_chinese_is_read_in_each_of_its_encodings(encoding: str) -> None:
    assert decoded(CHINESE.encode(encoding)) == CHINESE


@pytest.mark.parametrize("encoding", OTHERS)
def test_no_other_encoding_is_taken_for_chinese(encoding: str) -> None:
    with pytest.raises(Unreadable, match="is not UTF-8"):
        decoded(OTHERS[encoding].encode(encoding))


@pytest.mark.parametrize("encoding", OTHERS)
def test_a_declared_encoding_is_believed_where_it_fits(encoding: str) -> None:
    assert decoded(OTHERS[encoding].encode(encoding), encoding) == OTHERS[encoding]
    assert decoded(CHINESE.encode(), encoding) == CHINESE


@pytest.mark.parametrize("declared", ["klingon", "utf-16", "hex", "", None])
def test_a_declaration_that_is_none_is_passed_over(declared: str | None) -> None:
    assert decoded(CHINESE.encode("gb18030"), declared) == CHINESE


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\0\ufeff")), st.sampled_from(["\n", "\r\n"]))
def test_lines_are_those_of_the_text_with_each_end_as_one_newline(text: str, ending: str) -> None:
    lines = list(text_lines(Bytes(text.replace("\n", ending).encode())))
    assert "".join(lines) == text
    assert all("\n" not in line[:-1] for line in lines)


def test_a_character_that_lies_across_blocks_is_whole() -> None:
    text = "x" * (MIB - 1) + CHINESE * 1000
    assert "".join(text_lines(Bytes(text.encode()))) == text
    assert encoding_of(text.encode()[:MIB], whole=False) == "utf-8"


def test_the_byte_that_does_not_fit_is_named_also_far_in() -> None:
    content = b"line\n" * MIB + b"\xff\n"
    with pytest.raises(Unreadable, match=f"byte 0xff at byte {5 * MIB + 1} of the file"):
        list(text_lines(Bytes(content)))


def test_a_line_beyond_the_limit_is_refused() -> None:
    with pytest.raises(Unreadable, match="longer than 16 MiB"):
        list(text_lines(Bytes(b"x" * (RECORD_LIMIT + MIB))))
