"""Chinese questions beside their English twins on the starter corpus.

The questions were written by someone who had not seen the glossary and are frozen by hash. Odd numbers are for
development, even numbers are the test.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.shared import WORK, frozen
from retrieval.home import Home
from retrieval.library import Library

QUESTIONS = Path(__file__).parent / "data" / "chinese_questions.jsonl"
SHA256 = "8271404799b5ca229e4d6e30404dee0248137c416b4bf0adaab20c21d933c4d3"
_DEPTH = 5


@dataclass(frozen=True)
class Question:
    """A question in both languages, and the titles of the papers that it was asked of."""

    id: str
    zh: str
    en: str
    targets: list[str]


def main() -> None:
    """Print Recall@5 of both languages for each half; with `--misses`, what the development half missed."""
    questions = [Question(**row) for row in frozen(QUESTIONS, SHA256)]
    library = Home(WORK / "home").starter()
    for name, parity in (("development", 1), ("test", 0)):
        half = [question for question in questions if int(question.id[1:]) % 2 == parity]
        chinese = [_found(library, question.zh, question) for question in half]
        english = [_found(library, question.en, question) for question in half]
        ratio = sum(chinese) / sum(english)
        print(
            f"{name:>12}: {len(half)} questions, Recall@5 Chinese {sum(chinese) / len(half):.3f}, "
            f"English {sum(english) / len(half):.3f}, ratio {ratio:.3f}"
        )
        if parity == 1 and "--misses" in sys.argv:
            for question, found in zip(half, chinese, strict=True):
                if not found:
                    print(f"    {question.id} {question.zh} -> {library.search(question.zh, 1).query}")


def _found(library: Library, text: str, question: Question) -> bool:
    return any(hit.title in question.targets for hit in library.search(text, _DEPTH).hits)


if __name__ == "__main__":
    main()
