"""BibTeX and BibLaTeX: entries in braces, their characters also as TeX commands."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpora.bibliography import entry, identifier
from corpora.encoding import text_lines
from corpora.failure import Failure
from corpora.names import author, inverted
from corpora.outline import flat
from corpora.paper import Paper, Source
from corpora.streams import MIB, open_stream
from corpora.unreadable import Unreadable

# Without a handler of its own, Python prints a library's warnings to stderr.
logging.getLogger("bibtexparser").addHandler(logging.NullHandler())

_NO_BIBTEX = "Export it again as BibTeX: entries such as @article{key, title = {...}, abstract = {...}}."
# bibtexparser's grammar takes time that grows faster than the entry.
_ENTRY_LIMIT = MIB
_BEGIN = re.compile(r"\s*@\s*(\w+)\s*[{(]")
_NO_ENTRY = frozenset({"comment", "preamble"})
_STYLES = re.compile(
    r"\\(?:text(?:it|bf|rm|sf|tt|sc|up|sl|md|normal|superscript|subscript)|emph|math(?:rm|it|bf|sf)|text|mbox|url|ensuremath)"
    r"\s*(?=\{)"
)


def read_bibtex(path: Path) -> Iterator[Paper | Failure]:
    """The papers of a BibTeX file, and a failure for each entry that is none.

    Raises Unreadable where it is empty or holds no entry, and what `open_stream` and `text_lines` raise.
    """
    reader = _Reader()
    number = 0
    with open_stream(path) as stream:
        for line, source_text in _entries(text_lines(stream)):
            source = Source(path=path, place=f"line {line}")
            try:
                fields = reader.fields(source_text)
            except Unreadable as found:
                number += 1
                yield found.at(path, source.place)
                continue
            if fields is not None:
                number += 1
                yield entry(fields, source, number)
    if not number:
        raise Unreadable("holds no BibTeX entry", _NO_BIBTEX)


def _entries(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    """The line at which each entry begins, and the entry, to its closing brace or to where the next one begins."""
    entry_lines: list[str] = []
    begun = number = depth = size = 0
    for number, line in enumerate(lines, start=1):
        begins = _BEGIN.match(line)
        if entry_lines and (depth <= 0 or (begins and line.startswith("@"))):
            yield begun, "".join(entry_lines)
            entry_lines, depth, size = [], 0, 0
        if begins and not entry_lines:
            begun = number
        if entry_lines or begins:
            size += len(line)
            depth += _depth(line)
            if size <= _ENTRY_LIMIT:
                entry_lines.append(line)
            elif entry_lines[-1:] != ["\n"]:
                entry_lines = ["\n"]
    if not number:
        raise Unreadable("is empty", _NO_BIBTEX)
    if entry_lines:
        yield begun, "".join(entry_lines)


def _depth(line: str) -> int:
    bare = re.sub(r"\\[{}]", "", line)
    return bare.count("{") - bare.count("}") or (1 if re.match(r"\s*@\s*\w+\s*\(", line) else 0)


class _Reader:
    """bibtexparser, entry by entry; abbreviations (`@string`) hold for the entries that follow."""

    def __init__(self) -> None:
        from bibtexparser.bibdatabase import BibDatabase
        from bibtexparser.bparser import BibTexParser

        # Making its grammar takes 10 ms; it warns where it is used again, as its entries then add up.
        self._parser = BibTexParser(ignore_nonstandard_types=False, common_strings=True)
        self._parser.expect_multiple_parse = True
        self._database = BibDatabase
        self._strings = self._parser.bib_database.strings

    def fields(self, text: str) -> dict[str, Any] | None:
        """The fields of an entry; None for a comment, a preamble or an abbreviation. Raises Unreadable."""
        from bibtexparser.bibdatabase import UndefinedString

        found = _BEGIN.match(text)
        kind = found.group(1).lower() if found else ""
        if kind in _NO_ENTRY:
            return None
        database = self._parser.bib_database = self._database()
        database.strings = self._strings
        try:
            self._parser.parse(text, partial=True)
        except UndefinedString as error:
            raise Unreadable(f"uses an abbreviation that is not defined ({error})", _NO_BIBTEX) from error
        except RecursionError as error:
            raise Unreadable("has braces in braces without end", _NO_BIBTEX) from error
        if kind == "string":
            return None
        # What it cannot parse it takes for a comment.
        if len(database.entries) != 1:
            raise Unreadable(f"is no whole BibTeX entry ({flat(text)[:60]!r})", _NO_BIBTEX)
        return _fields({name.lower(): value for name, value in database.entries[0].items()})


def _fields(found: dict[str, str]) -> dict[str, Any]:
    plain = {name: _plain(value) for name, value in found.items() if name not in ("author", "url", "doi", "id")}
    notes = " ".join(plain.get(name, "") for name in ("note", "annote", "annotation", "extra"))
    links = found.get("url", "").replace("\\_", "_").replace("\\", "")
    date = plain.get("date") or " ".join(filter(None, (plain.get("month"), plain.get("year"))))
    return {
        "title": ": ".join(filter(None, (plain.get("title"), plain.get("subtitle")))),
        "abstract": plain.get("abstract"),
        "doi": found.get("doi", "").replace("\\", "") or identifier(f"{notes} {links}", "doi"),
        "pmid": plain.get("pmid") or _eprint(plain) or identifier(f"{notes} {links}", "pmid"),
        "pmcid": plain.get("pmcid") or identifier(f"{notes} {plain.get('pmc', '')}", "pmcid"),
        "id": found.get("id"),
        "journal": plain.get("journaltitle") or plain.get("journal") or plain.get("booktitle"),
        "published": date,
        "year": plain.get("year"),
        "authors": list(_authors(found.get("author", ""))),
        "keywords": re.split(r"[;,]", plain.get("keywords", "")),
        "language": plain.get("langid") or plain.get("language"),
        "url": links or None,
    }


def _eprint(plain: dict[str, str]) -> str | None:
    return plain.get("eprint") if plain.get("eprinttype", "").lower() == "pubmed" else None


def _authors(field: str) -> Iterator[str | None]:
    """Names, apart by "and": "Surname, Forenames" or "Forenames Surname"; one in braces of its own stays whole."""
    for name in re.split(r"\s+and\s+", " ".join(field.split())):
        plain = _plain(name)
        if name.startswith("{") and name.endswith("}") and "{" not in name[1:]:
            yield plain
        elif "," in plain:
            parts = [part.strip() for part in plain.split(",")]
            yield inverted(f"{parts[0]}, {parts[-1]}")
        elif plain.lower() != "others":
            given, _, surname = plain.rpartition(" ")
            yield author(surname, given)


def _plain(value: str) -> str:
    """Characters for TeX commands, without braces and dollar signs."""
    from bibtexparser.latexenc import latex_to_unicode

    text = re.sub(r"(?<!\\)\$([^$]*)(?<!\\)\$", r"\1", value)
    if "\\" in text or "{" in text:
        text = _STYLES.sub("", text)
        text = re.sub(r"\\([ij])(?![A-Za-z])", r"\1", text)
        text = latex_to_unicode(text)
    return flat(re.sub(r"(?<!\\)~", " ", text).replace("---", "—").replace("--", "–"))
