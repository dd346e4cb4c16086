"""Cancer names and the tree that they form: pancreatic ductal adenocarcinoma is a pancreatic cancer is a cancer."""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

_SPELLINGS = (
    ("tumour", "tumor"),
    ("leukaemi", "leukemi"),
    ("oesophag", "esophag"),
    ("haemat", "hemat"),
    ("haemangio", "hemangio"),
    ("paediatric", "pediatric"),
    ("gynaecolog", "gynecolog"),
    ("phaeochromo", "pheochromo"),
    ("macroglobulinaemia", "macroglobulinemia"),
    ("polycythaemia", "polycythemia"),
    ("thrombocythaemia", "thrombocythemia"),
)
_CLASS = re.compile(r"\b(?:carcinoma|cancer|tumor|neoplasm|malignancy)\b")
_PLURAL = re.compile(r"(?<=oma)(?:s|ta)\b|(?<=emia)s\b|(?<=cancer)s\b|(?<=tumor)s\b|(?<=neoplasm)s\b|(?<=syndrome)s\b")
_ABBREVIATIONS = re.compile(r"^([A-Z][A-Z-]+)s$")
_SHORTEST_FREE_CASE = 3


class _Row(NamedTuple):
    name: str
    parent: str
    aliases: tuple[str, ...]
    chinese: tuple[str, ...]
    cased: tuple[str, ...]


def cancer(name: str) -> str | None:
    """The canonical English name of a cancer written in any way, English or Chinese; None if it is unknown.

    British and American spelling, hyphens, plurals, carcinoma or cancer or tumour are all one; abbreviations that
    are English words (ALL, NET, GIST) or have two letters count in capitals only.
    """
    asked = name.strip()
    if asked in chinese_names():
        return chinese_names()[asked]
    singular = _ABBREVIATIONS.sub(r"\1", asked)
    return _cased().get(singular) or _folded_names().get(_folded(singular))


def ancestors(name: str) -> tuple[str, ...]:
    """The canonical names above a cancer, nearest first, up to "cancer"; () for the root or an unknown name."""
    canonical = cancer(name)
    above: list[str] = []
    while canonical is not None and (parent := _rows()[canonical].parent):
        above.append(parent)
        canonical = parent
    return tuple(above)


def is_a(name: str, ancestor: str) -> bool:
    """Whether a cancer is the other one or lies below it; False where either name is unknown."""
    canonical, above = cancer(name), cancer(ancestor)
    return above is not None and (canonical == above or above in ancestors(name))


def cancer_names(name: str) -> tuple[str, ...]:
    """Every written name of a cancer, canonical first, English before Chinese; () for an unknown name.

    British spellings and the carcinoma, tumor and tumour forms of "... cancer" are among them.
    """
    canonical = cancer(name)
    if canonical is None:
        return ()
    row = _rows()[canonical]
    english = (row.name, *row.aliases)
    varied = [variant for written in english for variant in _variants(written)]
    return tuple(dict.fromkeys((*english, *varied, *row.chinese)))


@cache
def chinese_names() -> Mapping[str, str]:
    """The canonical English name of each Chinese one."""
    return MappingProxyType({name: row.name for row in _rows().values() for name in row.chinese})


@cache
def table_hash() -> str:
    """SHA-256 of the cancer table, in hex: what a table derived from it depends on."""
    return hashlib.sha256(_table()).hexdigest()


def _variants(written: str) -> list[str]:
    """The other spellings of an English name."""
    stem, _, last = written.rpartition(" ")
    forms = [written]
    if last == "cancer" and stem:
        forms += [f"{stem} carcinoma", f"{stem} tumor"]
    return [*forms, *(_british(form) for form in forms)]


def _british(written: str) -> str:
    for british, american in _SPELLINGS:
        if american in written and british not in written:
            written = re.sub(rf"\b{american}", british, written)
    return written


def _folded(written: str) -> str:
    """A name as names are compared."""
    folded = re.sub(r"['\u2019](?:s\b)?", "", written.lower())
    folded = " ".join(re.split(r"[\s/\u2010-\u2013-]+", folded)).strip()
    for british, american in _SPELLINGS:
        folded = folded.replace(british, american)
    folded = re.sub(r"malignancies\b", "malignancy", folded)
    return _CLASS.sub("cancer", _PLURAL.sub("", folded))


@cache
def _table() -> bytes:
    return (files("corpora") / "data" / "cancers.tsv").read_bytes()


@cache
def _rows() -> Mapping[str, _Row]:
    rows: dict[str, _Row] = {}
    for line in _table().decode().splitlines()[1:]:
        name, parent, *columns = line.split("\t")
        rows[name] = _Row(name, parent, *(tuple(filter(None, column.split("|"))) for column in columns))
    return MappingProxyType(rows)


@cache
def _cased() -> Mapping[str, str]:
    """Names that count only as written."""
    return MappingProxyType(
        {
            written: row.name
            for row in _rows().values()
            for written in row.aliases
            if written in row.cased or len(written) < _SHORTEST_FREE_CASE
        }
    )


@cache
def _folded_names() -> Mapping[str, str]:
    return MappingProxyType(
        {
            _folded(written): row.name
            for row in _rows().values()
            for written in (row.name, *row.aliases)
            if written not in _cased()
        }
    )
