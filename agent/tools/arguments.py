"""Arguments that tools on sequences have in common, for models that write them.

The schema names what there is; what else is given reaches the tool, which says what was found and what is needed.
"""

from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, WithJsonSchema

from retrieval.evidence_row import RowStatus
from retrieval.scope import Sample


def _listed(given: Any) -> Any:
    """One value where several may be given stands for itself."""
    return given if given is None or isinstance(given, list) else [given]


def _one_of(*allowed: str | int) -> dict[str, Any]:
    return {"enum": list(allowed), "type": "integer" if isinstance(allowed[0], int) else "string"}


def _optional(schema: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [schema, {"type": "null"}]})


_MARK = _one_of("4mC", "5hmC", "6mA")

Handles = Annotated[list[str], BeforeValidator(_listed)]
Names = Annotated[list[str] | None, BeforeValidator(_listed)]
Marks = Annotated[list[str] | None, BeforeValidator(_listed), _optional({"items": _MARK, "type": "array"})]
Mark = Annotated[str | None, _optional(_MARK)]
Environments = Annotated[
    list[int] | None, BeforeValidator(_listed), _optional({"items": _one_of(1, 2, 3, 4), "type": "array"})
]
PromoterName = Annotated[str | None, _optional(_one_of("core", "tata300"))]
EmbeddingModel = Annotated[
    str | None, _optional(_one_of("dnabert2", "hyenadna", "dnabert", "nucleotide-transformer", "esm2"))
]
Effect = Annotated[str | None, _optional(_one_of("methylation", "promoter"))]
StatusName = Annotated[str | None, _optional(_one_of(*get_args(RowStatus)))]
SampleName = Annotated[str | None, _optional(_one_of(*get_args(Sample)))]
