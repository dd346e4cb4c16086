import re
from html import unescape

from hypothesis import example, given
from hypothesis import strategies as st

from page.markup import literal

ATTACKS = [
    "<img src=http://evil.example/x onerror=alert(1)>",
    "![x](http://evil.example/y.png) [z](javascript:alert(2))",
    "**stars** _lines_ `code` ~~struck~~ # heading",
    "$x^2$ \\(y\\) {{constructor}} ${alert(3)}",
    "p<q and x<y>z </div><script>alert(1)</script>",
    "http://evil.example www.evil.example me@evil.example",
    "- item\n\n1. item\n> quote\n    code",
]


@given(st.text())
@example(ATTACKS[0])
@example("\n".join(ATTACKS))
def test_no_sign_of_a_text_is_left_for_markdown_html_or_formulas_to_read(text: str) -> None:
    shown = literal(text)
    assert not re.search(r"[^\w\s&#;]|_", shown)
    assert re.fullmatch(r"(?:[^&#;]|&#\d+;)*", shown)


@given(st.text(st.characters(exclude_categories=["C"])))
def test_a_reader_sees_the_text_with_its_white_space_collapsed(text: str) -> None:
    assert unescape(literal(text)) == " ".join(text.split())
