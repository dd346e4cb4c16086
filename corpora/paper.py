"""The paper: what every source format becomes."""

import hashlib
import re
from bisect import bisect_right
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

PaperKind = Literal["abstract", "full text", "digest"]
SectionKind = Literal["prose", "table", "caption"]
RelationKind = Literal[
    "preprint of",
    "published version of",
    "supplement to",
    "correction of",
    "corrected by",
    "retraction of",
    "retracted by",
    "expression of concern about",
    "concern expressed by",
]


class Section(BaseModel):
    """A named span of a paper's text.

    `start` and `end` are character offsets into `Paper.text`; `name` is the heading as the source
    prints it (`"title"` for the title itself), or None where the source names none. A table holds a row a line,
    its cells apart by tabs; a caption is that of a table or figure.
    """

    model_config = ConfigDict(frozen=True)

    name: str | None
    start: int
    end: int
    kind: SectionKind = "prose"


class Box(BaseModel):
    """Where a line of a paper's text is printed.

    `start` and `end` are character offsets into `Paper.text`, `page` counts from 1, the edges are points (1/72 inch)
    from the left and the top of the page.
    """

    model_config = ConfigDict(frozen=True)

    start: int
    end: int
    page: int = Field(ge=1)
    left: float
    top: float
    right: float
    bottom: float


class Relation(BaseModel):
    """What a paper is to another one, which is named by PMID, DOI or title."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: RelationKind
    pmid: str | None = None
    doi: str | None = None
    title: str | None = None

    @model_validator(mode="after")
    def _names_one(self) -> "Relation":
        if not (self.pmid or self.doi or self.title):
            raise ValueError("a relation names the other paper by PMID, DOI or title")
        return self


class Source(BaseModel):
    """Where a paper was read: the file and the place in it ("line 12", "record 3"), if the file holds several."""

    model_config = ConfigDict(frozen=True)

    path: Path
    place: str | None = None

    def __str__(self) -> str:
        """The file, then the place in it."""
        return f"{self.path}, {self.place}" if self.place else str(self.path)


class Paper(BaseModel):
    """A document with its metadata; a field that the source does not give is None or empty, never a guess.

    `text` is the whole paper, title first where there is one. Every quote is a character span of it, so it is
    never changed after reading. `sections` are ordered and disjoint. `page_starts` holds the offset at which
    each page begins, first page first, and is empty where the source has no pages; `boxes` are the printed lines in
    their order. `id` is an identifier that is only unique within its source; PMID, PMCID and DOI are unique
    everywhere. `published` is as exact as the source: YYYY, YYYY-MM or YYYY-MM-DD. `language` is ISO 639-1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    kind: PaperKind
    title: str | None = None
    pmid: str | None = None
    doi: str | None = None
    id: str | None = None
    journal: str | None = None
    year: int | None = Field(default=None, ge=1500, le=2200)
    published: str | None = None
    pmcid: str | None = None
    language: str | None = Field(default=None, pattern=r"^[a-z]{2}$")
    authors: tuple[str, ...] = ()
    url: str | None = None
    genes: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    mesh: tuple[str, ...] = ()
    publication_types: tuple[str, ...] = ()
    retracted: bool = False
    relations: tuple[Relation, ...] = ()
    sections: tuple[Section, ...] = ()
    page_starts: tuple[int, ...] = ()
    boxes: tuple[Box, ...] = ()
    source: Source | None = None

    @field_validator("pmid")
    @classmethod
    def _bare_pmid(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[1-9]\d{0,8}", value, re.ASCII):
            raise ValueError(f"{value!r} is not a PMID (1 to 9 digits)")
        return value

    @field_validator("pmcid")
    @classmethod
    def _bare_pmcid(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"PMC[1-9]\d{0,8}", value, re.ASCII):
            raise ValueError(f"{value!r} is not a PMCID (PMC and 1 to 9 digits)")
        return value

    @field_validator("published")
    @classmethod
    def _calendar_date(cls, value: str | None) -> str | None:
        if value is not None:
            if not re.fullmatch(r"\d{4}(-\d{2}){0,2}", value, re.ASCII):
                raise ValueError(f"{value!r} is not a date (YYYY, YYYY-MM or YYYY-MM-DD)")
            date.fromisoformat(value + "-01-01"[len(value) - 4 :])
        return value

    @field_validator("doi")
    @classmethod
    def _bare_doi(cls, value: str | None) -> str | None:
        return None if value is None else bare_doi(value)

    @model_validator(mode="after")
    def _has_text(self) -> "Paper":
        if not self.text.strip():
            raise ValueError("the record has no text")
        return self

    @property
    def sha256(self) -> str:
        """SHA-256 of the text, in hex: what a citation is checked against."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def section_at(self, offset: int) -> str | None:
        """The name of the section that holds a character offset."""
        index = bisect_right([section.start for section in self.sections], offset) - 1
        return self.sections[index].name if index >= 0 else None

    def page_at(self, offset: int) -> int | None:
        """The page, counted from 1, that holds a character offset; None where the source has no pages."""
        return bisect_right(self.page_starts, offset) or None


def bare_doi(value: str) -> str:
    """A DOI without resolver or `doi:` prefix, lower case, as DOIs are compared (ISO 26324, section 4).

    Raises ValueError where the text is no DOI.
    """
    bare = re.sub(r"^\s*(https?://(dx\.)?doi\.org/|doi:\s*)", "", value.strip(), flags=re.IGNORECASE).lower()
    if not re.fullmatch(r"10\.\d{4,9}(\.\d+)*/\S+", bare):
        raise ValueError(f"{value!r} is not a DOI (it begins with 10.)")
    return bare
