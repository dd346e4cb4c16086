"""An OpenAI-compatible endpoint on this machine that says what it is told to say.

It streams as vLLM does: text in pieces, a tool call as its name first and its arguments in pieces after it, then a
finish chunk, a usage chunk and `[DONE]`.
"""

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, repeat
from typing import Any

Asked = dict[str, Any]


@dataclass(frozen=True)
class Says:
    """An answer in pieces; a function makes it from what was asked, so that it can cite what tools have shown."""

    text: str | Callable[[Asked], str]
    then_dies: bool = False


@dataclass(frozen=True)
class Calls:
    """Tool calls, each a name and its arguments as they are written, perhaps with some text before them."""

    calls: tuple[tuple[str, str], ...]
    before: str = ""


@dataclass(frozen=True)
class Sends:
    """Any bytes as they are."""

    body: str
    status: int = 200
    kind: str = "text/event-stream"


@dataclass(frozen=True)
class Recorded:
    """A stream as it was recorded, byte by byte or in one piece; it ends, as if all were well, before byte `end`."""

    stream: bytes
    end: int | None = None
    byte_by_byte: bool = False


@dataclass(frozen=True)
class KeepsSilent:
    """Nothing, for longer than anybody should wait."""

    seconds: float = 30.0


@dataclass(frozen=True)
class Drips:
    """A text without end, a piece at a time."""

    piece: str
    pause: float = 0.01


Reply = Says | Calls | Sends | Recorded | KeepsSilent | Drips


def calls(name: str, before: str = "", **arguments: Any) -> Calls:
    """One call of a tool."""
    return Calls(((name, json.dumps(arguments, ensure_ascii=False)),), before)


def shown(asked: Asked, part: str) -> int:
    """The number of the latest sentence with these words that tools have shown to the model; 0 where none has."""
    said = [message["content"] for message in asked["messages"] if message["role"] == "tool"]
    papers = [paper for result in said if result.startswith("{") for paper in json.loads(result).get("papers", ())]
    found = [sentence["n"] for paper in papers for sentence in paper["sentences"] if part in sentence.get("text", "")]
    return found[-1] if found else 0


class FakeEndpoint:
    """The endpoint of a script; its last reply comes again and again. `asked` are the requests, in order."""

    def __init__(self, script: Sequence[Reply], models: Sequence[str] = ("fake",)) -> None:
        self.models = models
        self._script = chain(script, repeat(script[-1]))
        self._lock = threading.Lock()
        self.asked: list[Asked] = []
        self.closing = threading.Event()
        self.left = threading.Event()

    @property
    def url(self) -> str:
        host, port = self._server.server_address[:2]
        return f"http://{host}:{port}/v1"

    def next(self, asked: Asked) -> Reply:
        with self._lock:
            self.asked.append(asked)
            return next(self._script)

    @contextmanager
    def served(self) -> Iterator["FakeEndpoint"]:
        endpoint = self

        class Handler(_Handler):
            told = endpoint

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.closing.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    told: FakeEndpoint

    def do_GET(self) -> None:
        body = json.dumps({"object": "list", "data": [{"id": name} for name in self.told.models]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            self._reply(asked, self.told.next(asked))
        except OSError:
            self.told.left.set()
            self.close_connection = True

    def _reply(self, asked: Asked, reply: Reply) -> None:
        match reply:
            case KeepsSilent(seconds):
                self.told.closing.wait(seconds)
                self.close_connection = True
            case Sends(body, status, kind):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())
            case Recorded(stream, end, byte_by_byte):
                self._replay(stream[:end], byte_by_byte)
            case Says(text, then_dies):
                self._stream(_text_deltas(text if isinstance(text, str) else text(asked)), then_dies)
            case Calls():
                self._stream(_call_deltas(reply))
            case Drips(piece, pause):
                self._stream(self._without_end(piece, pause))

    def _replay(self, stream: bytes, byte_by_byte: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(stream), 1 if byte_by_byte else max(1, len(stream))):
            self.wfile.write(stream[at : at + 1] if byte_by_byte else stream)
            self.wfile.flush()

    def _stream(self, deltas: Iterator[dict[str, Any]], then_dies: bool = False) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for delta in deltas:
            self._event(json.dumps(_chunk([{"index": 0, "delta": delta, "finish_reason": None}])))
        if then_dies:
            self.close_connection = True
            return
        self._event(json.dumps(_chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}])))
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        self._event(json.dumps({**_chunk([]), "usage": usage}))
        self._event("[DONE]")
        self.wfile.write(b"0\r\n\r\n")

    def _event(self, data: str) -> None:
        body = f"data: {data}\n\n".encode()
        self.wfile.write(b"%x\r\n%b\r\n" % (len(body), body))
        self.wfile.flush()

    def _without_end(self, piece: str, pause: float) -> Iterator[dict[str, Any]]:
        while not self.told.closing.is_set():
            yield {"content": piece}
            time.sleep(pause)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def recorded(reply: Says | Calls, finish: str | None = "stop") -> bytes:
    """The stream of a reply, as it goes over the wire; without a finish it stops where the deltas do."""
    deltas = _call_deltas(reply) if isinstance(reply, Calls) else _text_deltas(str(reply.text))
    chunks = [_chunk([{"index": 0, "delta": delta, "finish_reason": None}]) for delta in deltas]
    if finish:
        chunks.append(_chunk([{"index": 0, "delta": {}, "finish_reason": finish}]))
        chunks.append({**_chunk([]), "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}})
    events = [json.dumps(chunk, ensure_ascii=False) for chunk in chunks]
    return "".join(f"data: {event}\n\n" for event in [*events, *(["[DONE]"] if finish else [])]).encode()


def _text_deltas(text: str) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    # Pieces that end in the middle of words and marks.
    for piece in re.findall(r".{1,7}", text, re.DOTALL):
        yield {"content": piece}


def _call_deltas(reply: Calls) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": reply.before or None}
    for index, (name, arguments) in enumerate(reply.calls):
        function: dict[str, Any] = {"name": name, "arguments": None}
        yield {
            "tool_calls": [
                {"index": index, "id": f"c{index}_{time.time_ns()}", "type": "function", "function": function}
            ]
        }
        for piece in re.findall(r".{1,9}", arguments, re.DOTALL):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _chunk(choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "fake", "choices": choices}
