"""Which model of an endpoint has which role."""

from pathlib import Path
from typing import Literal

from agent.serving.endpoint import running
from agent.settings import ModelSettings

Role = Literal["agent", "extractor"]


def of_role(role: Role, settings: ModelSettings, home: Path) -> ModelSettings:
    """The settings of the model that has a role; without a URL where only the embedded one is there.

    Where the settings name no endpoint, it is the one that runs for the home: its adapter that the settings name for
    the role, else the one that is named for it, else the base model.
    """
    wanted = settings.extractor or settings.name if role == "extractor" else settings.name
    if settings.url:
        return settings.model_copy(update={"name": wanted})
    endpoint = running(home)
    if endpoint is None:
        return settings
    context = settings.context if "context" in settings.model_fields_set else endpoint.context
    return settings.model_copy(update={"url": endpoint.url, "name": endpoint.named(wanted, role), "context": context})
