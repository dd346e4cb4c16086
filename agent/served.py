"""A language model behind an OpenAI-compatible endpoint, such as vLLM's."""

from langchain_core.language_models import BaseChatModel
from pydantic import BaseModel, ConfigDict, Field, SecretStr


class ModelSettings(BaseModel):
    """Which language model answers: the embedded one, or that of an endpoint where `url` is given.

    `patience` is how many seconds the endpoint may keep silent; `context` its window in tokens.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str | None = None
    name: str = ""
    key: SecretStr = SecretStr("none")
    patience: float = Field(default=60.0, gt=0)
    context: int = Field(default=8192, ge=1024)


def served_model(settings: ModelSettings) -> BaseChatModel:
    """The model of an endpoint; it is not asked before the first question."""
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(
        base_url=settings.url,
        api_key=settings.key,
        model=settings.name,
        timeout=settings.patience,
        max_retries=1,
        stream_usage=True,
        temperature=0,
    )
