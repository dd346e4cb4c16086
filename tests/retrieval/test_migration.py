"""Libraries of format 1, as it was before papers had works, are brought to the current one."""

import json
import sqlite3

import pytest

from corpora.paper import Paper
from retrieval import migration, works
from retrieval.errors import OutdatedFormat
from retrieval.library import Library
from retrieval.manifest import FORMAT_VERSION, read_manifest
from retrieval.passages import PASSAGE_RULE, passages
from retrieval.upkeep import upgrade, verify

SCHEMA_1 = """
CREATE TABLE counters (name VARCHAR(16) NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (name));
CREATE TABLE papers (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, change INTEGER NOT NULL, run INTEGER NOT NULL,
    sha256 VARCHAR(64) NOT NULL, pmid VARCHAR(9), doi VARCHAR, local_id VARCHAR, source_path VARCHAR,
    title_key VARCHAR, journal_key VARCHAR, year INTEGER, retracted BOOLEAN NOT NULL, owner VARCHAR NOT NULL,
    record TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (pmid), UNIQUE (doi)
);
CREATE INDEX ix_papers_change ON papers (change);
CREATE INDEX ix_papers_sha256 ON papers (sha256);
CREATE INDEX ix_papers_local_id ON papers (local_id);
CREATE INDEX ix_papers_source_path ON papers (source_path);
CREATE INDEX ix_papers_title_key ON papers (title_key);
CREATE INDEX ix_papers_journal_key ON papers (journal_key);
CREATE INDEX ix_papers_year ON papers (year);
CREATE TABLE passages (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, paper_id INTEGER NOT NULL REFERENCES papers (id),
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, sentences TEXT NOT NULL
);
CREATE INDEX ix_passages_paper_id ON passages (paper_id);
CREATE TABLE removals (passage_id INTEGER NOT NULL PRIMARY KEY, change INTEGER NOT NULL);
CREATE INDEX ix_removals_change ON removals (change);
CREATE TABLE verdicts (
    "key" VARCHAR NOT NULL PRIMARY KEY, sha256 VARCHAR(64) NOT NULL, verdict VARCHAR(16) NOT NULL,
    correction TEXT NOT NULL, finding TEXT NOT NULL, owner VARCHAR NOT NULL, time VARCHAR(32) NOT NULL
);
CREATE INDEX ix_verdicts_sha256 ON verdicts (sha256);
INSERT INTO counters VALUES ('change', 5), ('run', 2);
"""
TITLE = "RASSF1A promoter methylation in nasopharyngeal carcinoma"
PAPERS = [
    Paper(text="MLH1 is silenced.", kind="abstract", pmid="1", pmcid="PMC1", published="2001-02", year=2001),
    Paper(text="RASSF1A is methylated.", kind="abstract", title=TITLE, doi="10.1101/1", year=2020, authors=("Li A",)),
    Paper(text="RASSF1A is silent.", kind="abstract", title=TITLE, doi="10.1000/x", year=2021, authors=("Li A",)),
    Paper(text="p53 is lost in mice.", kind="digest", retracted=True, source={"path": "x.jsonl", "place": "line 1"}),
]
LAST_NUMBER = 9  # of a paper that was removed


@pytest.fixture
def old(tmp_path, cheap):
    """The folder of a library as the first format had it."""
    folder = tmp_path / "old"
    folder.mkdir()
    manifest = {
        "format_version": 1, "library_id": "a" * 32, "passage_rule": PASSAGE_RULE,
        "embedder": cheap.record.model_dump(), "languages": ["en"], "owner": "rosalind",
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest))
    connection = sqlite3.connect(folder / "library.sqlite")
    connection.executescript(SCHEMA_1)
    for number, paper in enumerate(PAPERS, start=1):
        record = paper.model_dump_json(exclude={"text"}, exclude_defaults=True)
        key = paper.title.casefold() if paper.title else None
        path = str(paper.source.path) if paper.source else None
        said = (paper.pmid, paper.doi, path, key, paper.year, paper.retracted, record, paper.text)
        connection.execute(
            "INSERT INTO papers VALUES (?, ?, 0, ?, ?, ?, NULL, ?, ?, NULL, ?, ?, 'rosalind', ?, ?)",
            (number, number, paper.sha256, *said),
        )
        for passage in passages(paper):
            row = (number, passage.start, passage.end, json.dumps(passage.sentences))
            connection.execute('INSERT INTO passages (paper_id, start, "end", sentences) VALUES (?, ?, ?, ?)', row)
    connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'papers'", (LAST_NUMBER,))
    connection.commit()
    connection.close()
    return folder


