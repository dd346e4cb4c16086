"""What one visit shows of its conversation."""

import re
from collections.abc import Iterable
from typing import Protocol

from agent.citations.claim import Citation, Nearest
from agent.conversations import Conversations, Exchange
from page.markup import Message
from page.told import Told
from page.words import Language, Phrase

_LINK = re.compile(r"(?P<kind>cite|paper)-(?P<entry>[0-9]{1,6})-(?P<number>[0-9]{1,6})")


class Entry(Protocol):
    """Something that was said, or done with files."""

    @property
    def finished(self) -> bool:
        """Whether nothing more will be told."""
        ...

    def messages(self, key: str, language: Language) -> list[Message]:
        """What the page shows; `key` tells its links from those of other entries."""
        ...

    def citation(self, number: int) -> Citation | None:
        """The citation under a number."""
        ...

    def nearest(self, number: int) -> Nearest | None:
        """The paper under a number, counted from 1, of those that were nearest where nothing was cited."""
        ...

    def stop(self) -> None:
        """The reader wants no more."""
        ...

    def fail(self, reason: Phrase | str = ...) -> None:
        """It could not be brought to its end."""
        ...


class Talk:
    """A conversation on the page: its entries, and the citation or paper that stands open."""

    def __init__(self, conversation: str, exchanges: Iterable[Exchange] = ()) -> None:
        self.conversation = conversation
        self.entries: list[Entry] = [Told.before(exchange) for exchange in exchanges]
        self.language: Language = "en"
        self.opened: tuple[int, Citation | Nearest] | None = None

    @classmethod
    def new(cls) -> "Talk":
        """A conversation that has not begun."""
        return cls(Conversations.new_id())

    def messages(self) -> list[Message]:
        """All of it, as Gradio's chat takes it."""
        return [
            message
            for number, entry in enumerate(self.entries)
            for message in entry.messages(str(number), self.language)
        ]

    def open(self, key: str) -> None:
        """Open what a link leads to, `cite-ENTRY-NUMBER` or `paper-ENTRY-NUMBER`; any other key closes what is open."""
        found = _LINK.fullmatch(key)
        self.opened = None
        if found and int(found["entry"]) < len(self.entries):
            entry, number = self.entries[int(found["entry"])], int(found["number"])
            opened = entry.citation(number) if found["kind"] == "cite" else entry.nearest(number)
            self.opened = (number, opened) if opened else None

    def stop(self) -> None:
        """End what is under way."""
        for entry in self.entries:
            if not entry.finished:
                entry.stop()

    def settle(self) -> None:
        """Where something broke off without a word, say so."""
        for entry in self.entries:
            if not entry.finished:
                entry.fail()
