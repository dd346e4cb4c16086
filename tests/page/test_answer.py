import re
from typing import Any

import pytest

from agent.citations.claim import Claim
from page.answer import Numbering, body, sources
from tests.page.conftest import FIRST, SECOND, TITLE, make_citation, make_nearest, make_paper
from tests.page.test_cards import HOSTILE

A, B = make_citation(FIRST), make_citation(SECOND, n=3)


def claim(text: str = "Said.", lead: str = "", **changes: Any) -> Claim:
    return Claim(**{"text": text, "lead": lead, "verdict": "quoted", "citations": (A,), **changes})


def test_citations_are_numbered_from_one_in_the_order_of_the_answer() -> None:
    numbering = Numbering([claim(citations=(B,)), claim(citations=(A, B))])
    assert (numbering.number(B), numbering.number(A)) == (1, 2)
    assert numbering.citation(2) == A
    assert numbering.citation(3) is None


def test_sentences_of_a_line_make_a_paragraph_and_list_marks_make_lists() -> None:
    told = [
        claim("Intro.", verdict="own words", citations=()),
        claim("One.", "\n- "),
        claim("More.", " "),
        claim("Two.", "\n- "),
        claim("Third.", "\n3. "),
        claim("Head", "\n## "),
        claim("End.", "\n\n"),
    ]
    html = body(told, (), "0", "en")
    outline = [html.index(piece) for piece in ("<p>", "<ul>", "<li>", "</ul>", '<ol start="3">', "</ol>", "<h3>")]
    assert outline == sorted(outline)
    assert html.count("<li>") == 3
    assert html.count("<ul>") == 1
    assert html.index("One") < html.index("More") < html.index("</li>")
    assert html.endswith("</p>")


def test_a_mark_leads_to_the_card_of_its_answer() -> None:
    assert 'href="#cite-4-1"' in body([claim()], (), "4", "en")


def test_a_quoted_sentence_is_plain_and_own_words_say_what_they_are() -> None:
    assert 'class="quoted"' in body([claim()], (), "0", "en")
    own = body([claim(verdict="own words", citations=())], (), "0", "en")
    assert 'class="own-words" title="The model&#39;s own words' in own


def test_a_flagged_sentence_gives_its_reason_in_text_and_on_focus() -> None:
    html = body([claim(verdict="flagged", reason="the quote says 79")], (), "0", "en")
    assert '<span class="flagged" tabindex="0" title="Check this sentence' in html
    assert html.count("the quote says 79") == 2


def test_a_withheld_sentence_shows_its_reason_only() -> None:
    told = [claim("Secret claim", verdict="withheld", reason="the text has changed")]
    html = body(told, (), "0", "en")
    assert "the text has changed" in html
    assert "Secret" not in html
    assert "cite" not in html
    assert sources(told, "0", "en") == ""


def declined(*titles: str) -> list[Claim]:
    """The library does not say, and the nearest papers; a title of two sentences comes as two claims."""
    own: dict[str, Any] = {"verdict": "own words", "citations": ()}
    listed = [
        claim(part, " " if number else "\n- ", **own)
        for title in titles
        for number, part in enumerate(title.split("  "))
    ]
    return [claim("The library does not say.", **own), claim("The nearest papers are:", " ", **own), *listed]


def test_the_titles_of_the_nearest_papers_open_them_and_are_no_claims() -> None:
    nearest = [make_nearest(), make_nearest(make_paper(title="Is BNC1 methylated? A study."))]
    html = body(declined(TITLE, "Is BNC1 methylated?  A study.", "Another title"), nearest, "2", "en")
    items = re.findall("<li>(.*?)</li>", html)
    assert [re.findall('<a class="paper" href="#([^"]*)">', item) for item in items] == [
        ["paper-2-1"],
        ["paper-2-2"],
        [],
    ]
    assert 'class="cite"' not in html


def test_a_sentence_that_cites_something_opens_no_paper_even_where_it_is_a_title() -> None:
    assert 'class="paper"' not in body([claim(TITLE, "\n- ")], [make_nearest()], "0", "en")


def test_sources_name_each_paper_once_with_its_numbers_and_links() -> None:
    html = sources([claim(citations=(A, B))], "0", "en")
    assert html.count("<li>") == 1
    assert html.count('class="cite"') == 2
    assert "https://pubmed.ncbi.nlm.nih.gov/24088737/" in html
    assert "PubMed 24088737" in html


@pytest.mark.parametrize(("title", "shown"), [("Of mice", "Of mice</span>. "), ("Of men.", "Of men&#46;</span> ")])
def test_a_title_ends_with_one_stop(title: str, shown: str) -> None:
    assert shown in sources([claim(citations=(make_citation(paper=make_paper(title=title)),))], "0", "en")


def test_what_a_source_does_not_give_is_said() -> None:
    bare = make_citation(paper=make_paper(title=None, journal=None, year=None, pmid=None, doi=None))
    html = sources([claim(citations=(bare,))], "0", "en")
    for told in ("Title not given", "journal not given", "year not given"):
        assert told in html
    assert "http" not in html


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_sentences_reasons_and_papers_bring_no_tag(text: str) -> None:
    cited = make_citation(paper=make_paper(title=text, journal=text), section=text, library=text)
    told = [claim(text, citations=(cited,)), claim(text, verdict="flagged", reason=text)]
    harmless = [claim("x", citations=(make_citation(),)), claim("x", verdict="flagged", reason="x")]
    shown, plain = (body(each, (), "0", "en") + sources(each, "0", "en") for each in (told, harmless))
    assert shown.count("<") == plain.count("<")
