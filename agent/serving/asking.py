"""Short questions to a server on this machine, past any proxy."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from agent.errors import AgentError


def ask(url: str, body: dict[str, Any] | None = None, key: str | None = None, seconds: float = 60.0) -> tuple[int, str]:
    """The status and text that a URL answers with, to a POST where there is a body. Raises OSError where none does."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "127.0.0.1", place.port, timeout=seconds)
    try:
        sent = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"} if sent else {}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        connection.request("POST" if sent else "GET", place.path, sent, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except http.client.HTTPException as error:
        raise ConnectionError(f"{url} does not answer in HTTP") from error
    finally:
        connection.close()


def ask_json(url: str, key: str | None = None) -> dict[str, Any]:
    """The JSON object that a URL answers with. Raises AgentError where it answers something else."""
    status, text = ask(url, key=key)
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if status != 200 or not isinstance(found, dict):
        raise AgentError(f"{url} answers {status}: {text[:200]!r}", "See what runs there.")
    return found
