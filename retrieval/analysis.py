"""Words as the lexical index keeps them: folded, stemmed, Chinese split into pairs."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import snowballstemmer

# Written beside the index: terms of different analyses are never mixed.
ANALYSIS = "NFKC, Greek letters by name, Snowball English, Han bigrams, version 1"

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi",
    "ρ": "rho", "σ": "sigma", "ς": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi",
    "ω": "omega",
}  # fmt: skip
_GREEK_LETTER = re.compile("[" + "".join(_GREEK) + "]")
_WORD = re.compile(r"[^\W_\u4e00-\u9fff]+(?:[-‐‑–][^\W_\u4e00-\u9fff]+)*|[\u4e00-\u9fff]+")
_HYPHEN = re.compile("[-‐‑–]")
_STOP_WORDS = frozenset(
    "a about after all also an and any are as at be been between both but by can could did do does during each "
    "for from had has have he her here his how i if in into is it its just may me might more most my no nor not "
    "of on or our out over own same she should so some such than that the their them then there these they "
    "this those through to too under up us very was we were what when where which while who whom why will with "
    "would you your".split()
)
_stemmer = snowballstemmer.stemmer("english")


def index_terms(text: str) -> list[str]:
    """Terms of a stored text, in order; a symbol with a hyphen gives its parts and itself joined (il, 6, il6)."""
    return [term for word in _words(text) for term in _terms(word)]


def query_terms(text: str) -> list[str]:
    """Distinct terms of a question, without function words, in order of appearance."""
    words = [word for word in _words(text) if word not in _STOP_WORDS]
    return list(dict.fromkeys(term for word in words for term in _terms(word)))


def _words(text: str) -> Iterator[str]:
    folded = _GREEK_LETTER.sub(lambda match: _GREEK[match.group()], unicodedata.normalize("NFKC", text).lower())
    return (match.group() for match in _WORD.finditer(folded))


@lru_cache(maxsize=1 << 18)
def _terms(word: str) -> tuple[str, ...]:
    if "\u4e00" <= word[0] <= "\u9fff":
        return tuple(word[i : i + 2] for i in range(max(1, len(word) - 1)))
    parts = _HYPHEN.split(word)
    stems = tuple(_stemmer.stemWord(part) for part in parts)
    if len(parts) > 1 and any(character.isdigit() for character in word):
        return (*stems, "".join(parts))
    return stems
