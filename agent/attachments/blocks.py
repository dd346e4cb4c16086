"""Pasted FASTA, VCF and tables: blocks of lines with a form of their own."""

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile
from typing import NamedTuple

from agent.attachments.pasted import Kind, Pasted
from agent.attachments.sequences import FEWEST_LETTERS, FEWEST_TO_BEGIN, Lines, is_nucleic, kind_of, whole_line

# A FASTA header may stand behind the words that ask about it, as in "Is this a promoter? >chr1:1-70".
_FASTA_HEADER = re.compile(r"(?<![^\s:：?？。，,(（])>(?=[^\s>=])")
_FEWEST_BASES_OF_RECORD = 4
_NOT_IN_SEQUENCE = str.maketrans("", "", "-.*")
_LEADING = re.compile(rf"[ \t]*([A-Za-z]{{{FEWEST_TO_BEGIN},}}+)(?![A-Za-z0-9_])")

_VCF_START = re.compile(r"(?<![^\s:：])(?:##fileformat=VCF|#CHROM\s+POS\s+ID\s+REF\s+ALT\b)")
_VCF_COLUMNS = re.compile(r"(?<![^\s:：])#CHROM\s+POS\s+ID\s+REF\s+ALT\b")
_VCF_ROW = re.compile(r"\S+[ \t]+\d+[ \t]+\S+[ \t]+[A-Za-z]+[ \t]+[^\s;=]+(?:[ \t]|$)")

_DELIMITERS = "\t,;"
_FEWEST_ROWS = 2
# Rows that are looked at to tell a table from sentences with commas.
_LOOKED_AT = 20
_LONGEST_NAME = 60
# As the command line calls the column of a table of windows.
_COLUMN_NAMES = frozenset(("sequence", "sequences"))
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?%?\s*")
_MISSING = frozenset(("", "NA", "NaN", "nan", "N/A", "."))
_MANY_ROWS = 8
# Where the words that ask about a table end, on the line of its header.
_ASKED = re.compile(r".*(?:[:?.!]\s|[：？。！])\s*", re.DOTALL)


class _Line(NamedTuple):
    """A line without its end, and where it begins."""

    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class _Block(NamedTuple):
    """Lines from one to another, which is not in it any more."""

    start: int
    end: int
    kind: Kind
    after: int


def blocks(text: str) -> Iterator[Pasted]:
    """FASTA, VCF and tables in a text, in order."""
    lines = list(_lines(text))
    index = 0
    while index < len(lines):
        block = _fasta(lines, index) or _vcf(lines, index) or _table(lines, index) or _column(lines, index)
        if block:
            yield Pasted(block.start, block.end, block.kind)
        index = block.after if block else index + 1


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield _Line(start, line.rstrip("\r\n"))
        start += len(line)


def _fasta(lines: Sequence[_Line], index: int) -> _Block | None:
    """Records one after the other, with or without empty lines between them."""
    header = _FASTA_HEADER.search(lines[index].text)
    record = _record(lines, index + 1, at_line_start=not header.start()) if header else None
    if header is None or record is None:
        return None
    while True:
        end, after = record
        following = after
        while following < len(lines) and not lines[following].text.strip():
            following += 1
        is_header = following < len(lines) and _FASTA_HEADER.match(lines[following].text)
        record = _record(lines, following + 1, at_line_start=True) if is_header else None
        if record is None:
            return _Block(lines[index].start + header.start(), end, "fasta", after)


def _record(lines: Sequence[_Line], index: int, *, at_line_start: bool) -> tuple[int, int] | None:
    """Where the sequence under a header ends, and the line after it; None where none is there."""
    run: Lines | None = None
    end = 0
    while index < len(lines):
        letters, stop = _sequence(lines[index])
        is_more = run.take(letters) if run else letters and _begins_record(letters, strong=not at_line_start)
        if not letters or not is_more:
            break
        run, index = run or Lines(letters), index + 1
        end = stop
        if stop < lines[index - 1].start + len(lines[index - 1].text.rstrip()):
            break
    return (end, index) if run else None


def _sequence(line: _Line) -> tuple[str, int]:
    """The letters that a line is, or begins with before words, and where they end."""
    if whole := whole_line(line.text.translate(_NOT_IN_SEQUENCE)):
        return whole.letters, line.start + len(line.text.rstrip())
    leading = _LEADING.match(line.text)
    if leading and is_nucleic(leading.group(1)):
        return leading.group(1), line.start + leading.end()
    return "", line.start


