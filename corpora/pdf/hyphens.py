"""Words that are divided at line ends, joined again as the document itself writes them."""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import chain

from corpora.pdf.page import CJK

_TOKEN = re.compile(r"[^\W_](?:[\w'’]|[-‐‑](?=\w))*")
_HYPHENS = "-‐‑"
_LAST = re.compile(rf"([^\W_][\w'’]*)[{_HYPHENS}]$")
_FIRST = re.compile(r"[^\W_][\w'’]*")
_UNSPACED = re.compile(f"[{CJK}]")
# Second halves of compounds that papers write with a hyphen.
_SECONDS = frozenset(
    "associated based binding carrying cell coding containing deficient dependent derived diabetic "
    "directed driven expressing free fold group grade independent induced infected invasive label "
    "labelled labeled level like linked mediated methylated methylation naive negative null out positive "
    "related resistant responsive rich risk seq sensitive significant sided small specific stage step "
    "stranded tailed term throughput time treated tumor tumour type wide wise year old up off".split()
)
_FIRSTS = frozenset("non anti self well cross half all ex quasi pseudo vice".split())
# First halves that are words of measure, of compounds such as "high-throughput" and "five-fold".
_MEASURES = frozenset(
    "high low long short large small early late first second third single double triple two three four five six seven "
    "eight nine ten full wild".split()
)
# First halves that are words too, of words that are written as one.
_CLOSED = frozenset(
    "a an any be back down every for fore further how in inter mean more never none other out over some "
    "there through to under up what when where which who with".split()
)
_ADDRESS = re.compile(r"(https?://|www\.|doi:|10\.\d{4,9}/)\S*$", re.IGNORECASE)


class Words:
    """The words of a document that stand whole in its lines, with and without hyphens."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._counts: Counter[str] = Counter(chain.from_iterable(map(_whole_words, lines)))
        self._parts: Counter[str] = Counter()
        for word, count in self._counts.items():
            for part in re.split(f"[{_HYPHENS}]", word):
                self._parts[part] += count

    def joint(self, before: str, after: str) -> tuple[str, str]:
        """The first line's text as it goes on, and what stands between it and the next line."""
        if not before or not after:
            return before, ""
        if _UNSPACED.match(before[-1]) or _UNSPACED.match(after[0]):
            return before, ""
        if _ADDRESS.search(before) and re.match(r"\S*[\d/._-]", after) and re.search(r"[/._\-\d]$", before):
            return before, ""
        if before[-1] in "–—/" and len(before) > 1 and not before[-2].isspace():
            return before, ""
        last, first = _LAST.search(before), _FIRST.match(after)
        if last is None:
            return before, " "
        if first is None:
            return before, "" if before[-2:-1].isalnum() and not re.match(r"[(\[]", after) else " "
        return (before, "") if self._keeps_hyphen(last[1], first[0], before) else (before[:-1], "")

    def _keeps_hyphen(self, left: str, right: str, before: str) -> bool:
        if not (left[-1].isalpha() and right[0].isalpha()) or len(left) == 1:
            return True
        joined, apart = (left + right).lower(), f"{left}-{right}".lower()
        if self._counts[apart] != self._counts[joined]:
            return self._counts[apart] > self._counts[joined]
        if right[0].isupper():
            return not (left.isupper() and right.isupper())
        # "DNA-", "TGF-" and "mRNA-" are words of their own; so are Greek letters.
        if any(map(str.isupper, left[1:])) or any(map(str.isdigit, left)) or not (left + right).isascii():
            return bool(
                any(map(str.isupper, left[1:])) or any(map(str.isdigit, left)) or _is_greek(left) or _is_greek(right)
            )
        if left.lower() in _MEASURES and not re.match(r"(er|est|ly|light\w*|way\w*|ly|ish|th|teen|ty|some)\b", right):
            return True
        if left.lower() in _CLOSED and right.lower() not in _SECONDS:
            return False
        if re.fullmatch(r"[a-z]{3,}[^e]ed", left):
            return True
        if left.lower() in _FIRSTS or re.search(r"\w-\w+-$", before):
            return self._parts[right.lower()] > 0
        return self._parts[left.lower()] > 0 and (right.lower() in _SECONDS or self._parts[right.lower()] > 0)


def _whole_words(line: str) -> list[str]:
    """The words of a line, without those that may go on in the next one or come from the one before."""
    words = [found[0].lower() for found in _TOKEN.finditer(line)]
    divided = line.rstrip()[-1:] in tuple(_HYPHENS)
    return words[1 : -1 if divided else None]


def _is_greek(word: str) -> bool:
    return bool(re.fullmatch(r"[\u0370-\u03ff]+", word))
