"""BioNLP stand-off annotation: mentions, events and what is said of them, as characters of a text.

Kim et al. 2011, doi:10.1186/1471-2105-13-S11-S1; offsets count from the text's beginning, ends are exclusive.
"""

import gzip
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from seqmodels.data.errors import MalformedLine, Place


@dataclass(frozen=True)
class Mention:
    """A name or a trigger in a text."""

    id: str
    kind: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Event:
    """What a trigger says happens to its theme; where one event is the theme of another there is no `theme`."""

    kind: str
    trigger: Mention
    theme: Mention | None
    site: Mention | None
    negated: bool
    speculated: bool


@dataclass(frozen=True)
class Document:
    """A text with its annotations; `clusters` gives the same number to mentions that name the same thing."""

    pmid: str
    text: str
    mentions: tuple[Mention, ...]
    events: tuple[Event, ...]
    clusters: dict[str, int]

    def of_kind(self, kinds: Iterable[str]) -> tuple[Mention, ...]:
        """The mentions of some kinds, in the order of the text."""
        wanted = set(kinds)
        return tuple(sorted((each for each in self.mentions if each.kind in wanted), key=lambda each: each.start))


def read_standoff(path: Path) -> list[Document]:
    """The documents of a JSONL file (.gz too), each `{"pmid", "text", "a1", "a2"}`.

    Raises MalformedLine where an annotation is none, or its words do not stand where it says.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        return [_document(json.loads(line), Place(path, number)) for number, line in enumerate(lines, 1)]


def folded(name: str) -> str:
    """A name as names are compared within a text: without case and punctuation."""
    return re.sub(r"[\W_]", "", name.lower())


def _document(record: dict[str, str], place: Place) -> Document:
    lines = [line for line in (record["a1"] + "\n" + record.get("a2", "")).splitlines() if line.strip()]
    mentions: dict[str, Mention] = {}
    for line in lines:
        if line.startswith("T"):
            mention = _mention(line, place)
            if record["text"][mention.start : mention.end] != mention.text:
                raise MalformedLine(f"{line!r} is not what stands there", "Give annotations of this very text.", place)
            mentions[mention.id] = mention
    said = {(line.split("\t")[1].split()[0], line.split("\t")[1].split()[1]) for line in lines if line[0] == "M"}
    events = tuple(_event(line, mentions, said, place) for line in lines if line[0] == "E")
    groups = [line.split("\t")[1].split()[1:] for line in lines if line[0] == "*"]
    return Document(
        str(record["pmid"]), record["text"], tuple(mentions.values()), events, _clusters(mentions.values(), groups)
    )


def _mention(line: str, place: Place) -> Mention:
    try:
        name, where, text = line.split("\t")[:3]
        kind, start, end = where.split()
        return Mention(name, kind, int(start), int(end), text)
    except ValueError as error:
        raise MalformedLine(f"{line!r} marks no text", "Give ID, kind, start, end and text.", place) from error


def _event(line: str, mentions: dict[str, Mention], said: set[tuple[str, str]], place: Place) -> Event:
    columns = line.split("\t")
    (kind, trigger), *arguments = [part.partition(":")[::2] for part in columns[1].split()]
    roles = {re.sub(r"\d", "", role): target for role, target in reversed(arguments)}
    if trigger not in mentions:
        raise MalformedLine(f"{line!r} has no trigger", "Give the trigger's annotation.", place)
    return Event(
        kind,
        mentions[trigger],
        mentions.get(roles.get("Theme", "")),
        mentions.get(roles.get("Site", "")),
        ("Negation", columns[0]) in said,
        ("Speculation", columns[0]) in said,
    )


def _clusters(mentions: Iterable[Mention], groups: list[list[str]]) -> dict[str, int]:
    """Numbers that are equal for mentions said to be equivalent and for equal names."""
    mentions = list(mentions)
    number = {mention.id: at for at, mention in enumerate(mentions)}
    by_name: dict[str, str] = {}
    for mention in mentions:
        groups = [*groups, [by_name.setdefault(folded(mention.text), mention.id), mention.id]]
    for group in groups:
        merged = {number[name] for name in group if name in number}
        if len(merged) > 1:
            number = {name: min(merged) if at in merged else at for name, at in number.items()}
    return number
