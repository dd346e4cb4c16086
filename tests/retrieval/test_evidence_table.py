"""The evidence table of a library: it quotes, it follows its papers and its tagger, and it keeps what people say."""

import itertools
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import retrieval
from retrieval import derivation
from retrieval.errors import LibraryError, UnknownRow
from retrieval.evidence_reading import EvidenceReader
from retrieval.evidence_row import Correction, EvidenceQuestion
from retrieval.evidence_table import evidence
from retrieval.library import Library
from retrieval.upkeep import compact, upgrade, verify

TEXT = (
    "MLH1 in colon cancer\nMLH1 was hypermethylated in 12 of 40 tumours. RASSF1A was hypomethylated in cell lines of "
    "gastric cancer. p16 was demethylated in mice."
)


def ask(library, **asked):
    return library.evidence(EvidenceQuestion(**asked))


def misquoted(library):
    texts = {stored.id: stored.paper.text for stored in library.papers()}
    return [row for row in library.evidence() if texts[row.paper][row.start : row.end] != row.quote]


@pytest.fixture
def told(read, paper):
    """A library of one paper that was read."""
    read.add(paper(TEXT, pmid="1", title="MLH1 in colon cancer", journal="J", year=2001))
    read.derive()
    return read


@pytest.fixture
def many(filled, spotter):
    """A library of sixty papers that were read."""
    with reopened(filled, EvidenceReader(spotter())) as library:
        library.derive()
        yield library


def reopened(library, reader):
    return Library.open(library.folder, library.embedder, reader)


# Reading


def test_a_row_says_what_its_paper_says_and_where(told):
    row = ask(told, gene="MLH1", status="hypermethylated")[-1]
    assert (row.gene, row.symbols, row.status, row.sign) == ("MLH1", ("MLH1",), "hypermethylated", "+")
    assert (row.disease, row.sample, row.some, row.all) == ("colon cancer", "tumour", 12, 40)
    assert (row.pmid, row.title, row.journal, row.year) == ("1", "MLH1 in colon cancer", "J", 2001)
    assert (row.library, row.source, row.verdict) == ("read", "tagger", None)
    assert row.quote == "MLH1 was hypermethylated in 12 of 40 tumours."


def test_rows_stand_by_paper_then_by_their_place(many):
    rows = many.evidence()
    assert {row.source for row in rows} == {"tagger", "curated"}
    assert [(row.paper, row.start) for row in rows] == sorted((row.paper, row.start) for row in rows)
    assert len({row.key for row in rows}) == len(rows)


def test_a_library_without_papers_has_no_evidence(read):
    read.derive()
    assert read.evidence() == []


def test_without_a_tagger_only_curated_rows_are_there_and_with_one_the_rest_comes(filled, spotter):
    assert {row.source for row in filled.evidence()} == {"curated"}
    assert filled.pending()["evidence"] == 0
    curated = filled.evidence()
    with reopened(filled, EvidenceReader(spotter())) as library:
        assert library.pending()["evidence"] == 60
        library.derive()
        assert library.pending()["evidence"] == 0
        assert [row for row in library.evidence() if row.source == "curated"] == curated
        assert len(library.evidence()) > len(curated)


def test_an_old_library_gets_its_tables_on_opening_and_its_papers_are_pending(filled):
    filled.close()
    with sqlite3.connect(filled.folder / "library.sqlite") as connection:
        connection.executescript(
            "DROP TABLE evidence; DROP TABLE verdicts; DELETE FROM derivations WHERE producer LIKE 'evidence%'"
        )
    connection.close()
    with reopened(filled, None) as library:
        assert library.pending()["evidence"] == 60
        assert library.evidence() == []
        assert upgrade(library) is True
        assert len(library.evidence()) > 60


def test_another_tagger_replaces_what_the_former_said(many, spotter):
    before = {row.key for row in many.evidence() if row.source == "tagger"}
    with reopened(many, EvidenceReader(spotter("narrow", r"hypermethylat\w+"))) as library:
        assert library.pending()["evidence"] == 60
        library.derive()
        after = {row.key for row in library.evidence() if row.source == "tagger"}
        assert 0 < len(after) < len(before)
        assert {row.status for row in library.evidence() if row.source == "tagger"} == {"hypermethylated"}
        assert verify(library) == []


