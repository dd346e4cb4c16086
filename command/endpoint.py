"""What `epicite doctor` says of serving: vLLM's environment, the endpoint that runs, and what it serves."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from command.check import Check
from command.errors import SettingsError

if TYPE_CHECKING:
    from agent.serving.endpoint import Endpoint
    from agent.settings import ModelSettings

_SECONDS = 5.0


def check_serving() -> Iterator[Check]:
    """Whether vLLM is there, which endpoint is used, whether it answers, and whether its adapters are those on disk."""
    try:
        from agent.errors import AgentError
        from agent.serving.endpoint import running
        from agent.serving.launch import ENVIRONMENT, python_of
        from command.settings import read_settings

        settings = read_settings()
    except (ImportError, SettingsError):
        return  # told of by who checks the settings
    try:
        yield Check("vLLM", "ok", str(python_of(ENVIRONMENT)))
    except AgentError as error:
        yield Check("vLLM", "note", error.reason, "make vllm, with a GPU make vllm GPU=1")
    endpoint = running(settings.home)
    if settings.model.url:
        yield _answers(settings.model.url, settings.model)
    elif endpoint is None:
        yield Check("model endpoint", "note", "none: the embedded model answers")
    else:
        yield _answers(endpoint.url, settings.model)
    if endpoint is not None:
        yield from stale_adapters(endpoint)


def stale_adapters(endpoint: "Endpoint", only: Path | None = None) -> Iterator[Check]:
    """The adapters whose weights have changed, or are gone, since they were served; `only` that of one folder."""
    from agent.serving.card import weights_sha256

    for name, served in endpoint.adapters.items():
        if only is not None and only.resolve() != served.source:
            continue
        if not served.source.is_dir():
            yield Check(f"adapter {name}", "note", f"it was served from {served.source}, which is gone")
        elif weights_sha256(served.source) != served.sha256:
            reason = f"the weights in {served.source} have changed since they were served"
            yield Check(f"adapter {name}", "note", reason, f'epicite serve --swap {name}="{served.source}"')


def _answers(url: str, model: "ModelSettings") -> Check:
    from agent.serving.asking import ask

    name = "model endpoint"
    if not url.startswith("http://"):
        return Check(name, "ok", f"{url}, not asked")
    try:
        status, _ = ask(f"{url}/models", key=model.key.get_secret_value(), seconds=_SECONDS)
    except OSError as error:
        return Check(name, "note", f"{url} does not answer ({error}): the embedded model does", "start it")
    if status != 200:
        return Check(name, "note", f"{url} answers {status}: the embedded model will", "set model.url and model.key")
    return Check(name, "ok", url)
