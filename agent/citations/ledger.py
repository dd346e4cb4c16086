"""The numbers under which a language model is shown sentences and papers."""

import threading
from collections.abc import Iterable
from typing import Any

from agent.citations.claim import Citation


class Ledger:
    """Sentences by number and papers by handle, the same for a whole conversation.

    A sentence that is shown again keeps its number. `Ledger.read` rebuilds one from what earlier tools said.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, int, int], int] = {}
        self._citations: dict[int, Citation] = {}
        self._handles: dict[str, str] = {}
        # Tools of one step run side by side.
        self._lock = threading.Lock()

    @classmethod
    def read(cls, results: Iterable[dict[str, Any]]) -> "Ledger":
        """The ledger of a conversation from the results of its tools."""
        ledger = cls()
        for paper in (paper for result in results for paper in result.get("papers", ())):
            ledger._handles.setdefault(paper["sha256"], paper["paper"])
            for sentence in paper["sentences"]:
                ledger._enter(_citation(paper, sentence))
        return ledger

    def number(self, citation: Citation) -> int:
        """The number of a sentence, given out where it has none; the citation's own `n` is not looked at."""
        with self._lock:
            key = (citation.sha256, citation.start, citation.end)
            if key not in self._numbers:
                # Not how many there are: what a question that was taken back was shown is forgotten.
                self._enter(citation.model_copy(update={"n": max(self._citations, default=0) + 1}))
            return self._numbers[key]

    def known(self, sha256: str, start: int, end: int) -> int | None:
        """The number of a place in a paper, None where it was never shown."""
        return self._numbers.get((sha256, start, end))

    def handle(self, sha256: str) -> str:
        """The handle of a paper by the hash of its text."""
        with self._lock:
            if sha256 not in self._handles:
                last = max((int(handle[1:]) for handle in self._handles.values()), default=0)
                self._handles[sha256] = f"P{last + 1}"
            return self._handles[sha256]

    def citation(self, number: int) -> Citation | None:
        """What a number stands for."""
        return self._citations.get(number)

    def paper(self, handle: str) -> str | None:
        """The hash of the text of the paper of a handle."""
        with self._lock:
            return next((sha256 for sha256, known in self._handles.items() if known == handle.upper()), None)

    def _enter(self, citation: Citation) -> None:
        self._numbers[citation.sha256, citation.start, citation.end] = citation.n
        self._citations[citation.n] = citation


def _citation(paper: dict[str, Any], sentence: dict[str, Any]) -> Citation:
    told = {name: paper[name] for name in Citation.model_fields if name in paper}
    place = {name: sentence[name] for name in ("n", "start", "end", "section", "page")}
    return Citation(**told, **place, quote=sentence["text"])
