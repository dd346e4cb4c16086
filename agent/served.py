"""A language model behind an OpenAI-compatible endpoint, such as vLLM's."""

from langchain_core.language_models import BaseChatModel
from langchain_openai import ChatOpenAI

from agent.settings import ModelSettings


def served_model(settings: ModelSettings) -> BaseChatModel:
    """The model of an endpoint; it is not asked before the first question."""
    return ChatOpenAI(
        base_url=settings.url,
        api_key=settings.key,
        model=settings.name,
        timeout=settings.patience,
        max_retries=1,
        stream_usage=True,
        temperature=0,
    )
