"""A template is a sentence with alternatives, `(find|locate) sites( now|)`, slots, `{species}`, and phrases, `<ask>`.

What stands in `[...]` is what is asked of the literature.
"""

import random
import re
from collections.abc import Mapping, Sequence

_ALTERNATIVES = re.compile(r"\(([^()]*)\)")
_SLOT = re.compile(r"\{([a-z_]+?)(\d?)\}")
_PHRASE = re.compile(r"<([a-z_]+)>")
_ASKED = re.compile(r"\[(.*?)\]")
_WORD = re.compile(r"(?<![{a-z_])[a-z]{5,}(?![}a-z_\d])")


def chosen(template: str, rng: random.Random) -> str:
    """The template with one of each alternatives, innermost first; slots stay."""
    while found := _ALTERNATIVES.search(template):
        template = template[: found.start()] + rng.choice(found[1].split("|")) + template[found.end() :]
    return template


def slots(text: str) -> list[str]:
    """The names of a text's slots, in order; a digit behind a name tells slots of one kind apart."""
    return [found[1] for found in _SLOT.finditer(text)]


def filled(text: str, values: list[str]) -> str:
    """The text with a value in each slot, in order."""
    left = iter(values)
    return _SLOT.sub(lambda _: next(left), text)


def tidied(text: str) -> str:
    """One space where alternatives left several, and none before punctuation."""
    return re.sub(r" +([,.?!;:，。？！；：])", r"\1", re.sub(r"[ \t]+", " ", text)).strip()


def spelt_out(template: str, phrases: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    """The template with one of each phrase that it names; phrases may name others."""
    while found := _PHRASE.search(template):
        template = template[: found.start()] + rng.choice(phrases[found[1]]) + template[found.end() :]
    return template


def asked(text: str) -> tuple[str, str]:
    """A text without the brackets, and what stands in them; all of it where there are none."""
    found = _ASKED.search(text)
    return (_ASKED.sub(r"\1", text), found[1]) if found else (text, text)


def mistyped(template: str, rng: random.Random) -> str:
    """The template with two neighbouring letters of one of its own words swapped, or one of them left out."""
    words = list(_WORD.finditer(template))
    if not words:
        return template
    word = rng.choice(words)
    at = rng.randrange(word.start() + 1, word.end() - 2)
    swapped = template[at + 1] + template[at] if rng.random() < 0.6 else template[at]
    return template[:at] + swapped + template[at + 2 :]
