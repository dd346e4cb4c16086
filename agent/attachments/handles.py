"""Handles: the short names by which messages and tools speak of attachments."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import get_args

from agent.attachments.attachment import PREFIXES, RESULT, Attached
from agent.attachments.pasted import SEQUENCES, Kind

_NAME = rf"(?:{'|'.join(sorted({*PREFIXES.values(), RESULT}))})[1-9]\d{{0,6}}"
_MARK = re.compile(rf"\[({_NAME}): ([^\[\]\n]*)\]")
_HANDLE = re.compile(rf"(?i)(?<![A-Za-z0-9_]){_NAME}(?!\.?[A-Za-z0-9_])")
_BRACKETS = re.compile(r"[\[\]]")
_LONGEST_NAME = 80
_CALLED: dict[Kind, str] = {"dna": "DNA", "rna": "RNA", "fasta": "FASTA", "vcf": "VCF"}
_KINDS: dict[str, Kind] = {_CALLED.get(kind, kind): kind for kind in get_args(Kind)}
# A name may hold whatever a file's name may; what a mark ends with is ours.
_AMOUNT = r"bytes?|rows?|letters?(?: in [\d,]+ lines)?|sequences?, [\d,]+ letters? \(\w*\)"
_KIND = re.compile(rf"(?:(.*), )?({'|'.join(_KINDS)}), [\d,]+ (?:{_AMOUNT})")
_POINTS = r"(?:the|this|that|these|those|my|both|all|same)\s+(?:[\w-]+\s+){0,2}?"
_POINTS_CHINESE = r"(?:这|那|该|此|本|上述|上面|前面|刚才|之前|我)[^，。？！\s]{0,6}?"
# How a request speaks of an attachment without its handle, and what the marks of such attachments say.
_NOUNS = tuple(
    (re.compile(rf"(?i)\b{_POINTS}(?:{english})\b|{_POINTS_CHINESE}(?:{chinese})"), re.compile(rf"(?i)\b(?:{said})\b"))
    for english, chinese, said in (
        (r"sequences?|seqs?|fasta|records?", "序列|片段", "DNA|RNA|protein|ambiguous sequence|FASTA"),
        (r"tables?|csv|tsv|spreadsheet|rows|columns", "表格|表(?![达型观明示面征皮])", "table"),
        (r"variants?|vcf|mutations?|snps?", "变异|突变|位点|VCF", "VCF"),
        (r"files?|uploads?|attachments?", "文件|附件", ".+"),
    )
)


def mark(attachment: Attached) -> str:
    """What stands in a message for an attachment: `[seq1: DNA, 70 letters]`."""
    return f"[{_BRACKETS.sub('', described(attachment))}]"


def described(attachment: Attached) -> str:
    """An attachment on a line: `seq1: DNA, 70 letters`."""
    told = [attachment.name[-_LONGEST_NAME:]] if attachment.name else []
    return f"{attachment.handle}: {', '.join([*told, called(attachment.kind), *_amounts(attachment)])}"


def called(kind: Kind) -> str:
    """What a kind is called in English."""
    return _CALLED.get(kind, kind)


def attached(text: str) -> dict[str, Kind]:
    """The handles whose marks stand in a message, and the kinds that the marks tell."""
    told = ((match.group(1), _KIND.fullmatch(match.group(2))) for match in _MARK.finditer(text))
    return {handle: _KINDS[said.group(2)] for handle, said in told if said}


def file_names(text: str) -> dict[str, str]:
    """The handles whose marks stand in a message and name a file, and those names."""
    told = ((match.group(1), _KIND.fullmatch(match.group(2))) for match in _MARK.finditer(text))
    return {handle: said.group(1) for handle, said in told if said and said.group(1)}


def speaks_of_attachment(text: str) -> bool:
    """Whether a message speaks of an attachment by a noun, as in "this sequence"."""
    return any(noun.search(text) for noun, _ in _NOUNS)


def pieces(text: str) -> Iterator[tuple[str, str | None]]:
    """A message in pieces: each mark with its handle, and what stands between marks with None."""
    end = 0
    for match in _MARK.finditer(text):
        yield text[end : match.start()], None
        yield match.group(), match.group(1)
        end = match.end()
    yield text[end:], None


def without_marks(text: str) -> str:
    """A message with bare handles for its marks: `is seq1 a promoter?`."""
    return _MARK.sub(r"\1", text)


def without_handles(text: str) -> str:
    """A message without the handles that it names."""
    return _HANDLE.sub("", without_marks(text))


def named(text: str) -> tuple[str, ...]:
    """The handles that a message names, in marks or on their own, each once."""
    return tuple(dict.fromkeys(handle.lower() for handle in _HANDLE.findall(without_marks(text))))


def meant(text: str, earlier: Sequence[str]) -> tuple[str, ...]:
    """The handles that a message names, else those of the last message before it that it points to.

    "The sequence" points to the last one with a sequence; "it" and what is left unsaid to nothing.
    """
    if handles := named(text):
        return handles
    for noun, said in _NOUNS:
        if noun.search(text):
            for message in reversed(earlier):
                if handles := _marked(message, said):
                    return handles
    return ()


def _marked(text: str, said: re.Pattern[str]) -> tuple[str, ...]:
    return tuple(match.group(1) for match in _MARK.finditer(text) if said.search(match.group(2)))


def _amounts(attachment: Attached) -> Iterable[str]:
    if attachment.length is None:
        yield _count(attachment.size, "byte")
    elif attachment.kind == "fasta":
        yield _count(attachment.parts, "sequence")
        yield f"{_count(attachment.length, 'letter')} ({attachment.alphabet})"
    elif attachment.kind in SEQUENCES:
        lines = f" in {attachment.parts} lines" if attachment.parts > 1 else ""
        yield f"{_count(attachment.length, 'letter')}{lines}"
    else:
        yield _count(attachment.length, "row")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
