"""Retraction Watch's file comes whole, or the old one stays."""

import pytest

from corpora.feeds import retractions
from corpora.feeds.errors import Unavailable
from corpora.notices import Notice, read_notices
from tests.corpora.feeds.sources import Reply

HEADING = "Record ID,Title,RetractionDate,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,Reason,Notes,\n"
ROW = '7,"A gene, silenced",5/1/2019 0:00,10.1000/A,21000001,Retraction,+Error in Data;,,\n'
NOTICE = Notice("retraction", "21000001", "10.1000/a", "A gene, silenced", "2019-05-01", reason="Error in Data")


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(retractions, "PER_SECOND", 1000.0)


@pytest.mark.parametrize("ending", ["", "\n"])
def test_the_file_is_fetched_and_read(sources, settings, tmp_path, ending):
    sources.files["/retraction_watch.csv"] = (HEADING + ROW).rstrip("\n").encode() + ending.encode()
    path = retractions.fetch_retractions(settings, tmp_path / "new")
    assert list(read_notices(path)) == [NOTICE]


@pytest.mark.parametrize(
    "fault",
    [
        Reply(b"", 429),
        Reply(b"<!DOCTYPE html><html><body>Sign in</body></html>"),
        Reply((HEADING + ROW).encode(), cut=110),
        Reply((HEADING + ROW + '8,"Cut').encode()),
        Reply(b""),
    ],
    ids=["429", "HTML", "cut off", "half a row", "empty"],
)
def test_what_is_no_whole_file_is_asked_for_again(sources, settings, tmp_path, fault):
    sources.files["/retraction_watch.csv"] = (HEADING + ROW).encode()
    sources.faults.append(fault)
    assert list(read_notices(retractions.fetch_retractions(settings, tmp_path))) == [NOTICE]
    assert len(sources.requests) == 2


def test_where_nothing_better_comes_the_old_file_stays(sources, settings, tmp_path):
    sources.files["/retraction_watch.csv"] = (HEADING + ROW).encode()
    path = retractions.fetch_retractions(settings, tmp_path)
    sources.faults.extend([Reply(b"<html></html>")] * 10)
    with pytest.raises(Unavailable, match="no column RetractionNature"):
        retractions.fetch_retractions(settings, tmp_path)
    assert list(read_notices(path)) == [NOTICE]
