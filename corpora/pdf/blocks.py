"""Paragraphs, headings, captions, tables and footnotes, in reading order."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from corpora.pdf.columns import Column
from corpora.pdf.grids import LABEL, Grid, rows_of_cells, stops_of
from corpora.pdf.page import CJK, Line

BlockKind = Literal["title", "heading", "prose", "caption", "table", "footnote"]

_NAMES = frozenset(
    "abstract summary introduction background methods results discussion conclusion conclusions references "
    "bibliography acknowledgements acknowledgments acknowledgement acknowledgment appendix keywords".split()
) | frozenset(
    (
        "materials and methods",
        "material and methods",
        "patients and methods",
        "methods and materials",
        "experimental procedures",
        "results and discussion",
        "author contributions",
        "competing interests",
        "conflict of interest",
        "conflicts of interest",
        "data availability",
        "availability of data and materials",
        "literature cited",
        "supplementary material",
        "supporting information",
        "funding",
        "declarations",
        "ethics statement",
        "摘要",
        "关键词",
        "前言",
        "引言",
        "材料与方法",
        "方法",
        "结果",
        "讨论",
        "结论",
        "参考文献",
        "致谢",
        "结果与讨论",
        "资料与方法",
        "对象与方法",
    )
)
_REFERENCES = re.compile(
    r"(\d+\.? )?(references( and notes)?|bibliography|literature cited|works cited|参 ?考 ?文 ?献)", re.IGNORECASE
)
_NUMBERED = re.compile(r"\A(?P<number>(?:\d{1,2}\.)*\d{1,2}|[IVX]{1,5}|[A-H])(?P<dot>\.?) +(?=[^\W\d_])")
_ENDS = re.compile(r"""[.!?。！？:：][)\]”’"']*[⁰¹²³⁴⁵⁶⁷⁸⁹⁻,]*(\s*\[[\d, –-]+\])?$""")
_BULLET = re.compile(r"[•‣▪●◦■]\s?\S")
_ITEM = re.compile(r"(\[\d{1,3}\]|\(\d{1,3}\)|\d{1,3}[.)])\s")
_NOTE = re.compile(r"([⁰¹²³⁴⁵⁶⁷⁸⁹]+|[*†‡§¶#]+|\d{1,2}\s|[a-z]\s)")
_MARKED = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹*†‡§¶]")
_LONGEST_HEADING = 160
_INDENT, _LARGER, _LOOSER, _SMALLER = 0.7, 1.06, 1.32, 0.93


@dataclass(slots=True)
class Block:
    """Lines that belong together. `name` is a heading's or a label's text, `level` a heading's depth from 1."""

    kind: BlockKind
    lines: list[Line] = field(default_factory=list)
    name: str | None = None
    level: int = 1

    @property
    def first(self) -> Line:
        """Its first line."""
        return self.lines[0]

    @property
    def last(self) -> Line:
        """Its last line."""
        return self.lines[-1]

    @property
    def ends_sentence(self) -> bool:
        """Whether its last line ends a sentence."""
        return bool(_ENDS.search(self.last.text))


@dataclass(frozen=True)
class Print:
    """What is usual in a document: the size of its text, and from line to line how much of the size."""

    size: float
    leading: float

    @classmethod
    def of(cls, columns: Iterable[Column]) -> "Print":
        """The sizes that most letters have."""
        sizes: Counter[float] = Counter()
        leadings: Counter[float] = Counter()
        for column in columns:
            for line in column.lines:
                sizes[_half(line.size)] += len(line.text)
            for before, line in pairwise(column.lines):
                if abs(line.size - before.size) < 0.3:
                    leadings[round((line.baseline - before.baseline) / line.size, 1)] += 1
        size = max(sizes, key=lambda size: (sizes[size], size), default=10.0)
        usual = [leading for leading in leadings if 0.9 <= leading <= 2.6]
        return cls(size, max(usual, key=lambda leading: leadings[leading], default=1.2))


