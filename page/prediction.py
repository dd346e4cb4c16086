"""A prediction as HTML in a chat message: its picture, the first rows of its table, its models, its files."""

from collections.abc import Mapping, Sequence
from typing import Any

from page import words
from page.markup import div, literal
from page.results import address
from page.words import Language, Phrase

_COLUMNS: dict[str, Phrase] = {
    "sequence": words.COLUMN_SEQUENCE,
    "position": words.COLUMN_POSITION,
    "strand": words.COLUMN_STRAND,
    "model": words.COLUMN_MODEL,
    "probability": words.COLUMN_PROBABILITY,
    "strand_disagreement": words.COLUMN_DISAGREEMENT,
    "start": words.COLUMN_START,
    "end": words.COLUMN_END,
    "line": words.COLUMN_LINE,
    "environment": words.COLUMN_ENVIRONMENT,
    "yield": words.COLUMN_YIELD,
    "low": words.COLUMN_LOW,
    "high": words.COLUMN_HIGH,
    "reliability": words.COLUMN_RELIABILITY,
    "contig": words.COLUMN_CONTIG,
    "ref": words.COLUMN_REF,
    "alt": words.COLUMN_ALT,
    "site": words.COLUMN_SITE,
    "before": words.COLUMN_BEFORE,
    "after": words.COLUMN_AFTER,
    "change": words.COLUMN_CHANGE,
    "other": words.COLUMN_OTHER,
    "cosine": words.COLUMN_COSINE,
}
_HASH_SHOWN = 12


def panel(result: Mapping[str, Any], conversation: str, language: Language) -> str:
    """What a tool predicted, below the sentences that say it; of other results, the files that they left."""
    if "predicted" not in result:
        files = _files(result.get("files", ()), conversation, language)
        return div("prediction", files) if files else ""
    parts = (_plot(result, conversation, language), _table(result, language), _models(result["models"], language))
    return div("prediction", f"{''.join(parts)}{_files(result['files'], conversation, language)}")


def _plot(result: Mapping[str, Any], conversation: str, language: Language) -> str:
    if not result["plot"]:
        return ""
    said = result["says"][0][language] if result["says"] else ""
    return f'<img class="plot" src="{address(conversation, result["plot"])}" alt="{literal(said)}">'


def _table(result: Mapping[str, Any], language: Language) -> str:
    rows = result["rows"]
    if not rows:
        return ""
    heads = (_COLUMNS[name].say(language) if name in _COLUMNS else name for name in result["columns"])
    head = "".join(f"<th>{literal(name)}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in rows)
    shown = words.ROWS_SHOWN.say(language, shown=f"{len(rows):,}", total=f"{result['total']:,}")
    caption = f"<caption>{literal(shown)}</caption>"
    return f'<div class="rows"><table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(value: Any) -> str:
    if isinstance(value, int | float):
        return f'<td class="number">{literal(f"{value:,}" if isinstance(value, int) else f"{value:g}")}</td>'
    return f"<td>{literal('' if value is None else str(value))}</td>"


def _models(models: Sequence[Mapping[str, Any]], language: Language) -> str:
    return "".join(f'<p class="model">{literal(" · ".join(_of_model(model, language)))}</p>' for model in models)


def _of_model(model: Mapping[str, Any], language: Language) -> list[str]:
    told = [words.MODEL.say(language, name=model["name"])]
    for score in model["scores"][:1]:
        within = f" ({score['low']:.3f}–{score['high']:.3f})" if score["low"] is not None else ""
        values = {"name": score["name"], "value": f"{score['value']:.3f}{within}", "rows": f"{score['rows']:,}"}
        told.append(words.HELD_OUT.say(language, **values))
    told.append(words.WEIGHTS.say(language, hash=model["sha256"][:_HASH_SHOWN]))
    return told


def _files(files: Sequence[Mapping[str, Any]], conversation: str, language: Language) -> str:
    if not files:
        return ""
    links = "".join(f"<li>{_link(file, conversation)}</li>" for file in files)
    return f'<p class="download">{literal(words.DOWNLOAD.say(language))}</p><ul class="files">{links}</ul>'


def _link(file: Mapping[str, Any], conversation: str) -> str:
    return f'<a class="file" href="{address(conversation, file["handle"])}" download>{literal(file["name"])}</a>'
