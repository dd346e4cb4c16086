import gzip
import json
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.failure import Failure
from corpora.paper import Paper
from corpora.reading import read
from corpora.streams import MIB, RECORD_LIMIT

PROSE = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(str.strip)
GOOD = {"pmid": "11358799", "title": "RASSF1A in carcinoma", "abstract": "RASSF1A is methylated."}


def outcomes(folder: Path, *lines: object, name: str = "papers.jsonl") -> list[Paper | Failure]:
    """What is read from a file with these lines; those that are not bytes are written as JSON."""
    content = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    path = folder / name
    path.write_bytes(content)
    return list(read(path))


def only_paper(found: list[Paper | Failure]) -> Paper:
    (paper,) = found
    assert isinstance(paper, Paper), paper
    return paper


def only_failure(found: list[Paper | Failure]) -> Failure:
    (failure,) = found
    assert isinstance(failure, Failure), failure
    return failure


def test_a_generic_record_becomes_a_paper_with_all_its_fields(tmp_path: Path) -> None:
    record = {
        "pmid": 11358799,
        "doi": "https://doi.org/10.1038/SJ.ONC.1204464",
        "id": 7,
        "title": " RASSF1A in carcinoma ",
        "abstract": "RASSF1A is methylated.",
        "journal": "Oncogene",
        "year": "2001",
        "authors": "Lo KW; Kwong J;",
        "url": "https://pubmed.ncbi.nlm.nih.gov/11358799/",
        "genes": ["RASSF1A", " ", None],
        "keywords": None,
        "retracted": True,
        "citations": {"unknown": ["keys", "are ignored"]},
    }
    paper = only_paper(outcomes(tmp_path, record))
    assert paper.text == "RASSF1A in carcinoma\nRASSF1A is methylated."
    assert (paper.pmid, paper.doi, paper.id) == ("11358799", "10.1038/sj.onc.1204464", "7")
    assert (paper.title, paper.journal, paper.year) == ("RASSF1A in carcinoma", "Oncogene", 2001)
    assert (paper.authors, paper.genes, paper.keywords) == (("Lo KW", "Kwong J"), ("RASSF1A",), ())
    assert paper.url == "https://pubmed.ncbi.nlm.nih.gov/11358799/"
    assert paper.retracted
    assert paper.kind == "abstract"
    assert str(paper.source) == f"{tmp_path / 'papers.jsonl'}, line 1"


@settings(max_examples=60, deadline=None)
@given(title=PROSE, abstract=PROSE, escaped=st.booleans())
def test_the_text_is_the_title_and_the_abstract_to_the_character(title: str, abstract: str, escaped: bool) -> None:
    line = json.dumps({"title": title, "abstract": abstract}, ensure_ascii=escaped).encode()
    with TemporaryDirectory() as folder:
        paper = only_paper(outcomes(Path(folder), line))
    assert paper.text == f"{title.strip()}\n{abstract.strip()}"
    spans = [(part.name, paper.text[part.start : part.end]) for part in paper.sections]
    assert spans == [("title", title.strip()), (None, abstract.strip())]
    assert paper.title == title.strip()


def test_a_record_with_text_is_a_full_text_and_keeps_an_abstract_that_it_does_not_repeat(tmp_path: Path) -> None:
    own = only_paper(outcomes(tmp_path, {"abstract": "Short.", "text": "Long story."}))
    assert (own.kind, own.text) == ("full text", "Short.\nLong story.")
    repeated = only_paper(outcomes(tmp_path, {"abstract": "Short.", "text": "Short. Long story."}))
    assert repeated.text == "Short. Long story."


def test_a_title_alone_is_an_abstract_without_more(tmp_path: Path) -> None:
    paper = only_paper(outcomes(tmp_path, {"title": "RASSF1A in carcinoma"}))
    assert (paper.text, paper.kind) == ("RASSF1A in carcinoma", "abstract")


@pytest.mark.parametrize("missing", [None, "", "  "])
def test_null_and_blank_fields_are_missing_fields(tmp_path: Path, missing: str | None) -> None:
    record = {"abstract": "Text."} | dict.fromkeys(("pmid", "doi", "title", "year", "authors", "url"), missing)
    paper = only_paper(outcomes(tmp_path, record))
    assert (paper.pmid, paper.doi, paper.title, paper.year, paper.authors, paper.url) == (None,) * 4 + ((), None)


