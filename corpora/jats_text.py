"""The text of a JATS element as one line that can be read and quoted."""

import re
from typing import TYPE_CHECKING

from corpora.elements import entity, local
from corpora.formula import mathml, tex
from corpora.outline import flat

if TYPE_CHECKING:
    from lxml.etree import _Element

FLOATS = frozenset(
    "fig fig-group table-wrap table-wrap-group boxed-text list def-list disp-quote verse-group supplementary-material "
    "preformat array media".split()
)
"""Elements that are blocks of their own, also within a paragraph."""

_SILENT = frozenset("fn graphic inline-graphic inline-supplementary-material object-id alt-text long-desc".split())
# Marks that point to what is not in the text: "*" of a footnote, "a" of an affiliation.
_MARKS = frozenset("fn table-fn author-notes aff corresp".split())
_RAISED = str.maketrans("0123456789+-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")
_OPENING = tuple("([{,;-–—/ \u00a0")


def text_of(element: "_Element | None") -> str:
    """The text with formulas in a line, without floats, footnotes and pictures; references stay as they are printed."""
    return "" if element is None else flat(_Text().read(element))


class _Text:
    """The text so far: what comes next may depend on how it ends."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def read(self, element: "_Element") -> str:
        self._inside(element)
        return "".join(self._pieces)

    def _inside(self, element: "_Element") -> None:
        self._pieces.append(element.text or "")
        for child in element:
            self._child(child)
            self._pieces.append(child.tail or "")

    def _child(self, child: "_Element") -> None:
        name = local(child)
        if not name:
            self._pieces.append(entity(child))
        elif name in _SILENT or name in FLOATS or (name == "xref" and child.get("ref-type") in _MARKS):
            return
        elif name == "sup":
            self._raised(child)
        elif name == "xref" and child.get("ref-type") == "bibr":
            self._reference(_Text().read(child))
        elif name in ("inline-formula", "disp-formula", "alternatives"):
            self._formula(child)
        elif name == "math":
            self._pieces.append(mathml(child))
        elif name == "tex-math":
            self._pieces.append(tex(_Text().read(child)))
        elif name == "break":
            self._pieces.append(" ")
        else:
            self._inside(child)

    def _raised(self, element: "_Element") -> None:
        """A power of a number in raised digits; the number of a reference in brackets; else plain, as in Ca2+."""
        text = _Text().read(element)
        if any(local(child) == "xref" and child.get("ref-type") == "bibr" for child in element):
            self._reference(re.sub(r"[\[\]]", "", text))
        elif self._end()[-1:].isdigit() and re.fullmatch(r"[+\-−–]?\d+", text):
            self._pieces.append(text.translate(_RAISED))
        else:
            self._pieces.append(text)

    def _reference(self, text: str) -> None:
        """A number that would run into the word before it stands in brackets of its own."""
        before = self._end()
        is_number = re.fullmatch(r"[\d\s,;\-–—]+", text.strip())
        runs_on = before and not before.endswith(_OPENING) and not before[-1].isspace()
        self._pieces.append(f" [{flat(text)}]" if is_number and runs_on else text)

    def _formula(self, element: "_Element") -> None:
        """The readable form of those that are given, apart from the words around it where it is displayed."""
        given = {local(child): child for child in element.iter() if local(child) in ("math", "tex-math")}
        label = element.find("label")
        if "math" in given:
            text = mathml(given["math"])
        elif "tex-math" in given:
            text = tex(_Text().read(given["tex-math"]))
        else:
            self._inside(element)
            return
        number = f" {_Text().read(label).strip()}" if label is not None else ""
        self._pieces.append(f" {text}{number} " if local(element) == "disp-formula" else text + number)

    def _end(self) -> str:
        return next((piece for piece in reversed(self._pieces) if piece), "")
