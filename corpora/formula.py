"""Formulas of MathML and TeX as one readable line."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from corpora.elements import local, string

if TYPE_CHECKING:
    from lxml.etree import _Element

_BODY = re.compile(r"\\begin\{document\}(.*?)\\end\{document\}", re.DOTALL)
_SPACED = frozenset("=<>≤≥≈±×+→∈∼≠")


def mathml(element: "_Element") -> str:
    """A MathML formula in a line: a/b, x^2, x_i, √(x)."""
    return " ".join(_math(element).split())


def tex(source: str) -> str:
    """The formula of a `tex-math` element, without the document and the dollar signs around it."""
    found = _BODY.search(source)
    return " ".join((found.group(1) if found else source).replace("$$", " ").strip().strip("$").split())


def _math(element: "_Element") -> str:
    name = local(element)
    parts = [_math(child) for child in element if local(child)]
    if name in ("annotation", "annotation-xml"):
        return ""
    if name in _JOINED and len(parts) == _JOINED[name][0]:
        return _JOINED[name][1](*parts)
    if name == "mfenced":
        return f"{element.get('open', '(')}{', '.join(parts)}{element.get('close', ')')}"
    if name in ("msqrt", "mroot"):
        return f"√({''.join(parts[:1] if name == 'mroot' else parts)})"
    if name == "mtr":
        return ", ".join(parts) + "; "
    if parts:
        return "".join(parts)
    text = string(element).strip()
    if name == "mspace" or (name == "mtext" and not text):
        return " "
    return f" {text} " if name == "mo" and text in _SPACED else text


def _grouped(text: str) -> str:
    """A part that is longer than a sign, in brackets."""
    bare = text.strip()
    return bare if len(bare) <= 1 or bare.isalnum() or re.fullmatch(r"[\d.,]+|\(.*\)", bare) else f"({bare})"


_JOINED: dict[str, tuple[int, Callable[..., str]]] = {
    "mfrac": (2, lambda above, below: f"{_grouped(above)}/{_grouped(below)}"),
    "msup": (2, lambda base, above: f"{base}^{_grouped(above)}"),
    "msub": (2, lambda base, below: f"{base}_{_grouped(below)}"),
    "msubsup": (3, lambda base, below, above: f"{base}_{_grouped(below)}^{_grouped(above)}"),
    "munder": (2, lambda base, below: f"{base}_{_grouped(below)}"),
    "mover": (2, lambda base, _: base),
    "munderover": (3, lambda base, below, above: f"{base}_{_grouped(below)}^{_grouped(above)}"),
}
