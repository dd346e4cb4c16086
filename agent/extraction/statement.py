"""What a language model is asked of a text, and the form of its answer: the same when it is taught."""

import json
from collections.abc import Iterable
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from agent.errors import ModelUnusable
from seqmodels.tagger.status import Status

STATUSES: tuple[Status, ...] = get_args(Status)
INSTRUCTION = (
    "Extract what the text says of the DNA methylation of genes. Answer with a JSON list, an object for each "
    f"statement: gene, status ({', '.join(STATUSES)}), site or null, "
    "negated, speculated, and trigger, the word that tells it. Write every word as it stands in the text; an empty "
    "list where it says nothing."
)


class Statement(BaseModel):
    """That a gene is methylated, or not; `gene`, `site` and `trigger` are words of the text."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    gene: str
    status: Status
    site: str | None
    negated: bool
    speculated: bool
    trigger: str


SCHEMA: dict[str, Any] = {"type": "array", "items": Statement.model_json_schema()}
_ANSWER = TypeAdapter(list[Statement])


def question(text: str) -> tuple[dict[str, str], ...]:
    """The messages that ask for the statements of a text."""
    return {"role": "system", "content": INSTRUCTION}, {"role": "user", "content": text}


def written(statements: Iterable[Statement]) -> str:
    """Statements as a model answers them."""
    return json.dumps([statement.model_dump() for statement in statements], ensure_ascii=False)


def read(answer: str) -> list[Statement]:
    """The statements of an answer. Raises ModelUnusable where it has any other form; nothing is mended."""
    try:
        return _ANSWER.validate_json(answer)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        told = f"{place}: {first['msg']}" if place else first["msg"]
        raise ModelUnusable(
            f"its answer is no list of statements ({told})", "Serve it where structured outputs are kept, as vLLM does."
        ) from error
