"""What can go wrong in a conversation, and what to do about it."""

from pathlib import Path


class AgentError(Exception):
    """The agent cannot do what was asked: `reason` says what was found, `remedy` the way out."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}. {remedy}")
        self.reason = reason
        self.remedy = remedy


class UnknownConversation(AgentError):
    """A conversation does not exist, or belongs to somebody else."""

    def __init__(self, conversation: str) -> None:
        super().__init__(f"There is no conversation {conversation!r} of yours", "Start a new one.")


class UnreadableConversations(AgentError):
    """The file of conversations cannot be read."""

    def __init__(self, path: Path, found: Exception) -> None:
        super().__init__(f"The conversations in {path} cannot be read ({found})", "Restore the file or move it away.")


class DeletedConversation(AgentError):
    """A conversation was deleted while it was being answered in."""

    def __init__(self) -> None:
        super().__init__("This conversation was deleted while it was being answered in", "Start a new one.")


class ModelUnusable(AgentError):
    """A served language model gave nothing that can be used."""
