"""The BioNLP shared-task dialect: an abstract whose stand-off annotations count characters of its text."""

from typing import Annotated

from pydantic import BeforeValidator

from corpora.characters import storable
from corpora.paper import Section
from corpora.record import Body, Record


class BioNlpRecord(Record):
    """A record `{"pmid", "text", "a1", "a2"}`; the text is kept to the character, annotations are not read."""

    text: Annotated[str, BeforeValidator(lambda value: storable(value) if isinstance(value, str) else value)]

    def body(self) -> Body:
        """The text as it stands; its first line is the title."""
        first, _, rest = self.text.partition("\n")
        title = first.strip()
        if not title:
            return Body(self.text, None, (), "abstract")
        start = first.index(title)
        sections = [Section(name="title", start=start, end=start + len(title))]
        if rest.strip():
            sections.append(Section(name=None, start=len(first) + 1, end=len(self.text)))
        return Body(self.text, title, tuple(sections), "abstract")
