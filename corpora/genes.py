"""Gene names: what a written name may mean, and where the names stand in running text."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

_WORD = re.compile(r"[0-9A-Za-z\u00c0-\u024f\u0370-\u03ff]+")
_GREEK = {
    ord(letter): name
    for letters, name in (
        ("αΑ", "alpha"),
        ("βΒϐ", "beta"),
        ("γΓ", "gamma"),
        ("δΔ", "delta"),
        ("εΕϵ", "epsilon"),
        ("ζΖ", "zeta"),
        ("ηΗ", "eta"),
        ("θΘϑ", "theta"),
        ("κ", "kappa"),
        ("λΛ", "lambda"),
        ("μµ", "mu"),
        ("πΠ", "pi"),
        ("σΣς", "sigma"),
        ("τ", "tau"),
        ("ωΩ", "omega"),
    )
    for letter in letters
}
_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"))
_LONGEST_JOINT = 3
_FREE_CASE = 4
_SHORTEST_STEM = 3
_MUTATION = re.compile(r"(?:p\.?)?[ACDEFGHIKLMNPQRSTVWY]\d{2,4}[ACDEFGHIKLMNPQRSTVWYX]$")
_SPECIES = "hm"


class GeneMention(NamedTuple):
    """A written gene name in a text: its character span, its wording and every symbol that it may mean."""

    start: int
    end: int
    text: str
    symbols: tuple[str, ...]


class _Name:
    """What is known of one spelling, letter case and separators left out.

    `spellings` holds the symbols by letter case, `symbols` all of them. `joints` are the separators that the table
    writes, by offset; `spaces` are the offsets at which every written form parts two letters by a space, so that
    "lamina" is not "lamin A".
    """

    __slots__ = ("cased", "in_text", "joints", "spaces", "spellings", "symbols")

    def __init__(self) -> None:
        self.symbols: list[str] = []
        self.spellings: dict[str, list[str]] = {}
        self.joints: set[tuple[int, str]] = set()
        self.spaces: set[int] | None = None
        self.cased = False
        self.in_text = False


class _Row(NamedTuple):
    symbol: str
    aliases: tuple[str, ...]
    chinese: tuple[str, ...]
    cased: tuple[str, ...]
    asked: tuple[str, ...]


class _Word(NamedTuple):
    start: int
    end: int
    spelling: str


def symbols(name: str) -> tuple[str, ...]:
    """Every symbol that a written name may mean, the one spelled exactly so first; () for an unknown name.

    Hyphens, spaces and Greek letters may be written in any way. Letter case is free for names of four or more
    characters or with a digit; shorter names and English words count only as the table writes them.
    """
    asked = name.strip()
    if asked in chinese_names():
        return chinese_names()[asked]
    spelling, joints = _squeezed(asked)
    found = _names().get(spelling.lower())
    if found is None or not _is_spelled(found, spelling, joints):
        return _variant(spelling)[0]
    return _ordered(found, spelling, asked)


def spelled(name: str) -> str:
    """A written name as names are compared: lower case, without separators, Greek letters written out."""
    return _squeezed(name.strip())[0].lower()


def aliases(symbol: str) -> tuple[str, ...]:
    """All English written forms of a symbol as they stand in papers, the symbol first; () if it is unknown."""
    row = _rows().get(symbol)
    return () if row is None else (row.symbol, *row.aliases)


@cache
def chinese_names() -> Mapping[str, tuple[str, ...]]:
    """The symbols meant by each Chinese gene name of the table."""
    meant: dict[str, tuple[str, ...]] = {}
    for row in _rows().values():
        for name in row.chinese:
            meant[name] = (*meant.get(name, ()), row.symbol)
    return MappingProxyType(meant)


def mentions(text: str) -> Iterator[GeneMention]:
    """The gene names in running text, left to right: the longest name that begins and ends with a word."""
    words = [_Word(*match.span(), _greek_named(match[0])) for match in _WORD.finditer(text)]
    index = 0
    while index < len(words):
        mention, used = _longest(text, words, index) or _single(text, words[index])
        if mention is not None:
            yield mention
        index += used


@cache
def table_hash() -> str:
    """SHA-256 of the gene table, in hex: what a table derived from it depends on."""
    return hashlib.sha256(_table()).hexdigest()


def _longest(text: str, words: list[_Word], index: int) -> tuple[GeneMention, int] | None:
    """The longest name of the table that begins at a word, and the number of words that it takes."""
    names, prefixes = _names(), _prefixes()
    key = spelling = ""
    joints: list[tuple[int, str]] = []
    best: tuple[GeneMention, int] | None = None
    for position in range(index, len(words)):
        word = words[position]
        if spelling:
            joint = text[words[position - 1].end : word.start].translate(_HYPHENS)
            if len(joint) > _LONGEST_JOINT:
                break
            joints.append((len(key), joint))
        spelling += word.spelling
        key = spelling.lower()
        if key not in prefixes:
            break
        found = names.get(key)
        if found is not None and found.in_text and _is_written(found, spelling, joints):
            start = words[index].start
            written = text[start : word.end]
            mention = GeneMention(start, word.end, written, _ordered(found, spelling, written))
            best = mention, position - index + 1
    return best


def _single(text: str, word: _Word) -> tuple[GeneMention | None, int]:
    """A word that carries more than a name: a plural, a species letter or a mutation."""
    found, length = _variant(word.spelling)
    if not found:
        return None, 1
    end = word.end - (len(word.spelling) - length)
    return GeneMention(word.start, end, text[word.start : end], found), 1


def _variant(spelling: str) -> tuple[tuple[str, ...], int]:
    """The symbols of a spelling such as "DNMTs", "hTERT" or "BRAFV600E", and how much of it is the name."""
    if len(spelling) <= _SHORTEST_STEM:
        return (), 0
    length = len(spelling)
    if spelling[-1] == "s" and not spelling[-2].islower():
        found = _in_text(spelling[:-1])
        if found:
            return found, length - 1
    if spelling[0] in _SPECIES and spelling[1].isupper():
        found = _in_text(spelling[1:])
        if found:
            return found, length
    mutation = _MUTATION.search(spelling)
    if mutation is not None and mutation.start() >= _SHORTEST_STEM:
        return _in_text(spelling[: mutation.start()]), mutation.start()
    return (), 0


def _in_text(spelling: str) -> tuple[str, ...]:
    found = _names().get(spelling.lower())
    if found is None or not found.in_text or not _is_spelled(found, spelling, []):
        return ()
    return _ordered(found, spelling, spelling)


def _ordered(name: _Name, spelling: str, written: str) -> tuple[str, ...]:
    """The symbols of a name, the one that is written exactly so first; "pRb" is not what "PRB" is."""
    meant = name.spellings[spelling] if name.cased else name.symbols
    return tuple(sorted(meant, key=lambda symbol: symbol != written))


def _is_spelled(name: _Name, spelling: str, joints: list[tuple[int, str]]) -> bool:
    """Whether letter case is as the name demands and two words of it are not run together."""
    if name.cased and spelling not in name.spellings:
        return False
    return not name.spaces or name.spaces <= {offset for offset, _ in joints}


def _is_written(name: _Name, spelling: str, joints: list[tuple[int, str]]) -> bool:
    """Whether letter case and separators are such as the name is written with in a text."""
    return _is_spelled(name, spelling, joints) and all(
        _is_joint(name, spelling, offset, joint) for offset, joint in joints
    )


def _is_joint(name: _Name, spelling: str, offset: int, joint: str) -> bool:
    """Whether a separator may stand at an offset of a name.

    A hyphen may stand anywhere in a name that is not a short word; a space where the table has a space, before
    the digits of a name in capitals (PARP 1), or for a hyphen that the eye would not miss (DAP kinase, but
    neither "hepatitis C kit" nor "Sept 9").
    """
    if (offset, joint) in name.joints:
        return True
    if joint == "-":
        return not name.cased
    if joint != " ":
        return False
    before, after = spelling[:offset], spelling[offset]
    if after.isdigit() and before.isupper() and offset > 1:
        return True
    long_enough = 5 if after.isdigit() else 2
    return (offset, "-") in name.joints and offset >= long_enough


def _greek_named(word: str) -> str:
    return word if word.isascii() else word.translate(_GREEK)


def _squeezed(written: str) -> tuple[str, list[tuple[int, str]]]:
    """A name without separators, Greek letters written out, and the separators with their offsets in it."""
    if written.isascii() and written.isalnum():
        return written, []
    spelling, end = "", 0
    joints: list[tuple[int, str]] = []
    for word in _WORD.finditer(written):
        if spelling:
            joints.append((len(spelling), written[end : word.start()].translate(_HYPHENS)))
        spelling += _greek_named(word[0])
        end = word.end()
    return spelling, joints


@cache
def _table() -> bytes:
    return (files("corpora") / "data" / "genes.tsv").read_bytes()


@cache
def _rows() -> Mapping[str, _Row]:
    rows: dict[str, _Row] = {}
    for line in _table().decode().splitlines()[1:]:
        symbol, *columns = line.split("\t")
        rows[symbol] = _Row(symbol, *(tuple(filter(None, column.split("|"))) for column in columns))
    return MappingProxyType(rows)


@cache
def _names() -> Mapping[str, _Name]:
    names: dict[str, _Name] = {}
    for row in _rows().values():
        for written in dict.fromkeys((row.symbol, *row.aliases, *row.asked)):
            _learn(names, row, written)
    return MappingProxyType(names)


def _learn(names: dict[str, _Name], row: _Row, written: str) -> None:
    spelling, joints = _squeezed(written)
    key = spelling.lower()
    name = names.get(key)
    if name is None:
        name = names[key] = _Name()
    if row.symbol not in name.symbols:
        name.symbols.append(row.symbol)
    name.spellings.setdefault(spelling, []).append(row.symbol)
    name.joints.update(joints)
    spaces = {at for at, joint in joints if joint == " " and spelling[at - 1 : at + 1].isalpha()}
    name.spaces = spaces if name.spaces is None else name.spaces & spaces
    short = len(key) < _FREE_CASE and not any(map(str.isdigit, key))
    name.cased = name.cased or short or written in row.cased
    name.in_text = name.in_text or written not in row.asked


@cache
def _prefixes() -> frozenset[str]:
    """Every beginning of every name that is looked for in text."""
    return frozenset(
        key[:length] for key, name in _names().items() if name.in_text for length in range(1, len(key) + 1)
    )
