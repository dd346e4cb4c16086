from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora import prose
from corpora.failure import Failure
from corpora.paper import Paper
from corpora.reading import read

MARKDOWN = """\
Preprint, not reviewed.

# DNA methylation in `Arabidopsis` #

Epigenetic marks are inherited.

## Methods ##
Leaves were taken.
```sh
# not a heading
```
####### nor this
#nor this

   ### 1. Bisulfite: C#
Converted.

# Results

"""


def outcome(folder: Path, content: bytes | str, name: str) -> Paper | Failure:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (found,) = read(path)
    return found


def paper(folder: Path, content: bytes | str, name: str) -> Paper:
    found = outcome(folder, content, name)
    assert isinstance(found, Paper), found
    return found


def failure(folder: Path, content: bytes | str, name: str) -> Failure:
    found = outcome(folder, content, name)
    assert isinstance(found, Failure), found
    return found


def parts(found: Paper) -> list[tuple[str | None, str]]:
    return [(part.name, found.text[part.start : part.end]) for part in found.sections]


def test_markdown_headings_become_sections_and_the_first_of_level_one_the_title(tmp_path: Path) -> None:
    found = paper(tmp_path, MARKDOWN, "notes.md")
    assert found.text == MARKDOWN
    assert found.title == "DNA methylation in `Arabidopsis`"
    assert found.kind == "full text"
    assert parts(found) == [
        (None, "Preprint, not reviewed."),
        ("title", "DNA methylation in `Arabidopsis`"),
        (None, "Epigenetic marks are inherited."),
        ("Methods", MARKDOWN[MARKDOWN.index("## Methods") : MARKDOWN.index("\n\n   ### 1.")]),
        ("1. Bisulfite: C#", "### 1. Bisulfite: C#\nConverted."),
        ("Results", "# Results"),
    ]


def test_markdown_without_heading_of_level_one_has_no_title(tmp_path: Path) -> None:
    found = paper(tmp_path, "## title\nText", "notes.markdown")
    assert found.title is None


def test_inline_code_does_not_hide_the_headings_after_it(tmp_path: Path) -> None:
    found = paper(tmp_path, "```pip install```\n# Title\n", "notes.md")
    assert found.title == "Title"


def test_a_short_first_line_before_a_blank_one_is_the_title_of_a_text(tmp_path: Path) -> None:
    found = paper(tmp_path, "\n Methylation clocks \n\nAge is written in DNA.\n", "clock.txt")
    assert found.title == "Methylation clocks"
    assert found.text == "\n Methylation clocks \n\nAge is written in DNA.\n"
    assert parts(found) == [("title", "Methylation clocks"), (None, "Age is written in DNA.")]


@pytest.mark.parametrize(
    "text", ["One line only", "First line\nsecond line", "A title\n\n", f"{'x' * 201}\n\nText", "# Heading\nText"]
)
def test_any_other_text_has_no_title(tmp_path: Path, text: str) -> None:
    assert paper(tmp_path, text, "notes.txt").title is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_make_no_difference(tmp_path: Path, encoding: str, line_end: str) -> None:
    text = "启动子甲基化\n\nβ-catenin 🧬\n"
    found = paper(tmp_path, text.replace("\n", line_end).encode(encoding), "notes.TXT")
    assert found.text == text


def test_utf16_of_either_byte_order_is_read(tmp_path: Path) -> None:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert paper(tmp_path, mark + "甲基化".encode(encoding), "notes.txt").text == "甲基化"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("Température".encode("latin-1"), "is not UTF-8: byte 0xe9 at byte 5 of the file"),
        (b"\xef\xbb\xbfTemp\xe9rature", "is not UTF-8: byte 0xe9 at byte 8 of the file"),
        (b"\xff\xfea\x00\x00\xd8", "is not UTF-16: byte 0x00 at byte 5 of the file"),
    ],
)
def test_a_wrong_encoding_is_named_with_the_byte_and_the_way_out(tmp_path: Path, content: bytes, reason: str) -> None:
    found = failure(tmp_path, content, "notes.txt")
    assert found.reason == reason
    assert "iconv" in found.remedy


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "is empty"), (b" \n\t\n", "is empty"), (b"\xef\xbb\xbf", "is empty"), (b"ab\0c", "is not text")],
)
@pytest.mark.parametrize("name", ["notes.txt", "notes.md"])
def test_a_file_without_text_is_a_failure(tmp_path: Path, content: bytes, reason: str, name: str) -> None:
    assert failure(tmp_path, content, name).reason.startswith(reason)


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prose, "TEXT_LIMIT", 1 << 20)
    paper(tmp_path, b"x" * (1 << 20), "notes.txt")
    found = failure(tmp_path, b"x" * ((1 << 20) + 1), "notes.txt")
    assert found.reason == "is larger than 1 MiB, the limit for one text"


@settings(max_examples=100, deadline=None)
@given(
    lines=st.lists(st.sampled_from(["# A", "## B", "### title", "", " ", "text", "```", "~~~~", "#", "# #", "a # b"]))
)
def test_sections_are_ordered_and_disjoint_and_leave_no_word_out(
    lines: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = "\n".join(["text", *lines])
    found = paper(tmp_path_factory.getbasetemp(), text, "drawn.md")
    ends = [0]
    for part in found.sections:
        assert ends[-1] <= part.start < part.end
        assert not set(text[ends[-1] : part.start]) - set("# \n")
        ends.append(part.end)
    assert not set(text[ends[-1] :]) - set("# \n")
