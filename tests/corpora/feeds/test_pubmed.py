"""PubMed by query and by list, from E-utilities in every mood."""

import os
import signal
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

import pytest

from corpora.feeds import eutils, pubmed
from corpora.feeds.errors import Occupied, Refused, Unavailable
from corpora.feeds.folder import Folder
from corpora.feeds.identifiers import Identifier
from corpora.paper import Paper
from corpora.pubmed import read_pubmed
from tests.corpora.feeds.sources import Record, Reply, error, history_expired, pubmed_set, xml

ROOT = Path(__file__).parents[3]


def silent(stage, done, total):
    pass


@pytest.fixture
def fetch(settings, tmp_path):
    def fetched(query="methylation", most=None, anew=False):
        with Folder(tmp_path / "out", f"pubmed: {query}, {most}", anew) as folder:
            return pubmed.fetch_query(settings, folder, query, most, silent)

    return fetched


@pytest.fixture
def fetch_list(settings, tmp_path):
    def fetched(*wanted):
        with Folder(tmp_path / "out", "pubmed: list") as folder:
            return pubmed.fetch_identifiers(settings, folder, wanted, silent)

    return fetched


def pmids(fetched):
    return [item.pmid for file in fetched.files for item in read_pubmed(file) if isinstance(item, Paper)]


def test_all_that_a_query_finds_comes_in_batches_from_the_history(fetch, sources):
    fetched = fetch()
    assert sorted(pmids(fetched)) == sorted(record.pmid for record in sources.records)
    assert [file.name for file in fetched.files] == [f"pubmed-00000{number}.xml" for number in (1, 2, 3)]
    assert (fetched.records, fetched.missing, fetched.notes) == (450, (), ())
    assert [request.form["retstart"] for request in sources.asked("efetch.fcgi")] == ["0", "200", "400"]
    (search,) = sources.asked("esearch.fcgi")
    assert search.form["usehistory"] == "y"


def test_files_are_what_pubmed_sent(fetch, sources):
    fetched = fetch(most=3)
    sent = sources.efetch({"id": ",".join(pmids(fetched))}).body
    assert fetched.files[0].read_bytes() == sent


def test_every_request_says_who_asks_and_no_key_stands_in_an_address(fetch, sources, settings, monkeypatch, tmp_path):
    with_key = settings.model_validate({**settings.model_dump(), "ncbi_key": "secret"})
    with Folder(tmp_path / "out", "x") as folder:
        pubmed.fetch_query(with_key, folder, "methylation", 1, silent)
    for request in sources.requests:
        assert request.method == "POST"
        assert request.form["tool"] == "epicite"
        assert request.form["email"] == "me@example.org"
        assert request.form["api_key"] == "secret"
        assert "secret" not in request.path
    assert "secret" not in "".join(path.read_text() for path in (tmp_path / "out").rglob("*") if path.is_file())


def test_without_a_key_it_asks_three_times_a_second_and_with_one_ten(settings, monkeypatch):
    speeds = []
    monkeypatch.undo()
    monkeypatch.setattr(eutils, "Client", lambda settings, per_second, passing: speeds.append(per_second))
    eutils.Eutils(settings)
    eutils.Eutils(settings.model_validate({**settings.model_dump(), "ncbi_key": "secret"}))
    assert speeds == [3, 10]


@pytest.mark.parametrize("most", [1, 200, 201])
def test_no_more_come_than_were_wanted(fetch, most):
    assert len(pmids(fetch(most=most))) == most


def test_a_query_that_finds_nothing_is_no_error(fetch):
    fetched = fetch("no such words")
    assert (fetched.files, fetched.records, fetched.missing) == ((), 0, ())


@pytest.mark.parametrize("most", [None, 390])
def test_more_than_one_search_can_give_comes_by_days(fetch, sources, monkeypatch, most):
    for place in (eutils, pubmed):
        monkeypatch.setattr(place, "MOST_FOUND", 100)
    fetched = fetch(most=most)
    found = pmids(fetched)
    assert len(found) == len(set(found)) == (most or 450)
    assert fetched.notes == ()
    days = [(request.form["mindate"], request.form["maxdate"]) for request in sources.asked("esearch.fcgi")[1:]]
    assert all(len(day) == 10 for pair in days for day in pair)
    newest = max(record.day for record in sources.records)
    assert found[0] in {record.pmid for record in sources.records if record.day == newest}


