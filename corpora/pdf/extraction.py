"""Prints what a PDF file holds as lines of JSON: run as a program of its own, for PDFium is native code.

A file that crashes it, fills the memory or never ends takes only this program with it, and PDFium may not be called
from two threads. Imports nothing of ours, so that it starts quickly.

The first line is {"pages": number, "metadata": {...}}, or {"refused": reason}; then a line for each page:
{"width", "height", "runs", "rules", "areas", "pictures", "objects"}, in points from the top left of the page as it is
shown. A run is text in one style without a space in it: [text, left, right, baseline, size, top, bottom, marks],
where the marks are "b" for bold, "i" for italics and "s" for a space before it.
"""

import ctypes
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2.raw as pdfium

_BOLD, _ITALIC, _SPACED, _INFERRED = 1, 2, 4, 8
MOST_PAGES = 5_000
MOST_CHARACTERS = 400_000
"""Of one page; the program ends with OVERFULL where there are more."""
OVERFULL = 3
MOST_OBJECTS = 100_000
"""Of one page, of which the bounds are asked for."""
MEMORY = 4 << 30
"""Bytes that the program may take: a page may hold large pictures, which PDFium only measures."""
SECONDS = 120
"""Of computing."""

_ENCRYPTED = (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
_KEYS = ("Title", "Subject", "doi", "DOI", "WPS-ARTICLEDOI")
_BOLD_NAMES = ("bold", "black", "heavy", "demi", "cmbx", "-medi", "semibd")
_ITALIC_NAMES = ("italic", "oblique", "cmti", "-ital", "slanted")
_FORCED_BOLD, _ITALIC_FLAG = 1 << 18, 1 << 6
# Shares of the letter size: beyond the first a gap is a space, whatever the file says; a space that the file does not
# print but PDFium infers is believed beyond the second.
_GAP, _INFERRED_GAP, _BACKWARDS = 0.17, 0.1, 0.4
# From here on stand the letters of Chinese and Japanese, between which lines are stretched without spaces.
_UNSPACED, _UNSPACED_GAP = "\u2e80", 0.6
_THIN, _LONG, _LARGE = 2.5, 20.0, 36.0

Place = Callable[[float, float], tuple[float, float]]
Run = list[Any]


def main(path: str) -> None:
    """Print what the file holds."""
    _limit()
    pdfium.FPDF_InitLibrary()
    document = pdfium.FPDF_LoadDocument(path.encode(), None)
    if not document:
        code = pdfium.FPDF_GetLastError()
        _say({"refused": "encrypted" if code in _ENCRYPTED else "damaged"})
        return
    count = pdfium.FPDF_GetPageCount(document)
    _say({"pages": count, "metadata": {key: value for key in _KEYS if (value := _metadata(document, key))}})
    for number in range(min(count, MOST_PAGES)):
        page = pdfium.FPDF_LoadPage(document, number)
        if not page:
            return
        _say(_page(page))
        pdfium.FPDF_ClosePage(page)


def _limit() -> None:
    try:
        import resource
    except ImportError:
        return
    for limit, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        # Not every system lets a program limit itself; the one that started it watches the clock.
        try:
            resource.setrlimit(limit, (most, most))
        except (ValueError, OSError):
            continue


def _say(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def _metadata(document: Any, key: str) -> str:
    size = pdfium.FPDF_GetMetaText(document, key.encode(), None, 0)
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDF_GetMetaText(document, key.encode(), buffer, size)
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\0")


def _page(page: Any) -> dict[str, Any]:
    box = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, box)
    turned = pdfium.FPDFPage_GetRotation(page) % 4
    place = _placing(box, turned)
    width, height = box.right - box.left, box.top - box.bottom
    if turned % 2:
        width, height = height, width
    rules, areas, pictures, count = _shapes(page, place)
    runs = [
        [text, *(round(value, 2) for value in values), _marks(flags)]
        for text, *values, flags in _runs(page, place, turned)
        if values[0] < width and values[1] > 0 and values[5] > 0 and values[4] < height
    ]
    return {
        "width": width,
        "height": height,
        "runs": runs,
        "rules": rules,
        "areas": areas,
        "pictures": pictures,
        "objects": count,
    }


def _marks(flags: int) -> str:
    return "".join(mark for mark, flag in (("b", _BOLD), ("i", _ITALIC), ("s", _SPACED)) if flags & flag)


def _placing(box: Any, turned: int) -> Place:
    """From the file's coordinates, from the bottom left of the unturned page, to those of the page as it is shown."""
    left, bottom, right, top = box.left, box.bottom, box.right, box.top
    places: tuple[Place, ...] = (
        lambda x, y: (x - left, top - y),
        lambda x, y: (y - bottom, x - left),
        lambda x, y: (right - x, y - bottom),
        lambda x, y: (top - y, right - x),
    )
    return places[turned]


def _runs(page: Any, place: Place, turned: int) -> Iterator[Run]:
    text = pdfium.FPDFText_LoadPage(page)
    if not text:
        return
    try:
        if pdfium.FPDFText_CountChars(text) > MOST_CHARACTERS:
            sys.exit(OVERFULL)
        yield from _joined(_letters(text, place, turned))
    finally:
        pdfium.FPDFText_ClosePage(text)


def _letters(text: Any, place: Place, turned: int) -> Iterator[Run]:
    """Each upright letter as a run of its own; what comes after a space says so."""
    loose, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    styles: dict[int | None, tuple[float, int] | None] = {}
    spaced = inferred = False
    for index in range(pdfium.FPDFText_CountChars(text)):
        code = pdfium.FPDFText_GetUnicode(text, index)
        generated = pdfium.FPDFText_IsGenerated(text, index) == 1
        if generated or code in (0x20, 0xA0, 0x09, 0x0A, 0x0D) or 0x2000 <= code <= 0x200B or code == 0x3000:
            inferred |= generated
            spaced |= not generated
            continue
        thing = ctypes.cast(pdfium.FPDFText_GetTextObject(text, index), ctypes.c_void_p).value
        if thing not in styles:
            styles[thing] = _style(text, index, turned)
        style = styles[thing]
        if style is None or not code:
            continue
        size, look = style
        pdfium.FPDFText_GetLooseCharBox(text, index, loose)
        pdfium.FPDFText_GetCharOrigin(text, index, x, y)
        (left, top), (right, bottom) = place(loose.left, loose.top), place(loose.right, loose.bottom)
        left, right = min(left, right), max(left, right)
        top, bottom = min(top, bottom), max(top, bottom)
        # PDFium marks hyphens at line ends so.
        letter = "-" if code in (0x02, 0xFFFE) else chr(code) if code <= 0x10FFFF else "\ufffd"
        flags = look | (_SPACED if spaced else 0) | (_INFERRED if inferred else 0)
        yield [letter, left, right, place(x.value, y.value)[1], size, top, bottom, flags]
        spaced = inferred = False


def _style(text: Any, index: int, turned: int) -> tuple[float, int] | None:
    """Size and look of the letters of a text object; None where they do not stand upright."""
    matrix, flags, name = pdfium.FS_MATRIX(), ctypes.c_int(), ctypes.create_string_buffer(256)
    pdfium.FPDFText_GetMatrix(text, index, matrix)
    along, across = ((matrix.a, matrix.b), (matrix.b, -matrix.a), (-matrix.a, -matrix.b), (-matrix.b, matrix.a))[turned]
    if along <= 0 or abs(across) > 0.1 * along:
        return None
    # Slanted print has a shear in the matrix; its size is the height that is left.
    scale = (matrix.a * matrix.d - matrix.b * matrix.c) / (matrix.a**2 + matrix.b**2) ** 0.5
    size = pdfium.FPDFText_GetFontSize(text, index) * abs(scale)
    pdfium.FPDFText_GetFontInfo(text, index, name, 256, flags)
    font = name.value.decode("utf-8", "replace").lower().rpartition("+")[2]
    bold = any(part in font for part in _BOLD_NAMES) or flags.value & _FORCED_BOLD
    bold = bold or pdfium.FPDFText_GetFontWeight(text, index) >= 600
    italic = flags.value & _ITALIC_FLAG or any(part in font for part in _ITALIC_NAMES)
    return size, (_BOLD if bold else 0) | (_ITALIC if italic else 0)


def _joined(letters: Iterator[Run]) -> Iterator[Run]:
    """Letters that follow each other without a space, in one style on one line, as one run."""
    run: Run | None = None
    for letter in letters:
        text, left, right, baseline, size, top, bottom, flags = letter
        style, spaced, inferred = flags & (_BOLD | _ITALIC), flags & _SPACED, flags & _INFERRED
        if run is not None:
            gap = left - run[2]
            level = abs(baseline - run[3]) < 0.05 * size
            same = level and abs(size - run[4]) < 0.01 * size and style == run[7] & (_BOLD | _ITALIC)
            if text >= _UNSPACED or run[0][-1] >= _UNSPACED:
                spaced = spaced or gap > _UNSPACED_GAP * size
            else:
                spaced = spaced or gap > _GAP * size or (inferred and gap > _INFERRED_GAP * size)
            if same and not spaced and gap > -_BACKWARDS * size:
                run[0] += text
                run[2], run[5], run[6] = max(run[2], right), min(run[5], top), max(run[6], bottom)
                continue
            yield run
        run = [text, left, right, baseline, size, top, bottom, style | (_SPACED if spaced else 0)]
    if run is not None:
        yield run


def _shapes(page: Any, place: Place) -> tuple[list[Any], list[Any], list[Any], int]:
    """Horizontal rules, larger drawn areas and pictures, each as [left, top, right, bottom], and how many objects."""
    rules, areas, pictures = [], [], []
    edges = [ctypes.c_float() for _ in range(4)]
    count = pdfium.FPDFPage_CountObjects(page)
    for index in range(min(count, MOST_OBJECTS)):
        thing = pdfium.FPDFPage_GetObject(page, index)
        kind = pdfium.FPDFPageObj_GetType(thing)
        if kind not in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING):
            continue
        if not pdfium.FPDFPageObj_GetBounds(thing, *edges):
            continue
        x0, y0, x1, y1 = (edge.value for edge in edges)
        (left, top), (right, bottom) = place(x0, y1), place(x1, y0)
        bounds = [
            round(min(left, right)),
            round(min(top, bottom), 1),
            round(max(left, right)),
            round(max(top, bottom), 1),
        ]
        wide, high = bounds[2] - bounds[0], bounds[3] - bounds[1]
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            pictures.append(bounds)
        elif high <= _THIN and wide >= _LONG:
            rules.append(bounds)
        elif wide >= _LARGE and high >= _LARGE:
            areas.append(bounds)
    return rules, areas, pictures, count


if __name__ == "__main__":
    main(sys.argv[1])
