"""Files of evidence that people correct: what they say comes back, what is wrong is named, and nothing else changes."""

import json

import pytest

from retrieval.errors import LibraryError
from retrieval.evidence_exchange import Imported, export_rows, export_standoff, import_rows
from retrieval.evidence_row import Correction, EvidenceQuestion
from seqmodels.tagger.standoff import read_standoff

TEXT = (
    "MLH1 in β-cells\r\nMLH1 was hypermethylated\nin tumours, 胃癌. RASSF1A was perhaps methylated. p16 was methylated."
)


@pytest.fixture
def told(read, paper, starter):
    """A library of a paper and a digest that were read."""
    read.add(paper(TEXT, pmid="1", title="MLH1 in β-cells"))
    read.add(starter[0])
    read.derive()
    return read


@pytest.fixture
def exported(told, tmp_path):
    """The file of all rows."""
    export_rows(told.evidence(), tmp_path / "rows.jsonl")
    return tmp_path / "rows.jsonl"


@pytest.fixture
def standoff(told, tmp_path):
    """The folder of all rows."""
    export_standoff([told], told.evidence(), tmp_path / "standoff")
    return tmp_path / "standoff"


def everything(library):
    return library.evidence(EvidenceQuestion(with_rejected=True))


def fill_in(path, *lines):
    """Change the fields of the first lines of a file."""
    told = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for record, changes in zip(told, lines, strict=False):
        record.update(changes)
    path.write_text("".join(json.dumps(record) + "\n" for record in told), encoding="utf-8")


def change(path, before, after):
    text = path.read_bytes().decode()
    assert before in text
    path.write_bytes(text.replace(before, after, 1).encode())


def test_a_file_that_comes_back_as_it_was_changes_nothing(told, exported, standoff):
    before = everything(told)
    for path in (exported, standoff):
        assert import_rows([told], path) == Imported(0, (), 0)
    assert everything(told) == before


def test_verdicts_that_were_filled_in_are_taken_in(told, exported):
    keys = [row.key for row in told.evidence()]
    empty = {"gene": "", "status": "", "disease": "", "sample": ""}
    fill_in(
        exported,
        {"verdict": "accepted", "correction": empty},
        {"verdict": "rejected", "correction": None},
        {"verdict": "corrected", "correction": {"disease": "lung cancer"}},
        {"correction": {"status": "unmethylated"}},
    )
    assert import_rows([told], exported).taken == 4
    rows = {row.key: row for row in everything(told)}
    assert [rows[key].verdict for key in keys[:4]] == ["accepted", "rejected", "corrected", "corrected"]
    assert (rows[keys[2]].disease, rows[keys[3]].status) == ("lung cancer", "unmethylated")


@pytest.mark.parametrize("none", ["none", None])
def test_a_row_is_corrected_to_have_no_disease_and_no_sample(told, exported, none):
    key = told.evidence()[0].key
    told.judge(key, "corrected", Correction(disease="lung cancer", sample="blood"))
    fill_in(exported, {"correction": {"disease": none, "sample": none}})
    assert import_rows([told], exported).taken == 1
    row = next(row for row in everything(told) if row.key == key)
    assert (row.verdict, row.disease, row.disease_text, row.sample) == ("corrected", None, None, None)


def test_the_nulls_of_an_exported_line_say_nothing_of_a_disease(told, exported):
    untold = json.loads(exported.read_text(encoding="utf-8").splitlines()[0])["correction"]
    before = next(row for row in told.evidence() if row.disease and row.sample)
    fill_in(
        exported,
        *[
            {} if row.key != before.key else {"correction": untold | {"status": "unmethylated"}}
            for row in told.evidence()
        ],
    )
    import_rows([told], exported)
    row = next(row for row in everything(told) if row.key == before.key)
    assert (row.status, row.disease, row.sample) == ("unmethylated", before.disease, before.sample)


def test_what_was_corrected_can_be_exported_and_taken_in_again(told, tmp_path):
    told.judge(told.evidence()[1].key, "corrected", Correction(gene="E-cadherin", status="demethylated"))
    before = everything(told)
    export_rows(before, tmp_path / "rows.jsonl")
    export_standoff([told], before, tmp_path / "standoff")
    for path in (tmp_path / "rows.jsonl", tmp_path / "standoff"):
        assert import_rows([told], path) == Imported(0, (), 0)
    assert everything(told) == before


