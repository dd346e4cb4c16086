"""Exchanges the adapters of a running vLLM, without a pause."""

from pathlib import Path

from agent.errors import AgentError
from agent.serving.adapter import Adapter
from agent.serving.asking import ask
from agent.serving.endpoint import Endpoint, running, tell
from agent.serving.launch import versioned


def running_or_refused(home: Path) -> Endpoint:
    """The endpoint that runs for a home. Raises AgentError where none does."""
    endpoint = running(home)
    if endpoint is None:
        raise AgentError(f"Nothing is served for {home}", "Start it: `epicite serve --model NAME`.")
    return endpoint


def load(home: Path, name: str, adapter: Adapter, key: str | None = None) -> Endpoint:
    """Serve an adapter under a name, instead of the one that has it; gives the endpoint as it is now.

    Requests that have begun are answered by the old one. Raises AgentError where nothing runs or vLLM refuses it.
    """
    endpoint = running_or_refused(home)
    if adapter.rank > endpoint.rank:
        reason = f"The server takes ranks up to {endpoint.rank}; that of {name} is {adapter.rank}"
        raise AgentError(reason, "Stop it and start it again with this adapter.")
    served = versioned(name, adapter, home)
    body = {"lora_name": name, "lora_path": str(served.path), "load_inplace": name in endpoint.adapters}
    _post(f"{endpoint.url}/load_lora_adapter", body, key)
    return _told(home, endpoint, {**endpoint.adapters, name: served})


def unload(home: Path, name: str, key: str | None = None) -> Endpoint:
    """Serve an adapter no longer; gives the endpoint as it is now. Raises AgentError where it is not served."""
    endpoint = running_or_refused(home)
    if name not in endpoint.adapters:
        has = ", ".join(endpoint.adapters) or "none"
        raise AgentError(f"No adapter {name!r} is served", f"Those that are: {has}.")
    _post(f"{endpoint.url}/unload_lora_adapter", {"lora_name": name}, key)
    return _told(home, endpoint, {held: served for held, served in endpoint.adapters.items() if held != name})


def _told(home: Path, endpoint: Endpoint, adapters: dict[str, object]) -> Endpoint:
    now = endpoint.model_copy(update={"adapters": adapters})
    tell(home, now)
    return now


def _post(url: str, body: dict[str, object], key: str | None) -> None:
    try:
        status, said = ask(url, body, key)
    except OSError as error:
        raise AgentError(
            f"vLLM does not answer at {url} ({error})", "Stop `epicite serve` and start it again."
        ) from error
    if status != 200:
        raise AgentError(f"vLLM refuses: {said[:300]}", "Ask `epicite doctor --adapter PATH --base NAME`.")
