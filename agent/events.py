"""What a turn of a conversation tells while it runs, in order; `Done` is always the last."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from agent.attachments.attachment import Attached
from agent.citations.claim import Citation, Claim, Nearest


class Event(BaseModel):
    """One thing that happened."""

    model_config = ConfigDict(frozen=True)


class Thought(Event):
    """What is about to be done, in words."""

    text: str


class Lifted(Event):
    """What was pasted and uploaded has been lifted out of the question, which has handles in its place."""

    question: str
    attachments: tuple[Attached, ...]


class Speaking(Event):
    """A language model begins to answer; what another has stated before it in this turn no longer counts."""

    model: str


class ToolCall(Event):
    """A tool begins."""

    id: str
    name: str
    arguments: dict[str, Any]


class ToolResult(Event):
    """A tool has ended; `error` says why it gave nothing."""

    id: str
    name: str
    seconds: float
    result: dict[str, Any]
    error: str | None = None


class Draft(Event):
    """How many characters of a sentence that is not proved yet have come; never the text itself."""

    characters: int


class Stated(Event):
    """A sentence of the answer, proved."""

    claim: Claim


class Notice(Event):
    """Something that the reader should know of how the answer came about."""

    text: str


class Answer(BaseModel):
    """A whole answer, as `epicite ask --json` prints it."""

    model_config = ConfigDict(frozen=True)

    answer: str
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    nearest: tuple[Nearest, ...] = ()
    evidence: tuple[dict[str, Any], ...] = ()
    tools: tuple[dict[str, Any], ...]
    attachments: tuple[Attached, ...] = ()
    notices: tuple[str, ...]
    abstained: bool
    conversation: str
    model: str

    @model_validator(mode="before")
    @classmethod
    def _with_citations(cls, told: Any) -> Any:
        """What JSON says, with the citations in the place of their numbers."""
        if not isinstance(told, dict):
            return told
        numbered = {citation["n"]: citation for citation in told["citations"] if isinstance(citation, dict)}
        claims = [
            {**claim, "citations": [numbered.get(cited, cited) for cited in claim["citations"]]}
            if isinstance(claim, dict)
            else claim
            for claim in told["claims"]
        ]
        return {**told, "claims": claims}


class Done(Event):
    """The turn is over."""

    answer: Answer
