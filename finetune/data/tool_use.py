"""Requests for Epicite's own tools, in English and Chinese, with the calls that answer them; and such without any."""

import hashlib
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from agent.attachments.attachment import Attached
from agent.attachments.pasted import Kind
from agent.graph import SYSTEM_PROMPT
from agent.tools import TOOLS
from agent.tools.declaration import declaration_of
from agent.wording import Language
from finetune.data.grammar import asked as literature_question
from finetune.data.grammar import chosen, filled, mistyped, slots, spelt_out, tidied
from finetune.data.requests import requests_in
from finetune.data.rows import Row
from finetune.data.scene import Scene
from finetune.data.slots import MAKERS, Filling

# Of all rows: what needs no tool, a question back, or a refusal makes about a quarter.
_SHARES = {"call": 0.66, "follow_up": 0.09, "bare": 0.09, "unanswered": 0.16}
_HELD_OUT = 6
_SEQUENCES: tuple[Kind, ...] = ("dna", "dna", "fasta", "fasta", "table")
_REFERENCES: tuple[Kind, ...] = ("fasta", "fasta", "dna")
_BESIDE: tuple[Kind, ...] = ("dna", "fasta", "table", "vcf", "file")
_TAKES: Mapping[str, tuple[Kind, ...]] = {
    "predict_methylation_sites": _SEQUENCES,
    "predict_promoter": _SEQUENCES,
    "embed_sequence": ("dna", "fasta", "table", "protein"),
    "predict_phenotype": ("table", "table", "vcf"),
    "score_variant": ("vcf",),
    "read_paper": ("file",),
    "extract_methylation": ("file",),
}
_HANDLE = {
    "predict_phenotype": "markers",
    "score_variant": "variants",
    "read_paper": "paper",
    "extract_methylation": "source",
}
# Frames that a question fits in too.
_ASIDE = re.compile(r"^\{request\}|[,:，]\s*\{")
# Frames that ask somebody to do something, and the words by which such a request begins.
_ORDERS = re.compile(r"(?:Please|pls|Could you|Can you|I'd like you to|I need you to|Would you mind) |[请帮麻能我].*\{")
_ORDER = re.compile(
    r"(?i)(?:list|show|report|pull|run|use|apply|try|go|walk|screen|check|tell|give|get|make|draw|plot|find|call|predict|"
    r"annotate|label|tag|mark|detect|identify|locate|map|scan|test|score|rate|assess|judge|count|compare|contrast|"
    r"estimate|compute|rank|sort|pick|choose|select|embed|encode|turn|convert|explain|describe|search|look|restrict|"
    r"extract|collect|open|read|sum|summari[sz]e|recap|outline|treat|take|put|name|quote|cite|delete|write|translate|"
    r"align|design|build|project|transform|cluster|parse|fill|classify|separate|split)\b|"
    r"[查找列给报标用使调运在对预推估只把逐告检扫判寻计定做按根以评生提编解说介搜比限汇抽挖收整识打概归简总读看继设写订讲删翻画算]"
)
_SENTENCES = re.compile(r"[.?:;。？：；] |[。？：；]\S")
_AGAIN: dict[Language, tuple[str, ...]] = {
    "en": (
        "(and|what about|now|the same|same) (in|for) {species}(?|)",
        "(and|what about|now|the same for) {mark}(?|)",
        "(again|now|redo it) with (a|the) (threshold|cutoff) of {threshold}",
        "(switch to|try|do it for) {species}",
    ),
    "zh": (
        "(那|换成|再看)(在|){species}(呢|)？",
        "(那|换成|再看){mark}(呢|)？",
        "(再|重新)(做一次|跑一遍)，阈值{threshold}",
        "(改用|换){species}(再试|)",
    ),
}


@cache
def schemas() -> tuple[dict[str, Any], ...]:
    """The agent's tools as a model is offered them."""
    return tuple(convert_to_openai_tool(tool) for tool in TOOLS)


def untaught() -> list[str]:
    """The agent's tools that no template is for."""
    return [tool.name for tool in TOOLS if tool.name not in requests_in("en").asking]


def build(count: int, seed: int = 0, held_out: bool = False) -> Iterator[Row]:
    """Rows of tool use, each different in its request; those held out come from templates that training never sees.

    The tools of a row are names: those that the agent offers in its place.
    """
    rng = random.Random(f"{seed} {held_out}")  # noqa: S311  requests are invented, nothing is kept secret
    seen: set[str] = set()
    misses = 0
    while len(seen) < count and misses < 200 * max(count, 100):
        row = _row(rng, held_out)
        said = "\n".join(str(message["content"]) for message in row.messages[1:])
        if said in seen:
            misses += 1
            continue
        seen.add(said)
        yield row


def is_held_out(template: str) -> bool:
    """Whether a template is kept from training, by its own hash: the same in every build."""
    return int(hashlib.sha256(template.encode()).hexdigest(), 16) % _HELD_OUT == 0