def test_a_day_with_more_than_one_search_can_give_is_told(fetch, sources, monkeypatch):
    for place in (eutils, pubmed):
        monkeypatch.setattr(place, "MOST_FOUND", 100)
    sources.records = [Record(str(number), f"Methylation {number}") for number in range(1, 151)]
    fetched = fetch()
    assert len(pmids(fetched)) == 100
    assert fetched.notes == (
        "Of 150 records that came into PubMed on 2020-01-01 only 100 can be had. Narrow the query for the others.",
    )


def test_a_history_that_has_expired_is_replaced_by_the_pmids(fetch, sources):
    sources.by_name["efetch.fcgi"] = deque([None, history_expired()])
    fetched = fetch()
    assert len(pmids(fetched)) == 450
    asked = sources.asked("efetch.fcgi")
    assert [("WebEnv" in request.form) for request in asked] == [True, True, False, False]


@pytest.mark.parametrize("said", ["Unable to obtain query #1", "Search backend cannot retrieve history data."])
def test_the_history_may_also_expire_within_a_good_answer(fetch, sources, said):
    sources.faults.extend([None, error(said)])
    assert len(pmids(fetch())) == 450


def test_records_that_the_history_leaves_out_are_asked_for_by_pmid(fetch, sources):
    sources.faults.extend([None, xml(pubmed_set())])
    assert len(pmids(fetch())) == 450


@pytest.mark.parametrize(
    "fault",
    [
        Reply(b'{"error":"API rate limit exceeded","count":"4"}', 429),
        Reply(b"", 500),
        error("Error: External viewer error: Empty Response. Bytes read: 0 Status: Timeout", 400),
        error("Error occurred: proxy_stream(): 502 Bad Gateway", 400),
        error("eFetch Result: Bad"),
        Reply(b"eFetch Result: Bad"),
        Reply(b"<html><body>NCBI is down for maintenance</body></html>"),
        Reply(xml(pubmed_set()).body, cut=90),
        Reply(xml(pubmed_set()).body[:150]),
    ],
    ids=["429", "500", "viewer", "proxy", "ERROR", "text", "HTML", "cut off", "half XML"],
)  # fmt: skip
@pytest.mark.parametrize("place", [0, 2])
def test_what_passes_by_costs_nothing(fetch, sources, fault, place):
    sources.faults.extend([None] * place + [fault])
    fetched = fetch()
    assert len(pmids(fetched)) == 450
    assert fetched.missing == ()


def test_a_wrong_key_is_told_at_once(fetch, sources):
    sources.faults.append(Reply(b'{"error":"API key invalid","api-key":"x"}', 400))
    with pytest.raises(Refused, match="does not take the key") as caught:
        fetch()
    assert "EPICITE_FEEDS__NCBI_KEY" in caught.value.remedy
    assert len(sources.requests) == 1


def test_what_came_before_an_error_is_kept_and_the_next_run_goes_on_from_there(fetch, sources, tmp_path):
    sources.faults.extend([None, None] + [Reply(b"", 503)] * 20)
    with pytest.raises(Unavailable, match="HTTP 503"):
        fetch()
    kept = sorted(path.name for path in (tmp_path / "out").glob("*.xml"))
    assert kept == ["pubmed-000001.xml"]
    sources.faults.clear()
    sources.requests.clear()
    assert len(pmids(fetch())) == 450
    assert sources.asked("esearch.fcgi") == []
    assert [request.form["retstart"] for request in sources.asked("efetch.fcgi")] == ["200", "400"]


def test_a_fetch_that_is_done_asks_nothing_and_anew_asks_all(fetch, sources):
    first = fetch()
    sources.requests.clear()
    assert fetch() == first
    assert sources.requests == []
    sources.records.append(Record("1000", "Methylation anew", day="2026/01/01"))
    assert fetch(anew=True).records == 451


def test_a_folder_answers_one_question(fetch, tmp_path):
    fetch(most=1)
    with pytest.raises(Occupied, match="holds the answer to something else") as caught:
        fetch(most=2)
    assert "--out" in caught.value.remedy
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.xml").write_text("<x/>")
    with pytest.raises(Occupied, match="files in it that were not fetched"), Folder(tmp_path / "other", "x"):
        pass


