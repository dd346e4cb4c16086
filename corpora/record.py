"""A record of a JSONL file: the bibliographic fields that every dialect shares."""

from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from corpora.characters import storable
from corpora.dates import year_of
from corpora.languages import language
from corpora.paper import Paper, PaperKind, Section, Source
from corpora.unreadable import Unreadable


def _clean(value: object) -> object:
    return storable(value).strip() or None if isinstance(value, str) else value


def _digits(value: object) -> object:
    return str(value) if type(value) is int else _clean(value)


def _names(value: object) -> object:
    if value is None:
        return ()
    names = value.split(";") if isinstance(value, str) else value
    return [name for name in map(_clean, names) if name is not None] if isinstance(names, list) else value


def _web_address(value: str | None) -> str | None:
    if value is not None and not value.lower().startswith(("http://", "https://")):
        raise ValueError(f"{value!r} is not a web address (it begins with http:// or https://)")
    return value


Line = Annotated[str | None, BeforeValidator(_clean)]
Identifier = Annotated[str | None, BeforeValidator(_digits)]
Year = Annotated[int | None, BeforeValidator(_clean)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
WebAddress = Annotated[Line, AfterValidator(_web_address)]
Language = Annotated[Line, AfterValidator(lambda value: language(value) or value)]
Flag = Annotated[bool, BeforeValidator(lambda value: False if value is None else value)]


class Body(NamedTuple):
    """What a dialect makes of its own fields: the text, its title and sections, and the kind of paper."""

    text: str
    title: str | None
    sections: tuple[Section, ...]
    kind: PaperKind


class Record(BaseModel):
    """The fields that a record of any dialect may give; unknown ones are ignored.

    A list of names may also be one string with `;` between them, an identifier or year also a number.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    title: Line = None
    pmid: Identifier = None
    doi: Identifier = None
    id: Identifier = None
    journal: Line = None
    year: Year = None
    authors: Names = ()
    url: WebAddress = None
    genes: Names = ()
    keywords: Names = ()
    mesh: Names = ()
    publication_types: Names = ()
    retracted: Flag = False
    published: Line = None
    pmcid: Line = None
    language: Language = None

    def body(self) -> Body:
        """The text of the paper; each dialect has its own."""
        raise NotImplementedError

    def identity(self, line: int) -> str | None:  # noqa: ARG002 - dialects without identifiers count lines
        """The identifier that is unique within the file, for the record on this line."""
        return self.id

    def paper(self, source: Source, line: int) -> Paper:
        """The record as a paper.

        Raises Unreadable where it has no text, pydantic's ValidationError where a field is not what it should be.
        """
        body = self.body()
        if not body.text.strip():
            raise Unreadable("has no text", "Give the record a title, an abstract or a text.")
        shared: dict[str, Any] = {name: getattr(self, name) for name in Record.model_fields}
        shared["year"] = self.year or year_of(self.published)
        return Paper(**(shared | body._asdict() | {"id": self.identity(line), "source": source}))
