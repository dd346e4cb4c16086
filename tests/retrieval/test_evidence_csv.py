import csv
from io import StringIO

from retrieval.evidence_csv import COLUMNS, as_csv
from retrieval.evidence_row import EvidenceRow

ROW = EvidenceRow(
    key="aa:1-2:3-4", library="starter", paper=1, sha256="aa", pmid="24088737", doi=None, title='Of "p16", and more',
    journal=None, year=2013, retracted=False, gene="p16", symbols=("CDKN2A", "CDK2AP2"), status="hypermethylated",
    sign="+", disease="gastric cancer", disease_text="胃癌", sample="tumour", some=12, all=40, percent=30.0, site=None,
    negated=False, speculated=True, quote="p16 was\nhypermethylated.", start=10, end=34, source="tagger", score=0.5,
    verdict=None,
)  # fmt: skip


def test_a_table_reads_back_as_it_was_written():
    (read,) = csv.DictReader(StringIO(as_csv([ROW])))
    assert tuple(read) == COLUMNS
    assert read["symbols"] == "CDKN2A|CDK2AP2"
    assert (read["quote"], read["title"], read["disease_text"]) == (ROW.quote, ROW.title, "胃癌")
    assert (read["doi"], read["speculated"], read["percent"]) == ("", "True", "30.0")


def test_no_row_is_a_line_of_names():
    assert as_csv([]) == ",".join(COLUMNS) + "\n"
