"""What the small model reads before it learns tools: Epicite's own texts, and made ones; no request with its call.

Sentences of the starter corpus, names with their translations, requests without answers, calls without requests,
strings to repeat, which teach a model this small to copy at all, and conversations about invented tools, which teach to
copy what is asked into JSON.
"""

import json
import random
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from corpora.starter import starter_papers
from finetune.data import tool_use
from finetune.data.rows import Row
from finetune.data.slots import MAKERS

_ACTIONS = "get set find add list send show make open read count plot move check update merge draw store label".split()
_THINGS = (
    "item order note event sample task person gene place batch record plate image room song word city tube".split()
)
_SLOTS = ("species", "gene", "cancer", "topic", "tissue", "journal", "paper", "threshold", "number", "since", "mark")
_SHARES = {"sentence": 0.05, "names": 0.1, "request": 0.05, "call": 0.05, "copied": 0.35, "invented": 0.4}
_REPEAT = {
    "en": ("repeat {said}", "copy: {said}", "{said} (say it again)", "{aside} {said}", "spell {said}"),
    "zh": ("重复{said}", "照抄：{said}", "请复述：{said}", "{aside}，{said}", "再说一遍{said}"),
}
_PIECES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwxyz"
_JOINTS = ("", "", "", " ", "-", "_", ".", "/")
_ASKS = {
    "en": (
        "use {tool} with {pairs}",
        "{tool}: {pairs}",
        "please call {tool}, {pairs}",
        "{pairs} -> {tool}",
        "run {tool} for {pairs}",
    ),
    "zh": ("用{tool}，{pairs}", "请调用{tool}：{pairs}", "{pairs}，运行{tool}", "{tool}，参数{pairs}"),
}


def build(count: int, seed: int = 0, held_out: bool = False) -> Iterator[Row]:
    """Rows of text and of conversations with invented tools; those held out are of another seed."""
    rng = random.Random(f"base {seed} {held_out}")  # noqa: S311  texts are invented, nothing is kept secret
    asked = list(tool_use.build(max(count // 3, 10), seed))
    for _ in range(count):
        kind = rng.choices(tuple(_SHARES), tuple(_SHARES.values()))[0]
        if kind == "sentence":
            yield Row(text=" ".join(rng.sample(_sentences(), 2)), kind=kind)
        elif kind == "names":
            yield Row(text="\n".join(rng.choice(_names()) for _ in range(6)), kind=kind)
        elif kind == "invented":
            yield _invented(rng)
        elif kind == "copied":
            yield _copied(rng)
        else:
            row = rng.choice(asked)
            yield _told(kind, row)


def said(row: Row) -> str:
    """All that stands in a row, for a tokenizer to learn from."""
    parts = [row.text]
    for message in row.messages:
        calls = [json.dumps(call["function"], ensure_ascii=False) for call in message.get("tool_calls", ())]
        parts += [str(message["content"]), *calls]
    return "\n".join(filter(None, parts))


def _told(kind: str, row: Row) -> Row:
    """A request without its answer, or an answer without its request: which belongs to which is not told."""
    if kind == "request":
        return Row(text=next(message["content"] for message in row.messages if message["role"] == "user"), kind=kind)
    calls = row.last.get("tool_calls", ())
    said = [json.dumps(call["function"], ensure_ascii=False) for call in calls] or [row.last["content"]]
    return Row(text="\n".join(said), kind=kind)


def _invented(rng: random.Random) -> Row:
    """A conversation in which an invented tool is called by its name."""
    language = rng.choice(("en", "zh"))
    names = [f"{rng.choice(_ACTIONS)}_{rng.choice(_THINGS)}" for _ in range(rng.randrange(1, 5))]
    slots = {name: rng.sample(_SLOTS, rng.randrange(1, 4)) for name in names}
    tool = rng.choice(names)
    arguments: dict[str, Any] = {}
    for slot in slots[tool]:
        arguments[slot] = MAKERS[slot](rng, language).text  # type: ignore[arg-type]
    pairs = list(arguments.items())
    rng.shuffle(pairs)
    joint = ", " if language == "en" else "，"
    said = joint.join(
        f"{name} {rng.choice(('', '= ', '是 ' if language == 'zh' else 'is '))}{value}" for name, value in pairs
    )
    asked = rng.choice(_ASKS[language]).format(tool=tool, pairs=said)
    call = {"type": "function", "function": {"name": tool, "arguments": arguments}}
    return Row(
        messages=({"role": "user", "content": asked}, {"role": "assistant", "content": "", "tool_calls": [call]}),
        tools=tuple(_schema(name, slots[name]) for name in dict.fromkeys(names)),
        kind="invented",
        language=language,
    )


def _copied(rng: random.Random) -> Row:
    """A string that means nothing, and the same again: letters, Chinese characters or words in any order."""
    language = rng.choice(("en", "zh"))
    pools = (_PIECES, _PIECES[:36], _characters(), (*_THINGS, *_ACTIONS))
    said, aside = (_string(rng, rng.choice(pools)) for _ in range(2))
    asked = rng.choice(_REPEAT[language]).format(said=said, aside=aside)
    return Row(messages=({"role": "user", "content": asked}, {"role": "assistant", "content": said}), kind="copied")


def _string(rng: random.Random, pool: Sequence[str]) -> str:
    joint = " " if len(pool[0]) > 1 else rng.choice(_JOINTS)
    return joint.join(rng.choice(pool) for _ in range(rng.randrange(3, 20)))


@cache
def _characters() -> str:
    """The Chinese characters of the glossary."""
    return "".join(sorted({each for line in _lines("glossary.tsv") for each in line.partition("\t")[0]}))


def _schema(name: str, arguments: Sequence[str]) -> dict[str, Any]:
    properties = {argument: {"type": "string"} for argument in arguments}
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": properties}}}


@cache
def _sentences() -> tuple[str, ...]:
    return tuple(
        sentence.strip() for paper in starter_papers() for sentence in paper.text.splitlines() if len(sentence) > 20
    )


@cache
def _names() -> tuple[str, ...]:
    """Lines that say what a Chinese name is in English, and what a common name of a species is in Latin."""
    said = []
    for line in _lines("glossary.tsv"):
        chinese, english, *_ = line.split("\t")
        said += [f"{chinese}: {english.split('|')[0]}", f"{english.split('|')[0]}: {chinese}"]
    for line in _lines("species.tsv"):
        latin, english, chinese = line.split("\t")
        # Of species there are few, and requests name them all the time.
        said += [f"{name}: {latin}" for name in (*english.split("|"), *chinese.split("|")) if name] * 8
    return tuple(said)


def _lines(name: str) -> list[str]:
    return (files("corpora") / "data" / name).read_text(encoding="utf-8").splitlines()[1:]
