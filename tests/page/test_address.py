import os
import socket
from collections.abc import Iterator

import pytest

from page.address import bypass_proxies, free_port
from page.errors import PageError

HOST = "127.0.0.1"


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_free_port_is_taken_as_asked(taken: int) -> None:
    beyond = free_port(HOST, taken + 1)
    assert free_port(HOST, beyond) == beyond


def test_where_the_port_is_taken_the_next_free_one_is_used(taken: int) -> None:
    assert taken < free_port(HOST, taken) <= taken + 99


def test_an_address_that_is_not_this_machines_is_named_with_the_way_out() -> None:
    with pytest.raises(PageError, match=r"192\.0\.2\.1.*127\.0\.0\.1"):
        free_port("192.0.2.1", 7860)  # reserved for documentation: RFC 5737


def test_the_page_is_reached_without_a_proxy_and_other_exceptions_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    monkeypatch.delenv("no_proxy", raising=False)
    bypass_proxies(HOST)
    bypass_proxies(HOST)
    assert os.environ["no_proxy"] == "intranet.example,127.0.0.1,localhost"
