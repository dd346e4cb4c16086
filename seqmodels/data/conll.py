"""Tagged text in columns (CoNLL-2003): tokens with their tags, in any of the IOB schemes, read as IOB2."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqmodels.data.errors import EmptyData, MalformedLine, Place, UnsuitableData, WrongColumns, WrongValue
from seqmodels.data.streams import read_lines

Scheme = Literal["IOB1", "IOB2", "BIOES", "plain"]


@dataclass(frozen=True)
class Sentence:
    """Tokens with their tags (IOB2, or plain): `document` counts -DOCSTART- lines, `line` is the first token's."""

    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    document: int
    line: int


@dataclass(frozen=True)
class TaggedSentences:
    """Sentences in file order; `classes` are all tags, O first; `scheme` is what the file was written in."""

    sentences: tuple[Sentence, ...]
    classes: tuple[str, ...]
    scheme: Scheme

    def __len__(self) -> int:
        return len(self.sentences)

    def take(self, rows: ArrayLike) -> Self:
        """These sentences, in this order."""
        return replace(self, sentences=tuple(self.sentences[i] for i in np.asarray(rows, dtype=np.int64)))

    def indices(self, row: int) -> NDArray[np.int64]:
        """Class numbers of one sentence's tags; int64 (tokens,)."""
        number = {tag: index for index, tag in enumerate(self.classes)}
        return np.array([number[tag] for tag in self.sentences[row].tags], dtype=np.int64)

    @property
    def documents(self) -> NDArray[np.int64]:
        """The document of each sentence, as groups that a split keeps together; int64 (n,).

        A file without -DOCSTART- lines does not say: every sentence is then a group of its own, equal ones together.
        """
        if len({sentence.document for sentence in self.sentences}) > 1:
            return np.array([sentence.document for sentence in self.sentences], dtype=np.int64)
        numbers: dict[tuple[str, ...], int] = {}
        return np.array([numbers.setdefault(each.tokens, len(numbers)) for each in self.sentences], dtype=np.int64)


def read_conll(
    path: Path | str,
    *,
    token: int = 0,
    tag: int = -1,
    scheme: Literal["auto"] | Scheme = "auto",
    classes: Sequence[str] | None = None,
) -> TaggedSentences:
    """Read tokens and tags, one token a line, columns apart by tabs (else blanks), sentences by empty lines (.gz too).

    Args:
        path: the file.
        token: column of the tokens, from 0.
        tag: column of the tags; negative counts from the last.
        scheme: how entities are marked; "auto" finds out. Tags without B-, I-, E-, S- are "plain" and kept as they are.
        classes: the training file's tags, which a validation file must use.

    Raises:
        DataError: of any kind, with file and line: a line with another number of columns, a tag that its scheme does
            not allow there, an unknown class.
    """
    path = Path(path)
    raw = list(_sentences(path, token, tag))
    if not raw:
        raise EmptyData("there are no sentences", "Give one token and its tag a line.", Place(path))
    written = _scheme_of(raw, path) if scheme == "auto" else scheme
    sentences = tuple(replace(each, tags=_as_iob2(each, written, path)) for each in raw)
    found = {tag: each.line for each in reversed(sentences) for tag in each.tags}
    if classes is None:
        classes = sorted(found, key=_class_order)
    unknown = next((name for name in found if name not in classes), None)
    if unknown is not None:
        reason = f"the sentence holds the tag {unknown!r}, which is none of {', '.join(classes)}"
        raise WrongValue(reason, "Use the training file's tags.", Place(path, found[unknown]))
    return TaggedSentences(sentences, tuple(classes), written)


def write_conll(path: Path | str, data: TaggedSentences) -> None:
    """Write token TAB tag, with -DOCSTART- where a document begins, so that `read_conll` reads it back."""
    documents = len({sentence.document for sentence in data.sentences}) > 1
    current: int | None = None
    with Path(path).open("w", encoding="utf-8", newline="\n") as out:
        for sentence in data.sentences:
            if documents and sentence.document != current:
                out.write("-DOCSTART-\tO\n\n")
                current = sentence.document
            out.writelines(f"{token}\t{tag}\n" for token, tag in zip(sentence.tokens, sentence.tags, strict=True))
            out.write("\n")


