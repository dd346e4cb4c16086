"""The tool that predicts phenotypes of breeding lines."""

import re
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Annotated, Any

from langchain.tools import ToolRuntime, tool
from langchain_core.tools import ToolException
from pydantic import Field

from agent.attachments.attachment import Attachment
from agent.attachments.pasted import Kind
from agent.tools import asked
from agent.tools.arguments import Environments
from agent.tools.declaration import Declaration, Request, declare
from agent.tools.plot import Interval, intervals
from agent.tools.predicted import SHOWN_ROWS, Prediction, Told, file_of, model_of, rounded, told
from agent.tools.sequences import reading
from agent.turn import Turn
from agent.wording import Phrase

if TYPE_CHECKING:
    from seqmodels.data.markers import Markers
    from seqmodels.predictors.phenotype import Kinship, PhenotypePredictor, Predicted

_GENOTYPES: frozenset[Kind] = frozenset({"table", "vcf"})
_HOLD: frozenset[Kind] = _GENOTYPES | {"file"}
_COLUMNS = ("line", "environment", "yield", "low", "high", "reliability")
_MOST_LISTED = 3

UNITS = "Yields are in standard deviations from the mean of the training lines of the environment, with 95 % intervals."
FLAGGED = "{count} of {total} lines are flagged: {why}."
_BEST = Phrase(
    "{trait}: of {count} lines of {of}, {line} is predicted to yield most, {value} (95 % interval {low} to {high}, "
    "reliability {reliability}).",
    "{trait}：{of} 的 {count} 个品系中 {line} 预测产量最高，为 {value}（{low} 至 {high}，可靠性 {reliability}）。",
)
_SCORE = Phrase(
    "{trait}: the correlation with the yield of held-out lines was {value}.",
    "{trait}：与留出品系产量的相关系数为 {value}。",
)
_KIN = Phrase(
    "{line} is nearest to {nearest} of {table}, with a genomic relationship of {relationship}.",
    "{line} 与 {table} 中的 {nearest} 亲缘最近，基因组亲缘系数为 {relationship}。",
)


@tool("predict_phenotype")
def _predict_phenotype(
    markers: Annotated[
        str,
        Field(
            description="Handle of an attached table of genotypes, one line a row and one marker a column (0 and 1), "
            "or of a VCF with genotypes."
        ),
    ],
    runtime: ToolRuntime[Turn],
    environments: Annotated[
        Environments, Field(description="Numbers of the environments to predict for; left out, all four.")
    ] = None,
    training: Annotated[
        str | None,
        Field(
            description="Handle of a second marker table, of the user's own reference or training lines, to which the "
            "kinship of the new lines is shown."
        ),
    ] = None,
) -> str:
    """Predict the grain yield of wheat lines in four environments from their markers (genomic prediction).

    For requests to predict the yield or phenotype, the breeding values or the ranking of lines from a table of markers
    or SNPs. Gives each line's predicted yield with an interval and a reliability, the best lines, the model's held-out
    score and warnings; a table and a plot are kept for the user. What it gives is a prediction and no literature. Leave
    out what the user does not say.
    """
    from seqmodels.predictors.phenotype import kinship
    from seqmodels.predictors.phenotype_table import write_phenotypes

    turn = runtime.context
    attachment = turn.attachments.read(markers)
    new = _markers(attachment)
    other = turn.attachments.read(training) if training else None
    predictor = turn.predictors.phenotype()
    chosen = _chosen(predictor, environments)
    with reading(attachment):
        predicted = predictor.predict(new)
    related = kinship(new, _markers(other)) if other else None
    table = StringIO()
    write_phenotypes(table, predicted, related)
    best = {trait: _ranked(predicted, trait) for trait in chosen}
    kin = _kin(predicted, best, related, other) if related and other else ()
    stem = f"yield_{attachment.handle}"
    return Prediction(
        predicted="phenotypes",
        of=(attachment.handle,),
        says=(*_says(predictor, predicted, best, attachment.handle), *kin),
        columns=_COLUMNS,
        rows=tuple(row for trait in chosen for row in _rows(predicted, trait, best[trait]))[:SHOWN_ROWS],
        total=len(predicted.lines) * len(chosen),
        models=(model_of(predictor.card, predictor.card.name),),
        files=(file_of(turn.keep(f"{stem}.csv", "table", table.getvalue())),),
        plot=turn.keep(f"{stem}.svg", "file", _plot(predicted, chosen[0], best[chosen[0]])).handle,
        notices=(UNITS, *(f"{note}." for note in predicted.notes), *_flagged(predicted)),
    ).model_dump_json()


