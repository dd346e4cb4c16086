"""How arguments of the tools on sequences are read from a request, English or Chinese."""

import re
from collections.abc import Callable, Collection

from agent.attachments.pasted import SEQUENCES, Kind
from agent.tools.declaration import Reader, Request
from corpora import species

_SEQUENCES: frozenset[Kind] = SEQUENCES | {"fasta"}
HOLD_SEQUENCES: frozenset[Kind] = _SEQUENCES | {"table", "file"}

_MARKS = {
    "6mA": re.compile(
        r"(?i)(?<![a-z0-9])(?:n?6-?m-?d?a|m6d?a)(?![a-z])|(?<![a-z0-9])n6(?![0-9])|6-?methyl\w*-?aden|\badenines?\b"
        r"|(?:every|each|all|any|methylated|middle|central|centre|center)\s+a(?:['’]?s)?\b|(?:每个|每一个|所有|全部|哪些)\s*a(?![a-z])|腺嘌呤|甲基腺"
    ),
    "4mC": re.compile(
        r"(?i)(?<![a-z0-9])(?:n?4-?m-?d?c|m4d?c)(?![a-z])|(?<![a-z0-9])n4(?![0-9])|(?<![0-9])4-?methyl-?cyto"
        r"|(?<![0-9])4[-位]?甲基化?胞嘧啶"
    ),
    "5hmC": re.compile(r"(?i)(?<![a-z0-9])(?:5-?)?hm-?d?c(?![a-z])|hydroxy-?\s?methyl|羟基?甲基"),
    "5mC": re.compile(
        r"(?i)(?<![a-z0-9])(?:5-?m-?d?c|m5c)(?![a-z])|(?<![0-9])5-?methyl-?cyto|(?<![0-9])5[-位]?甲基化?胞嘧啶"
    ),
}
_NUMBER = r"(\d+(?:\.\d+)?|\.\d+)\s*(%|％|per ?cent\b)?"
_PERCENT_HAN = r"百分之\s*(\d+(?:\.\d+)?)"
_METHYLATED = r"(?:are|is|being|get|carry|to be)?\s*(?:really |actually |truly )?(?:methylated|modified)"
# Of the candidate bases, the share that is methylated in the genome.
_PREVALENCES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?:prevalence|base rate|prior)[^\d.%]{{0,30}}?{_NUMBER}",
        rf"{_NUMBER}\s*(?:prevalence|base rate|prior)",
        rf"{_NUMBER}\s*(?:of )?(?:the |all |its |candidate |genomic |my )*"
        rf"(?:adenines?|cytosines?|as|cs|a|c|bases|sites|candidates)\b[^.;,\d]{{0,30}}?{_METHYLATED}",
        rf"(?:methylation|methylated|6mA|4mC|5hmC)\s*(?:level|rate|share|fraction|proportion|frequency)s?[^\d.%]{{0,20}}?"
        rf"{_NUMBER}",
        rf"(?:流行率|先验|发生率|基础率|占比|比例|丰度|甲基化率|甲基化水平|修饰率|频率)[^\d.%，。；]{{0,10}}?(?:{_NUMBER}|{_PERCENT_HAN})",
        rf"(?:{_NUMBER}|{_PERCENT_HAN})\s*的\s*(?:候选|全部|所有)?(?:腺嘌呤|胞嘧啶|碱基|位点|A|C)[^，。；\d]{{0,8}}(?:甲基化|修饰)",
        rf"(?:腺嘌呤|胞嘧啶|碱基|位点|A|C)(?:中|里|里面)?(?:大约|约|只有|仅有|仅|有|大概)*\s*(?:{_NUMBER}|{_PERCENT_HAN})\s*"
        r"(?:被|是|发生|为)?(?:甲基化|修饰)",
    )
)
# The probability from which a base is called.
_THRESHOLDS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\b(?:threshold|cut-?\s?off|probabilit(?:y|ies)|confidence|scores?|scoring|p)\b[^\d.%,;]{{0,25}}?{_NUMBER}",
        rf"(?:above|over|at least|greater than|higher than|more than|exceeding|≥|>=|>)\s*{_NUMBER}",
        rf"{_NUMBER}\s*(?:threshold|cut-?\s?off|(?:or|and) (?:more|higher|above|better|up)|probability|confidence)",
        rf"(?:阈值|阀值|临界值|概率|置信度|得分|打分|分数|评分|门槛|截断值)[^\d.%，。；]{{0,8}}?(?:{_NUMBER}|{_PERCENT_HAN})",
        rf"(?:大于|高于|超过|不低于|不小于|至少|达到|≥|＞)(?:等于|或等于)?\s*(?:{_NUMBER}|{_PERCENT_HAN})",
        rf"(?:{_NUMBER}|{_PERCENT_HAN})\s*(?:以上|及以上|的?阈值|为阈值|作为阈值|的?概率)",
    )
)
_SINCE = re.compile(r"(?i)\b(?:since|after|from)\s+((?:19|20)\d\d)\b|((?:19|20)\d\d)\s*年?\s*(?:以来|以后|之后|起)")
_UNTIL = re.compile(r"(?i)\b(?:until|before|up to)\s+((?:19|20)\d\d)\b|((?:19|20)\d\d)\s*年?\s*(?:以前|之前)")
_ORDINALS = {
    1: r"first|1st|former|第一|第1",
    2: r"second|2nd|latter|第二|第2",
    3: r"third|3rd|第三|第3",
    4: r"fourth|4th|第四|第4",
    -1: r"last|最后一",
}
# "Ignore other.fa": what is named only to be left aside.
_LEFT_ASIDE = re.compile(
    r"(?i)(?:\b(?:ignor(?:e|ing)|skip(?:ping)?|leave out|except(?: for)?|without|but not|not)"
    r"|忽略|不要|不用|除了|跳过|排除)"
    r"\s*(?:the (?:file )?)?(?:\w+\.(?:\w+\.)*\w+|(?:seq|file|table|vcf)\d+)"
)
_THINGS = r"sequences?|seqs?|one|fasta|files?|records?|tables?|vcf|reads?|fragments?"
_THINGS_CHINESE = r"条|个|段|份|号|张|行"
_ORDINAL = {
    number: re.compile(rf"(?i)\b(?:{said})\s+(?:\w+\s+)?(?:{_THINGS})\b|(?:{said})\s*(?:{_THINGS_CHINESE})")
    for number, said in _ORDINALS.items()
}


