"""Names of species in a text: Latin, English and Chinese, to one Latin name."""

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from corpora import glossary

# What makes another word of a name of one character: 病人 is a patient, 人工 is artificial.
_ONE_CHARACTER = (
    "(?<![病老成工本他别个男女众有证法私客主文])",
    "(?![们员工家数口民士格力群物才次名间造为种])",
)


class Mention(NamedTuple):
    """A species that a text names: its Latin name, and the character span of what was written."""

    name: str
    start: int
    end: int


def species(name: str) -> str | None:
    """The Latin name of a species written in any way, English or Chinese; None where it is unknown."""
    return _names().get(_folded(name))


def mentions(text: str) -> tuple[Mention, ...]:
    """The species that a text names, in order; of names within each other the longest counts."""
    plain = glossary.simplified(text)
    found = _pattern().finditer(plain)
    return tuple(Mention(_names()[_folded(match.group())], *match.span()) for match in found)


def named(text: str) -> tuple[str, ...]:
    """The Latin names of the species that a text names, each once, in order."""
    return tuple(dict.fromkeys(mention.name for mention in mentions(text)))


@cache
def _names() -> dict[str, str]:
    """Every written name, folded, with its Latin name."""
    lines = (files("corpora") / "data" / "species.tsv").read_text(encoding="utf-8").splitlines()[1:]
    found: dict[str, str] = {}
    for name, aliases, chinese in (line.split("\t") for line in lines):
        for written in (name, *_abbreviated(name), *aliases.split("|"), *chinese.split("|")):
            found.setdefault(_folded(written), name)
    return found


def _abbreviated(name: str) -> tuple[str, ...]:
    """`A. thaliana`, as files and papers write it."""
    genus, epithet, *_ = name.split()
    return () if epithet == "sp." else (f"{genus[0]}. {epithet}", f"{genus[0]} {epithet}")


def _folded(name: str) -> str:
    """A name in lower case, with one space for spaces, underscores and the full stop of an abbreviated genus."""
    plain = glossary.simplified(name).casefold().replace("’", "'")
    return " ".join(re.sub(r"[\s_]+|(?<=\b[a-z])\.\s*", " ", plain).split())


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_names(), key=len, reverse=True)
    return re.compile("|".join(map(_written, longest_first)), re.IGNORECASE)


def _written(name: str) -> str:
    """A folded name as a regular expression for every way in which it may be written."""
    if not name.isascii():
        before, after = _ONE_CHARACTER if len(name) == 1 else ("", "")
        return f"{before}{re.escape(name)}{after}"
    form = re.escape(name).replace(r"\ ", r"[\s_]+").replace("'", "['’]")
    if re.match(r"[a-z]\[", form):  # an abbreviated genus: A.thaliana, A. thaliana, A_thaliana
        form = re.sub(r"^([a-z])\[\\s_\]\+", r"\1(?:\\.\\s*|[\\s_]+)", form)
    return rf"(?<![A-Za-z]){form}(?![A-Za-z])"