def test_a_row_of_a_paper_that_changed_is_told_of(told, exported, paper):
    fill_in(exported, {"verdict": "accepted"})
    told.add(paper("Another text.", pmid="1"), replace=True)
    gone = json.loads(exported.read_text(encoding="utf-8").splitlines()[0])["key"]
    assert import_rows([told], exported) == Imported(0, (gone,), 0)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"verdict": "yes"}, "line 1 is no row of evidence (verdict: "),
        ({"verdict": "corrected"}, "line 1 is corrected, but its correction is empty"),
        ({"verdict": "accepted", "correction": {"gene": "p16"}}, "line 1 corrects what is accepted"),
        ({"correction": {"staus": "methylated"}}, "line 1 is no row of evidence (correction: staus: "),
        ({"correction": {"status": "silenced"}}, "line 1 is no row of evidence (correction: status: "),
        ({"key": None}, "line 1 is no row of evidence (key: "),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_taken_in(told, exported, changes, complaint):
    before = everything(told)
    fill_in(exported, changes, {"verdict": "rejected"})
    with pytest.raises(LibraryError) as caught:
        import_rows([told], exported)
    assert f"{exported}, {complaint}" in str(caught.value)
    assert everything(told) == before


def test_what_is_no_export_is_named(told, tmp_path):
    (tmp_path / "notes.jsonl").write_text("hello\n")
    (tmp_path / "picture.jsonl").write_bytes(b"\xff\xfe")
    for name in ("notes.jsonl", "picture.jsonl", "absent.jsonl", "."):
        with pytest.raises(LibraryError) as caught:
            import_rows([told], tmp_path / name)
        assert str(tmp_path) in str(caught.value)


# Stand-off


def test_annotation_marks_the_very_characters_of_the_text(told, standoff, tmp_path):
    names = [path.stem for path in standoff.glob("*.txt")]
    assert len(names) == 2
    records = [
        {"pmid": name, "text": (standoff / f"{name}.txt").read_bytes().decode()}
        | {part: (standoff / f"{name}.{part}").read_text(encoding="utf-8") for part in ("a1", "a2")}
        for name in names
    ]
    path = tmp_path / "documents.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records if "\r" not in record["text"]))
    (document,) = read_standoff(path)
    assert {(event.theme.text, event.trigger.text) for event in document.events} >= {("RASSF1A", "hypermethylated")}
    assert {record["text"] for record in records} == {stored.paper.text for stored in told.papers()}


def test_an_event_that_is_taken_out_is_rejected_and_one_that_is_changed_corrected(told, standoff):
    before = [row for row in told.evidence() if row.pmid == "1"]
    (annotation,) = standoff.glob("1-*.a2")
    lines = [line for line in annotation.read_text(encoding="utf-8").splitlines() if "E1" not in line]
    annotation.write_text("\n".join([*lines, "E99\tDNA_methylation:T2 Theme:T1", ""]), encoding="utf-8")
    change(annotation, "Status E2 hypermethylated", "Status E2 unmethylated")
    change(annotation, "Status E3 methylated", "Status E3 methylated\nA90\tVerdict E3 accepted")
    change(annotation, next(line for line in lines if line.startswith("E4")), "E4\tDNA_methylation:T2 Theme:T1")
    imported = import_rows([told], standoff)
    assert (imported.taken, imported.new) == (4, 1)
    rows = {row.key: row for row in everything(told)}
    rejected, status, accepted, gene = (rows[row.key] for row in before)
    assert [row.verdict for row in (rejected, status, accepted, gene)] == [
        "rejected", "corrected", "accepted", "corrected",
    ]  # fmt: skip
    assert (status.gene, status.status) == (before[1].gene, "unmethylated")
    assert (gene.gene, gene.status) == ("MLH1", before[3].status) != (before[3].gene, before[3].status)


@pytest.mark.parametrize(
    ("suffix", "before", "after", "complaint"),
    [
        (".a2", "Status E1 methylated", "Status E1 silenced", "'silenced' is none"),
        (".a2", "Status E1", "Verdict E1 maybe\nA90\tStatus E1", "'maybe' is none"),
        (".a2", "E1\tDNA_methylation", "E1 DNA_methylation", "is no annotation"),
        (".a2", "Theme:T", "Theme:T9", "names no gene"),
        (".a1", "Protein 0 ", "Protein 999999 ", "marks nothing in the text"),
        (".txt", "MLH1", "MLH2", "is not the text that was exported"),
    ],
)
def test_a_wrong_annotation_is_named_and_nothing_is_taken_in(told, standoff, suffix, before, after, complaint):
    rows = everything(told)
    (path,) = standoff.glob(f"1-*{suffix}")
    if "Status E1 methylated" in before:
        before = next(line for line in path.read_text().splitlines() if "Status E1" in line).partition("\t")[2]
    change(path, before, after)
    with pytest.raises(LibraryError) as caught:
        import_rows([told], standoff)
    assert complaint in str(caught.value)
    assert str(standoff) in str(caught.value)
    assert everything(told) == rows


def test_a_folder_lacks_nothing_and_is_never_overwritten(told, standoff):
    with pytest.raises(LibraryError, match="is not empty"):
        export_standoff([told], told.evidence(), standoff)
    next(standoff.glob("*.a2")).unlink()
    with pytest.raises(LibraryError, match=r"\.a2 cannot be read"):
        import_rows([told], standoff)
