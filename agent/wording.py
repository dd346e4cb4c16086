"""What is said in English and Chinese: phrases, and texts of them that are retold in the reader's language."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from corpora import glossary

Language = Literal["en", "zh"]

_NAME = re.compile(r"\\\{(\w+)\\\}")
_SENTENCE_END = re.compile(r"(?<=[.!?]) (?=[A-Z])")


@dataclass(frozen=True)
class Phrase:
    """One thing to say, in both languages; names in braces are filled in."""

    en: str
    zh: str

    def say(self, language: Language, **values: object) -> str:
        """The phrase in one language. Raises KeyError where a name in braces has no value."""
        return (self.zh if language == "zh" else self.en).format(**values)


def language_of(text: str) -> Language:
    """The language in which a request is answered."""
    return "zh" if glossary.is_chinese(text) else "en"


class Retelling:
    """Reads English texts that were made of some phrases, and says them in another language."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self.phrases = tuple(sorted(phrases, key=_specificity))
        self._patterns = [(_pattern(phrase), phrase) for phrase in self.phrases]
        self._chinese = lru_cache(maxsize=4096)(self._find_chinese)

    def retold(self, text: str, language: Language) -> str:
        """A text of these in a language, sentence by sentence; what is not among them stays as it is."""
        if language == "en":
            return text
        pieces = _SENTENCE_END.split(text)
        told = [self._chinese(piece.removesuffix(".")) or self._chinese(piece) for piece in pieces]
        if None in told and (whole := self._chinese(text)):
            return whole
        if len(pieces) == 1:
            return told[0] or text
        return "".join(
            _stopped(chinese) if chinese else f"{piece} " for piece, chinese in zip(pieces, told, strict=True)
        )

    def _find_chinese(self, text: str) -> str | None:
        """The Chinese of a text that one phrase says, with what fills it in retold too."""
        for pattern, phrase in self._patterns:
            if match := pattern.fullmatch(text):
                values = {name: self.retold(value, "zh") for name, value in match.groupdict().items()}
                return phrase.say("zh", **values)
        return None


def _stopped(chinese: str) -> str:
    return chinese if chinese.endswith(("。", "！", "？")) else f"{chinese}。"


def _pattern(phrase: Phrase) -> re.Pattern[str]:
    return re.compile(_NAME.sub(r"(?P<\1>.+?)", re.escape(phrase.en)), re.DOTALL)


def _specificity(phrase: Phrase) -> int:
    """Of two phrases that say a text, the one with more words of its own is meant."""
    return -len(_NAME.sub("", re.escape(phrase.en)))