def blocks_of(column: Column, usual: Print, tables: Sequence[Grid]) -> list[Block]:
    """The blocks of one column, from its top; each ruled table follows its caption."""
    return list(_classified(_whole_tables(_cut(column, usual)), column, usual, tables))


def _cut(column: Column, usual: Print) -> Iterator[list[Line]]:
    """The lines of a column, cut where one paragraph ends and another thing begins."""
    leadings = _leadings(column, usual)
    hanging = _is_hanging(column)
    held: list[Line] = []
    for line in column.lines:
        leading = leadings.get(_half(line.size), usual.leading)
        if held and _is_break(held, line, column, leading, hanging):
            yield held
            held = []
        held.append(line)
    if held:
        yield held


def _whole_tables(pieces: Iterable[list[Line]]) -> list[list[Line]]:
    """The pieces with the head of a table, which may be bold, and its rows as one."""
    joined: list[list[Line]] = []
    for lines in pieces:
        if joined and all(line.has_cells for line in (*joined[-1], *lines)):
            joined[-1] = joined[-1] + lines
        else:
            joined.append(lines)
    return joined


def _leadings(column: Column, usual: Print) -> dict[float, float]:
    """From line to line how much of the size, for each size that a column has enough lines of."""
    steps: dict[float, Counter[float]] = {}
    for before, line in pairwise(column.lines):
        step = (line.baseline - before.baseline) / line.size
        if abs(line.size - before.size) < 0.3 and 0.9 <= step <= 1.25 * usual.leading:
            steps.setdefault(_half(line.size), Counter())[round(step, 2)] += 1
    return {size: max(found, key=lambda step: found[step]) for size, found in steps.items() if sum(found.values()) >= 5}


def _half(size: float) -> float:
    return round(2 * size) / 2


def _is_hanging(column: Column) -> bool:
    """Whether most lines are indented: then the others begin entries."""
    indented = sum(line.left - column.left > _INDENT * line.size for line in column.lines)
    return 2 * indented > len(column.lines)


def _is_break(held: Sequence[Line], line: Line, column: Column, leading: float, hanging: bool) -> bool:
    before = held[-1]
    larger, smaller = max(line.size, before.size), min(line.size, before.size)
    step = (line.baseline - before.baseline) / larger
    if larger > _LARGER * smaller or step > _LOOSER * leading or step < 0:
        return True
    if line.has_cells != before.has_cells and (
        _is_table_name(_caption(held[0]) or "") or (len(held) > 2 and _is_grid(held))
    ):
        return True
    if line.is_bold != before.is_bold and (
        (line.is_bold and not before.runs[-1].is_bold) or (before.is_bold and not line.runs[0].is_bold)
    ):
        return True
    if (
        line.is_italic
        and not before.is_italic
        and not before.runs[-1].is_italic
        and _ENDS.search(before.text)
        and _is_short(line, column)
    ):
        return True
    if (
        before.is_italic
        and not line.is_italic
        and len(held) == 1
        and not line.runs[0].is_italic
        and (_is_short(before, column) or _NUMBERED.match(before.text))
        and not _ENDS.search(before.text)
    ):
        return True
    if _BULLET.match(line.text) or (_caption(line) and (_ENDS.search(before.text) or _is_short(before, column))):
        return True
    if _is_heading_line(before) and len(held) == 1 and _is_short(before, column):
        return True
    if _is_heading_line(line) and _is_short(line, column) and _ENDS.search(before.text):
        return True
    shift = line.left - before.left
    if hanging:
        return line.left - column.left < _INDENT * line.size and (
            shift < -_INDENT * line.size or bool(_ITEM.match(line.text))
        )
    if _ITEM.match(held[0].text) or _BULLET.match(held[0].text):
        return bool(_ITEM.match(line.text)) or line.left < held[0].left - _INDENT * line.size
    if shift > _INDENT * line.size and shift < 8 * line.size and line.left - column.left > _INDENT * line.size:
        return not _is_centred(line, before)
    return bool(_ENDS.search(before.text)) and _is_short(before, column) and not re.match(r"[a-z]", line.text)


