from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from page.cards import cards, message, notices, summary
from retrieval.hit import Hit, SentenceHit

MakeHit = Callable[..., Hit]
MakeSentence = Callable[..., SentenceHit]

HOSTILE = [
    "<img src=http://evil.example/x onerror=alert(1)>",
    "<script>alert(1)</script>",
    '"><svg/onload=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "</mark></blockquote></article><iframe src=//evil.example>",
    "javascript:alert(1)",
    "&lt;img src=x&gt; <!--",
]
OURS = {
    "ol": {"class"},
    "li": set(),
    "article": {"class"},
    "h2": set(),
    "span": {"class", "lang", "dir"},
    "strong": {"class"},
    "p": {"class", "role"},
    "cite": set(),
    "blockquote": {"class", "lang", "dir"},
    "mark": set(),
    "ul": {"class"},
    "a": {"href", "target", "rel"},
    "div": {"class", "role"},
    "q": {"lang"},
    "br": set(),
    "aside": {"class", "tabindex", "aria-label"},
    "button": {"type", "name", "aria-label", "title"},
}


class Reader(HTMLParser):
    """Reads HTML as a browser does: what is shown, what is marked, where links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.marked: list[str] = []
        self.links: list[str] = []
        self.foreign: list[str] = []
        self._in_mark = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in OURS or not values.keys() <= OURS[tag]:
            self.foreign.append(tag)
        if tag == "a":
            assert (values["target"], values["rel"]) == ("_blank", "noopener noreferrer")
            self.links.append(values["href"] or "")
        if tag == "mark":
            self._in_mark = True
            self.marked.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "mark":
            self._in_mark = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._in_mark:
            self.marked[-1] += data

    def handle_comment(self, data: str) -> None:
        self.foreign.append("comment")


def read(hit: Hit, language: str = "en") -> Reader:
    return Reader(cards([hit], language))  # type: ignore[arg-type]


def test_the_sentence_nearest_to_the_question_is_marked_and_nothing_else(hit: MakeHit) -> None:
    of_serum = hit()
    assert of_serum.best_sentence is not None
    assert read(of_serum).marked == [of_serum.quote(of_serum.best_sentence)]


def test_a_passage_without_vectors_marks_nothing(hit: MakeHit, sentence: MakeSentence) -> None:
    assert read(hit(sentences=(sentence(0, 20, None),))).marked == []


def test_offsets_are_those_of_the_paper_not_of_the_passage(hit: MakeHit, sentence: MakeSentence) -> None:
    later = hit(text="One. Two.", start=500, end=509, title=None, sentences=(sentence(505, 509, 0.9),))
    assert read(later).marked == ["Two."]


def test_the_title_is_shown_once_and_leaves_the_mark_to_a_sentence_that_states_something(hit: MakeHit) -> None:
    whole = hit()
    title, finding, serum = whole.sentences
    card = read(hit(sentences=(replace(title, similarity=0.99), finding, serum)))
    assert card.text.count(whole.title or "") == 1
    assert card.marked == [whole.quote(serum)]


def test_the_passage_is_shown_unchanged_after_its_title(hit: MakeHit) -> None:
    whole = hit()
    assert whole.text.removeprefix(whole.title or "").strip() in read(whole).text


def test_a_passage_that_is_only_the_title_marks_it_and_shows_no_empty_quote(hit: MakeHit) -> None:
    only_title = hit(text=hit().title, end=len(hit().title or ""), sentences=hit().sentences[:1])
    assert "<blockquote" not in cards([only_title], "en")
    assert read(only_title).marked == [only_title.title]


@pytest.mark.parametrize(
    ("field", "absent", "english", "chinese"),
    [
        ("year", None, "year not given", "未注明年份"),
        ("journal", None, "journal not given", "未注明期刊"),
        ("authors", (), "authors not given", "未注明作者"),
        ("title", None, "Title not given", "未注明标题"),
    ],
)
def test_what_a_record_does_not_give_is_said_and_not_invented(
    hit: MakeHit, field: str, absent: object, english: str, chinese: str
) -> None:
    assert english not in read(hit()).text
    assert english in read(hit(**{field: absent})).text
    assert chinese in read(hit(**{field: absent}), "zh").text


@pytest.mark.parametrize(
    ("kind", "english", "chinese"),
    [
        ("digest", "Digest: written for Epicite, not the abstract", "摘编：为 Epicite 撰写，并非论文摘要"),
        ("abstract", "Abstract", "摘要"),
        ("full text", "Full text", "全文"),
    ],
)
def test_the_kind_of_text_is_said_plainly(hit: MakeHit, kind: str, english: str, chinese: str) -> None:
    assert english in read(hit(kind=kind)).text
    assert chinese in read(hit(kind=kind), "zh").text


def test_library_section_and_page_are_named_as_they_are_where_the_mark_stands(
    hit: MakeHit, sentence: MakeSentence
) -> None:
    marked = sentence(0, 9, 0.9, section="Results", page=3)
    text = read(hit(sentences=(marked,), title=None, section="Methods", page=2, library="lab")).text
    assert "page 3" in text
    assert "section “Results”" in text
    assert "library “lab”" in text
    assert "Methods" not in text


def test_where_nothing_is_marked_section_and_page_are_those_of_the_passage(hit: MakeHit) -> None:
    text = read(hit(sentences=(), section="Methods", page=2)).text
    assert "page 2" in text
    assert "section “Methods”" in text


def test_a_retracted_paper_is_marked_as_such(hit: MakeHit) -> None:
    assert "Retracted" not in read(hit()).text
    assert "Retracted" in read(hit(retracted=True)).text
    assert "已撤稿" in read(hit(retracted=True), "zh").text


def test_more_than_three_authors_are_cut_short(hit: MakeHit) -> None:
    many = hit(authors=("Yi JM", "Guzzetta AA", "Bailey VJ", "Downing SR"))
    assert "Yi JM, Guzzetta AA, Bailey VJ et al." in read(many).text
    assert "Downing" not in read(many).text


def test_links_lead_to_pubmed_the_doi_and_the_given_page_the_title_to_the_first(hit: MakeHit) -> None:
    assert read(hit()).links == [
        "https://pubmed.ncbi.nlm.nih.gov/24088737/",
        "https://pubmed.ncbi.nlm.nih.gov/24088737/",
        "https://doi.org/10.1158/1078-0432.ccr-12-3224",
        "https://pmc.ncbi.nlm.nih.gov/articles/PMC4310572",
    ]


def test_an_address_that_is_pubmed_or_the_doi_is_not_linked_twice(hit: MakeHit) -> None:
    card = read(hit(doi=None, url="https://pubmed.ncbi.nlm.nih.gov/24088737/"))
    assert set(card.links) == {"https://pubmed.ncbi.nlm.nih.gov/24088737/"}


def test_a_paper_without_identifiers_has_no_links(hit: MakeHit) -> None:
    assert read(hit(pmid=None, doi=None, url=None)).links == []


def test_hits_are_ranked_in_their_order(hit: MakeHit) -> None:
    html = cards([hit(title="First"), hit(title="Second")], "en")
    assert html.index("First") < html.index("Second")
    assert '<span class="rank">2</span>' in html


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_papers_render_as_the_characters_that_they_are(hit: MakeHit, sentence: MakeSentence, text: str) -> None:
    card = read(
        hit(
            title=text,
            text=f"{text}\n\n{text}",
            journal=text,
            authors=(text,),
            library=text,
            url=text,
            pmid=text,
            doi=text,
            sentences=(sentence(len(text) + 2, len(text) + 9, 0.9, section=text),),
        )
    )
    assert card.foreign == []
    assert card.links == []
    assert card.text.count(text) == 6


@given(text=st.text(min_size=1), start=st.integers(0, 40), length=st.integers(0, 40))
def test_any_text_is_shown_whole_with_one_mark_at_most(
    hit: MakeHit, sentence: MakeSentence, text: str, start: int, length: int
) -> None:
    text = text.replace("\r", " ").replace("\0", " ")  # the parser's own newlines and nulls, not ours
    shown = read(hit(text=text, title=None, sentences=(sentence(start, start + length, 0.9),)))
    assert text in shown.text
    assert shown.foreign == []
    assert "".join(shown.marked) == text[start : start + length]


@pytest.mark.parametrize("text", HOSTILE)
def test_messages_notices_and_the_searched_text_are_escaped_too(text: str) -> None:
    told = Reader(message(text, text, failed=True) + notices([text]) + summary(text, text, "en"))
    assert told.foreign == []
    assert told.text.count(text) == 5