def test_two_at_once_do_not_share_a_folder(tmp_path):
    with (
        Folder(tmp_path, "x"),
        pytest.raises(Occupied, match="Another process is fetching"),
        Folder(tmp_path, "x"),
    ):
        pass
    with Folder(tmp_path, "x"):
        pass


def test_what_a_killed_process_had_is_there_and_only_the_rest_is_asked_for(fetch, settings, sources, tmp_path):
    sources.by_name["efetch.fcgi"] = deque([None, None, Reply(b"", seconds=30)])
    program = f"""
from pathlib import Path
from corpora.feeds import eutils, pubmed
from corpora.feeds.folder import Folder
from corpora.feeds.settings import FeedSettings
settings = FeedSettings.model_validate_json({settings.model_copy(update={"patience": 60.0}).model_dump_json()!r})
eutils.KEYLESS = 1000.0
with Folder(Path({str(tmp_path / "out")!r}), "pubmed: methylation, None") as folder:
    pubmed.fetch_query(settings, folder, "methylation", None, lambda stage, done, total: None)
"""
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT)
    ends = time.monotonic() + 30
    while len(sources.asked("efetch.fcgi")) < 3 and time.monotonic() < ends and process.poll() is None:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert len(list((tmp_path / "out").glob("*.xml"))) == 2
    sources.requests.clear()
    fetched = fetch()
    assert len(pmids(fetched)) == 450
    assert [request.form["retstart"] for request in sources.requests] == ["400"]


def test_a_file_appears_whole_or_not_at_all(tmp_path, monkeypatch):
    folder = Folder(tmp_path, "x")

    def killed(descriptor):
        raise KeyboardInterrupt

    with folder:
        folder.keep("a.xml", b"old")
        monkeypatch.setattr("corpora.feeds.folder._to_disk", killed)
        with pytest.raises(KeyboardInterrupt):
            folder.keep("a.xml", b"new")
    assert [path.read_bytes() for path in folder.files()] == [b"old"]


def test_papers_come_by_pmid_pmcid_and_doi_and_the_absent_are_named(fetch_list, sources):
    fetched = fetch_list(
        Identifier("pmid", "7"), Identifier("pmcid", "PMC9008"), Identifier("doi", "10.1000/m9"),
        Identifier("pmid", "99999"), Identifier("pmcid", "PMC1"), Identifier("doi", "10.1000/none"),
    )  # fmt: skip
    assert sorted(pmids(fetched)) == ["7", "8", "9"]
    assert fetched.missing == ("pmid:99999", "pmcid:PMC1", "doi:10.1000/none")
    assert fetched.records == 3


def test_an_identifier_that_is_searched_for_as_words_brings_no_strangers(fetch_list, sources):
    plain = sources.esearch

    def lenient(form):
        terms = form["term"].replace('"10.1000/none"[AID]', "methylation")
        return plain({**form, "term": terms})

    sources.esearch = lenient
    fetched = fetch_list(*(Identifier("doi", f"10.1000/{name}") for name in ("m1", "none", "m2", "m3")))
    assert sorted(pmids(fetched)) == ["1", "2", "3"]
    assert fetched.missing == ("doi:10.1000/none",)


def test_a_list_of_papers_that_pubmed_does_not_have_brings_no_file(fetch_list):
    fetched = fetch_list(Identifier("pmid", "99999"))
    assert (fetched.files, fetched.records, fetched.missing) == ((), 0, ("pmid:99999",))


def test_a_list_goes_on_where_it_stopped(fetch_list, sources):
    wanted = [Identifier("pmid", str(number)) for number in range(1, 451)]
    sources.faults.extend([None] + [Reply(b"", 500)] * 20)
    with pytest.raises(Unavailable):
        fetch_list(*wanted)
    sources.faults.clear()
    sources.requests.clear()
    assert len(pmids(fetch_list(*wanted))) == 450
    assert len(sources.requests) == 2


def test_records_that_pubmed_counts_and_does_not_give_are_named(fetch, sources):
    sources.withheld = {"3", "5"}
    fetched = fetch()
    assert sorted(fetched.missing) == ["pmid:3", "pmid:5"]
    assert fetched.records == len(pmids(fetched)) == 448
