"""The page as people see it: the real program, in a real browser, with no way out of this machine."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect, sync_playwright

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
ENGLISH = "Which genes' promoter methylation could detect pancreatic cancer in blood?"
CHINESE = "哪些基因的启动子甲基化可以作为胰腺癌的血液标志物？"
PANEL = "24088737"
HOSTILE = {
    "id": "hostile",
    "title": "<img src=http://evil.example/title onerror=alert(1)> Zebrafish fin regrowth",
    "abstract": "Zebrafish fin regrowth. <script>alert(2)</script> <iframe src=//evil.example/x></iframe> "
    "${alert(3)} {{constructor}} ![x](http://evil.example/y.png)",
    "journal": "<b onmouseover=alert(4)>Bold</b>",
    "authors": ["<svg/onload=alert(5)>"],
    "url": 'https://evil.example/"/onmouseover="alert(6)',
}
SECONDS_TO_START = 240
PARTS = [
    ".tagline p",
    ".language label:not(.selected) span",
    ".language label.selected span",
    ".question label > span",
    ".question textarea",
    ".go",
    ".example",
    ".libraries label span",
    ".filters .label-wrap span",
    ".summary",
    ".hit h2",
    ".rank",
    ".byline",
    ".absent",
    ".passage",
    ".hit mark",
    ".kind",
    ".facts li:nth-child(2)",
    ".facts a",
    ".how-to-read p",
]
# Text and what it stands on, for WCAG 2.2, criterion 1.4.3: 4.5 to 1.
CONTRAST = """(element) => {
    const channels = (text) => text.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((value) => value / 255)
        .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
        .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
    const fill = (box) => getComputedStyle(box).backgroundColor;
    let ground = element;
    while (ground.parentElement && channels(fill(ground))[3] === 0) ground = ground.parentElement;
    const values = [getComputedStyle(element).color, fill(ground)].map(channels).map(light);
    return (Math.max(...values) + 0.05) / (Math.min(...values) + 0.05);
}"""


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


@pytest.fixture(scope="module")
def proxy() -> Iterator[socket.socket]:
    """A proxy that answers nobody; who would leave the machine by HTTP knocks here."""
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        listening.listen()
        listening.setblocking(False)
        yield listening


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
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
            yield announced(program)
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


@pytest.fixture(scope="module")
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


class Visit:
    """One person's visit with a fresh browser profile; at its end nothing may have gone wrong or gone out."""

    def __init__(self, browser: Browser, address: str, **context: Any) -> None:
        self.address = address
        self.troubles: list[str] = []
        self.context = browser.new_context(**{"locale": "en-US", "viewport": {"width": 1280, "height": 900}, **context})
        self.context.on("request", self._watch)
        self.context.on("page", self._listen)
        self.page = self.context.new_page()
        self.page.goto(address)
        expect(self.page.locator(".language label.selected")).to_be_visible()

    def _watch(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme not in ("data", "blob") and url.hostname != HOST:
            self.troubles.append(f"request to {request.url}")

    def _listen(self, page: Page) -> None:
        page.on("console", lambda said: self.troubles.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("dialog", lambda dialog: (self.troubles.append(f"dialog {dialog.message}"), dialog.dismiss()))

    def ask(self, question: str) -> Locator:
        """Ask with the keyboard; the cards that come."""
        box = self.page.locator(".question textarea")
        box.fill(question)
        box.press("Enter")
        pending = self.page.locator(".outcome .pending")
        expect(pending).to_have_count(1)
        expect(pending).to_have_count(0, timeout=60_000)
        return self.page.locator(".outcome .hit")


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


def save_screenshot(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize("question", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_a_question_finds_the_paper_with_links_that_open_elsewhere(visit: Callable[..., Visit], question: str) -> None:
    found = visit()
    hits = found.ask(question)
    of_panel = hits.filter(has=found.page.locator(f'a[href="https://pubmed.ncbi.nlm.nih.gov/{PANEL}/"]'))
    expect(of_panel).to_have_count(1)
    expect(of_panel.locator("mark")).to_have_count(1)
    expect(of_panel).to_contain_text("Digest: written for Epicite, not the abstract")
    expect(hits.first).to_contain_text(re.compile("pancrea", re.IGNORECASE))
    for link in hits.locator("a").all():
        assert re.match("https?://", link.get_attribute("href") or "")
        assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener noreferrer")
    searched = found.page.locator(".searched-as q")
    expect(searched).to_have_count(1 if question == CHINESE else 0)
    if question == CHINESE:
        expect(searched).to_contain_text("pancreatic cancer")
    save_screenshot(found.page, "english" if question == ENGLISH else "chinese")


def test_the_switch_changes_every_word_and_the_choice_outlives_a_reload(visit: Callable[..., Visit]) -> None:
    found = visit()
    found.ask(ENGLISH)
    page = found.page
    expect(page.locator(".go")).to_have_text("Search")
    page.get_by_label("中文").check()
    expect(page.locator(".go")).to_have_text("检索")
    expect(page.locator(".hit").first).to_contain_text("摘编")
    expect(page.locator(".question label")).to_contain_text("您想了解什么")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.reload()
    expect(page.locator(".go")).to_have_text("检索")
    expect(page.locator(".language label.selected")).to_have_text("中文")
    own_words = " ".join(page.locator(".tagline, .ask, .filters, .how-to-read").all_inner_texts())
    assert not re.search("search|question|filter|result", own_words, re.IGNORECASE)


@pytest.mark.parametrize(
    ("locale", "search"),
    [("zh-CN", "检索"), ("zh", "检索"), ("zh-TW", "检索"), ("en-GB", "Search"), ("de-DE", "Search")],
)
def test_the_page_begins_in_the_language_of_the_browser(visit: Callable[..., Visit], locale: str, search: str) -> None:
    expect(visit(locale=locale).page.locator(".go")).to_have_text(search)


def test_a_hostile_paper_is_shown_as_text_and_does_nothing(visit: Callable[..., Visit]) -> None:
    found = visit()
    hostile = found.ask("Zebrafish fin regrowth").filter(has_text="Zebrafish fin regrowth").first
    expect(hostile).to_contain_text(HOSTILE["title"])
    expect(hostile).to_contain_text("<script>alert(2)</script>")
    expect(hostile).to_contain_text("${alert(3)} {{constructor}}")
    expect(hostile.locator("img, script, iframe, svg, b, [onmouseover]")).to_have_count(0)


def test_filters_that_nothing_passes_are_answered_with_advice(visit: Callable[..., Visit]) -> None:
    found = visit()
    page = found.page
    page.locator(".filters button").first.click()
    page.get_by_label("Journal").fill("Journal of Nothing")
    expect(found.ask(ENGLISH)).to_have_count(0)
    expect(page.locator(".outcome .message")).to_contain_text("Try fewer or more general words")
    page.get_by_label("Journal").fill("")
    page.get_by_label("Year from").fill("2020")
    page.get_by_label("Year to").fill("2010")
    found.ask(ENGLISH)
    expect(page.locator(".outcome .message")).to_contain_text("2020 to 2010 is no range of years")


def test_an_example_is_asked_with_one_click_and_libraries_can_be_left_out(visit: Callable[..., Visit]) -> None:
    page = visit().page
    page.get_by_role("button", name="RASSF1A nasopharyngeal carcinoma").click()
    expect(page.locator(".hit").first).to_contain_text("RASSF1A", timeout=60_000)
    for library in page.locator(".libraries input").all():
        library.uncheck()
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator(".outcome .message")).to_contain_text("Tick at least one library")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_is_legible_on_phone_and_desktop_by_day_and_night(
    visit: Callable[..., Visit], width: int, scheme: str
) -> None:
    found = visit(viewport={"width": width, "height": 844}, color_scheme=scheme)
    found.ask(CHINESE)
    page = found.page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for part in PARTS:
        shown = page.locator(part).first
        assert shown.evaluate(CONTRAST) >= 4.5, part
    save_screenshot(page, f"{scheme}-{width}")


def test_the_keyboard_sees_where_it_is(visit: Callable[..., Visit]) -> None:
    page = visit().page
    page.locator(".question textarea").focus()
    seen = []
    for _ in range(5):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
    assert seen == ["solid"] * 5


def test_the_server_asks_nobody_outside(visit: Callable[..., Visit], proxy: socket.socket) -> None:
    visit().ask(ENGLISH)
    asked = []
    with suppress(BlockingIOError):
        while True:
            with closing(proxy.accept()[0]) as connection:
                asked.append(connection.recv(200).decode(errors="replace"))
    assert asked == []