def handles(request: Request, kinds: Collection[Kind]) -> list[str] | None:
    """The attachments of some kinds that are meant: named in words where some are, else all; None where none is.

    A handle that nothing stands behind is meant too, so that the tool can say which there are.
    """
    able = [handle for handle in request.handles if request.kinds.get(handle) in kinds]
    strangers = [handle for handle in request.handles if handle not in request.kinds]
    picked = [handle for handle in _picked(request) if handle in able or handle in strangers]
    return picked or [*able, *strangers] or None


def _picked(request: Request) -> list[str]:
    """The attachments that words single out: by handle, by the name of a file, by their number among all."""
    text = _LEFT_ASIDE.sub(" ", request.text).casefold()
    said = [handle for handle in request.handles if _times(handle, text) > (handle in request.given)]
    by_name = [
        handle for handle, name in request.files.items() if handle in request.handles and name.casefold() in text
    ]
    if said or by_name:
        return [handle for handle in request.handles if handle in said or handle in by_name]
    places = [number for number, pattern in _ORDINAL.items() if pattern.search(request.text)]
    count = len(request.handles)
    return [request.handles[place - (place > 0)] for place in places if -count <= place <= count] if count > 1 else []


def _times(handle: str, text: str) -> int:
    return len(re.findall(rf"(?<![a-z0-9_]){re.escape(handle)}(?![a-z0-9_])", text))


def sequences(request: Request) -> list[str] | None:
    """The handles of sequences, or where there are none of tables and files that may hold some."""
    bare = any(request.kinds.get(handle) in _SEQUENCES for handle in request.handles)
    return handles(request, _SEQUENCES if bare else HOLD_SEQUENCES)


def marks(request: Request) -> list[str] | None:
    """The kinds of methylation that are named, here or in the request before."""
    return _here_or_before(request, _marks)


def mark(request: Request) -> str | None:
    """The one kind of methylation that is named first."""
    return next(iter(marks(request) or ()), None)


def species_names(request: Request) -> list[str] | None:
    """The Latin names of the species that are named, here or in the request before."""
    return _here_or_before(request, lambda text: list(species.named(text)))


def species_name(request: Request) -> str | None:
    """The one species that is named first."""
    return next(iter(species_names(request) or ()), None)


def prevalence(request: Request) -> float | None:
    """The share of candidate bases that are methylated, as it is told."""
    return _share(_PREVALENCES, request.text)


def threshold(request: Request) -> float | None:
    """The probability from which a base is to be called methylated."""
    text = request.text
    for pattern in _PREVALENCES:
        text = pattern.sub(" ", text)
    return _share(_THRESHOLDS, text)


def year_from(request: Request) -> int | None:
    """The earliest year of publication that is asked for."""
    return _year(_SINCE, request.text)


def year_to(request: Request) -> int | None:
    """The latest year of publication that is asked for."""
    return _year(_UNTIL, request.text)


def one_of(**words: str) -> Reader:
    """A reader that gives the first name whose words a request has, here or in the request before."""
    patterns = {name: re.compile(f"(?i){said}") for name, said in words.items()}

    def read(request: Request) -> str | None:
        found = _here_or_before(request, lambda text: [name for name, said in patterns.items() if said.search(text)])
        return next(iter(found or ()), None)

    return read


def _year(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.search(text)
    return int(found.group(1) or found.group(2)) if found else None


def _marks(text: str) -> list[str]:
    found = {name: match.start() for name, said in _MARKS.items() if (match := said.search(text))}
    return sorted(found, key=lambda name: found[name])


def _here_or_before(request: Request, read: Callable[[str], list[str]]) -> list[str] | None:
    return read(request.text) or (read(request.before) if request.before else None) or None


def _share(patterns: Collection[re.Pattern[str]], text: str) -> float | None:
    """The first number that a form of words gives, as a share; a percentage is divided by 100."""
    for pattern in patterns:
        for match in pattern.finditer(text):
            share = _value(list(match.groups()))
            if share is not None and 0 < share < 1:
                return share
    return None


def _value(groups: list[str | None]) -> float | None:
    """The number among what a form of words has found: number and percent sign, and what stands after 百分之."""
    number, percent = (*groups, None)[:2]
    if number is not None:
        return round(float(number) / (100 if percent else 1), 9)
    return next((round(float(each) / 100, 9) for each in groups[2:] if each is not None), None)