def _row(rng: random.Random, held_out: bool) -> Row:
    language: Language = rng.choice(("en", "zh"))
    kind = rng.choices(tuple(_SHARES), tuple(_SHARES.values()))[0]
    if kind == "bare":
        return _bare(rng, language, held_out)
    if kind == "unanswered":
        return _unanswered(rng, language, held_out)
    tool = "predict_methylation_sites" if kind == "follow_up" else _tool(rng)
    template = _one(rng, requests_in(language).asking[tool], held_out)
    scene, text, call = _request(rng, language, tool, template)
    # Elsewhere brackets are the marks of what is pasted.
    text, question = literature_question(text) if tool == "search_literature" else (text, "")
    asked = {"role": "user", "content": scene.message(_framed(rng, language, text))}
    if tool == "search_literature":
        call = {"query": _as_it_stands(question, str(asked["content"])), **call}
    messages = [asked, _called(tool, call)]
    if kind == "follow_up":
        messages += _followed(rng, language, call)
        template += " + follow-up"
    return _as_row(messages, scene, "call", language, template)


def _as_it_stands(question: str, message: str) -> str:
    """A question as a message has it, without the mark at its end."""
    bare = question.strip().rstrip("?？。.!！")
    start = message.lower().index(bare.lower())
    return message[start : start + len(bare)]


def _tool(rng: random.Random) -> str:
    weights = {"search_literature": 5.0, "predict_methylation_sites": 4.0, "query_evidence": 3.0, "score_variant": 2.5}
    names = [name for name in requests_in("en").asking if name in {tool.name for tool in TOOLS}]
    return rng.choices(names, [weights.get(name, 2.0) for name in names])[0]


def _one(rng: random.Random, templates: Sequence[str], held_out: bool) -> str:
    """A template of one side of the split; of a few, at least one stays on either side."""
    ordered = sorted(templates, key=lambda one: hashlib.sha256(one.encode()).hexdigest())
    kept = [one for one in templates if is_held_out(one)] or ordered[:1]
    return rng.choice([one for one in templates if (one in kept) == held_out] or kept)


def _request(rng: random.Random, language: Language, tool: str, template: str) -> tuple[Scene, str, dict[str, Any]]:
    """What is attached, the words of a request, and the arguments that they stand for."""
    words, _, fixed = template.partition(" => ")
    text = _written(rng, language, chosen(spelt_out(words, requests_in(language).phrases, rng), rng))
    scene = Scene(rng, language)
    told = [Filling("", key, _listed(key, value)) for key, _, value in (pair.partition("=") for pair in fixed.split())]
    attached = _attachments(rng, scene, tool, slots(text))
    values = []
    for slot in slots(text):
        filling = _filling(rng, language, tool, slot, scene, attached)
        values.append(filling.text)
        told.append(filling)
    return scene, tidied(filled(text, values)), _shaped(tool, told)


def _written(rng: random.Random, language: Language, text: str) -> str:
    """The words around the slots as hurried people type them, now and then."""
    if language == "zh":
        if rng.random() < 0.12:
            text = text.translate(str.maketrans("，？：；（）", ",?:;()"))
        return re.sub(r" ?(\{\w+\}) ?", r" \1 ", text) if rng.random() < 0.2 else text
    if rng.random() < 0.12:
        text = "".join(part if part[:1] == "{" else part.lower() for part in re.split(r"(\{\w+\})", text))
    return mistyped(text, rng) if rng.random() < 0.1 else text


def _listed(key: str, value: str) -> Any:
    return [value] if key == "marks" else value


def _attachments(rng: random.Random, scene: Scene, tool: str, asked: Sequence[str]) -> dict[str, list[Attached]]:
    """Attach what a request speaks of, in any order, and at times something else beside it."""
    wanted: list[tuple[str, Kind]] = []
    for slot in dict.fromkeys(asked):
        if slot in ("it", "file"):
            wanted.append((slot, rng.choice(_TAKES.get(tool, _SEQUENCES))))
        elif slot == "all":
            wanted += [(slot, rng.choice(_TAKES[tool]))] * rng.choice((2, 2, 3))
        elif slot == "ref":
            wanted.append((slot, rng.choice(_REFERENCES)))
        elif slot == "train":
            wanted.append((slot, "table"))
    if wanted and rng.random() < 0.2:
        wanted.append(("beside", rng.choice(_BESIDE)))
    rng.shuffle(wanted)
    found: dict[str, list[Attached]] = {}
    for slot, kind in wanted:
        found.setdefault(slot, []).append(scene.attach(kind))
    return found


def _filling(
    rng: random.Random, language: Language, tool: str, slot: str, scene: Scene, attached: Mapping[str, list[Attached]]
) -> Filling:
    if slot == "mark_c":
        name = rng.choice(("4mC", "5hmC"))
        return Filling(name, "marks", [name])
    if slot not in attached:
        return MAKERS[slot](rng, language)
    several = attached[slot]
    handles = [one.handle for one in several]
    if slot == "all":
        return Filling(scene.said_all(several), "sequences", handles)
    argument = {"ref": "reference", "train": "training"}.get(slot, _HANDLE.get(tool, "sequences"))
    return Filling(scene.said(several[0]), argument, handles if argument == "sequences" else handles[0])


