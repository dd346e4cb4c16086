"""A text with headings, gathered block by block: what every format of full texts becomes."""

from collections.abc import Iterable, Sequence

from corpora.paper import SectionKind
from corpora.sections import Part, rows_of

JOINT = " / "
"""Between the headings of nested sections."""
_PARAGRAPHS = "\n\n"


class Outline:
    """Paragraphs, tables and captions in their order, each under the headings that it stands under."""

    def __init__(self) -> None:
        self._headings: list[tuple[int, str]] = []
        self._blocks: list[tuple[str | None, SectionKind, list[str]]] = []

    def heading(self, level: int, text: str) -> None:
        """Begin a section; it ends those of the same and of deeper levels, and one without text has no name."""
        self.close(level)
        if name := flat(text):
            self._headings.append((level, name))

    def close(self, level: int) -> None:
        """End the sections of this level and deeper."""
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()

    @property
    def name(self) -> str | None:
        """The headings that hold here, the outermost first."""
        return JOINT.join(name for _, name in self._headings) or None

    def prose(self, text: str) -> None:
        """A paragraph; those of one section, with nothing between them, stay together, a blank line between them."""
        self._add(self.name, "prose", flat(text))

    def table(self, rows: Iterable[Sequence[str]], name: str | None = None) -> None:
        """A table, under its own name ("Table 1") where it has one."""
        self._add(name or self.name, "table", rows_of(rows))

    def caption(self, text: str, name: str | None = None) -> None:
        """The caption of a table or figure, under its own name where it has one."""
        self._add(name or self.name, "caption", flat(text))

    def parts(self) -> list[Part]:
        """All of it, for `lay_out`."""
        return [Part(name, _PARAGRAPHS.join(texts), kind) for name, kind, texts in self._blocks]

    def _add(self, name: str | None, kind: SectionKind, text: str) -> None:
        if not text.strip():
            return
        if kind == "prose" and self._blocks and self._blocks[-1][:2] == (name, kind):
            self._blocks[-1][2].append(text)
        else:
            self._blocks.append((name, kind, [text]))


def flat(text: str) -> str:
    """The text with any space as a single one."""
    return " ".join(text.split())
