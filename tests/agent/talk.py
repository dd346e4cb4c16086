"""A person's side of a conversation."""

from collections.abc import Sequence
from pathlib import Path

from agent.conversation import Agent
from agent.events import Answer, Done, Event
from retrieval.library import Library


class Talk:
    """Asks in one conversation, and keeps what came back to the last question."""

    def __init__(
        self, agent: Agent, libraries: Sequence[Library], conversation: str | None = None, owner: str = "local"
    ) -> None:
        self.agent = agent
        self.libraries = list(libraries)
        self.conversation = conversation or agent.conversations.new_id()
        self.owner = owner
        self.events: list[Event] = []

    async def ask(self, question: str, *uploads: Path) -> Answer:
        """The answer to a question, whose events are kept."""
        events = self.agent.ask(question, self.libraries, self.conversation, self.owner, uploads)
        self.events = [event async for event in events]
        last = self.events[-1]
        assert isinstance(last, Done)
        return last.answer

    def anew(self) -> "Talk":
        """Another conversation of the same person."""
        return Talk(self.agent, self.libraries, owner=self.owner)

    async def questions(self) -> list[str]:
        """The questions of the conversation as it is listed."""
        return [
            exchange.question for exchange in await self.agent.conversations.exchanges(self.conversation, self.owner)
        ]
