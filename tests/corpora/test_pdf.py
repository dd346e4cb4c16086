import io
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from corpora.failure import Failure
from corpora.paper import Paper
from corpora.pdf import reading
from corpora.reading import read


def written(*pages: str, title: str = "untitled", encrypt: StandardEncryption | None = None) -> bytes:
    """A PDF with a page for each text; an empty text makes a page with a picture only."""
    content = io.BytesIO()
    canvas = Canvas(content, encrypt=encrypt)
    canvas.setTitle(title)
    for page in pages:
        canvas.rect(20, 20, 100, 100)
        for number, line in enumerate(page.splitlines()):
            canvas.drawString(50, 780 - 14 * number, line)
        canvas.showPage()
    canvas.save()
    return content.getvalue()


def outcome(folder: Path, content: bytes) -> Paper | Failure:
    path = folder / "paper.pdf"
    path.write_bytes(content)
    (found,) = read(path)
    return found


def paper(folder: Path, content: bytes) -> Paper:
    found = outcome(folder, content)
    assert isinstance(found, Paper), found
    return found


def failure(folder: Path, content: bytes) -> Failure:
    found = outcome(folder, content)
    assert isinstance(found, Failure), found
    return found


def test_a_quote_is_found_on_its_page(tmp_path: Path) -> None:
    found = paper(tmp_path, written("GSTP1 is methy-\nlated.", "", "Controls were not."))
    assert found.text == "GSTP1 is methylated.\n\nControls were not."
    assert found.page_at(found.text.index("lated")) == 1
    assert found.page_at(found.text.index("Controls")) == 3
    assert found.page_starts == (0, 22, 22)
    assert found.kind == "full text"


@settings(max_examples=10, deadline=None)
@given(lines=st.lists(st.integers(0, 4), max_size=4))
def test_every_word_belongs_to_the_page_that_it_was_read_from(
    lines: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    names = ("alpha", "beta", "gamma", "delta")
    pages = ["\n".join(f"{names[page]} {name}" for name in names[:count]) for page, count in enumerate(lines)]
    found = paper(tmp_path_factory.getbasetemp(), written("first", *pages))
    assert len(found.page_starts) == len(pages) + 1
    stops = [*found.page_starts[1:], len(found.text)]
    for number, (start, stop) in enumerate(zip(found.page_starts, stops, strict=True), start=1):
        words = "first" if number == 1 else pages[number - 2]
        assert found.text[start:stop].split() == words.split()
        assert {found.page_at(offset) for offset in range(start, stop)} <= {number}
        assert {box.page for box in found.boxes if start <= box.start < stop} <= {number}


@pytest.mark.parametrize("title", ["Methylation of GSTP1 in prostate cancer", "前列腺癌的甲基化", "p53: a review"])
def test_the_title_is_that_of_the_metadata(tmp_path: Path, title: str) -> None:
    assert paper(tmp_path, written("Text", title=title)).title == title


@pytest.mark.parametrize(
    "title",
    [
        "untitled",
        "",
        "Microsoft Word - final draft 3",
        "nature0123 final proof.indd",
        "doi:10.1038/ng1834 one two",
        "B03",
    ],
)
def test_what_a_program_put_into_the_title_is_no_title(tmp_path: Path, title: str) -> None:
    assert paper(tmp_path, written("Text", title=title)).title is None


def test_an_encrypted_pdf_is_a_failure_with_the_way_out(tmp_path: Path) -> None:
    found = failure(tmp_path, written("Text", encrypt=StandardEncryption("secret", "owner")))
    assert found.reason == "is encrypted"
    assert "qpdf --decrypt" in found.remedy


def test_a_pdf_that_is_only_protected_against_printing_is_read(tmp_path: Path) -> None:
    locked = StandardEncryption("", "owner", canPrint=0)
    assert paper(tmp_path, written("Text here", encrypt=locked)).text == "Text here"


def test_a_scan_is_a_failure_with_the_way_out(tmp_path: Path) -> None:
    found = failure(tmp_path, written("", ""))
    assert found.reason == "has no text on its 2 pages; it is probably a scan"
    assert "ocrmypdf" in found.remedy


def test_a_truncated_pdf_is_a_failure_wherever_it_was_cut(tmp_path: Path) -> None:
    whole = written("One", "Two", "Three")
    for cut in range(20, len(whole) - 10, 97):
        found = failure(tmp_path, whole[:cut])
        assert found.reason.startswith("is damaged: "), found
        assert "qpdf" in found.remedy


def test_a_pdf_that_lost_pages_is_not_read_in_part(tmp_path: Path) -> None:
    found = failure(tmp_path, written("One", "Two").replace(b"/Count 2", b"/Count 9"))
    assert found.reason == "is damaged: only 2 of its 9 pages are there"


def test_a_web_page_in_place_of_the_pdf_is_named(tmp_path: Path) -> None:
    found = failure(tmp_path, b"<!DOCTYPE html><html>Please log in</html>")
    assert found.reason == "is not a PDF: it begins with b'<!DOCTYPE html><html'"


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    assert failure(tmp_path, b"").reason == "is empty"


def test_too_much_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "TEXT_LIMIT", 1 << 10)
    monkeypatch.setattr(reading, "MIB", 1 << 10)
    found = failure(tmp_path, written("methylation " * 8, *["demethylation\n" * 40] * 3))
    assert found.reason == "has more than 1 MiB of text, the limit for one text"


@settings(max_examples=25, deadline=None)
@given(
    place=st.floats(0, 0.999),
    length=st.integers(0, 40),
    rubbish=st.one_of(
        st.binary(max_size=12),
        st.sampled_from([b"/Fl", b"/Kids", b"/Prev -5 ", b"[", b"<<", b"99999999999", b"null", b"/Encrypt", b"obj"]),
    ),
)
def test_a_damaged_pdf_never_raises(
    place: float, length: int, rubbish: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = written("One", "Two")
    at = int(place * len(whole))
    found = outcome(tmp_path_factory.getbasetemp(), whole[:at] + rubbish + whole[at + length :])
    assert found.remedy.endswith(".") if isinstance(found, Failure) else found.text.strip()


def test_an_abbreviated_filter_is_understood(tmp_path: Path) -> None:
    content = written("One").replace(b"/Filter [ /ASCII85Decode /FlateDecode ]", b"/Filter [ /ASCII85Decode /Fl ]")
    assert paper(tmp_path, content).text == "One"


def test_a_filter_that_nobody_knows_is_damage(tmp_path: Path) -> None:
    content = written("One").replace(b"/Filter [ /ASCII85Decode /FlateDecode ]", b"/Filter /NoSuchFilter")
    assert failure(tmp_path, content).reason == "is damaged: nothing stands on its 1 pages"


def test_a_wrong_offset_of_an_earlier_table_is_mended(tmp_path: Path) -> None:
    assert paper(tmp_path, written("One").replace(b"/Size", b"/Prev -5 /Size")).text == "One"


def test_a_wrong_place_of_the_table_is_mended_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(off_by_one(written("One")))
    script = (
        "import sys; from pathlib import Path; from corpora.reading import read; "
        "[paper] = read(Path(sys.argv[1])); sys.exit(paper.text != 'One')"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def off_by_one(content: bytes) -> bytes:
    """The PDF with the place of its cross-reference table given wrongly, which readers mend."""
    head, _, tail = content.rpartition(b"startxref\n")
    number, _, end = tail.partition(b"\n")
    return head + b"startxref\n" + str(int(number) + 3).encode() + b"\n" + end
