"""The one way to the sources: slowly, by name, again where that can help, and never for ever."""

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from ssl import SSLContext
from typing import TypeVar

import httpx

from corpora.feeds.errors import Refused, Unavailable
from corpora.feeds.settings import FeedSettings

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Read = Callable[[bytes], Answer]

ATTEMPTS = 6
FIRST_PAUSE = 1.0
"""Seconds before something is asked for again; each further pause is twice as long."""
LONGEST_PAUSE = 600.0
"""The longest that a source may ask us to wait (`Retry-After`), in seconds; beyond it the run ends."""
ANSWER_LIMIT = 256 << 20
"""Most bytes of an answer that is held in memory."""
ANSWER_SECONDS = 900.0
"""The longest that one such answer may take, however steadily it trickles."""
_MARGIN = 1.05
"""How much slower than allowed, as networks bunch requests together."""
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_NOTHING_BEHIND = 416
_SAID_LENGTH = 300


class Damaged(Exception):
    """An answer is not whole, or not what was asked for: it is asked for again, `after` seconds where that is said."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


class Client:
    """Asks at most `per_second` times a second and says who asks; close it when done.

    Asks again on HTTP 408, 425, 429, 500, 502, 503 and 504, broken connections and damaged answers, with pauses that
    double, or as long as `Retry-After` says (RFC 9110, section 10.2.3); on other errors where their text has `passing`.
    """

    def __init__(self, settings: FeedSettings, per_second: float, passing: re.Pattern[str] | None = None) -> None:
        self._passing = passing
        self._between = _MARGIN / per_second
        self._next = 0.0
        self._http = httpx.Client(
            headers={"User-Agent": user_agent(settings.email)},
            timeout=httpx.Timeout(settings.patience),
            verify=_certificates(),
            follow_redirects=True,
            max_redirects=5,
        )

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def get(self, url: str, parameters: Mapping[str, str], read: Read[Answer]) -> Answer:
        """What `read` makes of the answer to a GET; `read` raises Damaged where it should be asked for again.

        Raises Refused, at once, where the source answers with another error, Unavailable after the last attempt.
        """
        return self._asked("GET", url, read, parameters=parameters)

    def post(self, url: str, form: Mapping[str, str], read: Read[Answer]) -> Answer:
        """What `read` makes of the answer to a form, like `get`; keys and long queries stay out of addresses."""
        return self._asked("POST", url, read, form=form)

    def download(self, url: str, part: Path) -> None:
        """Bring a file, going on behind the bytes that `part` has already, as often as the connection breaks.

        Raises like `get`. An attempt that brought something does not count.
        """

        def once() -> None:
            have = part.stat().st_size if part.exists() else 0
            ranged = {"Range": f"bytes={have}-"} if have else {}
            with self._answer("GET", url, headers={"Accept-Encoding": "identity", **ranged}) as answer:
                goes_on = answer.status_code == 206 and _begins_at(answer) == have
                if answer.status_code == 206 and not goes_on:
                    part.unlink()
                    raise Damaged("another part of the file came than was asked for")
                with part.open("ab" if goes_on else "wb") as file:
                    for block in answer.iter_bytes():
                        file.write(block)

        def size() -> int:
            return part.stat().st_size if part.exists() else 0

        try:
            self._again(url, once, size)
        except Refused as refused:
            if refused.status != _NOTHING_BEHIND or not size():
                raise

    def _asked(
        self,
        method: str,
        url: str,
        read: Read[Answer],
        parameters: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        def once() -> Answer:
            with self._answer(method, url, parameters=parameters, form=form) as answer:
                body = _body(answer)
            return read(body)

        return self._again(url, once)

    def _again(self, url: str, once: Callable[[], Answer], progress: Callable[[], int] = lambda: 0) -> Answer:
        pause, attempt, reached = FIRST_PAUSE, 1, progress()
        while True:
            try:
                return once()
            except Damaged as flaw:
                reason, after = flaw.reason, flaw.after
            except (httpx.TransportError, httpx.DecodingError) as error:
                reason, after = _told(error), None
            if progress() > reached:
                pause, attempt, reached = FIRST_PAUSE, 1, progress()
            if attempt == ATTEMPTS:
                raise Unavailable(
                    f"{url} could not be had in {ATTEMPTS} attempts: {reason}", "Try again later: it goes on from here."
                )
            if after is not None and after > LONGEST_PAUSE:
                raise Unavailable(f"{url} asks to be left alone for {after:.0f} seconds", "Go on after that time.")
            waits = pause if after is None else after
            log.warning("%s: %s; asked again in %.1f s", url, reason, waits)
            time.sleep(waits)
            pause, attempt = pause * 2, attempt + 1

    @contextmanager
    def _answer(
        self,
        method: str,
        url: str,
        parameters: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[httpx.Response]:
        """A good answer, its body still to be read."""
        self._take_turn()
        try:
            with self._http.stream(method, url, params=parameters, data=form, headers=headers) as answer:
                self._check(answer)
                yield answer
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.TooManyRedirects) as error:
            raise Refused(f"{url} leads nowhere: {error}", "Correct the address in the settings (feeds).") from error

    def _check(self, answer: httpx.Response) -> None:
        """Raise Damaged or Refused where the answer is no good one."""
        if answer.is_success:
            return
        status, said = answer.status_code, _gist(_body(answer))
        told = f"HTTP {status} ({said})" if said else f"HTTP {status}"
        if status in _AGAIN or (self._passing and self._passing.search(said)):
            raise Damaged(told, _retry_after(answer))
        where = answer.url.copy_with(query=None)
        raise Refused(f"{where} answers {told}", "Check what was asked, and the settings (feeds).", status, said)

    def _take_turn(self) -> None:
        now = time.monotonic()
        time.sleep(max(0.0, self._next - now))
        self._next = max(now, self._next) + self._between


@cache
def _certificates() -> SSLContext:
    """What servers are known by; reading it takes longer than most requests."""
    return httpx.create_ssl_context()


def user_agent(email: str) -> str:
    """How we introduce ourselves: name, version, and whom to write to."""
    try:
        number = version("epicite")
    except PackageNotFoundError:
        number = "0"
    return f"Epicite/{number} (mailto:{email})" if email else f"Epicite/{number}"


def _body(answer: httpx.Response) -> bytes:
    ends = time.monotonic() + ANSWER_SECONDS
    blocks, held = [], 0
    for block in answer.iter_bytes():
        blocks.append(block)
        held += len(block)
        if held > ANSWER_LIMIT:
            raise Refused(f"An answer is longer than {ANSWER_LIMIT >> 20} MiB", "Ask for less.")
        if time.monotonic() > ends:
            raise Damaged(f"the answer took longer than {ANSWER_SECONDS:.0f} seconds")
    return b"".join(blocks)


def _retry_after(answer: httpx.Response) -> float | None:
    """Seconds to wait, which are said as a number or as a date."""
    said = answer.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d+", said, re.ASCII):
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def _begins_at(answer: httpx.Response) -> int | None:
    found = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    return int(found.group(1)) if found else None


def _gist(body: bytes) -> str:
    """The beginning of what was written, without markup."""
    text = body[:4096].decode("utf-8", "replace")
    text = re.sub(r"(?is)<(style|script)\b.*?(</\1>|$)|<[^>]*>", " ", text)
    line = " ".join(text.split())
    return line if len(line) <= _SAID_LENGTH else f"{line[:_SAID_LENGTH]}…"


def _told(error: httpx.HTTPError) -> str:
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()
    return f"{kind} ({error})" if str(error) else kind