def test_nan_as_pandas_writes_it_is_a_missing_field(tmp_path: Path) -> None:
    paper = only_paper(outcomes(tmp_path, b'{"abstract": "Text.", "year": NaN, "pmid": NaN}'))
    assert (paper.year, paper.pmid) == (None, None)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (b'{"abstract": "cut off', "is not JSON: Unterminated string starting at (column 14)"),
        (b'["an", "array"]', "is a JSON array, not an object"),
        (b"12", "is a JSON number, not an object"),
        (b"null", "is a JSON null, not an object"),
        ({"pmid": "1"}, "has no text"),
        ({"pmid": "1", "contexts": ["a"]}, "has no text"),
        (GOOD | {"pmid": "PMC12"}, "pmid: 'PMC12' is not a PMID"),
        (GOOD | {"pmid": True}, "pmid: Input should be a valid string"),
        (GOOD | {"doi": "unknown"}, "doi: 'unknown' is not a DOI"),
        (GOOD | {"doi": "x" * 100_000}, "doi: 'xxxx"),
        (GOOD | {"year": "in press"}, "year: Input should be a valid integer"),
        (GOOD | {"year": 12}, "year: Input should be greater than or equal to 1500"),
        (GOOD | {"authors": [{"name": "Yi"}]}, "authors.0: Input should be a valid string"),
        (GOOD | {"abstract": ["a", "list"]}, "abstract: Input should be a valid string"),
        (GOOD | {"url": "javascript:alert(1)"}, "url: 'javascript:alert(1)' is not a web address"),
        (b'{"abstract": "na\xefve"}', "is not UTF-8: byte 0xef at byte 17 of the line"),
        (b"[" * 100_000, "is not JSON that can be read"),
        (b'{"abstract": "x", "year": ' + b"9" * 5000 + b"}", "is not JSON that can be read"),
    ],
)
def test_a_bad_record_is_named_and_the_others_are_read(tmp_path: Path, line: object, named: str) -> None:
    before, failure, after = outcomes(tmp_path, GOOD, line, GOOD)
    assert isinstance(before, Paper)
    assert isinstance(after, Paper)
    assert isinstance(failure, Failure)
    assert failure.source.place == "line 2"
    assert failure.reason.startswith(named)
    assert failure.remedy.endswith(".")
    assert len(str(failure)) < 700


def test_blank_lines_are_passed_over_but_counted(tmp_path: Path) -> None:
    first, second = outcomes(tmp_path, b"", GOOD, b" \t\r", GOOD, b"")
    assert isinstance(first, Paper)
    assert isinstance(second, Paper)
    assert [paper.source and paper.source.place for paper in (first, second)] == ["line 2", "line 4"]


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    line = b"\xef\xbb\xbf" + json.dumps(GOOD).encode() + b"\r"
    first, second = outcomes(tmp_path, line, GOOD)
    assert isinstance(first, Paper)
    assert isinstance(second, Paper)
    assert first.text == second.text


def test_the_byte_that_is_not_utf8_is_counted_with_the_byte_order_mark(tmp_path: Path) -> None:
    failure = only_failure(outcomes(tmp_path, b'\xef\xbb\xbf{"abstract": "\xe9"}'))
    assert "byte 0xe9 at byte 18 of the line" in failure.reason


def test_what_cannot_be_stored_is_replaced_without_moving_the_rest(tmp_path: Path) -> None:
    paper = only_paper(outcomes(tmp_path, b'{"abstract": "a\\ud800b\\u0000c"}'))
    assert paper.text == "a\ufffdb\ufffdc"
    assert len(paper.sha256) == 64


def test_no_dialect_is_read_into_a_file_that_has_another(tmp_path: Path) -> None:
    generic, other = outcomes(tmp_path, GOOD, {"pmid": "2", "text": " Kept? \n", "a1": "", "a2": ""})
    assert isinstance(generic, Paper)
    assert isinstance(other, Paper)
    assert (other.kind, other.text) == ("full text", "Kept?")


def test_a_bad_first_record_does_not_settle_the_dialect(tmp_path: Path) -> None:
    failure, paper = outcomes(tmp_path, {"pmid": "1"}, {"pmid": "2", "text": " Title\nRest ", "a1": "", "a2": ""})
    assert isinstance(failure, Failure)
    assert isinstance(paper, Paper)
    assert paper.text == " Title\nRest "


@pytest.mark.parametrize("content", [b"", b"\n \n\n"])
def test_a_file_without_lines_is_empty(tmp_path: Path, content: bytes) -> None:
    assert only_failure(outcomes(tmp_path, content)).reason == "is empty"


def test_an_empty_gzip_file_is_empty(tmp_path: Path) -> None:
    assert only_failure(outcomes(tmp_path, gzip.compress(b""), name="papers.jsonl.gz")).reason == "is empty"


