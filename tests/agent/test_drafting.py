"""From a stream of text to sentences with their citation marks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.citations.marks import without_marks
from agent.drafting import Draft, Sentence


def whole(text: str) -> list[Sentence]:
    return in_pieces([text])


def in_pieces(pieces: list[str]) -> list[Sentence]:
    draft = Draft()
    return [*(sentence for piece in pieces for sentence in draft.feed(piece)), *draft.finish()]


def told(text: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(sentence.text, sentence.cited) for sentence in whole(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("BNC1 is methylated. [3] ADAMTS1 is too. [4]", [("BNC1 is methylated.", (3,)), ("ADAMTS1 is too.", (4,))]),
        ("BNC1 is methylated [3]. ADAMTS1 is too [4].", [("BNC1 is methylated.", (3,)), ("ADAMTS1 is too.", (4,))]),
        ("BNC1 is methylated.[3] ADAMTS1 is too.[4]", [("BNC1 is methylated.", (3,)), ("ADAMTS1 is too.", (4,))]),
        ("BNC1 is methylated. [3][7] [9, 12] Yes.", [("BNC1 is methylated.", (3, 7, 9, 12)), ("Yes.", ())]),
        ("[3] BNC1 is methylated.", [("BNC1 is methylated.", (3,))]),
        ("BNC1 [1] and ADAMTS1 [2] are methylated.", [("BNC1 and ADAMTS1 are methylated.", (1, 2))]),
    ],
)
def test_marks_belong_to_the_sentence_that_they_stand_in_or_behind(text, sentences):
    assert told(text) == sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("BNC1 is methylated.\n[3]\nADAMTS1 is too.", [("BNC1 is methylated.", (3,)), ("ADAMTS1 is too.", ())]),
        ("BNC1 is methylated.\n\n[3] [7]\n\nIs it?\n[4]", [("BNC1 is methylated.", (3, 7)), ("Is it?", (4,))]),
        ("One. Two.\n [3, 7]\n[4]\n", [("One.", ()), ("Two.", (3, 7, 4))]),
        ("BNC1在血液中高甲基化。\n[3]\n是吗？", [("BNC1在血液中高甲基化。", (3,)), ("是吗？", ())]),
        ("- BNC1\r\n  [3]\r\n- ADAMTS1\r\n  [4]", [("BNC1", (3,)), ("ADAMTS1", (4,))]),
        ("BNC1 is methylated.\n[3] ADAMTS1 is too.", [("BNC1 is methylated.", ()), ("ADAMTS1 is too.", (3,))]),
        ("[3]\nBNC1 is methylated.", [("BNC1 is methylated.", ())]),
        ("See the list:\n[3] and [4", [("See the list:", ()), ("and [4", (3,))]),
    ],
)
def test_marks_on_a_line_of_their_own_belong_to_the_sentence_before(text, sentences):
    assert told(text) == sentences


def test_marks_on_a_line_of_their_own_leave_lines_and_paragraphs_as_they_are():
    assert [sentence.lead for sentence in whole("One.\n[3]\nTwo.\n\n[4]\n\nThree.")] == ["", "\n", "\n\n"]


def test_sentences_of_chinese_end_at_its_stops():
    assert told("BNC1在血液中高甲基化。[3]敏感性为79%！[4、5]是吗？") == [
        ("BNC1在血液中高甲基化。", (3,)),
        ("敏感性为79%！", (4, 5)),
        ("是吗？", ()),
    ]


def test_between_chinese_sentences_no_space_is_put():
    assert (
        "".join(sentence.lead + sentence.text for sentence in whole("一是。二是。Three is.")) == "一是。二是。Three is."
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "Sensitivity was 87.2% (p < 0.001) in cell-free DNA.",
        "Yi et al. found it in S. cerevisiae, e.g. in strain B.",
        "See Fig. 2 and ref. 5 vs. no. 7.",
        "It binds 5.5 times, i.e. more, to no. 3 of J. Smith.",
    ],
)
def test_decimals_and_abbreviations_end_no_sentence(sentence):
    assert told(f"{sentence} [3]") == [(sentence, (3,))]


def test_items_of_a_list_are_sentences_with_their_marks_before_them():
    text = "The genes are:\n\n- BNC1 [1]\n- ADAMTS1. It is frequent. [2]\n\n1. First.\n2. Second [3].\n## So\n"
    assert whole(text) == [
        Sentence("The genes are:", (), ""),
        Sentence("BNC1", (1,), "\n\n- "),
        Sentence("ADAMTS1.", (), "\n- "),
        Sentence("It is frequent.", (2,), " "),
        Sentence("First.", (), "\n\n1. "),
        Sentence("Second.", (3,), "\n2. "),
        Sentence("So", (), "\n## "),
    ]


def test_a_sentence_is_given_out_as_soon_as_the_next_has_begun():
    draft = Draft()
    assert list(draft.feed("BNC1 is methylated. [3")) == []
    assert list(draft.feed("] ADAMTS1")) == []
    assert [sentence.cited for sentence in draft.feed(" is")] == [(3,)]
    assert list(draft.feed(" too.\n")) == []
    assert [sentence.text for sentence in draft.feed("-")] == ["ADAMTS1 is too."]


def test_it_knows_how_much_has_come_of_what_is_not_given_out():
    draft = Draft()
    list(draft.feed("BNC1 is methylated. ADAMTS1 is"))
    assert draft.characters == len("ADAMTS1 is")
    list(draft.finish())
    assert draft.characters == 0


def test_what_comes_after_the_end_begins_a_new_line():
    draft = Draft()
    sentences = [*draft.feed("Let me look"), *draft.finish(), *draft.feed("BNC1 is it"), *draft.finish()]
    assert sentences == [Sentence("Let me look", (), ""), Sentence("BNC1 is it", (), "\n")]


def test_marks_alone_and_blank_text_are_no_sentences():
    assert whole(" \n [1] [2] \n\n") == []


WORDS = st.sampled_from(
    [
        "BNC1",
        "p53",
        "is",
        "The",
        "A",
        "vitamin C",
        "et al",
        "e.g",
        "0.05",
        "87.2%",
        "甲基化",
        "癌",
        "miR-21",
        "-",
        "1",
        "##",
    ]
)
PUNCTUATION = st.sampled_from(
    [
        " ",
        ". ",
        ".",
        ", ",
        "。",
        "！”",
        "? ",
        ".\n",
        "\n",
        "\n\n- ",
        "\n2. ",
        " [3]",
        "[3, 7]",
        "[",
        "]",
        " (",
        ")",
        '."',
        "\r\n",
        "\n[3]\n",
        "\n[3",
    ]
)
TEXTS = st.one_of(
    st.lists(st.tuples(WORDS, PUNCTUATION), max_size=14).map(lambda pairs: "".join(map("".join, pairs))),
    st.text(alphabet=st.sampled_from("Ab1.[]3,。 \n-\"'”(A"), max_size=30),
)


@st.composite
def texts_and_pieces(draw) -> tuple[str, list[str]]:
    text = draw(TEXTS)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    return text, [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@given(texts_and_pieces())
def test_a_text_in_any_pieces_gives_the_sentences_of_the_whole(case):
    text, pieces = case
    assert in_pieces(pieces) == whole(text)


@given(TEXTS)
def test_a_text_a_character_at_a_time_gives_the_sentences_of_the_whole(text):
    assert in_pieces(list(text)) == whole(text)


@given(TEXTS)
def test_nothing_but_marks_and_space_is_lost(text):
    text += "\nThe end"
    kept = "".join(sentence.lead + sentence.text for sentence in whole(text))
    assert "".join(kept.split()) == "".join(without_marks(text).split())
