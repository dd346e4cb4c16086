"""A question with chips for what is attached to it: its handle where it was pasted, and below what it holds."""

from collections.abc import Iterator, Sequence

from agent.attachments.attachment import Attached
from agent.attachments.handles import pieces
from agent.attachments.pasted import SEQUENCES, Kind
from corpora.reading import READERS
from page import words
from page.markup import literal
from page.words import Language, Phrase

_KINDS: dict[Kind, Phrase] = {
    "dna": words.KIND_DNA,
    "rna": words.KIND_RNA,
    "protein": words.KIND_PROTEIN,
    "ambiguous sequence": words.KIND_AMBIGUOUS,
    "fasta": words.KIND_FASTA,
    "table": words.KIND_TABLE,
    "vcf": words.KIND_VCF,
    "file": words.KIND_FILE,
}
_UNITS = ("B", "kB", "MB", "GB")


def question(text: str, attachments: Sequence[Attached], language: Language) -> str:
    """A question as HTML, with handles in the place of marks, and its attachments under it; no line end is left."""
    known = {attachment.handle: attachment for attachment in attachments}
    written = [_line(line, known) for line in text.strip().splitlines()]
    lines = [line for line in written if line is not None]
    said = f'<div class="said">{"<br>".join(lines)}</div>' if lines else ""
    return said + (_listed(attachments, language) if attachments else "")


def _line(line: str, known: dict[str, Attached]) -> str | None:
    """A line; None where it only stands for an uploaded file, which is told below."""
    parts = [(part, handle) for part, handle in pieces(line) if part.strip()]
    if len(parts) == 1 and (upload := known.get(parts[0][1] or "")) and upload.name:
        return None
    return "".join(_handle(handle) if handle in known else _spaced(part) for part, handle in parts)


def _spaced(text: str) -> str:
    """A text as the characters that it is, with the space at its ends, which tells it from a handle."""
    before, after = (" " if text[:1].isspace() else ""), (" " if text[-1:].isspace() else "")
    return f"{before}{literal(text)}{after}"


def _listed(attachments: Sequence[Attached], language: Language) -> str:
    label = literal(words.ATTACHED.say(language))
    return f'<ul class="attachments" aria-label="{label}">{"".join(_chip(each, language) for each in attachments)}</ul>'


def _chip(attachment: Attached, language: Language) -> str:
    name = f'<span class="file">{literal(attachment.name)}</span> ' if attachment.name else ""
    facts = " · ".join(literal(fact) for fact in _facts(attachment, language))
    more = "…" if (attachment.length or 0) > len(attachment.preview) else ""
    preview = f' <code class="preview">{literal(attachment.preview)}{more}</code>' if attachment.preview else ""
    return f"<li>{_handle(attachment.handle)} {name}<span>{facts}</span>{preview}</li>"


def _handle(handle: str | None) -> str:
    return f'<span class="handle">{handle}</span>'


def _facts(attachment: Attached, language: Language) -> Iterator[str]:
    is_paper = attachment.kind == "file" and (attachment.name or "").lower().endswith(tuple(READERS))
    yield (words.KIND_PAPER if is_paper else _KINDS[attachment.kind]).say(language)
    if attachment.kind == "fasta" and attachment.length is not None:
        yield words.SEQUENCE_COUNT.say(language, count=f"{attachment.parts:,}")
    if attachment.length is not None:
        counted = words.LETTER_COUNT if attachment.kind in (*SEQUENCES, "fasta") else words.ROW_COUNT
        yield counted.say(language, count=f"{attachment.length:,}")
    if attachment.alphabet:
        yield words.ALPHABET.say(language, letters=attachment.alphabet)
    yield _size(attachment.size)


def _size(count: int) -> str:
    """A number of bytes with a unit, by thousands."""
    size, unit = float(count), 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if not unit or size >= 10 else f"{size:.1f} {_UNITS[unit]}"
