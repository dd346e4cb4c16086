"""BioC, in XML and JSON: documents of passages, as PubMed Central and PubTator give them.

The format: Comeau et al. 2013, https://doi.org/10.1093/database/bat064 ; what PMC writes into passages:
https://www.ncbi.nlm.nih.gov/research/bionlp/APIs/BioC-PMC/
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, ValidationError

from corpora.characters import storable
from corpora.dates import dated, year_of
from corpora.elements import bare, elements, string
from corpora.failure import Failure
from corpora.grid import grid
from corpora.json_items import items
from corpora.names import author
from corpora.outline import Outline, flat
from corpora.paper import Paper, Source, bare_doi
from corpora.record import Record
from corpora.sections import Part, lay_out
from corpora.streams import open_stream
from corpora.unreadable import Unreadable, refused

if TYPE_CHECKING:
    from lxml.etree import _Element

LISTS = frozenset({"documents", "PubTator3"})
"""Keys under which JSON holds its documents."""

_LEFT_OUT = frozenset("ref reference footnote suppl supplementary".split())
_OF_ABSTRACTS = frozenset({"front", "title", "abstract", ""})
# The headings that stand for PMC's section types where a passage has no title of its own.
_SECTIONS = {
    "ABSTRACT": "Abstract",
    "INTRO": "Introduction",
    "METHODS": "Methods",
    "RESULTS": "Results",
    "DISCUSS": "Discussion",
    "CONCL": "Conclusions",
    "CASE": "Case",
    "APPENDIX": "Appendix",
    "ABBR": "Abbreviations",
}


@dataclass(frozen=True)
class _Passage:
    text: str
    infons: dict[str, str]

    @property
    def kind(self) -> str:
        return self.infons.get("type", "").lower()

    @property
    def section(self) -> str:
        return self.infons.get("section_type", "").upper()


@dataclass(frozen=True)
class _Document:
    id: str
    source: str
    infons: dict[str, str]
    passages: list[_Passage]


class BioCRecord(Record):
    """A document of BioC JSON as a record of JSON lines."""

    model_config = ConfigDict(extra="allow", frozen=True)

    passages: list[Any]

    def paper(self, source: Source, line: int) -> Paper:  # noqa: ARG002 - it is named by its identifier
        """The document as a paper. Raises Unreadable and ValidationError like those of other dialects."""
        return _paper(_of_json(self.model_dump(exclude_defaults=True), {}), source)


def read_bioc_xml(path: Path) -> Iterator[Paper | Failure]:
    """The documents of a BioC XML collection, and a failure for each without text.

    Raises Unreadable where the file is damaged or declares entities; and what `open_stream` raises.
    """
    with open_stream(path) as stream:
        origin = ""
        number = 0
        for element in elements(stream, ("{*}document", "{*}source")):
            if bare(element).tag == "source":
                origin = string(element)
                continue
            number += 1
            yield _outcome(_of_element(element, origin), Source(path=path, place=f"record {number}"))


def read_bioc_json(path: Path) -> Iterator[Paper | Failure]:
    """The documents of BioC JSON: a collection, a list of them, PubTator's envelope, or a document a line.

    Raises Unreadable where the file is damaged, after the documents before that place.
    """
    number = 0
    for item, envelope in items(path, LISTS):
        inner = item.get("documents") if isinstance(item, dict) and "passages" not in item else None
        for document in inner if isinstance(inner, list) else [item]:
            number += 1
            source = Source(path=path, place=f"record {number}")
            origin = item if inner is not None else envelope
            try:
                yield _outcome(_of_json(document, origin), source)
            except Unreadable as found:
                yield found.at(path, source.place)


def _of_element(element: "_Element", origin: str) -> _Document:
    return _Document(
        string(element.find("id")).strip(),
        origin,
        _infons_of(element),
        [
            _Passage(
                string(passage.find("text"))
                or " ".join(string(sentence.find("text")) for sentence in passage.iterfind("sentence")),
                _infons_of(passage),
            )
            for passage in element.iterfind("passage")
        ],
    )


def _infons_of(element: "_Element") -> dict[str, str]:
    return {infon.get("key", ""): string(infon) for infon in element.iterfind("infon")}


def _of_json(document: Any, envelope: dict[str, Any]) -> _Document:
    if not isinstance(document, dict) or not isinstance(document.get("passages"), list):
        raise Unreadable("is no BioC document: it has no list of passages", "Export it again as BioC JSON.")
    # PubTator writes what it knows of a document beside its passages.
    known = {
        name: document[name] for name in ("pmid", "pmcid", "doi", "journal", "date", "authors") if name in document
    }
    return _Document(
        str(document.get("id") or ""),
        str(envelope.get("source") or ""),
        _infons(known) | _infons(document.get("infons")),
        [_passage(passage) for passage in document["passages"] if isinstance(passage, dict)],
    )


def _passage(passage: dict[str, Any]) -> _Passage:
    text = passage.get("text")
    sentences = passage.get("sentences")
    if not text and isinstance(sentences, list):
        text = " ".join(str(sentence.get("text") or "") for sentence in sentences if isinstance(sentence, dict))
    return _Passage(storable(str(text or "")), _infons(passage.get("infons")))


def _infons(given: Any) -> dict[str, str]:
    if not isinstance(given, dict):
        return {}
    joined = {key: "; ".join(map(str, value)) if isinstance(value, list) else value for key, value in given.items()}
    return {str(key): storable(str(value)) for key, value in joined.items() if value is not None}


def _outcome(document: _Document, source: Source) -> Paper | Failure:
    try:
        return _paper(document, source)
    except Unreadable as found:
        return found.at(source.path, source.place)
    except ValidationError as error:
        return refused(error).at(source.path, source.place)


def _paper(document: _Document, source: Source) -> Paper:
    known: dict[str, str] = {}
    for infons in (document.infons, *(passage.infons for passage in document.passages)):
        known = infons | known
    title = next((flat(passage.text) for passage in document.passages if _is_title(passage)), None)
    text, sections = lay_out([Part("title", title), *_parts(document.passages)])
    if not text:
        raise Unreadable("has no text", "Leave it out, or export it again with its passages.")
    published = dated(known.get("date"))
    return Paper(
        text=text,
        kind="full text" if any(map(_is_beyond_abstract, document.passages)) else "abstract",
        title=title,
        pmid=_pmid(document, known),
        pmcid=_pmcid(document, known),
        doi=_doi(known),
        id=document.id or None,
        journal=_journal(known.get("journal") or known.get("journal-title")),
        year=year_of(known.get("year", "").strip()) or year_of(published),
        published=published,
        authors=_authors(known),
        keywords=_keywords(known.get("kwd")),
        sections=sections,
        source=source,
    )


def _is_title(passage: _Passage) -> bool:
    return passage.kind in ("title", "front") and passage.section in ("", "TITLE")


def _is_beyond_abstract(passage: _Passage) -> bool:
    if passage.section:
        return passage.section not in ("TITLE", "ABSTRACT", "REF")
    return passage.kind not in _OF_ABSTRACTS


def _parts(passages: list[_Passage]) -> list[Part]:
    outline = Outline()
    current = ""
    for passage in passages:
        kind, section = passage.kind, passage.section
        if _is_title(passage) or kind in _LEFT_OUT or section.lower() in _LEFT_OUT:
            continue
        if level := re.match(r"(?:abstract_)?title(?:_(\d+))?$", kind):
            if section != current:
                _begin(outline, section)
                current = section
            outline.heading(int(level.group(1) or 1) + (kind.startswith("abstract")), passage.text)
            continue
        if section != current and section not in ("FIG", "TABLE"):
            _begin(outline, section)
            current = section
        _block(outline, passage)
    return outline.parts()


def _begin(outline: Outline, section: str) -> None:
    """A new section of the paper, by the name of its type until a heading is printed."""
    outline.close(1)
    outline.heading(1, _SECTIONS.get(section, ""))


def _block(outline: Outline, passage: _Passage) -> None:
    kind, label = passage.kind, _label(passage)
    if kind == "table" or (passage.section == "TABLE" and "xml" in passage.infons):
        outline.table(_rows(passage), label)
    elif "caption" in kind or passage.section in ("FIG", "TABLE"):
        outline.caption(passage.text, label)
    else:
        outline.prose(passage.text)


def _label(passage: _Passage) -> str | None:
    """The label with which a caption begins ("Table 1"), if it does."""
    found = re.match(r"(?:Table|Fig(?:ure|\.)?)\s*S?\d+[A-Za-z]?", passage.text.strip(), re.IGNORECASE)
    return found.group() if found else None


def _rows(passage: _Passage) -> list[list[str]]:
    """The rows of a table: from its XML where it is given, else from the text, whose cells are apart by tabs."""
    from lxml import etree

    if given := passage.infons.get("xml"):
        parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
        try:
            root = etree.fromstring(given.encode(), parser)
        except etree.XMLSyntaxError:
            root = None
        if root is not None and root.getroottree().docinfo.internalDTD is None:
            tables = [root] if bare(root).tag == "table" else list(root.iter("table"))
            return [row for table in tables for row in grid(table, string)]
    return [row.split("\t") for row in re.split(r"\t ?\n|\n|\t \t", passage.text)]


def _pmid(document: _Document, known: dict[str, str]) -> str | None:
    named = known.get("article-id_pmid") or known.get("pmid")
    of_pmc = "article-id_pmc" in known or "pmc" in document.source.lower()
    given = named or ("" if of_pmc else document.id)
    return given if re.fullmatch(r"[1-9]\d{0,8}", given, re.ASCII) else None


def _pmcid(document: _Document, known: dict[str, str]) -> str | None:
    of_pmc = "pmc" in document.source.lower() or document.id.startswith("PMC")
    given = known.get("article-id_pmc") or known.get("pmcid") or (document.id if of_pmc else "")
    found = re.fullmatch(r"(?:PMC)?([1-9]\d{0,8})", given, re.ASCII)
    return f"PMC{found.group(1)}" if found else None


def _doi(known: dict[str, str]) -> str | None:
    try:
        return bare_doi(known.get("article-id_doi") or known.get("doi") or "")
    except ValueError:
        return None


def _journal(given: str | None) -> str | None:
    """The journal's name; PubTator goes on with volume, pages and date ("Cell; 2019 Jan; 1(1):2")."""
    return (given or "").partition(";")[0].strip() or None


def _authors(known: dict[str, str]) -> tuple[str, ...]:
    """Authors as PMC numbers them ("name_0": "surname:Yi;given-names:Joo Mi"), or in one line."""
    numbered = sorted((key for key in known if re.fullmatch(r"name_\d+", key)), key=lambda key: int(key[5:]))
    if numbered:
        parts = (dict(part.partition(":")[::2] for part in known[key].split(";")) for key in numbered)
        return tuple(filter(None, (author(part.get("surname"), part.get("given-names")) for part in parts)))
    given = known.get("authors", "")
    return tuple(filter(None, map(flat, given.split(";" if ";" in given else ","))))


def _keywords(given: str | None) -> tuple[str, ...]:
    """Keywords, which PMC joins by spaces: as one where nothing else parts them."""
    return tuple(filter(None, map(flat, re.split(r"[;,|\n]", given or ""))))
