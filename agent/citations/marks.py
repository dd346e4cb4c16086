"""Citation marks in an answer: [3] after a sentence, or [3, 7]."""

import re

# A mark as a regular expression without groups; a line end is no part of one.
MARK = r"\[\d{1,6}(?:[^\S\n]*[,，、][^\S\n]*\d{1,6})*\]"
# Looked for once a run of white space, however long that is.
_MARK = re.compile(rf"(?<!\s)\s*{MARK}")


def numbers(text: str) -> list[int]:
    """The numbers that a text cites, in order, each once."""
    found = (number for match in _MARK.finditer(text) for number in re.findall(r"\d+", match.group()))
    return list(dict.fromkeys(int(number) for number in found))


def without_marks(text: str) -> str:
    """A text without its citation marks."""
    return _MARK.sub("", text)


def blanked(text: str) -> str:
    """A text with spaces for its citation marks, so that everything else keeps its place."""
    return _MARK.sub(lambda match: " " * len(match.group()), text)


def mark(*cited: int) -> str:
    """The mark that cites sentences by their numbers."""
    return "".join(f"[{number}]" for number in cited)
