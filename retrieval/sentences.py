"""Where sentences begin and end."""

import itertools
import re
from collections.abc import Iterable, Iterator

Span = tuple[int, int]

# A full stop after one of these does not end a sentence.
_ABBREVIATIONS = frozenset(
    "e.g i.e vs cf ca al fig figs tab ref refs eq eqs no nos dr prof mr mrs ms st sp spp subsp var str approx "
    "resp incl etc. vol pp ed eds dept univ inc ltd co corp jr sr viz suppl".split()
)
# After a single capital letter ("vitamin C. The ...") these open a sentence; a surname ("J. Smith") does not.
_OPENERS = frozenset(
    "The We In This These Those Our It Its A An However Here There Thus To For By On At As Both All No Among "
    "After Although Moreover Furthermore Results Conclusions Methods Patients Using When While With Of".split()
)
_PARAGRAPH = re.compile(r"\n[ \t\r\f\v]*\n\s*")
_LIST_ITEM = re.compile(r"\n(?=[ \t]*(?:[-*•–]|\(?\d{1,3}[.)]|#{1,6})[ \t])")
_CANDIDATE = re.compile(
    r"""(?P<stop>[.!?…]["'”’)\]]*)(?P<space>\s+)(?=["'“‘(\[]*(?P<next>[^\s"'“‘(\[]+))"""
    r"""|(?P<han>[。！？；][”’」』）]*)\s*"""
)
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘,;:/]*$")
# A lower-case word may open a sentence where it is written as a gene, RNA or protein is: p53, mTOR, miR-21, c-myc.
_NAME_IN_LOWER_CASE = re.compile(r"[a-zα-ω][a-zα-ω-]*[A-Z0-9]|[a-zα-ω]-[a-zα-ω]")


def sentence_spans(text: str, breaks: Iterable[int] = ()) -> list[Span]:
    """Character spans of the sentences of a text, in order.

    Every character that is not white space lies in exactly one span. `breaks` are offsets at which a sentence
    ends whatever the punctuation, such as the beginnings of sections.
    """
    cuts = sorted({0, len(text), *breaks, *_boundaries(text)})
    trimmed = (_trim(text, start, end) for start, end in itertools.pairwise(cuts))
    return [(start, end) for start, end in trimmed if start < end]


def _boundaries(text: str) -> Iterator[int]:
    for pattern in (_PARAGRAPH, _LIST_ITEM):
        yield from (match.end() for match in pattern.finditer(text))
    for match in _CANDIDATE.finditer(text):
        if match["han"] or _ends_sentence(text, match):
            yield match.end()


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    following = match["next"]
    goes_on = following[0].islower() and not _NAME_IN_LOWER_CASE.match(following)
    if goes_on and "\n" not in match["space"]:
        return False
    if not match["stop"].startswith("."):
        return True
    word = _LAST_WORD.search(text, max(0, match.start() - 40), match.start())
    before = word.group() if word else ""
    if _is_abbreviation(before) or (goes_on and "." in before):
        return False
    if len(before) == 1 and before.isupper():
        return following.rstrip(",") in _OPENERS
    return True


def _is_abbreviation(word: str) -> bool:
    """Whether a word is a known abbreviation; one in other capitals is an acronym, such as NOS, CF or EDs."""
    return word.lower() in _ABBREVIATIONS and word in (word.lower(), word.capitalize())


def _trim(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), start + len(part.rstrip())
