"""Papers typeset from sentences that are known, in layouts that vary: what the reading of PDFs is held against."""

import io
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import reportlab
from reportlab.lib.pagesizes import A4, letter
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from tests.corpora.typeset_prose import Prose

_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
_GREEK = re.compile(r"([α-ωΑ-Ω]+)")
_RAISED = re.compile(f"([{''.join(_SUPERSCRIPTS)}]+)")
_CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


class Family(NamedTuple):
    """Names of a font's cuts, and what stands for a Greek letter."""

    roman: str
    bold: str
    italic: str
    greek: str


TIMES = Family("Times-Roman", "Times-Bold", "Times-Italic", "Symbol")
HELVETICA = Family("Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Symbol")
VERA = Family("Vera", "VeraBd", "VeraIt", "Symbol")
SONG = Family("STSong-Light", "STSong-Light", "STSong-Light", "STSong-Light")


def _register() -> None:
    folder = Path(reportlab.__file__).parent / "fonts"
    for name in ("Vera", "VeraBd", "VeraIt"):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))


@dataclass(frozen=True)
class Layout:
    """How a paper is printed. Lengths are points; `look` says how headings look."""

    seed: int
    columns: int = 2
    size: float = 9.5
    leading: float = 1.2
    gap: float = 16.0
    margin: float = 50.0
    page: tuple[float, float] = A4
    family: Family = TIMES
    look: str = "bold"
    is_justified: bool = True
    is_indented: bool = True
    is_numbered: bool = False
    has_wide_abstract: bool = True
    by_word: bool = False
    header: str = "both"
    ruled_tables: bool = True
    has_ligatures: bool = False
    is_chinese: bool = False
    length: int = 6
    """Paragraphs of a section."""


@dataclass
class Typeset:
    """A typeset paper, and what stands in it: sentences in their order, those aside from it, tables row by row."""

    content: bytes = b""
    title: str = ""
    sentences: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    furniture: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)


class _Piece(NamedTuple):
    text: str
    font: str
    size: float
    rise: float = 0.0

    @property
    def width(self) -> float:
        return float(pdfmetrics.stringWidth(self.text, self.font, self.size))


_Word = list[_Piece]


@dataclass
class _Frame:
    left: float
    top: float
    width: float
    bottom: float


def typeset(layout: Layout) -> Typeset:
    """The paper of a layout; the same layout gives the same paper."""
    return _Setter(layout).paper()


