"""Ingest: files and folders into a library, and what happens when they change."""

import json

import pytest

from retrieval.ingest import ingest, take_in
from retrieval.upkeep import verify


def write(path, *records):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def counts(report):
    return report.added, report.updated, report.unchanged, report.removed, len(report.failures)


def texts(library):
    return sorted(stored.paper.text for stored in library.papers())


MLH1 = {"pmid": "1", "title": "MLH1 is silenced."}
P53 = {"pmid": "2", "title": "p53 is lost."}


def test_a_folder_of_mixed_files_becomes_papers_that_are_found(quick, tmp_path):
    folder = tmp_path / "papers"
    write(folder / "a.jsonl", MLH1, P53, {"title": "Zebrafish fins regenerate."})
    (folder / "b.txt").write_text("Maize leaves\n\nMaize leaves were methylated.")
    (folder / "c.md").write_text("# Wheat yield\n\nWheat yield was predicted.")
    report = ingest(quick, [folder])
    assert counts(report) == (5, 0, 0, 0, 0)
    assert quick.pending() == {"vectors": 0, "gene names": 0, "evidence": 0}
    for question, text in (("zebrafish", "Zebrafish fins regenerate."), ("wheat yield predicted", "Wheat")):
        assert text in quick.search(question).hits[0].text
    assert counts(ingest(quick, [folder])) == (0, 0, 5, 0, 0)
    assert verify(quick) == []


def test_what_cannot_be_read_is_told_and_hinders_nothing_else(quick, tmp_path):
    write(tmp_path / "a.jsonl", MLH1)
    (tmp_path / "b.jsonl").write_text(
        '{"pmid": "x1", "title": "bad"}\n{"pmid": "2", "title": "p53 is lost."}\nno JSON\n'
    )
    report = ingest(quick, [tmp_path / "a.jsonl", tmp_path / "missing", tmp_path / "b.jsonl"])
    assert counts(report) == (2, 0, 0, 0, 3)
    assert [str(failure.source).split("/")[-1] for failure in report.failures] == [
        "missing",
        "b.jsonl, line 1",
        "b.jsonl, line 3",
    ]
    assert all(failure.reason and failure.remedy for failure in report.failures)


def test_records_without_identifier_that_vanish_from_an_edited_file_are_removed(quick, tmp_path):
    path = write(tmp_path / "a.jsonl", {"title": "Maize."}, {"title": "Wheat."}, MLH1)
    ingest(quick, [path])
    write(path, {"title": "Maize."}, {"title": "Barley."})
    assert counts(ingest(quick, [path])) == (1, 0, 1, 1, 0)
    assert texts(quick) == ["Barley.", "MLH1 is silenced.", "Maize."]
    assert [hit.text for hit in quick.search("wheat").hits if "Wheat" in hit.text] == []
    assert verify(quick) == []


def test_records_without_identifier_stay_where_their_file_could_not_be_read_to_its_end(quick, tmp_path):
    path = write(tmp_path / "a.jsonl", {"title": "Maize."}, {"title": "Wheat."})
    ingest(quick, [path])
    path.write_text(path.read_text().splitlines()[0] + "\nhalf of a li")
    assert counts(ingest(quick, [path])) == (0, 0, 1, 0, 1)
    assert texts(quick) == ["Maize.", "Wheat."]


def test_records_without_identifier_stay_where_another_file_is_read(quick, tmp_path):
    first = write(tmp_path / "a.jsonl", {"title": "Maize."})
    second = write(tmp_path / "b.jsonl", {"title": "Wheat."})
    ingest(quick, [first])
    assert counts(ingest(quick, [second])) == (1, 0, 0, 0, 0)
    assert texts(quick) == ["Maize.", "Wheat."]


def test_a_record_that_moved_to_another_file_is_not_lost(quick, tmp_path):
    folder = tmp_path / "papers"
    write(folder / "a.jsonl", {"title": "Maize."}, {"title": "Wheat."})
    write(folder / "b.jsonl", {"title": "Barley."})
    ingest(quick, [folder])
    write(folder / "a.jsonl", {"title": "Maize."})
    write(folder / "b.jsonl", {"title": "Barley."}, {"title": "Wheat."})
    ingest(quick, [folder])
    assert texts(quick) == ["Barley.", "Maize.", "Wheat."]