def _is_short(line: Line, column: Column) -> bool:
    return line.right < column.right - 0.12 * (column.right - column.left)


def _is_centred(line: Line, before: Line) -> bool:
    return abs((line.left + line.right) - (before.left + before.right)) < line.size


def _is_heading_line(line: Line) -> bool:
    """Whether a line is what headings usually say, such as "Results" or "2.1 Cell culture"."""
    text = _NUMBERED.sub("", line.text, count=1).strip().rstrip(":.").lower()
    return text in _NAMES or text.replace(" ", "") in _NAMES


def _classified(pieces: list[list[Line]], column: Column, usual: Print, tables: Sequence[Grid]) -> Iterator[Block]:
    pending = {id(grid): grid for grid in tables}
    caption: Block | None = None
    for index, lines in enumerate(pieces):
        if label := _caption(lines[0], usual):
            caption = Block("caption", lines, label)
            yield caption
            for key, grid in list(pending.items()):
                if any(run == grid.label for run in lines[0].runs):
                    yield Block("table", grid.lines, label)
                    del pending[key]
                    caption = None
            continue
        if caption is not None and _goes_on(caption, lines):
            caption.lines += lines
            continue
        if caption is not None and caption.name and _is_table_name(caption.name) and _is_grid(lines):
            yield Block("table", rows_of_cells(lines), caption.name)
            continue
        caption = None
        if level := _heading(lines, column, usual, index):
            yield Block("heading", lines, level=level)
        elif len(lines) >= 3 and _is_grid(lines) and sum(len(line.runs) for line in lines) < 14 * len(lines):
            yield Block("table", rows_of_cells(lines))
        elif _is_note(pieces, index, usual):
            yield Block("footnote", lines)
        else:
            yield Block("prose", lines)
    for grid in pending.values():
        yield Block("table", grid.lines)


def _caption(line: Line, usual: Print | None = None) -> str | None:
    """The label of a table or figure whose caption begins in a line: set apart by a stop, by weight or by size."""
    found = LABEL.match(line.text)
    if found is None:
        return None
    apart = found["after"] is not None or line.runs[0].is_bold
    if not apart and usual is not None:
        # "Table 1 The genes" has no stop; "Table 1 shows" is a sentence.
        apart = line.size < _SMALLER * usual.size and bool(re.match(r"\s*[A-Z\u4e00-\u9fff]", line.text[found.end() :]))
    return found[1].strip() if apart else None


def _is_table_name(name: str) -> bool:
    return "tab" in name.lower() or "表" in name


def _goes_on(caption: Block, lines: Sequence[Line]) -> bool:
    """Whether lines belong to the caption above: a label that stands alone, or print of the same kind close below."""
    before, line = caption.last, lines[0]
    close = 0 < line.baseline - before.baseline < 2.2 * line.size
    alone = len(caption.lines) == 1 and bool(LABEL.fullmatch(before.text.strip().rstrip(".")))
    same = (
        abs(line.size - before.size) < 0.3
        and line.baseline - before.baseline < 1.5 * line.size
        and not caption.ends_sentence
    )
    return close and (alone or same) and not _is_grid(lines)


def _is_grid(lines: Sequence[Line]) -> bool:
    """Whether most lines are broken by wide white, and at the same places."""
    broken = sum(line.has_cells for line in lines)
    return len(lines) >= 2 and 3 * broken >= 2 * len(lines) and bool(stops_of(lines))