class _Setter:
    def __init__(self, layout: Layout) -> None:
        _register()
        self.layout = layout
        self.chance = random.Random(layout.seed)
        self.prose = Prose(layout.seed, layout.is_chinese)
        self.made = Typeset()
        self.content = io.BytesIO()
        self.canvas = Canvas(self.content, pagesize=layout.page, invariant=True)
        self.number = 0
        self.frames: list[_Frame] = []
        self.y = 0.0
        self.floats = 0
        self.lines_left = 0
        self.surname = self.chance.choice(["Okafor", "Lindqvist", "Marchetti", "Tanaka"])

    # What a paper holds

    def paper(self) -> Typeset:
        layout = self.layout
        self._front()
        names = self.prose.headings
        for number, name in enumerate(names, start=1):
            self._heading(f"{number}. {name}" if layout.is_numbered else name, 1)
            for index in range(layout.length):
                if index and index % 3 == 0 and number in (2, 3):
                    sub = self.prose.subheading()
                    self._heading(f"{number}.{index // 3}. {sub}" if layout.is_numbered else sub, 2)
                self._paragraph(self.prose.paragraph(self.chance.randint(3, 6)), is_first=index == 0)
                if number == 2 and index == 2:
                    self._formula()
        self._references()
        self.canvas.save()
        self.made.content = self.content.getvalue()
        return self.made

    def _front(self) -> None:
        layout = self.layout
        self.made.title = self.prose.title()
        self._page(is_first=True)
        wide = self.frames[0]
        size = layout.size * 1.75
        self.y = wide.top
        self._lines(self._words(self.made.title, size, layout.family.bold), wide, size * 1.2, is_justified=False)
        self.y -= 6
        self._lines(
            self._words(self.prose.authors(self.surname), layout.size, layout.family.italic),
            wide,
            layout.size * 1.3,
            is_justified=False,
        )
        self.y -= 10
        if layout.has_wide_abstract:
            self._abstract(wide)
            self.y -= 12
        self.frames = self._columns(self.y)
        self._begin(self.frames[0])
        if not layout.has_wide_abstract:
            self._abstract(None)

    def _abstract(self, frame: _Frame | None) -> None:
        sentences = self.prose.paragraph(6)
        self._heading(self.prose.abstract, 1, frame)
        self._paragraph(sentences, is_first=True, frame=frame)

    def _references(self) -> None:
        self._heading(self.prose.references, 1)
        size = self.layout.size * 0.85
        for number in range(1, 16):
            entry = f"{number}. {self.prose.reference()}"
            self.made.references.append(entry)
            self._flow(self._words(entry, size), size * 1.2, indent=0.0)

    # Pages

    def _page(self, is_first: bool = False) -> None:
        layout = self.layout
        if self.number:
            self.canvas.showPage()
        self.number += 1
        width, height = layout.page
        self._furniture(width, height)
        top = height - layout.margin - 14
        if is_first:
            self.frames = [_Frame(layout.margin, top, width - 2 * layout.margin, layout.margin + 16)]
            return
        self.y = top
        if self.chance.random() < 0.5:
            self._float(_Frame(layout.margin, top, width - 2 * layout.margin, layout.margin))
        self.frames = self._columns(self.y)
        self._begin(self.frames[0])

    def _columns(self, top: float) -> list[_Frame]:
        layout = self.layout
        whole = layout.page[0] - 2 * layout.margin
        width = (whole - (layout.columns - 1) * layout.gap) / layout.columns
        frames = []
        for index in range(layout.columns):
            frame = _Frame(layout.margin + index * (width + layout.gap), top, width, layout.margin + 16)
            roll = self.chance.random()
            if roll < 0.25 and self.number > 1:
                self._note(frame)
            elif roll < 0.45 and self.number > 1 and layout.columns > 1:
                self.y = top
                self._float(frame)
                frame.top = self.y
            frames.append(frame)
        return frames

    def _begin(self, frame: _Frame) -> None:
        self.y = frame.top

    def _furniture(self, width: float, height: float) -> None:
        layout, size = self.layout, self.layout.size * 0.85
        head = f"{self.surname} et al." if self.number % 2 else "Journal of Imagined Epigenetics 12 (2031)"
        self.canvas.setFont(layout.family.roman, size)
        if layout.header in ("both", "top") and self.number > 1:
            self.canvas.drawString(layout.margin, height - layout.margin + 8, head)
            self.made.furniture.append(head)
            if layout.header == "both":
                self.canvas.line(
                    layout.margin, height - layout.margin + 3, width - layout.margin, height - layout.margin + 3
                )
                self.canvas.drawRightString(width - layout.margin, height - layout.margin + 8, str(410 + self.number))
        if layout.header == "bottom":
            foot = "Imagined Press, no rights reserved"
            self.canvas.drawString(layout.margin, layout.margin - 16, foot)
            self.made.furniture.append(foot)
        if layout.header != "both":
            self.canvas.drawCentredString(width / 2, layout.margin - 26, f"{self.number}")
        if self.chance.random() < 0.3:
            self.canvas.saveState()
            self.canvas.translate(18, height / 3)
            self.canvas.rotate(90)
            self.canvas.drawString(0, 0, "Downloaded from an imagined library by nobody")
            self.canvas.restoreState()

    # Floats

    def _float(self, frame: _Frame) -> None:
        self.floats += 1
        if self.floats % 2:
            self._figure(frame)
        else:
            self._table(frame)
        self.y -= 14

    def _figure(self, frame: _Frame) -> None:
        height = self.chance.choice([70.0, 110.0])
        self.canvas.rect(frame.left, self.y - height, frame.width, height)
        self.canvas.setFont(self.layout.family.roman, 7)
        for index in range(5):
            self.canvas.drawString(frame.left + 12 + index * 22, self.y - height + 6, str(index * 20))
        self.canvas.line(frame.left + 10, self.y - height + 15, frame.left + 120, self.y - height + 15)
        self.y -= height + 4
        self._caption(self.prose.figure.format(self.floats), frame)

    def _table(self, frame: _Frame) -> None:
        self._caption(self.prose.table.format(self.floats), frame)
        self.y -= 2
        size, step = self.layout.size * 0.85, self.layout.size * 1.05
        rows = self.prose.rows(self.chance.randint(3, 6), 4 if frame.width > 300 else 3)
        self.made.tables.append(rows)
        places = [frame.left + 4 + index * frame.width / len(rows[0]) for index in range(len(rows[0]))]
        self._rule(frame)
        for index, row in enumerate(rows):
            self.y -= step
            for place, cell in zip(places, row, strict=True):
                self._draw(self._words(cell, size, self.layout.family.bold if index == 0 else None), place, self.y, 0.0)
            if index == 0:
                self.y -= 3
                self._rule(frame)
        self.y -= 4
        self._rule(frame)

    def _rule(self, frame: _Frame) -> None:
        if self.layout.ruled_tables:
            self.canvas.line(frame.left, self.y, frame.left + frame.width, self.y)

    def _caption(self, label: str, frame: _Frame) -> None:
        sentences = self.prose.paragraph(2)
        self.made.aside += sentences
        size = self.layout.size * 0.88
        words = self._words(label, size, self.layout.family.bold) + self._words(self.prose.joint.join(sentences), size)
        self._lines(words, frame, size * 1.18)

    def _note(self, frame: _Frame) -> None:
        sentences = self.prose.paragraph(1)
        self.made.aside += sentences
        size = self.layout.size * 0.8
        words = self._words("¹" + self.prose.joint.join(sentences), size)
        lines = list(_broken(words, frame.width, self._space(words), self._hyphenated))
        height = len(lines) * size * 1.15
        self.y = frame.bottom + height
        self.canvas.line(frame.left, self.y + 2, frame.left + 60, self.y + 2)
        self._lines(words, frame, size * 1.15)
        frame.bottom += height + 8

    def _formula(self) -> None:
        self._room(30)
        self.y -= 6
        size = self.layout.size
        frame = self.frames[0]
        self.y -= size
        self._draw(
            self._words("β = M / (M + U + 100)", size, self.layout.family.italic),
            frame.left + frame.width / 4,
            self.y,
            size * 0.3,
        )
        self.canvas.setFont(self.layout.family.roman, size)
        self.canvas.drawRightString(frame.left + frame.width, self.y, "(1)")
        self.y -= 8

    # Paragraphs

    def _heading(self, text: str, level: int, frame: _Frame | None = None) -> None:
        layout = self.layout
        self.made.headings.append(text)
        looks: dict[str, tuple[str, float, Callable[[str], str]]] = {
            "bold": (layout.family.bold, 1.0, str),
            "large": (layout.family.bold, 1.2, str),
            "capitals": (
                layout.family.roman if level == 1 else layout.family.italic,
                1.0,
                str.upper if level == 1 else str,
            ),
            "light": (layout.family.roman, 1.25 if level == 1 else 1.12, str),
        }
        font, scale, case = looks[layout.look]
        size = layout.size * scale
        if frame is None:
            self._room(4.5 * size)
            if self.y < self.frames[0].top:
                self.y -= 0.7 * size
        self._lines(self._words(case(text), size, font), frame or self.frames[0], size * 1.2, is_justified=False)
        self.y -= 2

    def _paragraph(self, sentences: Sequence[str], is_first: bool, frame: _Frame | None = None) -> None:
        self.made.sentences += sentences
        layout = self.layout
        indent = layout.size * 1.5 if layout.is_indented and not is_first else 0.0
        words = self._words(self.prose.joint.join(sentences), layout.size)
        if frame is not None:
            self._lines(words, frame, layout.size * layout.leading)
        else:
            self._flow(words, layout.size * layout.leading, indent)
            if not layout.is_indented and self.y < self.frames[0].top:
                self.y -= 0.6 * layout.size

    def _room(self, height: float) -> None:
        if self.y - height < self.frames[0].bottom:
            self._next()

    def _next(self) -> None:
        self.frames.pop(0)
        if self.frames:
            self._begin(self.frames[0])
        else:
            self._page()

    def _flow(self, words: list[_Word], step: float, indent: float) -> None:
        """Print words through the columns and pages."""
        space = self._space(words)
        width = self.frames[0].width
        for line, is_last in _broken(words, width, space, self._hyphenated, indent):
            if self.y - step < self.frames[0].bottom:
                self._next()
            self.y -= step
            frame = self.frames[0]
            self._print(line, frame.left + indent, width - indent, space, is_last)
            indent = 0.0

    def _lines(self, words: list[_Word], frame: _Frame, step: float, is_justified: bool = True) -> None:
        space = self._space(words)
        for line, is_last in _broken(words, frame.width, space, self._hyphenated):
            self.y -= step
            self._print(line, frame.left, frame.width, space, is_last or not is_justified)

    def _print(self, line: list[_Word], left: float, width: float, space: float, is_last: bool) -> None:
        if self.layout.is_justified and not is_last and len(line) > 1:
            space = (width - sum(map(_width, line))) / (len(line) - 1)
        self._draw(line, left, self.y, space)

    def _draw(self, line: Sequence[_Word], left: float, y: float, space: float) -> None:
        space = space or self._space(list(line))
        by_word = (
            self.layout.by_word or self.layout.is_chinese or len({piece.font for word in line for piece in word}) > 1
        )
        by_word = by_word or any(len(word) > 1 for word in line)
        if by_word:
            for word in line:
                for piece in word:
                    self.canvas.setFont(piece.font, piece.size)
                    self.canvas.drawString(left, y + piece.rise, piece.text)
                    left += piece.width
                left += space
        elif line:
            piece = line[0][0]
            text = self.canvas.beginText(left, y)
            text.setFont(piece.font, piece.size)
            if piece.font.startswith("Vera"):
                # Word spacing is for fonts of one byte a letter only.
                for word in line:
                    text.setTextOrigin(left, y)
                    text.textOut(word[0].text)
                    left += word[0].width + space
            else:
                text.setWordSpace(space - pdfmetrics.stringWidth(" ", piece.font, piece.size))
                text.textOut(" ".join(word[0].text for word in line))
            self.canvas.drawText(text)

    # Words

    def _words(self, text: str, size: float, font: str | None = None) -> list[_Word]:
        font = font or self.layout.family.roman
        if self.layout.is_chinese:
            return [[_Piece(part, font, size)] for part in re.findall(r"[A-Za-z0-9.,()%<> ;:-]+|.", text)]
        if self.layout.has_ligatures and font == "Vera":
            text = text.replace("fi", "ﬁ").replace("fl", "ﬂ")
        return [self._pieces(word, size, font) for word in text.split(" ")]

    def _pieces(self, word: str, size: float, font: str) -> _Word:
        pieces = []
        for part in filter(None, _RAISED.split(word)):
            if _RAISED.fullmatch(part):
                pieces.append(_Piece("".join(_SUPERSCRIPTS[c] for c in part), font, size * 0.65, size * 0.35))
                continue
            for bit in filter(None, _GREEK.split(part)):
                pieces.append(_Piece(bit, self.layout.family.greek if _GREEK.fullmatch(bit) else font, size))
        return pieces

    def _space(self, words: Sequence[_Word]) -> float:
        if self.layout.is_chinese or not words:
            return 0.0
        # A word may begin with raised, smaller figures.
        largest = max((piece for word in words for piece in word), key=lambda piece: piece.size)
        return float(
            pdfmetrics.stringWidth(" ", largest.font if largest.font != "Symbol" else "Times-Roman", largest.size)
        )

    def _hyphenated(self, word: _Word, room: float) -> tuple[_Word, _Word] | None:
        """The word divided so that its first part fits, at a hyphen that it has or at a syllable."""
        if len(word) != 1 or self.layout.is_chinese:
            return None
        piece = word[0]
        for place in range(len(piece.text) - 3, 1, -1):
            before, after = piece.text[:place], piece.text[place:]
            if before.endswith("-") and before[:-1]:
                first = before
            elif _is_syllable(before, after):
                first = before + "-"
            else:
                continue
            if piece._replace(text=first).width <= room:
                return [piece._replace(text=first)], [piece._replace(text=after)]
        return None


