"""Export and import: a library as a file, whole and nothing else."""

import pytest

from corpora.notices import Notice
from corpora.paper import Section, Source
from corpora.reading import read as read_file
from retrieval.errors import LibraryError
from retrieval.evidence_reading import EvidenceReader
from retrieval.evidence_row import Correction, EvidenceQuestion
from retrieval.exchange import export_papers, import_papers
from retrieval.library import Library
from retrieval.notices import keep_notices, said_of
from retrieval.upkeep import verify


@pytest.fixture
def second(tmp_path, cheap):
    with Library.create(tmp_path / "second", cheap) as library:
        yield library


def test_an_exported_library_comes_back_whole(filled, second, paper, tmp_path):
    filled.add(
        paper(
            "甲基化 🧬\u2028line\x85two. End.", kind="full text", title="甲基化", doi="10.1000/a", year=1999,
            journal="Gut", authors=("A B", "王"), url="https://example.org", genes=("MLH1",), retracted=True,
            page_starts=(0, 5), sections=(Section(name="one", start=0, end=4),), source=Source(path=tmp_path / "b.pdf"),
        )
    )  # fmt: skip
    filled.add(paper("Without identifier."))
    assert export_papers(filled, tmp_path / "out.jsonl") == 62
    report = import_papers(second, tmp_path / "out.jsonl")
    assert (report.added, report.failures) == (62, ())
    assert [stored.paper for stored in second.papers()] == [stored.paper for stored in filled.papers()]
    assert second.pending() == {"vectors": 0, "gene names": 0, "evidence": 0}
    assert verify(second) == []
    question = "RASSF1A promoter methylation"
    filled.derive()
    assert [hit.text for hit in second.search(question).hits] == [hit.text for hit in filled.search(question).hits]
    again = import_papers(second, tmp_path / "out.jsonl")
    assert (again.added, again.updated, again.unchanged) == (0, 0, 62)


def test_an_empty_library_is_an_empty_file(quick, second, tmp_path):
    assert export_papers(quick, tmp_path / "out.jsonl") == 0
    assert import_papers(second, tmp_path / "out.jsonl").failures == ()
    assert second.counts().papers == 0


def test_a_failed_export_leaves_the_old_file_and_nothing_else(filled, tmp_path, monkeypatch):
    target = tmp_path / "exports" / "out.jsonl"
    target.parent.mkdir()
    target.write_text("older")

    def papers():
        yield next(original)
        raise OSError(28, "No space left on device")

    original = filled.papers()
    monkeypatch.setattr(filled, "papers", papers)
    with pytest.raises(LibraryError, match=r"out\.jsonl cannot be written \(No space left on device\)"):
        export_papers(filled, target)
    assert [path.name for path in target.parent.iterdir()] == ["out.jsonl"]
    assert target.read_text() == "older"


@pytest.mark.parametrize("target", ["missing/out.jsonl", "file/out.jsonl", "folder"])
def test_a_target_that_cannot_be_written_is_named(quick, tmp_path, target):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(LibraryError, match="cannot be written"):
        export_papers(quick, tmp_path / target)


def test_a_line_that_is_no_paper_is_told_and_the_others_are_taken(second, filled, tmp_path):
    path = tmp_path / "out.jsonl"
    export_papers(filled, path)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[2:4] = ["no JSON\n", '{"text": "x", "kind": "novel"}\n']
    path.write_text("".join(lines), encoding="utf-8")
    report = import_papers(second, path)
    assert report.added == 58
    assert [failure.source.place for failure in report.failures] == ["line 3", "line 4"]


@pytest.mark.parametrize("content", [None, b"\xff\xfe\xfa"])
def test_a_file_that_cannot_be_read_is_told(second, tmp_path, content):
    path = tmp_path / "in.jsonl"
    if content is not None:
        path.write_bytes(content)
    [failure] = import_papers(second, path).failures
    assert failure.source.path == path


def test_what_was_taken_in_before_a_file_breaks_off_stays(second, filled, tmp_path):
    path = tmp_path / "out.jsonl"
    export_papers(filled, path)
    path.write_bytes(path.read_bytes()[:-200])
    report = import_papers(second, path)
    assert (report.added, len(report.failures)) == (59, 1)
    assert second.pending()["vectors"] == 0


def test_verdicts_and_notices_come_back_with_the_papers(read, tmp_path, cheap, paper, spotter):
    read.add(paper("MLH1 is methylated in colon cancer. TP53 is methylated, too.", pmid="1"))
    read.derive()
    rows = read.evidence()
    read.judge(rows[0].key, "rejected")
    read.judge(rows[1].key, "corrected", Correction(gene="CDKN2A"))
    keep_notices(
        read, "watch.csv", [Notice("retraction", doi="10.1000/A", date="2019-05-01"), Notice("correction", "1")]
    )
    assert export_papers(read, tmp_path / "out.jsonl") == 1
    with Library.create(tmp_path / "second", cheap, reader=EvidenceReader(spotter())) as second:
        report = import_papers(second, tmp_path / "out.jsonl")
        assert (report.added, report.failures) == (1, ())
        told = [(row.key, row.verdict, row.gene) for row in second.evidence(EvidenceQuestion(with_rejected=True))]
        assert told == [(row.key, row.verdict, row.gene) for row in read.evidence(EvidenceQuestion(with_rejected=True))]
        assert [notice.kind for notice in said_of(second, "10.1000/a")] == ["retraction"]
        assert second.search("MLH1").hits[0].notices == ("Correction",)
        export_papers(second, tmp_path / "again.jsonl")
        assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "out.jsonl").read_bytes()
        assert import_papers(second, tmp_path / "out.jsonl").unchanged == 1
        export_papers(second, tmp_path / "again.jsonl")
        assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "out.jsonl").read_bytes()


def test_of_two_verdicts_the_later_one_holds(read, tmp_path, paper):
    read.add(paper("MLH1 is methylated in colon cancer.", pmid="1"))
    read.derive()
    [row] = read.evidence()
    read.judge(row.key, "rejected")
    export_papers(read, tmp_path / "out.jsonl")
    with read.database.writing() as connection:
        connection.exec_driver_sql("UPDATE verdicts SET verdict = 'accepted', time = '2999-01-01T00:00:00+00:00'")
    import_papers(read, tmp_path / "out.jsonl")
    assert [row.verdict for row in read.evidence()] == ["accepted"]


def test_a_verdict_that_is_damaged_is_told(second, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"verdict": {"key": "x"}}\n', encoding="utf-8")
    [failure] = import_papers(second, tmp_path / "in.jsonl").failures
    assert failure.source.place == "line 1"


def test_ris_holds_each_reference_once_and_is_read_again(quick, paper, tmp_path):
    told = {
        "title": "甲基化 and RASSF1A", "journal": "Gut", "year": 2019, "published": "2019-05", "pmid": "1",
        "doi": "10.1000/a", "pmcid": "PMC5", "authors": ("Li A", "Wu BC"), "keywords": ("methylation", "tumour"),
        "url": "https://example.org/a;b", "language": "zh",
    }  # fmt: skip
    quick.add(paper("甲基化 and RASSF1A\nRASSF1A is silent.\nMice are not.", **told))
    quick.add(paper("All of it.", file="b.xml", kind="full text", **told))
    quick.add(paper("Only a text."))
    path = tmp_path / "out.ris"
    assert export_papers(quick, path) == 2
    first, last = read_file(path)
    assert {name: getattr(first, name) for name in told} == told
    assert first.text == "甲基化 and RASSF1A\nRASSF1A is silent. Mice are not."
    assert (last.text, last.title) == ("Only a text.", None)
