import pytest

from corpora.feeds.settings import FeedSettings
from tests.corpora.feeds.sources import Record, Sources


@pytest.fixture
def sources():
    """The played servers, with 450 papers on methylation."""
    with Sources() as played:
        played.records = [
            Record(str(number), f"Methylation of gene {number}", f"10.1000/m{number}", f"PMC{9000 + number}",
                   f"20{number % 24 + 1:02}/{number % 12 + 1:02}/15", is_open=number % 3 == 0)
            for number in range(1, 451)
        ]  # fmt: skip
        yield played


@pytest.fixture
def settings(sources):
    """Settings that lead to them."""
    return FeedSettings(
        email="me@example.org",
        pubmed=f"{sources.url}/eutils",
        pubmed_files=f"{sources.url}/pubmed",
        europepmc=f"{sources.url}/rest",
        retractions=f"{sources.url}/retraction_watch.csv",
        patience=1.0,
    )


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No pause that a test does not ask for."""
    monkeypatch.setattr("corpora.feeds.client.FIRST_PAUSE", 0.001)
    for name in ("eutils.KEYLESS", "eutils.WITH_KEY", "europepmc.PER_SECOND", "pubmed_files.PER_SECOND"):
        monkeypatch.setattr(f"corpora.feeds.{name}", 1000.0)