def _heading(lines: Sequence[Line], column: Column, usual: Print, index: int) -> int | None:
    """The level of a heading; None where lines are none."""
    text = " ".join(line.text for line in lines)
    line = lines[0]
    numbered = _NUMBERED.match(text)
    if len(text) > _LONGEST_HEADING or len(lines) > 3 or not re.search(rf"[^\W\d_]{{2}}|[{CJK}]", text):
        return None
    depth = numbered["number"].count(".") + 1 if numbered else 0
    if _is_heading_line(line) and len(lines) == 1:
        return depth or 1
    if re.search(r"[,;:。，；]$", text) or (text.endswith(".") and not (line.is_bold and numbered)):
        return None
    if line.size > _LARGER * usual.size:
        return depth or 1
    if line.size < _SMALLER * usual.size:
        return None
    if all(each.is_bold for each in lines):
        return depth or 2
    narrow = all(_is_short(each, column) for each in lines)
    italic = all(each.is_italic for each in lines)
    plain = bool(re.match(r"[A-Z]", text[numbered.end() :])) if numbered else False
    if numbered and plain and (narrow or italic) and (numbered["dot"] or depth > 1) and index:
        return depth
    letters = [letter for letter in text if letter.isalpha()]
    if narrow and len(letters) > 3 and text.isupper() and len(text.split()) <= 8 and not re.search(r"\d", text):
        return depth or 1
    if narrow and italic and len(text.split()) <= 14 and re.match(r"[A-Z]", text):
        return depth or 3
    return None


def _is_note(pieces: Sequence[Sequence[Line]], index: int, usual: Print) -> bool:
    """Whether small print ends a column below text of the usual size."""
    below = pieces[index:]
    if any(line.size > _SMALLER * usual.size for lines in below for line in lines):
        return False
    if _MARKED.match(below[0][0].text) and sum(map(len, below)) <= 12:
        return bool(index)
    above = [lines for lines in pieces[:index] if lines[0].size > _SMALLER * usual.size]
    if not above or any(_REFERENCES.fullmatch(lines[0].text.strip()) for lines in above):
        return False
    return sum(map(len, below)) <= 12 or bool(_NOTE.match(below[0][0].text))


def in_order(blocks: Sequence[Block]) -> list[Block]:
    """The blocks with paragraphs joined across columns and pages, and nothing else in the middle of a sentence.

    What stood there follows the paragraph where that ends on the same page, and precedes it otherwise.
    """
    ordered: list[Block] = []
    waiting: list[Block] = []
    current: Block | None = None
    for index, block in enumerate(blocks):
        if block.kind in ("caption", "table", "footnote"):
            if current is not None and _continuation(current, blocks[index + 1 :]) is not None:
                waiting.append(block)
            else:
                ordered.append(block)
            continue
        if current is not None and block.kind == "prose" and _continues(current, block):
            if waiting and waiting[0].first.page < block.first.page and current.first.page <= waiting[-1].first.page:
                _place_before(ordered, current, [w for w in waiting if w.first.page < block.first.page])
                waiting = [w for w in waiting if w.first.page >= block.first.page]
            current.lines += block.lines
            if waiting and _continuation(current, blocks[index + 1 :]) is None:
                ordered += waiting
                waiting = []
            continue
        ordered += waiting
        waiting = []
        ordered.append(block)
        current = block if block.kind == "prose" else None
    return ordered + waiting


def _place_before(ordered: list[Block], paragraph: Block, floats: Sequence[Block]) -> None:
    """Put floats before a paragraph, or where that began on an earlier page still before it."""
    place = next(index for index in range(len(ordered) - 1, -1, -1) if ordered[index] is paragraph)
    ordered[place:place] = floats


def _continuation(current: Block, following: Sequence[Block]) -> Block | None:
    """The next paragraph, where it goes on with a sentence."""
    for block in following:
        if block.kind == "prose":
            return block if _continues(current, block) else None
        if block.kind in ("heading", "title"):
            return None
    return None


def _continues(current: Block, block: Block) -> bool:
    before, line = current.last, block.first
    same_place = (
        before.page == line.page
        and line.baseline - before.baseline > 0
        and line.left < before.right
        and before.left < line.right
    )
    if (
        abs(before.size - line.size) > 0.4
        or line.is_bold != before.is_bold
        or (same_place and line.baseline - before.baseline < 3 * line.size)
    ):
        return False
    if _ITEM.match(line.text) or _BULLET.match(line.text):
        return False
    return not current.ends_sentence or bool(re.match(r"[a-zα-ω]|\d", line.text))


def is_references(name: str) -> bool:
    """Whether a heading is that of the references."""
    return bool(_REFERENCES.fullmatch(name.strip().rstrip(":.")))