def test_an_edited_record_with_identifier_is_updated(quick, tmp_path):
    path = write(tmp_path / "a.jsonl", MLH1, P53)
    ingest(quick, [path])
    write(path, MLH1, P53 | {"title": "p53 is not lost."})
    assert counts(ingest(quick, [path])) == (0, 1, 1, 0, 0)
    assert texts(quick) == ["MLH1 is silenced.", "p53 is not lost."]


def test_one_identifier_with_two_texts_fails_the_second_every_time(quick, tmp_path):
    path = write(tmp_path / "a.jsonl", MLH1, MLH1 | {"title": "MLH1 is not silenced."})
    for expected in ((1, 0, 0, 0, 1), (0, 0, 1, 0, 1)):
        report = ingest(quick, [path])
        assert counts(report) == expected
        assert report.failures[0].source.place == "line 2"
        assert "PMID 1 has two different texts" in report.failures[0].reason
    assert counts(ingest(quick, [path], replace=True)) == (0, 0, 1, 0, 1)
    assert texts(quick) == ["MLH1 is silenced."]


def test_one_identifier_with_two_texts_in_two_files_is_settled_by_replace(quick, tmp_path):
    first = write(tmp_path / "a.jsonl", MLH1)
    second = write(tmp_path / "b.jsonl", MLH1 | {"title": "MLH1 is not silenced."})
    assert counts(ingest(quick, [first, second])) == (1, 0, 0, 0, 1)
    assert counts(ingest(quick, [second])) == (0, 0, 0, 0, 1)
    assert counts(ingest(quick, [second], replace=True)) == (0, 1, 0, 0, 0)
    assert texts(quick) == ["MLH1 is not silenced."]
    assert counts(ingest(quick, [first, second])) == (0, 0, 1, 0, 1)


def test_the_same_file_named_twice_or_through_a_link_is_read_to_no_harm(quick, tmp_path):
    path = write(tmp_path / "a.jsonl", MLH1, {"title": "Maize."})
    (tmp_path / "link.jsonl").symlink_to(path)
    report = ingest(quick, [path, path, tmp_path / "link.jsonl"])
    assert counts(report) == (2, 0, 4, 0, 0)


def test_progress_tells_reading_and_embedding(quick, tmp_path):
    told = []
    ingest(quick, [write(tmp_path / "a.jsonl", MLH1, P53)], lambda *progress: told.append(progress))
    assert [progress for progress in told if progress[0] == "reading"] == [("reading", 1, None), ("reading", 2, None)]
    assert [progress for progress in told if progress[0] == "embedding"] == [("embedding", 1, 2), ("embedding", 2, 2)]


def test_papers_that_were_read_already_are_taken_in(quick, starter):
    assert counts(take_in(quick, iter(starter[:5]))) == (5, 0, 0, 0, 0)
    assert counts(take_in(quick, iter(starter[:6]))) == (1, 0, 5, 0, 0)


def test_nothing_to_ingest_is_no_error(quick, tmp_path):
    (tmp_path / "empty").mkdir()
    assert counts(ingest(quick, [])) == counts(ingest(quick, [tmp_path / "empty"])) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("text", ["\ud83e\uddec DNA \x00 \ud800", "\u202egnp.exe", "𝕄𝕃ℍ𝟙 甲基化"])
def test_any_text_that_json_can_write_is_stored_and_found_again(quick, tmp_path, text):
    path = write(tmp_path / "a.jsonl", {"id": "1", "title": f"Zebrafish {text} fins."})
    assert counts(ingest(quick, [path])) == (1, 0, 0, 0, 0)
    [hit] = quick.search("zebrafish fins").hits
    assert hit.text == quick.paper(hit.paper_id).text[hit.start : hit.end]
    assert counts(ingest(quick, [path])) == (0, 0, 1, 0, 0)
    assert verify(quick) == []
