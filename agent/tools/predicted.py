"""What a tool that predicts tells: JSON that is small, beside files that hold everything."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.tools import ToolException
from pydantic import BaseModel, ConfigDict

from agent.wording import Language, Phrase

if TYPE_CHECKING:
    from agent.attachments.attachment import Attachment
    from seqmodels.predictors.card import Card

Predicted = Literal["methylation", "promoters", "phenotypes", "variant effects", "vectors", "methylation records"]
SHOWN_ROWS = 8
MOST_BASES = 2_000_000
_SHOWN_SCORES = 4
_DECIMALS = 3
STRANDS = {"+": Phrase("forward", "正"), "-": Phrase("reverse", "负")}
_HELD_OUT = Phrase(
    "{model}: on {rows} held-out rows its {name} was {value}.",
    "{model}：在 {rows} 条留出数据上，{name} 为 {value}。",
)


class Told(BaseModel):
    """A sentence of a tool's, or a part of one, in both languages."""

    model_config = ConfigDict(frozen=True)

    en: str
    zh: str

    def say(self, language: Language) -> str:
        """It in one language."""
        return self.zh if language == "zh" else self.en


class Score(BaseModel):
    """How well a model did on what it had not seen, with its 95 % interval."""

    model_config = ConfigDict(frozen=True)

    name: str
    value: float
    low: float | None
    high: float | None
    rows: int


class Model(BaseModel):
    """A model that predicted, and what its card says: `sha256` is the hash of its weights."""

    model_config = ConfigDict(frozen=True)

    name: str
    predicts: str
    scores: tuple[Score, ...]
    sha256: str
    data: str
    licence: str
    limits: str


class File(BaseModel):
    """A file that holds the whole of it, under a handle of the conversation."""

    model_config = ConfigDict(frozen=True)

    handle: str
    name: str
    size: int


class Prediction(BaseModel):
    """What was predicted of some attachments.

    `says` are sentences that may be repeated as they are; `rows` are the first rows of the table, by `columns`, of
    `total`; `plot` is the handle of a picture; `notices` are for the reader, warnings among them.
    """

    model_config = ConfigDict(frozen=True)

    predicted: Predicted
    of: tuple[str, ...]
    says: tuple[Told, ...]
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    total: int = 0
    models: tuple[Model, ...] = ()
    files: tuple[File, ...] = ()
    plot: str | None = None
    notices: tuple[str, ...] = ()


def told(phrase: Phrase, **values: object) -> Told:
    """A phrase in both languages; what fills it in is filled in in both."""

    def say(language: Language) -> str:
        spoken = {
            name: value.say(language) if isinstance(value, Phrase | Told) else value for name, value in values.items()
        }
        return phrase.say(language, **spoken)

    return Told(en=say("en"), zh=say("zh"))


def file_of(kept: "Attachment") -> File:
    """How a kept file is told."""
    return File(handle=kept.handle, name=kept.name or kept.handle, size=kept.size)


def model_of(card: "Card", name: str, others: Iterable[str] = ()) -> Model:
    """What a card says of one of its models; scores that name another of `others` are left out."""
    elsewhere = [other for other in others if other != name]
    own = [score for score in card.scores if not any(other in score.name for other in elsewhere)]
    named = [score for score in own if name in score.name] or own
    return Model(
        name=name,
        predicts=card.predicts,
        scores=tuple(_score(score.model_dump(), name) for score in named[:_SHOWN_SCORES]),
        sha256=card.sha256,
        data=card.data,
        licence=card.licence,
        limits=card.limits,
    )


def _score(told: dict[str, Any], model: str) -> Score:
    """A score of a card, without the name of the model that it is of."""
    return Score(**{**told, "name": told["name"].replace(model, "").strip(" ,:") or told["name"]})


def held_out(model: Model) -> list[Told]:
    """The first score of a model's card as a sentence, if it has any."""
    if not model.scores:
        return []
    score = model.scores[0]
    within = f" ({rounded(score.low):g}–{rounded(score.high):g})" if score.low is not None and score.high else ""
    value = f"{rounded(score.value):g}{within}"
    return [told(_HELD_OUT, model=model.name, name=score.name, value=value, rows=f"{score.rows:,}")]


def checked_share(name: str, given: float | None) -> float | None:
    """A share that was given, if any. Raises ToolException where it does not lie between 0 and 1."""
    if given is not None and not 0 < given < 1:
        raise ToolException(f"The {name} {given:g} does not lie between 0 and 1. Give 5 % as 0.05.")
    return given


def checked_size(bases: int, command: str, most: int = MOST_BASES) -> None:
    """Raise ToolException for more bases than a person waits for, which the command line is the better place for."""
    if bases > most:
        raise ToolException(
            f"{bases:,} bases are too many to wait for here, where {most:,} are the most. Scan the file with "
            f"`{command}`, or attach a part."
        )


def rounded(value: float) -> float:
    """A number as it is told."""
    return round(float(value), _DECIMALS)


def listed(names: Sequence[str], language: Language = "en") -> str:
    """Names in a row."""
    return ("、" if language == "zh" else ", ").join(names)