def _sentences(path: Path, token: int, tag: int) -> Iterator[Sentence]:
    tokens: list[str] = []
    tags: list[str] = []
    document = start = width = 0
    tabbed = False
    for number, line in enumerate(read_lines(path), 1):
        opens = line.startswith("-DOCSTART-")
        if opens or not line.strip():
            if tokens:
                yield Sentence(tuple(tokens), tuple(tags), document, start)
                tokens, tags = [], []
            document += opens
            continue
        place = Place(path, number)
        if not width:
            tabbed = "\t" in line
            width = len(line.split("\t") if tabbed else line.split())
            if width < 2 or not (-width <= tag < width and -width <= token < width) or tag % width == token % width:
                reason = (
                    f"the line has {width} columns; tokens were asked from {token}, tags from {tag}, counted from 0"
                )
                raise WrongColumns(reason, "Give a token and its tag a line, a tab between them.", place)
        fields = line.split("\t") if tabbed else line.split()
        if len(fields) != width or not fields[token].strip() or not fields[tag].strip():
            reason = f"the line has {len([field for field in fields if field.strip()])} columns, the others {width}"
            raise MalformedLine(reason, "Give every token its tag, and separate sentences by empty lines.", place)
        start = start if tokens else number
        tokens.append(fields[token])
        tags.append(fields[tag].strip())
    if tokens:
        yield Sentence(tuple(tokens), tuple(tags), document, start)


def _scheme_of(sentences: Sequence[Sentence], path: Path) -> Scheme:
    tags = {tag for sentence in sentences for tag in sentence.tags}
    prefixes = {tag[0] for tag in tags if tag[1:2] == "-"}
    if any(tag != "O" and tag[1:2] != "-" for tag in tags) or not prefixes <= set("BIOESLUM"):
        if prefixes & set("BI") and "O" in tags:
            odd = next(tag for tag in sorted(tags) if tag != "O" and tag[:2] not in ("B-", "I-", "E-", "S-"))
            remedy = "Mend the tag, or read with scheme='plain'."
            raise UnsuitableData(f"some tags are IOB, but {odd!r} is not", remedy, Place(path))
        return "plain"
    if prefixes & set("ESLUM"):
        return "BIOES"
    fresh = {  # the first letters of tags that follow no other of their kind
        tag[0]
        for sentence in sentences
        for before, tag in zip(("O", *sentence.tags), sentence.tags, strict=False)
        if tag != "O" and before[2:] != tag[2:]
    }
    # where both begin entities, the file is at odds with itself: as IOB2 the error names the line
    return "IOB1" if fresh == {"I"} else "IOB2"


def _as_iob2(sentence: Sentence, scheme: Scheme, path: Path) -> tuple[str, ...]:
    if scheme == "plain":
        return sentence.tags
    converted = []
    for at, tag in enumerate(sentence.tags):
        before = sentence.tags[at - 1] if at else "O"
        problem = _problem(before, tag, sentence.tags[at + 1] if at + 1 < len(sentence.tags) else "O", scheme)
        if problem:
            reason = f"the tag {tag!r} of {sentence.tokens[at]!r} {problem} ({scheme})"
            remedy = "Mend the tags, or name the scheme that they are in."
            raise WrongValue(reason, remedy, Place(path, sentence.line + at))
        begins = tag[0] in "BSU" or (scheme == "IOB1" and before[2:] != tag[2:])
        converted.append(tag if tag == "O" else ("B-" if begins else "I-") + tag[2:])
    return tuple(converted)


def _problem(before: str, tag: str, after: str, scheme: Scheme) -> str:
    """What is wrong with a tag between its neighbours, or nothing."""
    if tag == "O":
        return ""
    if tag[1:2] != "-" or not tag[2:] or tag[0] not in ("BIESLUM" if scheme == "BIOES" else "BI"):
        return "is none of the scheme"
    follows = before[2:] == tag[2:] and before != "O"
    if scheme == "IOB1":
        return "begins an entity that follows no other of its kind" if tag[0] == "B" and not follows else ""
    if scheme == "IOB2":
        return "continues an entity that was not begun" if tag[0] == "I" and not follows else ""
    if tag[0] in "IEML" and not (follows and before[0] in "BIM"):
        return "continues an entity that was not begun"
    if tag[0] in "BIM" and not (after[2:] == tag[2:] and after[:1] in ("I", "E", "M", "L")):
        return "is followed by no end of its entity"
    return ""


def _class_order(tag: str) -> tuple[bool, str, str]:
    return (tag != "O", tag[2:] if tag[1:2] == "-" else tag, tag[0])
