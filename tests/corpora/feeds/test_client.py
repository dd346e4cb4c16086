"""The client asks slowly, by name, again where that helps, and says why where it gives up."""

import time
from email.utils import formatdate

import pytest

from corpora.feeds import client as client_module
from corpora.feeds.answer import parse
from corpora.feeds.client import Client, Damaged, user_agent
from corpora.feeds.errors import Refused, Unavailable
from tests.corpora.feeds.sources import Reply, xml

PAGE = Reply(b"<!DOCTYPE html><html><style>p {}</style><body><p>Down for maintenance</p></body></html>")
WHOLE = xml("<answer>yes</answer>")


@pytest.fixture
def client(settings):
    client = Client(settings, 1000.0)
    yield client
    client.close()


@pytest.fixture
def ask(client, sources):
    sources.reply = lambda request: WHOLE

    def asked():
        return client.post(f"{sources.url}/x", {"a": "b"}, lambda body: parse(body, "answer").text)

    return asked


@pytest.mark.parametrize(
    "fault",
    [
        Reply(b'{"error":"API rate limit exceeded"}', 429),
        Reply(b"", 500), Reply(b"", 502), Reply(b"", 503), Reply(b"", 504),
        Reply(WHOLE.body, cut=20),
        Reply(WHOLE.body, cut=50, framed=False),
        Reply(b"", framed=False),
        PAGE,
        xml("<other/>"),
        xml("<answer>&b;</answer>".replace("&b;", "\x01")),
        Reply(b"not gzip", headers={"Content-Encoding": "gzip"}),
        Reply(WHOLE.body, seconds=1.5),
    ],
    ids=["429", "500", "502", "503", "504", "cut off", "cut XML", "empty", "HTML", "root", "no XML", "gzip", "silent"],
)  # fmt: skip
def test_what_passes_by_is_asked_again(ask, sources, fault):
    sources.faults.append(fault)
    assert ask() == "yes"
    assert len(sources.requests) == 2


def test_a_slow_answer_is_waited_for_as_long_as_it_comes(ask, sources):
    sources.faults.append(Reply(WHOLE.body, drip=0.05))
    assert ask() == "yes"
    assert len(sources.requests) == 1


def test_an_answer_that_trickles_for_ever_is_given_up(ask, sources, monkeypatch):
    monkeypatch.setattr(client_module, "ANSWER_SECONDS", 0.1)
    sources.faults.append(Reply(WHOLE.body, drip=0.05))
    assert ask() == "yes"
    assert len(sources.requests) == 2


def test_an_answer_without_end_is_refused_before_it_fills_the_memory(ask, sources, monkeypatch):
    monkeypatch.setattr(client_module, "ANSWER_LIMIT", 10)
    with pytest.raises(Refused, match="longer than"):
        ask()


@pytest.mark.parametrize(
    "say", [lambda: "2", lambda: formatdate(time.time() + 2, usegmt=True)], ids=["seconds", "date"]
)
def test_retry_after_is_honoured(ask, sources, monkeypatch, say):
    waits = []
    monkeypatch.setattr(client_module.time, "sleep", waits.append)
    sources.faults.append(Reply(b"", 429, {"Retry-After": say()}))
    assert ask() == "yes"
    assert 0.5 < max(waits) <= 2


def test_a_source_that_wants_to_be_left_alone_for_long_is(ask, sources):
    sources.faults.append(Reply(b"", 503, {"Retry-After": "3600"}))
    with pytest.raises(Unavailable, match="left alone for 3600 seconds"):
        ask()
    assert len(sources.requests) == 1


def test_pauses_double(ask, sources, monkeypatch):
    waits = []
    monkeypatch.setattr(client_module, "FIRST_PAUSE", 1.0)
    monkeypatch.setattr(client_module.time, "sleep", waits.append)
    sources.faults.extend([Reply(b"", 500)] * 4)
    assert ask() == "yes"
    assert [wait for wait in waits if wait >= 1] == [1, 2, 4, 8]