def _is_syllable(before: str, after: str) -> bool:
    """Whether English would divide a word here, roughly: before a consonant that a vowel follows."""
    whole = before + after
    if not re.fullmatch(r"[a-z]{6,}[.,;]?", whole) or len(before) < 3 or len(after.strip(".,;")) < 3:
        return False
    return before[-1] in "aeiou" and after[0] not in "aeiou" and after[1] in "aeiouy"


def _width(word: _Word) -> float:
    return sum(piece.width for piece in word)


def _broken(
    words: Sequence[_Word],
    width: float,
    space: float,
    hyphenated: Callable[[_Word, float], tuple[_Word, _Word] | None],
    indent: float = 0.0,
) -> Iterator[tuple[list[_Word], bool]]:
    """Lines that fit, and whether each is the last."""
    waiting = list(reversed(words))
    line: list[_Word] = []
    used = indent
    while waiting:
        word = waiting.pop()
        need = _width(word) + (space if line else 0.0)
        if used + need <= width or not line:
            line.append(word)
            used += need
            continue
        if parts := hyphenated(word, width - used - space):
            line.append(parts[0])
            waiting.append(parts[1])
        else:
            waiting.append(word)
        yield line, False
        line, used = [], 0.0
    if line:
        yield line, True


__all__ = ["A4", "HELVETICA", "SONG", "TIMES", "VERA", "Family", "Layout", "Typeset", "letter", "typeset"]
