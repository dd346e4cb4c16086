"""A template is a sentence with alternatives, `(find|locate) sites( please|)`, and slots, `{species}`."""

import random
import re

_ALTERNATIVES = re.compile(r"\(([^()]*)\)")
_SLOT = re.compile(r"\{([a-z_]+?)(\d?)\}")


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
