import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from page.links import doi_link, pubmed_link, web_link


def test_a_pmid_leads_to_pubmed() -> None:
    assert pubmed_link("24088737") == "https://pubmed.ncbi.nlm.nih.gov/24088737/"


@pytest.mark.parametrize("pmid", [None, "", "0", "1'onclick='x", "12345678901", "１２３", "../evil"])
def test_what_is_no_pmid_has_no_link(pmid: str | None) -> None:
    assert pubmed_link(pmid) is None


def test_a_doi_leads_to_its_resolver_with_odd_characters_escaped() -> None:
    assert doi_link("10.1002/(sici)1097<1::aid-x>3.0.co;2-#") == (
        "https://doi.org/10.1002/(sici)1097%3C1::aid-x%3E3.0.co;2-%23"
    )


@pytest.mark.parametrize("doi", [None, "", "javascript:alert(1)", "10.1/x", "10.1000/a b", "https://evil.example/10.1"])
def test_what_is_no_doi_has_no_link(doi: str | None) -> None:
    assert doi_link(doi) is None


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC4310572", "pmc.ncbi.nlm.nih.gov"),
        ("http://example.org:8080/a?b=c#d", "example.org"),
    ],
)
def test_a_web_address_is_given_with_its_host(url: str, host: str) -> None:
    assert web_link(url) == (url, host)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "//evil.example/x",
        "/relative",
        "https://",
        "https://pubmed.ncbi.nlm.nih.gov@evil.example/",
        "https://user:secret@example.org/",
        "https://example.org:99999/",
        "https://[::1/",
        "https://exa mple.org/",
        "https://example.org/\n<img>",
        "https://раураl.example/",
    ],
)
def test_an_address_that_is_none_or_hides_where_it_leads_has_no_link(url: str | None) -> None:
    assert web_link(url) is None


PIECES = [
    "http",
    "https",
    "javascript",
    "data",
    ":",
    "//",
    "/",
    "\\",
    "@",
    "?",
    "#",
    " ",
    "\n",
    "good.example",
    "evil.example",
]


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_whatever_is_strung_together_a_link_goes_to_the_host_that_it_shows(url: str) -> None:
    link = web_link(url)
    if link is not None:
        shown = re.match(r"https?://([a-z.]+)(?=[/\\?#:]|$)", link[0])
        assert shown is not None
        assert shown[1] == link[1]
