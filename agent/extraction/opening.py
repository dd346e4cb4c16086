"""Whether a language model reads papers: where the settings name one for it and an endpoint has it."""

import logging
from pathlib import Path
from urllib.parse import urlsplit

from agent.errors import ModelUnusable
from agent.extraction.extractor import ModelExtractor
from agent.serving.endpoint import running
from agent.serving.roles import of_role
from agent.settings import ModelSettings
from retrieval.evidence_reading import PaperTagger

log = logging.getLogger(__name__)

_SECONDS = 5.0
_HERE = ("127.0.0.1", "::1", "localhost")


def reading(settings: ModelSettings, home: Path, tagger: PaperTagger | None) -> PaperTagger | None:
    """What reads papers: the model that the settings name for it, while its endpoint has it, else the tagger."""
    if not settings.extractor:
        return tagger
    try:
        return open_extractor(settings, home, tagger)
    except ModelUnusable as error:
        log.warning("%s. The bundled tagger reads papers. %s", error.reason, error.remedy)
        return tagger


def open_extractor(settings: ModelSettings, home: Path, tagger: PaperTagger | None) -> ModelExtractor:
    """The language model that reads papers. Raises ModelUnusable where no endpoint has it."""
    wanted = of_role("extractor", settings, home)
    if not wanted.url:
        raise ModelUnusable(
            f"No endpoint is there for the extractor {settings.extractor}",
            "Start one, `epicite serve --model NAME --adapter NAME=PATH`, or set model.url.",
        )
    if settings.extractor not in ("", wanted.name):
        log.warning("The endpoint serves no %s; %s extracts.", settings.extractor, wanted.name)
    models = _models(wanted)
    if wanted.name not in models:
        raise ModelUnusable(
            f"{wanted.url} has no model {wanted.name!r}, only {', '.join(models) or 'none'}",
            "Name one of them with model.extractor.",
        )
    endpoint = running(home)
    served = endpoint.adapters.get(wanted.name) if endpoint and endpoint.url == wanted.url else None
    return ModelExtractor(wanted, served.sha256 if served else models[wanted.name], tagger)


def _models(settings: ModelSettings) -> dict[str, str]:
    """The models of an endpoint by name, with where they lie, if it says so."""
    import httpx

    url = f"{str(settings.url).rstrip('/')}/models"
    key = {"Authorization": f"Bearer {settings.key.get_secret_value()}"}
    try:
        # What runs on this machine is not asked through a proxy.
        answer = httpx.get(url, headers=key, timeout=_SECONDS, trust_env=urlsplit(url).hostname not in _HERE)
        answer.raise_for_status()
        return {str(model["id"]): str(model.get("root") or "") for model in answer.json()["data"]}
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelUnusable(f"{url} does not tell its models ({error})", "See what runs there.") from error
