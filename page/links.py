"""Links to papers, made only of what was checked: a library's files may come from anyone."""

import re
from urllib.parse import quote, urlsplit

_PMID = re.compile(r"[1-9][0-9]{0,8}")
_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+")
_SCHEMES = frozenset({"http", "https"})
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def pubmed_link(pmid: str | None) -> str | None:
    """The address of a paper at PubMed; None where the identifier is no PMID."""
    if pmid is None or not _PMID.fullmatch(pmid):
        return None
    return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"


def doi_link(doi: str | None) -> str | None:
    """The address that resolves a DOI (DOI Handbook, section 3.8); None where the identifier is no DOI."""
    if doi is None or not _DOI.fullmatch(doi):
        return None
    return f"https://doi.org/{quote(doi, safe='/:;().-_')}"


def web_link(url: str | None) -> tuple[str, str] | None:
    """An http or https address with its host; None where it is anything else or hides where it leads."""
    if url is None or not url.isascii() or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in _SCHEMES or parts.username is not None or not host or not _HOST.fullmatch(host):
        return None
    return url, host
