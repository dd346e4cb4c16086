"""One real program for all tests of the page, a browser, and no way out of this machine."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.system.visit import HOST, HOSTILE, Visit

ROOT = Path(__file__).parents[2]
SECONDS_TO_START = 600


def environment(home: Path, proxy: str) -> dict[str, str]:
    """What the program is started with: no setting of ours but its home, and a proxy that must stay unused."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EPICITE_")}
    kept.pop("no_proxy", None)
    kept.pop("NO_PROXY", None)
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), proxy)
    return {**kept, **proxies, "EPICITE_HOME": str(home)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def proxy() -> Iterator[socket.socket]:
    """A proxy that answers nobody; who would leave the machine by HTTP knocks here."""
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        listening.listen()
        listening.setblocking(False)
        yield listening


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def address(home: Path, proxy: socket.socket) -> Iterator[str]:
    """The page of the real program over the starter library and one with a hostile paper."""
    variables = environment(home, f"http://{HOST}:{proxy.getsockname()[1]}")
    papers = home / "hostile.jsonl"
    papers.write_text(json.dumps(HOSTILE) + "\n", encoding="utf-8")
    epicite = [sys.executable, "app.py"]
    subprocess.run([*epicite, "ingest", str(papers)], cwd=ROOT, env=variables, check=True, timeout=SECONDS_TO_START)
    command = [*epicite, "chat", "--no-browser", "--port", str(free_port())]
    with subprocess.Popen(command, cwd=ROOT, env=variables, stderr=subprocess.PIPE, text=True) as program:
        patience = threading.Timer(SECONDS_TO_START, program.kill)
        patience.start()
        try:
            where = announced(program)
            patience.cancel()
            yield where
        finally:
            patience.cancel()
            program.terminate()
            complaints = program.communicate(timeout=20)[1]
    assert "Traceback" not in complaints, complaints


def announced(program: "subprocess.Popen[str]") -> str:
    """The address in the one line that says where the page is."""
    assert program.stderr is not None
    said = []
    for line in program.stderr:
        said.append(line)
        if found := re.match(r"Epicite: (http\S+) ", line):
            return found[1]
    pytest.fail("the program ended before it served the page:\n" + "".join(said))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        reason = "Chromium is not installed (Debian: apt install chromium)"
        if os.environ.get("SYSTEM_TESTS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[..., Visit]]:
    visits: list[Visit] = []

    def begin(**context: Any) -> Visit:
        visits.append(Visit(browser, address, **context))
        return visits[-1]

    yield begin
    for each in visits:
        each.context.close()
    assert [trouble for each in visits for trouble in each.troubles] == []