def test_a_compressed_file_without_its_suffix_is_recognised(tmp_path: Path) -> None:
    failure = only_failure(outcomes(tmp_path, gzip.compress(json.dumps(GOOD).encode())))
    assert failure.reason == "is gzip-compressed"


def test_utf16_is_one_failure_not_one_a_line(tmp_path: Path) -> None:
    failure = only_failure(outcomes(tmp_path, "\n".join([json.dumps(GOOD)] * 3).encode("utf-16")))
    assert "NUL" in failure.reason
    assert "iconv" in failure.remedy


def test_the_records_before_the_damage_of_a_gzip_file_are_read(tmp_path: Path) -> None:
    lines = [json.dumps(GOOD | {"id": number, "keywords": [str(hash(number))]}) for number in range(2000)]
    packed = gzip.compress("".join(f"{line}\n" for line in lines).encode())
    truncated = outcomes(tmp_path, packed[: len(packed) // 2], name="papers.jsonl.gz")
    assert sum(isinstance(found, Paper) for found in truncated) > 500
    assert [found.reason for found in truncated if isinstance(found, Failure)] == [
        "is damaged gzip: Compressed file ended before the end-of-stream marker was reached"
    ]
    flipped = packed[:-8] + bytes(4) + packed[-4:]
    corrupt = outcomes(tmp_path, flipped, name="papers.jsonl.gz")
    assert isinstance(corrupt[-1], Failure)
    assert "CRC check failed" in corrupt[-1].reason
    assert sum(isinstance(found, Paper) for found in corrupt) == 2000


@pytest.mark.parametrize("name", ["papers.jsonl", "bomb.jsonl.gz"])
def test_a_line_beyond_the_limit_is_skipped_in_bounded_memory(tmp_path: Path, name: str) -> None:
    good = json.dumps(GOOD).encode()
    path = tmp_path / name
    with gzip.open(path, "wb", 1) if name.endswith(".gz") else path.open("wb") as stream:
        stream.write(good + b'\n{"abstract": "')
        for _ in range(50):
            stream.write(b"x" * MIB)
        stream.write(b'"}\n' + good)
    tracemalloc.start()
    before, failure, after = read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(before, Paper)
    assert isinstance(failure, Failure)
    assert str(failure).startswith(f"{path}, line 2: is longer than 16 MiB")
    assert isinstance(after, Paper)
    assert after.source is not None
    assert after.source.place == "line 3"
    assert peak < 3 * RECORD_LIMIT


def test_a_line_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    frame = len(json.dumps({"abstract": ""}))
    whole, over = ({"abstract": "x" * (RECORD_LIMIT - frame + extra)} for extra in (0, 1))
    first, second = outcomes(tmp_path, whole, over)
    assert isinstance(first, Paper)
    assert isinstance(second, Failure)


def test_a_large_file_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "papers.jsonl"
    line = json.dumps(GOOD | {"abstract": "word " * 1000}) + "\n"
    path.write_text(line * 1500)
    tracemalloc.start()
    found = sum(isinstance(paper, Paper) for paper in read(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == 1500
    assert peak < MIB


def test_a_file_can_be_left_before_its_end(tmp_path: Path) -> None:
    path = tmp_path / "papers.jsonl"
    path.write_text(f"{json.dumps(GOOD)}\nnot reached")
    reading = read(path)
    assert isinstance(next(reading), Paper)
    del reading


def test_date_pmcid_and_language_are_taken(tmp_path: Path) -> None:
    (paper,) = outcomes(tmp_path, GOOD | {"published": "2019-05", "pmcid": "PMC12", "language": "eng"})
    assert isinstance(paper, Paper)
    assert (paper.published, paper.year, paper.pmcid, paper.language) == ("2019-05", 2019, "PMC12", "en")
    (paper,) = outcomes(tmp_path, GOOD | {"published": "2019-05", "year": 2020, "language": "sw"})
    assert isinstance(paper, Paper)
    assert (paper.year, paper.language) == (2020, "sw")


@pytest.mark.parametrize(
    ("field", "value"), [("published", "May 2019"), ("published", "2019-13"), ("pmcid", "12"), ("language", "Klingon")]
)
def test_a_malformed_date_pmcid_or_language_is_named(tmp_path: Path, field: str, value: str) -> None:
    (failure,) = outcomes(tmp_path, GOOD | {field: value})
    assert isinstance(failure, Failure)
    assert failure.reason.startswith(f"{field}: ")