def _shaped(tool: str, told: Sequence[Filling]) -> dict[str, Any]:
    """Arguments as a tool's schema has them: lists joined, one value where it takes one, in its order."""
    properties = _properties(tool)
    found: dict[str, Any] = {}
    for filling in told:
        name, value = filling.argument, filling.value
        if name is None:
            continue
        if name == "paper" and "paper" not in properties:
            name = "source"
        if name == "marks" and "marks" not in properties:
            name, value = "mark", value[0]
        if name == "species" and tool == "score_variant":
            value = value[0]
        before = found.get(name)
        if isinstance(value, list) and isinstance(before, list):
            value = [*before, *(one for one in value if one not in before)]
        found[name] = value
    for first, last in (("year_from", "year_to"), ("first_year", "last_year")):
        if first in found and found.get(last, 9999) < found[first]:
            found[first], found[last] = found[last], found[first]
    return {name: found[name] for name in properties if name in found}


@cache
def _properties(tool: str) -> dict[str, Any]:
    told: dict[str, Any] = next(
        schema["function"]["parameters"]["properties"] for schema in schemas() if schema["function"]["name"] == tool
    )
    return told


def _framed(rng: random.Random, language: Language, text: str) -> str:
    """A request as one person or another would write it."""
    frames = requests_in(language).frames
    if text[-1] in "?？" or _SENTENCES.search(text):
        frames = tuple(frame for frame in frames if _ASIDE.search(frame))
    if not _ORDER.match(text):
        frames = tuple(frame for frame in frames if not _ORDERS.match(frame) or _ASIDE.search(frame))
    framed = re.sub(r"([?？。.])[，.]", r"\1", rng.choice(frames).format(request=text))
    if rng.random() < 0.5 and language == "en":
        framed = framed[0].upper() + framed[1:]
    if rng.random() < 0.2:
        framed = framed.rstrip("?？。.")
    return framed


def _called(tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    call = {"type": "function", "function": {"name": tool, "arguments": dict(arguments)}}
    return {"role": "assistant", "content": "", "tool_calls": [call]}


def _followed(rng: random.Random, language: Language, before: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a first prediction said, and a second request that only says what is to be different."""
    count, total = rng.randrange(1, 40), rng.randrange(60, 900)
    says = (
        f"{count} of {total} candidate bases are predicted to be methylated."
        if language == "en"
        else f"{total} 个候选碱基中预测有 {count} 个被甲基化。"
    )
    text = chosen(rng.choice(_AGAIN[language]), rng)
    fillings = [MAKERS[slot](rng, language) for slot in slots(text)]
    again = {**before, **_shaped("predict_methylation_sites", fillings)}
    return [
        {
            "role": "tool",
            "name": "predict_methylation_sites",
            "content": json.dumps({"says": [says]}, ensure_ascii=False),
        },
        {"role": "assistant", "content": says},
        {"role": "user", "content": tidied(filled(text, [filling.text for filling in fillings]))},
        _called(
            "predict_methylation_sites",
            {name: again[name] for name in _properties("predict_methylation_sites") if name in again},
        ),
    ]


def _bare(rng: random.Random, language: Language, held_out: bool) -> Row:
    """A request for a tool on attachments, where there is none: the answer asks for it, as the tool declares."""
    asks = {tool.name: told.asks for tool in TOOLS if (told := declaration_of(tool)) and told.asks}
    tool = rng.choice([name for name in requests_in(language).bare if name in asks])
    template = _one(rng, requests_in(language).bare[tool], held_out)
    scene, text, _ = _request(rng, language, tool, template)
    phrase = asks[tool]
    assert phrase is not None
    answered = {"role": "assistant", "content": phrase.say(language)}
    return _as_row(
        [{"role": "user", "content": _framed(rng, language, text)}, answered], scene, "clarify", language, template
    )


def _unanswered(rng: random.Random, language: Language, held_out: bool) -> Row:
    """A request that no tool is for."""
    kind = rng.choices(("none", "clarify", "refuse"), (0.25, 0.2, 0.55))[0]
    template = _one(rng, tuple(requests_in(language).unanswered[kind]), held_out)
    scene, text, _ = _request(rng, language, "embed_sequence", template)
    said = scene.message(text if kind == "none" else _framed(rng, language, text))
    answered = {"role": "assistant", "content": requests_in(language).unanswered[kind][template]}
    return _as_row([{"role": "user", "content": said}, answered], scene, kind, language, template)


def _asks_for_attachment(tool: BaseTool) -> bool:
    told = declaration_of(tool)
    return told is not None and told.asks is not None


def _as_row(messages: Sequence[dict[str, Any]], scene: Scene, kind: str, language: Language, template: str) -> Row:
    offered = TOOLS if scene.attached else [tool for tool in TOOLS if not _asks_for_attachment(tool)]
    return Row(
        messages=({"role": "system", "content": SYSTEM_PROMPT}, *messages),
        tools=tuple(tool.name for tool in offered),
        kind=kind,
        language=language,
        template=template,
    )