def test_after_the_last_attempt_the_error_says_what_was_found(ask, sources):
    sources.faults.extend([PAGE] * 10)
    with pytest.raises(Unavailable) as caught:
        ask()
    assert len(sources.requests) == client_module.ATTEMPTS
    assert "6 attempts" in caught.value.reason
    assert "the answer is" in caught.value.reason
    assert caught.value.remedy == "Try again later: it goes on from here."


@pytest.mark.parametrize("status", [400, 401, 403, 404, 414])
def test_a_refusal_is_told_at_once_with_what_the_source_said(ask, sources, status):
    sources.faults.append(Reply(b"<html><style>x</style><p>No  such\nfield</p></html>", status))
    with pytest.raises(Refused, match=f"HTTP {status} \\(No such field\\)") as caught:
        ask()
    assert (caught.value.status, caught.value.said, len(sources.requests)) == (status, "No such field", 1)


def test_nobody_there_is_told(settings):
    client = Client(settings, 1000.0)
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9/x could not be had in 6 attempts: connect error"):
        client.get("http://127.0.0.1:9/x", {}, bytes)
    client.close()


def test_requests_keep_their_distance(settings, sources):
    sources.reply = lambda request: WHOLE
    client = Client(settings, 20.0)
    for _ in range(6):
        client.get(f"{sources.url}/x", {}, bytes)
    client.close()
    times = [request.at for request in sources.requests]
    assert times[-1] - times[0] >= 5 / 20


def test_it_says_who_asks(client, sources):
    sources.reply = lambda request: WHOLE
    client.get(f"{sources.url}/x", {}, bytes)
    assert sources.requests[0].headers["User-Agent"] == user_agent("me@example.org")
    assert user_agent("me@example.org").startswith("Epicite/")
    assert user_agent("me@example.org").endswith("(mailto:me@example.org)")


def test_an_address_that_leads_nowhere_or_in_circles_is_named(client, sources):
    sources.reply = lambda request: Reply(b"", 302, {"Location": request.path})
    for url in (f"{sources.url}/x", "ftp://example.org/x"):
        with pytest.raises(Refused, match="leads nowhere"):
            client.get(url, {}, bytes)


def test_a_reader_may_ask_again(client, sources):
    sources.reply = lambda request: WHOLE
    answers = iter([Damaged("half"), None])

    def read(body):
        if flaw := next(answers):
            raise flaw
        return body

    assert client.get(f"{sources.url}/x", {}, read) == WHOLE.body


CONTENT = bytes(range(256)) * 400


def test_a_download_that_breaks_off_goes_on_from_there(client, sources, tmp_path):
    sources.files["/f"] = CONTENT
    sources.faults.append(Reply(CONTENT, cut=60_000))
    client.download(f"{sources.url}/f", tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == CONTENT
    begins = int(sources.requests[1].headers["Range"].removeprefix("bytes=").removesuffix("-"))
    assert 0 < begins <= 60_000


def test_breaking_off_often_is_no_failure_while_something_comes(client, sources, tmp_path):
    sources.files["/f"] = CONTENT
    whole = sources.reply

    def stingy(request):
        reply = whole(request)
        return Reply(reply.body, reply.status, reply.headers, cut=8000)

    sources.reply = stingy
    client.download(f"{sources.url}/f", tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == CONTENT
    assert len(sources.requests) > client_module.ATTEMPTS


def test_a_server_that_knows_no_ranges_is_read_from_the_start(client, sources, tmp_path):
    (tmp_path / "part").write_bytes(b"old")
    sources.reply = lambda request: Reply(CONTENT)
    client.download(f"{sources.url}/f", tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == CONTENT


def test_a_part_that_is_whole_already_is_left(client, sources, tmp_path):
    sources.files["/f"] = CONTENT
    (tmp_path / "part").write_bytes(CONTENT)
    client.download(f"{sources.url}/f", tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == CONTENT


def test_a_file_that_is_not_there_is_refused(client, sources, tmp_path):
    with pytest.raises(Refused, match="HTTP 404"):
        client.download(f"{sources.url}/nothing", tmp_path / "part")
