"""A person's visit to the page, in a browser that notes whatever goes wrong or goes out."""

import contextlib
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, Request, expect

# A machine that does other work too answers late, and not wrongly.
expect.set_options(timeout=15_000)
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
# Text and what it stands on, for WCAG 2.2, criterion 1.4.3: 4.5 to 1.
CONTRAST = """(element) => {
    const pixel = document.createElement('canvas').getContext('2d');
    const channels = (text) => {
        pixel.clearRect(0, 0, 1, 1);
        pixel.fillStyle = text;
        pixel.fillRect(0, 0, 1, 1);
        return [...pixel.getImageData(0, 0, 1, 1).data];
    };
    const light = ([r, g, b]) => [r, g, b].map((value) => value / 255)
        .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
        .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
    const fill = (box) => getComputedStyle(box).backgroundColor;
    let ground = element;
    while (ground.parentElement && channels(fill(ground))[3] === 0) ground = ground.parentElement;
    const values = [getComputedStyle(element).color, fill(ground)].map(channels).map(light);
    return (Math.max(...values) + 0.05) / (Math.min(...values) + 0.05);
}"""


class Visit:
    """One person's visit with a fresh browser profile; at its end nothing may have gone wrong or gone out."""

    def __init__(self, browser: Browser, address: str, **context: Any) -> None:
        self.address = address
        self.troubles: list[str] = []
        self.hosts: set[str | None] = set()
        self.context = browser.new_context(**{"locale": "en-US", "viewport": {"width": 1280, "height": 900}, **context})
        self.context.on("request", self._watch)
        self.context.on("page", self._listen)
        self.page = self.context.new_page()
        self.page.goto(address)
        expect(self.page.locator(".language label.selected")).to_be_visible()

    def _watch(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme in ("data", "blob"):
            return
        self.hosts.add(url.hostname)
        if url.hostname != HOST:
            self.troubles.append(f"request to {request.url}")

    def _listen(self, page: Page) -> None:
        page.on("console", lambda said: self.troubles.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("dialog", lambda dialog: (self.troubles.append(f"dialog {dialog.message}"), dialog.dismiss()))

    def turn_to_search(self) -> None:
        """Open the search view."""
        self.page.get_by_role("tab").nth(1).click()
        expect(self.page.locator(".go")).to_be_visible()

    def turn_to_evidence(self) -> Locator:
        """Open the evidence view; the rows that it begins with."""
        self.page.get_by_role("tab").nth(2).click()
        expect(self.page.locator(".evidence-head .summary")).to_be_visible()
        return self.page.locator(".evidence-rows tr.row")

    def search(self, question: str) -> Locator:
        """Search with the keyboard; the cards that come."""
        self.turn_to_search()
        box = self.page.locator(".question textarea")
        box.fill(question)
        box.press("Enter")
        pending = self.page.locator(".outcome .pending")
        # A quick search is over before anybody has seen it begin.
        with contextlib.suppress(AssertionError):
            expect(pending).to_have_count(1, timeout=3_000)
        expect(pending).to_have_count(0, timeout=60_000)
        return self.page.locator(".outcome .hit")

    def ask(self, question: str) -> Locator:
        """Ask in the chat with the keyboard; the answer that comes."""
        answers = self.page.locator(".chat .answer")
        before = answers.count()
        box = self.page.locator(".box textarea")
        box.fill(question)
        box.press("Enter")
        expect(answers).to_have_count(before + 1)
        return self.finished(answers.last)

    def reload(self) -> None:
        """Load the page anew; that this cuts a stream of Gradio's short is no trouble."""
        noted = len(self.troubles)
        self.page.reload()
        expect(self.page.locator(".language label.selected")).to_be_visible()
        cut_short = re.compile("AbortError|errored out")
        self.troubles[noted:] = [trouble for trouble in self.troubles[noted:] if not cut_short.search(trouble)]

    def upload(self, *files: Path) -> Locator:
        """Give files to the chat; what it says of them in the end."""
        answers = self.page.locator(".chat .answer")
        before = answers.count()
        self.page.locator(".box input[type=file]").set_input_files(list(files))
        expect(self.page.locator(".box .thumbnail-item")).to_have_count(len(files))
        self.page.locator(".box .submit-button").click()
        expect(answers).to_have_count(before + 1)
        return self.finished(answers.last)

    def ask_with(self, question: str, *files: Path) -> tuple[Locator, Locator]:
        """Ask with papers, and perhaps data, beside the question: what is said of the papers, and the answer."""
        answers = self.page.locator(".chat .answer")
        before = answers.count()
        self.page.locator(".box textarea").fill(question)
        self.page.locator(".box input[type=file]").set_input_files(list(files))
        expect(self.page.locator(".box .thumbnail-item")).to_have_count(len(files))
        self.page.locator(".box .submit-button").click()
        expect(answers).to_have_count(before + 2, timeout=60_000)
        return answers.nth(before), self.finished(answers.nth(before + 1))

    def finished(self, answer: Locator) -> Locator:
        """An answer, once nothing more is coming."""
        expect(self.page.locator(".chat .doing")).to_have_count(0, timeout=60_000)
        expect(self.page.locator(".box .submit-button")).to_be_visible()
        return answer

    def open_citation(self, answer: Locator, number: int) -> Locator:
        """The card of a citation, opened with the mouse."""
        answer.locator("a.cite").get_by_text(str(number), exact=True).first.click()
        card = self.page.locator(".citation")
        expect(card.locator(".card-head")).to_contain_text(str(number))
        return card


def save_screenshot(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")
