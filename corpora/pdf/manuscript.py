"""The text of a paper as it grows line by line, with the place of each line and the sections."""

from collections.abc import Iterable

from corpora.outline import JOINT
from corpora.paper import Box, Section, SectionKind
from corpora.pdf.blocks import Block, is_references
from corpora.pdf.hyphens import Words
from corpora.pdf.page import Line

_BETWEEN = "\n\n"


class Manuscript:
    """Text, sections, boxes and the places where pages begin, of blocks in their order."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._pieces: list[str] = []
        self._length = 0
        self._headings: list[tuple[int, str]] = []
        self.sections: list[Section] = []
        self.boxes: list[Box] = []

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self._pieces)

    def write(self, blocks: Iterable[Block]) -> None:
        """Add blocks. A heading names what follows, and is text itself only where nothing does."""
        unused: Block | None = None
        for block in blocks:
            if block.kind != "heading":
                self._block(block)
                unused = None
                continue
            if unused is not None and unused.level >= block.level:
                self._block(unused)
            self._enter(block)
            unused = block
        if unused is not None:
            self._block(unused)

    def _enter(self, heading: Block) -> None:
        name = " ".join(self.joined(heading.lines).split())
        while self._headings and (self._headings[-1][0] >= heading.level or is_references(name)):
            self._headings.pop()
        self._headings.append((heading.level, name))

    def joined(self, lines: Iterable[Line]) -> str:
        """Lines as one text, divided words joined again."""
        text, following = "", ""
        for line in lines:
            text, between = self._words.joint(text, line.text)
            following = line.text
            text += between + following
        return text

    def page_starts(self, pages: int) -> tuple[int, ...]:
        """The offset at which each page begins; an empty page begins where the next one does."""
        starts = []
        for number in range(1, pages + 1):
            later = (box.start for box in self.boxes if box.page >= number)
            starts.append(min(later, default=self._length))
        return (0, *starts[1:])

    def _block(self, block: Block) -> None:
        if self._length:
            self._add(_BETWEEN)
        start = self._length
        previous: Line | None = None
        for line in block.lines:
            if block.kind == "table":
                between, printed = "\n" if previous else "", line.text
            else:
                between, printed = self._between(previous, line), " ".join(line.text.split())
            self._add(between)
            self._box(line, self._length, self._length + len(printed))
            self._add(printed)
            previous = line
        self._section(block, start)

    def _between(self, previous: Line | None, line: Line) -> str:
        if previous is None:
            return ""
        before = self._pieces[-1]
        kept, between = self._words.joint(before, " ".join(line.text.split()))
        if cut := len(before) - len(kept):
            self._pieces[-1] = kept
            self._length -= cut
            self.boxes[-1] = self.boxes[-1].model_copy(update={"end": self._length})
        return between

    def _add(self, text: str) -> None:
        if text:
            self._pieces.append(text)
            self._length += len(text)

    def _box(self, line: Line, start: int, end: int) -> None:
        edges = {edge: round(getattr(line, edge), 1) for edge in ("left", "top", "right", "bottom")}
        self.boxes.append(Box(start=start, end=end, page=line.page, **edges))

    def _section(self, block: Block, start: int) -> None:
        kinds: dict[str, SectionKind] = {"table": "table", "caption": "caption"}
        kind = kinds.get(block.kind, "prose")
        name = JOINT.join(heading for _, heading in self._headings) or None
        if block.kind == "title":
            name = "title"
        elif block.kind == "footnote":
            name = None
        elif kind != "prose":
            name = block.name or name
        last = self.sections[-1] if self.sections else None
        if last and last.kind == kind == "prose" and last.name == name and block.kind in ("prose", "heading"):
            self.sections[-1] = last.model_copy(update={"end": self._length})
        else:
            self.sections.append(Section(name=name, start=start, end=self._length, kind=kind))
