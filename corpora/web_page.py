"""HTML pages: the main text without what surrounds it, its headings, tables and captions."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from corpora.characters import storable
from corpora.dates import dated, earliest, year_of
from corpora.elements import local
from corpora.encoding import decoded
from corpora.failure import Failure
from corpora.grid import grid
from corpora.languages import language
from corpora.names import inverted
from corpora.outline import Outline, flat
from corpora.paper import Paper, Source, bare_doi
from corpora.sections import Part, lay_out
from corpora.streams import MIB, RECORD_LIMIT
from corpora.unreadable import Unreadable, refused

if TYPE_CHECKING:
    from lxml.etree import _Element

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_SILENT = frozenset(
    "nav header footer aside script style noscript template form button select svg iframe object audio video dialog "
    "head menu canvas".split()
)
_SURROUNDING = frozenset("navigation banner contentinfo complementary search menu menubar dialog toolbar".split())
# Names that sites give to what surrounds their text.
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|breadcrumbs?|sidebar|cookies?|footer|social|share|sharing|advert\w*|ads?|"
    r"skip-?link|banner|toolbar|related-articles)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BLOCKS = frozenset(
    "p div section article main li ul ol dl dt dd blockquote pre figure figcaption table tr td th thead tbody tfoot "
    "caption address hr body details summary center fieldset h1 h2 h3 h4 h5 h6".split()
)
_SHARE_OF_MAIN = 0.3


def read_html(path: Path) -> Iterator[Paper | Failure]:
    """The paper of an HTML page. Raises Unreadable where it is empty, too long or without text, and OSError."""
    with path.open("rb") as stream:
        content = stream.read(RECORD_LIMIT + 1)
    if len(content) > RECORD_LIMIT:
        raise Unreadable(f"is larger than {RECORD_LIMIT // MIB} MiB, the limit for one page", "Split the page.")
    if not content.strip():
        raise Unreadable("is empty", "Save the page again.")
    page = parsed(content)
    if page is None:
        raise Unreadable("holds no HTML", "Save the page again, as HTML.")
    known = _metas(page)
    title = _title(page, known)
    outline = Outline()
    read_page(page, outline, title)
    parts = outline.parts()
    if not parts:
        raise Unreadable("has no text", "Save the page once it has loaded: some sites bring their text by a program.")
    text, sections = lay_out([Part("title", title), *parts])
    published = _published(known)
    try:
        yield Paper(
            text=text,
            kind="full text",
            title=title,
            pmid=_matching(known, r"[1-9]\d{0,8}", "citation_pmid", "ncbi_pmid"),
            pmcid=_matching(known, r"PMC[1-9]\d{0,8}", "citation_pmcid", "citation_pmc"),
            doi=_doi(known),
            journal=_first(known, "citation_journal_title", "prism.publicationname", "dc.source"),
            year=year_of(published),
            published=published,
            language=language(_first(known, "citation_language", "dc.language") or page.get("lang")),
            authors=_authors(known),
            keywords=_keywords(known),
            url=_address(page, known),
            sections=sections,
            source=Source(path=path),
        )
    except ValidationError as error:
        raise refused(error) from error


def parsed(content: bytes) -> "_Element | None":
    """The tree of a page, however broken its HTML is; None where there is none. Raises Unreadable for its bytes."""
    from lxml import etree

    found = _CHARSET.search(content[:4096])
    text = decoded(content, found.group(1).decode("ascii", "ignore") if found else None)
    if "\0" in text:
        raise Unreadable("is not text: it holds NUL characters", "Save the page again, as HTML.")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(storable(_DECLARATION.sub("", text)).encode(), parser)
    except etree.XMLSyntaxError:
        return None


def read_page(page: "_Element", outline: Outline, title: str | None = None, level: int = 0) -> None:
    """Write the main text of a page into an outline, its headings `level` deeper; the one of the title is left out."""
    _Reader(outline, title, level).read(_main(page))


def _main(page: "_Element") -> "_Element":
    """The element of the main text: the one that says so, unless most of the text lies elsewhere."""
    body = page.find("body")
    whole = body if body is not None else page
    for path in (".//main", ".//*[@role='main']", ".//article"):
        found = whole.findall(path)
        if len(found) == 1 and _size(found[0]) >= _SHARE_OF_MAIN * _size(whole):
            return found[0]
    return whole


def _size(element: "_Element") -> int:
    return len(_text(element))


class _Reader:
    """Walks a page without recursion: pages nest deeper than Python may."""

    def __init__(self, outline: Outline, title: str | None, level: int) -> None:
        self._outline = outline
        self._title = title
        self._level = level
        self._line: list[str] = []

    def read(self, root: "_Element") -> None:
        from lxml import etree

        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            name = local(element)
            if event == "end":
                self._end(element, name, element is root)
            elif (element is not root and _is_surrounding(element, name)) or not self._start(element, name):
                walk.skip_subtree()
        self._flush()

    def _start(self, element: "_Element", name: str) -> bool:
        """Read what stands before the children of an element; whether these are still to be read."""
        if name in _BLOCKS:
            self._flush()
        if re.fullmatch(r"h[1-6]", name):
            self._heading(_text(element), int(name[1]))
            return False
        if name == "figcaption":
            self._outline.caption(_text(element))
            return False
        if name == "table" and _is_data(element):
            self._table(element)
            return False
        if name == "br":
            self._line.append(" ")
        self._line.append(element.text or "")
        return True

    def _end(self, element: "_Element", name: str, is_root: bool) -> None:
        if name in _BLOCKS:
            self._flush()
        if not is_root:
            self._line.append(element.tail or "")

    def _flush(self) -> None:
        text, self._line = "".join(self._line), []
        self._outline.prose(text)

    def _heading(self, text: str, level: int) -> None:
        if self._title is None or flat(text).casefold() != self._title.casefold():
            self._outline.heading(self._level + level, text)

    def _table(self, table: "_Element") -> None:
        for caption in table.iterfind("caption"):
            self._outline.caption(_text(caption))
        self._outline.table(grid(table, _text))


def _is_surrounding(element: "_Element", name: str) -> bool:
    if not name or name in _SILENT or element.get("role", "") in _SURROUNDING:
        return True
    if "hidden" in element.attrib or element.get("aria-hidden") == "true":
        return True
    given = f"{element.get('class', '')} {element.get('id', '')}"
    return name not in ("body", "main", "article") and bool(_NAMED.search(given))


def _is_data(table: "_Element") -> bool:
    """Whether a table holds data; those that arrange a page hold blocks, or other tables."""
    if table.get("role") in ("presentation", "none"):
        return False
    return not any(
        local(below) in ("table", "h1", "h2", "h3", "h4", "section", "article") for below in table.iterdescendants()
    )


def _text(element: "_Element") -> str:
    """The text of an element, blocks in it apart, what is silent left out."""
    return flat("".join(_ordered(element)))


def _ordered(element: "_Element") -> Iterator[str]:
    from lxml import etree

    for event, below in etree.iterwalk(element, events=("start", "end")):
        name = local(below)
        if name in _BLOCKS or name == "br":
            yield " "
        if event == "start" and name not in ("script", "style", "noscript", "template"):
            yield below.text or ""
        elif event == "end" and below is not element:
            yield below.tail or ""


def _metas(page: "_Element") -> dict[str, list[str]]:
    """What the page says of itself, by lower-case name."""
    known: dict[str, list[str]] = {}
    for meta in page.iter("meta"):
        name = (meta.get("name") or meta.get("property") or "").lower().replace("dcterms.", "dc.").replace("dc:", "dc.")
        if name and (content := flat(meta.get("content") or "")):
            known.setdefault(name, []).append(content)
    return known


def _first(known: dict[str, list[str]], *names: str) -> str | None:
    return next((known[name][0] for name in names if name in known), None)


def _title(page: "_Element", known: dict[str, list[str]]) -> str | None:
    given = _first(known, "citation_title", "dc.title", "og:title")
    headings = [text for heading in page.iter("h1") if (text := _text(heading))]
    named = page.find("head/title")
    return given or (headings[0] if headings else None) or (_text(named) if named is not None else None) or None


def _matching(known: dict[str, list[str]], pattern: str, *names: str) -> str | None:
    given = _first(known, *names) or ""
    return given if re.fullmatch(pattern, given, re.ASCII) else None


def _doi(known: dict[str, list[str]]) -> str | None:
    for given in (
        _first(known, name) for name in ("citation_doi", "dc.identifier", "prism.doi", "bepress_citation_doi")
    ):
        try:
            return bare_doi(given or "")
        except ValueError:
            continue
    return None


def _published(known: dict[str, list[str]]) -> str | None:
    names = ("citation_publication_date", "citation_online_date", "citation_date", "prism.publicationdate")
    dates = [dated(_first(known, name)) for name in names]
    return earliest(dates) or dated(_first(known, "dc.date", "dc.issued", "article:published_time"))


def _authors(known: dict[str, list[str]]) -> tuple[str, ...]:
    given = known.get("citation_author") or known.get("dc.creator") or []
    listed = [name for one in (given or known.get("citation_authors", [])) for name in one.split(";")]
    return tuple(filter(None, map(inverted, listed)))


def _keywords(known: dict[str, list[str]]) -> tuple[str, ...]:
    given = known.get("citation_keywords") or known.get("keywords") or known.get("dc.subject") or []
    return tuple(dict.fromkeys(word for one in given for part in re.split(r"[;,；，]", one) if (word := flat(part))))


def _address(page: "_Element", known: dict[str, list[str]]) -> str | None:
    links = (link.get("href") for link in page.iter("link") if "canonical" in (link.get("rel") or "").lower())
    given = next((link for link in links if link), None) or _first(known, "citation_fulltext_html_url", "og:url")
    return given if given and re.match(r"https?://\S+$", given, re.IGNORECASE) else None