def test_what_is_read_once_is_not_read_again(many, paper):
    tagger = many.reader.tagger
    read = tagger.texts
    many.derive()
    many.add(paper("p16 was methylated.", pmid="7"))
    many.derive()
    assert tagger.texts == read + 1


def test_a_new_record_of_the_same_text_is_not_read_again_unless_it_becomes_a_digest(told, paper):
    told.add(paper(TEXT, pmid="1", year=2002))
    assert told.pending()["evidence"] == 0
    assert {row.year for row in told.evidence()} == {2002}
    told.add(paper(TEXT, pmid="1", year=2002, kind="digest"))
    assert told.pending()["evidence"] == 1


# Every quote stands in its paper


def test_every_quote_stands_in_its_paper_also_after_an_edit_and_a_removal(many, paper):
    assert misquoted(many) == []
    first, second = many.evidence()[0], next(row for row in many.evidence() if row.paper == 2)
    stored = many.paper(first.paper)
    edited = stored.model_copy(update={"text": f"Preface. {stored.text}", "sections": (), "kind": "abstract"})
    many.add(edited, replace=True)
    many.remove(second.paper)
    assert misquoted(many) == []
    assert {first.paper, second.paper}.isdisjoint(row.paper for row in many.evidence())
    many.derive()
    assert misquoted(many) == []
    assert first.paper in {row.paper for row in many.evidence()}


def test_every_quote_stands_in_its_paper_after_a_retagging_that_was_stopped_half_way(many, spotter, monkeypatch):
    monkeypatch.setattr(derivation, "_PAPERS_PER_BATCH", 7)
    reader = EvidenceReader(spotter("other", r"\w*methylated"))

    def stop(stage, done, total):
        if (stage, done) == ("evidence", 31):
            raise KeyboardInterrupt

    with reopened(many, reader) as library:
        with pytest.raises(KeyboardInterrupt):
            library.derive(stop)
        assert library.pending()["evidence"] == 29
        assert misquoted(library) == []
        library.derive()
        assert library.pending()["evidence"] == 0
        assert misquoted(library) == verify(library) == []
        stopped = library.evidence()
        library.database.close()
    with Library.open(shutil.copytree(many.folder, many.folder.with_name("again")), many.embedder, reader) as again:
        with again.database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM derivations WHERE producer LIKE 'evidence%'")
        again.derive()
        assert [row.key for row in again.evidence()] == [row.key for row in stopped]


DERIVE = """
import runpy, sys
from pathlib import Path
from retrieval.evidence_reading import EvidenceReader
from retrieval.library import Library
cheap = runpy.run_path(sys.argv[1])
reader = EvidenceReader(cheap["Spotter"](sys.argv[3], r"\\w*methylated"))
with Library.open(Path(sys.argv[2]), cheap["BagOfWords"](), reader) as library:
    library.derive_evidence(lambda *progress: print(*progress, flush=True))
"""