def _markers(attachment: Attachment) -> "Markers":
    """Genotypes of an attachment. Raises ToolException where it holds none."""
    from seqmodels.train.inputs import read_lines

    if attachment.kind not in _HOLD:
        raise ToolException(
            f"{attachment.handle} is no table of markers. Give one line a row and one marker a column, or a VCF with "
            "genotypes."
        )
    with reading(attachment) as path:
        return read_lines(path, {}, vcf=attachment.kind == "vcf")


def _chosen(predictor: "PhenotypePredictor", environments: Sequence[int] | None) -> list[int]:
    """Which traits are asked for, by their place. Raises ToolException where there is none of a number."""
    count = len(predictor.traits)
    for number in environments or ():
        if not 1 <= number <= count:
            raise ToolException(f"There is no environment {number}. There are environments 1 to {count}.")
    return [number - 1 for number in dict.fromkeys(environments or range(1, count + 1))]


def _ranked(predicted: "Predicted", trait: int) -> list[int]:
    return sorted(range(len(predicted.lines)), key=lambda line: -predicted.values[line, trait])


def _rows(predicted: "Predicted", trait: int, ranked: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    parts = (predicted.values, predicted.low, predicted.high, predicted.reliability)
    for line in ranked:
        yield predicted.lines[line], predicted.traits[trait], *(rounded(part[line, trait]) for part in parts)


def _says(
    predictor: "PhenotypePredictor", predicted: "Predicted", best: dict[int, list[int]], handle: str
) -> Iterator[Told]:
    for trait, ranked in best.items():
        line, name, value, low, high, reliability = next(_rows(predicted, trait, ranked[:1]))
        yield told(
            _BEST,
            trait=name,
            count=f"{len(predicted.lines):,}",
            of=handle,
            line=line,
            value=f"{value:g}",
            low=f"{low:g}",
            high=f"{high:g}",
            reliability=f"{reliability:g}",
        )
        if score := predictor.card.score(f"{name} correlation"):
            yield told(_SCORE, trait=name, value=f"{rounded(score.value):g}")


def _kin(predicted: "Predicted", best: dict[int, list[int]], related: "Kinship", table: Attachment) -> Iterator[Told]:
    """The nearest relatives of the best lines."""
    for line in dict.fromkeys(ranked[0] for ranked in best.values()):
        relationship = f"{rounded(related.relationship[line]):g}"
        names = {"line": predicted.lines[line], "nearest": related.nearest[line], "table": table.handle}
        yield told(_KIN, **names, relationship=relationship)


def _flagged(predicted: "Predicted") -> Iterator[str]:
    flagged = [(line, flag) for line, flag in zip(predicted.lines, predicted.flags, strict=True) if flag]
    if flagged:
        shown = ", ".join(f"{line} ({flag})" for line, flag in flagged[:_MOST_LISTED])
        more = ", ..." if len(flagged) > _MOST_LISTED else ""
        yield FLAGGED.format(count=f"{len(flagged):,}", total=f"{len(predicted.lines):,}", why=f"{shown}{more}")


def _plot(predicted: "Predicted", trait: int, ranked: Sequence[int]) -> str:
    found = [
        Interval(
            predicted.lines[line],
            *(float(part[line, trait]) for part in (predicted.values, predicted.low, predicted.high)),
        )
        for line in ranked
    ]
    return intervals(predicted.traits[trait], found)


_OWN = re.compile(r"(?i)\b(?:train(?:ing)?|reference|own|known|panel|old)\b|训练|参考|已知|自己的")
_KINSHIP = re.compile(r"(?i)\b(?:kinship|related|relationship|relatives)\b|亲缘")
_ENVIRONMENT = re.compile(
    r"(?i)\b(?:environments?|envs?|sites?|locations?)\s*#?((?:[1-4](?:\s*(?:,|and|&|or|to)\s*)?)+)(?![\d.])"
)
_CHINESE_ENVIRONMENT = re.compile(
    r"环境\s*((?:[1-4一二三四](?:\s*[、,，和与及]\s*)?)+)|第\s*([1-4一二三四])\s*个?\s*环境"
)
_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4}
_WORDS = re.compile(r"(?i)\b(first|second|third|fourth)\s+(?:environment|env)\b")
_ORDER = {"first": 1, "second": 2, "third": 3, "fourth": 4}