def check(folder, cheap):
    """That nothing is lost, and that what is new is there."""
    with Library.open(folder, cheap) as library:
        assert library.manifest.format_version == FORMAT_VERSION
        assert (library.manifest.owner, library.manifest.library_id) == ("rosalind", "a" * 32)
        assert [stored.paper for stored in library.papers()] == PAPERS
        upgrade(library)
        assert verify(library) == []
        with library.database.reading() as connection:
            assert works.count(connection) == 3
            assert list(works.others(connection, 2)) == [3]
            rows = connection.exec_driver_sql("SELECT pmcid, published_last, kind FROM papers ORDER BY id").all()
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert [tuple(row) for row in rows] == [
            ("PMC1", "2001-02-28", "abstract"),
            (None, "2020-12-31", "abstract"),
            (None, "2021-12-31", "abstract"),
            (None, None, "digest"),
        ]
        assert library.search("MLH1 silenced").hits[0].paper_id == 1
        assert library.add(PAPERS[0].model_copy(update={"text": "All of it.", "kind": "full text"})) == "added"
        assert library.find_paper("pmid:1")[0].id == LAST_NUMBER + 1


def test_a_small_library_of_format_1_is_brought_up_to_date_when_it_is_opened(old, cheap):
    check(old, cheap)


def test_a_large_one_is_refused_with_the_way_out_and_left_as_it_is(old, cheap, monkeypatch):
    monkeypatch.setattr(migration, "_AT_ONCE", 3)
    before = (old / "library.sqlite").read_bytes()
    with pytest.raises(OutdatedFormat, match=r"4 papers.*epicite library upgrade --library") as refused:
        Library.open(old, cheap)
    assert refused.value.folder == old
    assert (old / "library.sqlite").read_bytes() == before
    assert read_manifest(old).format_version == 1
    told = []
    assert migration.migrate(old, lambda *progress: told.append(progress)) is True
    assert told[-1] == ("works", 4, 4)
    assert migration.migrate(old) is False
    check(old, cheap)


@pytest.mark.parametrize("stage", ["_copy", "_settle", "_settle_one", "write_manifest"])
def test_one_that_is_killed_half_way_goes_on(old, cheap, monkeypatch, stage):
    done = getattr(migration, stage)
    calls = []

    def killed(*arguments):
        calls.append(stage)
        if stage != "_settle_one" or len(calls) == 3:
            if stage == "_copy":
                done(*arguments)
            raise KeyboardInterrupt
        return done(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(migration, stage, killed)
        patch.setattr(migration, "_BATCH", 1)
        with pytest.raises(KeyboardInterrupt):
            migration.migrate(old)
    assert read_manifest(old).format_version == 1
    check(old, cheap)


@pytest.mark.parametrize("record", ['{"kind": "novel"}', '{"kind":'])
def test_a_damaged_record_keeps_no_other_paper_from_its_work(old, cheap, record):
    connection = sqlite3.connect(old / "library.sqlite")
    connection.execute("UPDATE papers SET record = ? WHERE id = 1", (record,))
    connection.commit()
    connection.close()
    with Library.open(old, cheap) as library, library.database.reading() as connection:
        assert works.count(connection) == 3
        assert list(works.others(connection, 2)) == [3]