def test_every_quote_stands_in_its_paper_after_a_retagging_that_was_killed(many, spotter):
    moments = random.Random(3)
    for name in ("second", "third"):
        process = subprocess.Popen(
            [sys.executable, "-c", DERIVE, Path(__file__).with_name("conftest.py"), many.folder, name],
            cwd=Path(retrieval.__file__).parents[1], stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        told = list(itertools.islice(process.stdout, moments.randrange(5, 50)))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert told
        with reopened(many, EvidenceReader(spotter(name, r"\w*methylated"))) as library:
            assert library.pending()["evidence"] <= 60 - len(told)
            assert misquoted(library) == verify(library) == []
            library.derive()
            assert library.pending()["evidence"] == 0
            assert misquoted(library) == []


def test_a_paper_that_changes_while_it_is_read_is_read_again(read, paper, spotter):
    read.add(paper(TEXT, pmid="1"))

    class Slow(spotter):
        def tag_methylation(self, texts):
            read.add(paper(f"New. {TEXT}", pmid="1"), replace=True)
            return super().tag_methylation(texts)

    with reopened(read, EvidenceReader(Slow())) as library:
        library.derive_evidence()
        assert (library.evidence(), library.pending()["evidence"]) == ([], 1)
    read.derive()
    assert misquoted(read) == []
    assert len(read.evidence()) > 0


def test_a_quote_that_does_not_stand_in_its_paper_is_found_and_mended(told):
    with told.database.writing() as connection:
        connection.exec_driver_sql("""UPDATE evidence SET finding = replace(finding, 'of 40', 'of 41')""")
    assert "Evidence of 1 papers" in verify(told)[0]
    compact(told)
    told.derive()
    assert verify(told) == misquoted(told) == []


# Asking


@pytest.mark.parametrize(
    ("asked", "genes"),
    [
        ({}, {"MLH1", "RASSF1A", "p16"}),
        ({"gene": "hMLH1"}, {"MLH1"}),
        ({"gene": "CDKN2A"}, {"p16"}),
        ({"gene": " rassf1a "}, {"RASSF1A"}),
        ({"gene": "no such gene"}, set()),
        ({"disease": "胃癌"}, {"RASSF1A"}),
        ({"disease": "digestive system cancer"}, {"MLH1", "RASSF1A", "p16"}),
        ({"disease": "colorectal cancer", "status": "-"}, {"p16"}),
        ({"disease": "stomach carcinoma"}, {"RASSF1A"}),
        ({"disease": "lung cancer"}, set()),
        ({"disease": "no such disease"}, set()),
        ({"status": "hypomethylated"}, {"RASSF1A"}),
        ({"status": "-"}, {"RASSF1A", "p16"}),
        ({"sample": "cell line"}, {"RASSF1A"}),
        ({"sample": "animal"}, {"p16"}),
        ({"first_year": 2001, "last_year": 2001}, {"MLH1", "RASSF1A", "p16"}),
        ({"first_year": 2002}, set()),
        ({"last_year": 2000}, set()),
        ({"source": "curated"}, set()),
        ({"gene": "MLH1", "disease": "gastric cancer"}, set()),
    ],
)
def test_a_row_passes_where_it_has_all_that_is_asked(told, asked, genes):
    assert {row.gene for row in ask(told, **asked)} == genes


@pytest.mark.parametrize(
    ("asked", "told_of"),
    [
        ({"status": "silenced"}, "the status 'silenced'. Ask for one of: methylated, hypermethylated"),
        ({"sample": "tumor"}, "the sample 'tumor'. Ask for one of: tumour"),
        ({"source": "me"}, "the source 'me'. Ask for one of: tagger, curated, person."),
        ({"first_year": 2002, "last_year": 2001}, "from 2002 to 2001"),
    ],
)
def test_what_no_row_can_have_is_named(told, asked, told_of):
    with pytest.raises(LibraryError) as caught:
        ask(told, **asked)
    assert told_of in str(caught.value)


def test_a_disease_that_the_tree_does_not_have_is_looked_for_in_the_papers_words(read, starter):
    for each in starter:
        if "esophagus" in each.text:
            read.add(each)
    read.derive()
    assert {row.disease_text for row in ask(read, disease="barrett's")} == {"Barrett's esophagus"}


def test_a_paper_without_year_passes_no_years_and_a_retracted_one_is_left_out(read, paper):
    read.add(paper("p16 was methylated.", pmid="1"))
    read.add(paper("p15 was methylated.", pmid="2", year=2000, retracted=True))
    read.derive()
    assert [row.gene for row in read.evidence()] == ["p16"]
    assert ask(read, first_year=1990) == []
    assert [row.retracted for row in ask(read, first_year=1990, with_retracted=True)] == [True]


def test_rows_of_several_libraries_come_together(told, filled):
    rows = evidence([filled, told], EvidenceQuestion(gene="MLH1"))
    assert list(dict.fromkeys(row.library for row in rows)) == ["filled", "read"]


@settings(max_examples=30)
@given(data=st.data())
def test_asking_more_never_finds_more(many_rows, data):
    asked = data.draw(
        st.fixed_dictionaries(
            {},
            optional={
                "gene": st.sampled_from(["p16", "MLH1", "E-cadherin"]),
                "disease": st.sampled_from(["cancer", "gastric cancer", "lymphoma"]),
                "status": st.sampled_from(["+", "-", "hypermethylated"]),
                "sample": st.sampled_from(["tumour", "cell line"]),
            },
        )
    )
    less = dict(list(asked.items())[:-1])
    assert {row.key for row in ask(many_rows, **asked)} <= {row.key for row in ask(many_rows, **less)}


@pytest.fixture(scope="module")
def many_rows(sixty, cheap, tmp_path_factory):
    with Library.open(shutil.copytree(sixty, tmp_path_factory.mktemp("rows") / "many"), cheap) as library:
        yield library


# What people say


def test_a_rejected_row_is_left_out_unless_it_is_asked_for(told):
    row = ask(told, gene="p16")[0]
    told.judge(row.key, "rejected")
    assert ask(told, gene="p16") == []
    assert [each.verdict for each in ask(told, gene="p16", with_rejected=True)] == ["rejected"]
    told.unjudge(row.key)
    assert ask(told, gene="p16") == [row]


def test_a_corrected_row_says_what_the_person_says_and_is_found_by_it(told):
    row = ask(told, gene="p16")[0]
    told.judge(row.key, "corrected", Correction(gene="E-cadherin", status="hypermethylated", disease="肺癌"))
    (corrected,) = ask(told, gene="CDH1", disease="lung cancer", status="+")
    assert (corrected.source, corrected.verdict, corrected.score) == ("person", "corrected", None)
    assert (corrected.symbols, corrected.disease_text, corrected.sample) == (("CDH1",), "肺癌", row.sample)
    assert (corrected.key, corrected.quote) == (row.key, row.quote)
    assert ask(told, gene="p16") == []
    told.judge(row.key, "accepted")
    assert [(each.gene, each.verdict) for each in ask(told, gene="p16")] == [("p16", "accepted")]


def test_verdicts_outlive_another_tagger_whether_or_not_it_finds_the_row(told, spotter):
    accepted, rejected, corrected = (ask(told, gene=gene)[-1] for gene in ("MLH1", "RASSF1A", "p16"))
    told.judge(accepted.key, "accepted")
    told.judge(rejected.key, "rejected")
    told.judge(corrected.key, "corrected", Correction(status="hypomethylated"))
    for reader in (EvidenceReader(), EvidenceReader(spotter("next", r"(?:was )?\w*methylated"))):
        with reopened(told, reader) as library:
            library.derive()
            judged = {row.key: row for row in ask(library, with_rejected=True) if row.verdict}
            assert {key: row.verdict for key, row in judged.items()} == {
                accepted.key: "accepted", rejected.key: "rejected", corrected.key: "corrected",
            }  # fmt: skip
            assert judged[corrected.key].status == "hypomethylated"
            rows = [(row.gene, row.start) for row in ask(library, with_rejected=True)]
            assert len(rows) == len(set(rows)), "a judged row is not told twice"
            assert misquoted(library) == []


def test_verdicts_are_kept_while_a_paper_is_gone_and_come_back_with_it(told, paper):
    row = ask(told, gene="p16")[0]
    told.judge(row.key, "rejected")
    stored = told.paper(row.paper)
    told.remove(row.paper)
    assert ask(told, with_rejected=True) == []
    told.add(paper("Another text in which p16 was methylated.", pmid="1"))
    told.derive()
    assert [each.verdict for each in ask(told, gene="p16", with_rejected=True)] == [None]
    told.add(stored, replace=True)
    told.derive()
    assert [each.verdict for each in ask(told, gene="p16", with_rejected=True)] == ["rejected"]


def test_a_curated_row_is_judged_like_any_other(filled):
    row = filled.evidence()[0]
    filled.judge(row.key, "corrected", Correction(sample="blood"))
    assert filled.evidence()[0].sample == "blood"
    assert filled.evidence()[0].quote == row.quote


@pytest.mark.parametrize(
    ("verdict", "correction", "complaint"),
    [
        ("corrected", None, "changes nothing"),
        ("corrected", Correction(), "changes nothing"),
        ("accepted", Correction(gene="p16"), "a correction of what is accepted"),
        ("corrected", Correction(status="silenced"), "the status 'silenced'"),
        ("corrected", Correction(sample="tumor"), "the sample 'tumor'"),
        ("corrected", Correction(gene=" "), "an empty gene"),
    ],
)
def test_a_verdict_that_makes_no_sense_is_refused(told, verdict, correction, complaint):
    with pytest.raises(LibraryError) as caught:
        told.judge(told.evidence()[0].key, verdict, correction)
    assert complaint in str(caught.value)
    assert {row.verdict for row in told.evidence()} == {None}


def test_a_row_that_is_not_there_cannot_be_judged(told):
    for act in (lambda: told.judge("abc:1-2:3-4", "accepted"), lambda: told.unjudge(told.evidence()[0].key)):
        with pytest.raises(UnknownRow):
            act()