def _begins_record(letters: str, *, strong: bool) -> bool:
    if strong:
        return len(letters) >= FEWEST_LETTERS and kind_of(letters) is not None
    if is_nucleic(letters):
        return len(letters) >= _FEWEST_BASES_OF_RECORD
    return len(letters) >= FEWEST_TO_BEGIN


def _vcf(lines: Sequence[_Line], index: int) -> _Block | None:
    """A header with its columns, and the variants under it."""
    begin = _VCF_START.search(lines[index].text)
    columns = _vcf_columns(lines, index) if begin else None
    if begin is None or columns is None:
        return None
    after = columns + 1
    while after < len(lines) and _VCF_ROW.match(lines[after].text):
        after += 1
    return _Block(lines[index].start + begin.start(), lines[after - 1].end, "vcf", after)


def _vcf_columns(lines: Sequence[_Line], index: int) -> int | None:
    """The line that names the columns, None where the header ends without one."""
    if _VCF_COLUMNS.search(lines[index].text):
        return index
    for number in range(index + 1, len(lines)):
        text = lines[number].text
        if not text.startswith("##") or _VCF_START.match(text):
            return number if _VCF_COLUMNS.match(text) else None
    return None


def _table(lines: Sequence[_Line], index: int) -> _Block | None:
    """A header and at least two rows of as many fields."""
    header = lines[index].text
    for delimiter in _DELIMITERS:
        if delimiter not in header:
            continue
        asked = _ASKED.match(header.split(delimiter, 1)[0].split('"', 1)[0])
        begin = asked.end() if asked else 0
        names = [name.strip() for name in _fields(header[begin:], delimiter)]
        if not _are_names(names):
            continue
        rows = [lines[row].text for row in islice(_rows(lines, index, delimiter), _LOOKED_AT)]
        if len(rows) >= _FEWEST_ROWS and _is_table(names, rows, delimiter):
            *_, last = _rows(lines, index, delimiter)
            return _Block(lines[index].start + begin, lines[last].end, "table", last + 1)
    return None


def _column(lines: Sequence[_Line], index: int) -> _Block | None:
    """A column of sequences under its name: rows of one width, where the last line of a wrapped one is shorter."""
    if lines[index].text.strip() not in _COLUMN_NAMES:
        return None
    rows = list(takewhile(lambda row: _is_bases(lines[row].text), range(index + 1, len(lines))))
    widths = {len(lines[row].text.strip()) for row in rows}
    if len(rows) < _FEWEST_ROWS or len(widths) > 1 or min(widths) < FEWEST_LETTERS:
        return None
    return _Block(lines[index].start, lines[rows[-1]].end, "table", rows[-1] + 1)


def _is_bases(line: str) -> bool:
    letters = line.strip()
    return letters.isalpha() and is_nucleic(letters)


def _rows(lines: Sequence[_Line], index: int, delimiter: str) -> Iterator[int]:
    """The lines after one that have as many fields."""
    columns = _width(lines[index].text, delimiter)
    return takewhile(lambda row: _width(lines[row].text, delimiter) == columns, range(index + 1, len(lines)))


def _is_table(names: Sequence[str], rows: Sequence[str], delimiter: str) -> bool:
    """Whether names and rows of one width are a table and no sentences: words between commas are not."""
    columns = list(zip(*(_fields(row, delimiter) for row in rows), strict=True))
    if len(names) != len(columns):
        return False
    if delimiter == "\t":
        return True
    has_data = any(not _is_data([name]) and _is_data(column) for name, column in zip(names, columns, strict=True))
    return has_data or (len(rows) >= _MANY_ROWS and not any(f"{delimiter} " in row for row in rows))


def _are_names(names: Sequence[str]) -> bool:
    """Whether fields are a header: all but the first are given, and differ, and not all are numbers."""
    others = names[1:]
    if not all(others) or len(set(others)) < len(others) or len(names[0]) > _LONGEST_NAME:
        return False
    return not all(map(_NUMBER.fullmatch, filter(None, names)))


def _is_data(column: Sequence[str]) -> bool:
    """Whether a column holds numbers, or sequences, and not words."""
    given = [field for field in map(str.strip, column) if field not in _MISSING]
    return bool(given) and (all(map(_NUMBER.fullmatch, given)) or all(map(_is_sequence, given)))


def _is_sequence(field: str) -> bool:
    return len(field) >= FEWEST_LETTERS and field.isalpha() and kind_of(field) is not None


def _width(line: str, delimiter: str) -> int:
    return len(_fields(line, delimiter)) if '"' in line else line.count(delimiter) + 1


def _fields(line: str, delimiter: str) -> list[str]:
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter), [""])
    except csv.Error:
        return [line]