def _tables(request: Request) -> list[str]:
    tables = [handle for handle in request.handles if request.kinds.get(handle) in _GENOTYPES]
    strangers = [handle for handle in request.handles if handle not in request.kinds]
    return [*tables, *strangers] or [handle for handle in request.handles if request.kinds.get(handle) in _HOLD]


def _training(request: Request) -> str | None:
    """The table that words call one's own: the nearest after such a word, else the second."""
    tables = _tables(request)
    said = [match.span() for match in _OWN.finditer(request.text)]
    if len(tables) < 2 or not (said or _KINSHIP.search(request.text)):
        return None
    named = {handle: list(_spans(request, handle)) for handle in tables}
    if not said or any(len(spans) == (handle in request.given) for handle, spans in named.items()):
        return tables[1]

    def apart(handle: str) -> int:
        return min(max(start - end, begin - stop) for begin, end in said for start, stop in named[handle])

    return min(tables, key=apart)


def _spans(request: Request, handle: str) -> Iterator[tuple[int, int]]:
    """Where a request names an attachment, by its handle or the name of its file."""
    yield from (found.span() for found in re.finditer(rf"(?<![a-z0-9]){handle}(?![0-9])", request.text))
    if name := request.files.get(handle):
        yield from (found.span() for found in re.finditer(re.escape(name), request.text, re.IGNORECASE))


def _lines(request: Request) -> str | None:
    tables = _tables(request)
    rest = [handle for handle in tables if handle != _training(request)]
    picked = asked.handles(request, _HOLD) or []
    return next((handle for handle in picked if handle in rest), None) or next(iter(rest), None)


def _environments(request: Request) -> list[int] | None:
    text = request.text
    found = [digit for match in _ENVIRONMENT.finditer(text) for digit in re.findall(r"[1-4]", match[1])]
    han = [sign for match in _CHINESE_ENVIRONMENT.finditer(text) for sign in re.findall(r"[1-4一二三四]", match[0])]
    words = [_ORDER[match[1].lower()] for match in _WORDS.finditer(text)]
    numbers = [int(_DIGITS.get(sign, sign)) for sign in [*found, *han]]
    return list(dict.fromkeys([*numbers, *words])) or None


predict_phenotype = declare(
    _predict_phenotype,
    Declaration(
        examples=(
            "Predict the yield of these lines from their markers",
            "Which of these lines will yield most?",
            "Predict the phenotype from this SNP table",
            "Rank the wheat lines by breeding value",
            "Genomic prediction for this marker table",
            "Predicted grain yield in environment 2",
            "How reliable is the predicted yield of each line?",
            "Show the kinship of these lines to my training lines",
            "Which line should I select?",
            "predict yield for these lines",
            "根据这个标记表预测小麦产量",
            "哪些品系的产量最高？",
            "用SNP表预测表型",
            "给这些品系的育种值排序",
            "对这个标记表做基因组预测",
            "预测环境2的籽粒产量",
            "这些品系与我的训练品系的亲缘关系如何？",
        ),
        readers={"markers": _lines, "environments": _environments, "training": _training},
        takes=_HOLD,
        asks=Phrase(
            "Which lines? Attach or paste a table, one line a row and one marker a column, or a VCF with genotypes.",
            "哪些品系？请上传或粘贴标记表（每行一个品系，每列一个标记），或含基因型的 VCF。",
        ),
    ),
)
