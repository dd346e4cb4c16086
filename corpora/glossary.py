"""Chinese biology in English: the terms of a question as abstracts write them, everything else left as it is."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

from corpora import cancers, genes

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_BREAK = frozenset("、。，；：？！（）《》〈〉「」『』【】〔〕“”‘’…—～·\u3000")
_OPENING = " ,.;:?!\"'/"
_CLOSING = ' ,.;:?!"/-'
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"))
_PREFIX = "non-"
_LONGEST_GENE_RENDERING = 4

_FULL_WIDTH = {0xFEE0 + ord(letter): letter for letter in "%+-./0123456789<=>"} | {
    0xFEE0 + code: chr(code) for first, last in ("AZ", "az") for code in range(ord(first), ord(last) + 1)
}

_LOWER = {code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)}

_FUNCTION_WORDS = """
的 地 得 之 其 其中 和 与 及 以及 及其 跟 同 同时 或 或者 还是 而 而且 并 并且 且 但 但是 不过 然而 虽然 尽管 即使
如果 若 因 因为 由于 所以 因此 从而 于是 除非 除了 除 不仅 不但 不只 不仅仅 不管 不论 无论 不断 既 既然 则 却 也 都 还
又 再 更 更加 最 很 非常 十分 较 较为 相当 尤其 特别 特别是 仅 仅仅 只 只有 就 才 即 便 均 各自 分别 一起 共 在 中 里
上 下 内 外 间 之间 之一 之中 之内 之外 里面 当中 上面 方面 时 时候 期间 后 前 之后 之前 以后 以前 以上 以下 以来 左右
目前 现在 当前 近年 近年来 近来 最近 最新 未来 将来 是 是否 是不是 为 被 把 将 对 对于 关于 有关 从 到 由 向 往 于 以
用 给 让 使 令 随 随着 随著 通过 透过 经 经过 利用 使用 采用 运用 应用于 用于 用来 根据 依据 按 按照 基于 来 去 作
作为 做 进行 开展 成 成为 变 变成 变得 有 有着 具有 拥有 带有 含 含有 存在 有没有 有无 是否有 能 能够 能否 能不能 可
可以 可否 可不可以 可能 会 会不会 要 要不要 应 应该 应当 该 需 需要 必须 得到 已 已经 已有 曾 曾经 正 正在 仍 仍然
依然 一直 往往 通常 常常 一般 一般来说 大约 约 大概 几乎 什么 什么样 甚么 为什么 为何 怎么 怎么样 怎样 如何 何 何时
何种 何处 哪 哪些 哪个 哪种 哪类 哪几 哪几个 哪几种 哪一个 哪一种 哪里 哪儿 谁 多少 多大 多长 多久 几 几个 几种 吗 呢
吧 啊 么 了 着 著 过 所 者 等 等等 包括 包含 例如 比如 譬如 诸如 如 像 似 比 相比 相比于 与否 我 我们 你 你们 您 他
他们 她 它 它们 其他 其它 别的 这 这些 这个 这种 这样 那 那些 那个 那种 此 该类 本 各 各种 各类 各个 每 每个 某 某些
某种 任何 所有 全部 一切 整个 一 一个 一种 一些 一下 一定 一样 两 两个 两种 三 三个 三种 第 第一 第二 多 多种 多个
许多 很多 大量 若干 有些 有的 有哪些 请 请问 请教 请给出 请列出 请介绍 告诉 告诉我 帮 帮我 帮忙 想 想要 想知道 想问
知道 了解 希望 看 看看 找 找出 找到 查 查找 查询 搜索 检索 给出 列出 列举 介绍 说明 描述 总结 概述 解释 回答 讨论 认为
表明 显示 提示 指出 证明 报道 报告 文献 论文 文章 问题 情况 个 项 种 条 名 位 篇 次 类 份 出 出来 起 起来 到底 究竟 嘛
呀 哦 的话 来说 而言 来看 相对于 相较于 当 自 自从 至 直到 为了 以便 以免 尚 越 越来越 甚至 甚至于 竟 另 另外 此外
进而 进一步 首先 其次 最后 总之 也就是 就是 即是 称为 称作 叫 叫做 属于 位于 处于 人们 未必 难道 毫不 发生 过程中 揭示
呈 呈现 属 负责 一方面 另一方面
"""
_NEGATIONS = {
    "not": """
        不 未 没 不是 并非 并不 并未 并没 尚未 从未 从不 未能 未被 没被 没有被 不被 不能 不能够 不会 无法 不可 不可能
        不再 不应 不需要 不必
    """,
    "no": "没有 并没有 尚无 无 毫无 并无",
    _PREFIX: "非",
}


class Term(NamedTuple):
    """A Chinese term found in a text: its English renderings, best first, and its character span."""

    chinese: str
    english: tuple[str, ...]
    start: int
    end: int
    kind: str


class Translation(NamedTuple):
    """A text as an English index is asked for it.

    `english` is the first rendering of each term with `passed`, in order. `passed` holds what is no Chinese: Latin
    stretches, symbols, numbers, and the negations as "not", "no" and "non-". `missed` holds Chinese that the
    glossary does not know and `english` lacks.
    """

    terms: tuple[Term, ...]
    passed: tuple[str, ...]
    english: str
    missed: tuple[str, ...]


class _Rendering(NamedTuple):
    """What a Chinese word becomes: a term, a negation (no kind, one word) or nothing (a function word)."""

    english: tuple[str, ...]
    kind: str


class _Part(NamedTuple):
    """A stretch of the text and what it becomes; `kind` is None for one that is not in the glossary."""

    written: str
    start: int
    end: int
    english: tuple[str, ...]
    kind: str | None


def is_chinese(text: str) -> bool:
    """Whether a text contains Han characters."""
    return _HAN.search(text) is not None


def simplified(text: str) -> str:
    """A text with common traditional characters simplified and full-width Latin made plain, one for one."""
    return text.translate(_characters())


def translate(text: str) -> Translation:
    """The terms of a text, longest match first from left to right, and the English query that they make."""
    if not is_chinese(text):
        return Translation((), (text,) if text.strip() else (), text, ())
    compact, places = _compact(simplified(text))
    parts = list(_parts(compact))
    return Translation(
        tuple(_term(part, places) for part in parts if part.kind),
        tuple(word for part in parts if not part.kind for word in part.english),
        " ".join(word for part in parts for word in part.english[:1]).replace(f"{_PREFIX} ", _PREFIX),
        tuple(part.written for part in parts if part.kind is None and is_chinese(part.written)),
    )


def _term(part: _Part, places: list[int]) -> Term:
    return Term(part.written, part.english, places[part.start], places[part.end - 1] + 1, part.kind or "")


def _parts(compact: str) -> Iterator[_Part]:
    """The text cut into glossary words, stretches of unknown Chinese and stretches of anything else."""
    start = position = 0
    while position < len(compact):
        end = _word_end(compact, position)
        if start < position and (end > position or _is_cut(compact, position)):
            yield _unknown(compact, start, position)
            start = position
        if end > position:
            rendering = _renderings()[_folded(compact[position:end])]
            yield _Part(compact[position:end], position, end, *rendering)
            start = end
        position = max(end, position + 1)
    if start < position:
        yield _unknown(compact, start, position)


def _unknown(compact: str, start: int, end: int) -> _Part:
    """A stretch that is not in the glossary: what is not Chinese passes."""
    written = compact[start:end]
    trimmed = "" if is_chinese(written) else _trimmed(written)
    return _Part(written, start, end, (trimmed,) if any(map(str.isalnum, trimmed)) else (), None)


def _is_cut(compact: str, position: int) -> bool:
    """Whether a stretch ends before a character: at punctuation, and between Chinese and anything else."""
    before, after = compact[position - 1], compact[position]
    return before in _BREAK or after in _BREAK or is_chinese(before) != is_chinese(after)


def _word_end(compact: str, start: int) -> int:
    """Where the longest glossary word that begins at a position ends; the position itself if there is none."""
    for length in _lengths().get(_folded(compact[start]), ()):
        end = start + length
        if end <= len(compact) and _folded(compact[start:end]) in _renderings() and _is_whole(compact, start, end):
            return end
    return start


def _is_whole(compact: str, start: int, end: int) -> bool:
    """Whether a span cuts no Latin word or symbol in two."""
    opens = start == 0 or not (
        _is_latin(compact[start]) and (_is_latin(compact[start - 1]) or compact[start - 1] == "-")
    )
    following = compact[end : end + 2].removeprefix("-")[:1]
    closes = not following or not (_is_latin(compact[end - 1]) and _is_latin(following))
    return opens and closes


def _is_latin(character: str) -> bool:
    return character.isalnum() and not is_chinese(character)


def _compact(text: str) -> tuple[str, list[int]]:
    """A text without the spaces that touch Chinese, and the place in the text of each character kept."""
    dropped: set[int] = set()
    for gap in re.finditer(r"\s+", text):
        if is_chinese(text[max(gap.start() - 1, 0) : gap.end() + 1]):
            dropped.update(range(*gap.span()))
    places = [place for place in range(len(text)) if place not in dropped]
    return "".join(text[place] for place in places), places


def _trimmed(stretch: str) -> str:
    """A Latin stretch without the punctuation around it; brackets that belong to a symbol stay."""
    trimmed = " ".join("".join(" " if character in _BREAK else character for character in stretch).split())
    while True:
        before = trimmed
        trimmed = trimmed.lstrip(_OPENING).rstrip(_CLOSING)
        for left, right in _BRACKETS:
            trimmed = _unbracketed(trimmed.removeprefix(right).removesuffix(left), left, right)
        if trimmed == before:
            return trimmed


def _unbracketed(stretch: str, left: str, right: str) -> str:
    """A stretch without a bracket around all of it, or one at its edge whose partner is elsewhere."""
    if stretch.endswith(right) and stretch.count(right) > stretch.count(left):
        return stretch[:-1]
    if not stretch.startswith(left):
        return stretch
    depth = 0
    for place, character in enumerate(stretch):
        depth += (character == left) - (character == right)
        if depth == 0:
            return stretch[1:-1] if place == len(stretch) - 1 else stretch
    return stretch[1:]


def _folded(word: str) -> str:
    """A word with its Latin letters in lower case, length unchanged."""
    return word.translate(_LOWER)


def _lines(name: str) -> list[list[str]]:
    text = (files("corpora") / "data" / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()[1:]]


@cache
def _characters() -> Mapping[int, str]:
    return _FULL_WIDTH | {ord(traditional): plain for traditional, plain in _lines("traditional.tsv")}


@cache
def _renderings() -> Mapping[str, _Rendering]:
    """Every word of the glossary; its own table has the last word on a name that is also a cancer's or a gene's."""
    renderings: dict[str, _Rendering] = {word: _Rendering((), "") for word in _FUNCTION_WORDS.split()}
    for english, words in _NEGATIONS.items():
        renderings |= {word: _Rendering((english,), "") for word in words.split()}
    for chinese, symbols in genes.chinese_names().items():
        written = [name for symbol in symbols for name in genes.aliases(symbol)[:_LONGEST_GENE_RENDERING]]
        renderings[_folded(chinese)] = _Rendering(tuple(written), "molecular")
    for chinese, name in cancers.chinese_names().items():
        written = [form for form in cancers.cancer_names(name) if not is_chinese(form)]
        renderings[_folded(chinese)] = _Rendering(tuple(written), "cancer")
    for chinese, english, kind in _lines("glossary.tsv"):
        renderings[_folded(chinese)] = _Rendering(tuple(english.split("|")), kind)
    return MappingProxyType(renderings)


@cache
def _lengths() -> Mapping[str, tuple[int, ...]]:
    """The lengths of the words that begin with a character, longest first."""
    lengths: dict[str, set[int]] = {}
    for word in _renderings():
        lengths.setdefault(word[0], set()).add(len(word))
    return MappingProxyType({first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()})
