"""Stands between the agent and vLLM, and makes a model that knows nothing write what a test wants.

What is forced are schemas and choices in the request: the bytes of the answer are vLLM's, handed on as they come.
"""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Body = dict[str, Any]
_PIECE = 4096


def calling(body: Body, name: str, **arguments: Any) -> Body:
    """A request that can only be answered by one call with these arguments."""
    schema = {
        "type": "object",
        "properties": {key: {"const": value} for key, value in arguments.items()},
        "required": list(arguments),
        "additionalProperties": False,
    }
    function = {"name": name, "description": name, "parameters": schema, "strict": True}
    chosen = {"type": "function", "function": {"name": name}}
    return {**body, "tools": [{"type": "function", "function": function}], "tool_choice": chosen}


def saying(body: Body, text: str) -> Body:
    """A request that can only be answered by a text."""
    without_tools = {key: value for key, value in body.items() if key not in ("tools", "tool_choice")}
    return {**without_tools, "structured_outputs": {"choice": [text]}}


@contextmanager
def relay(url: str, force: Callable[[Body], Body]) -> Iterator[str]:
    """The URL of an endpoint that hands requests on to another, as `force` has changed them."""
    place = urlsplit(url)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            onward = http.client.HTTPConnection(place.hostname or "", place.port, timeout=120)
            try:
                onward.request("POST", self.path, json.dumps(force(asked)), {"Content-Type": "application/json"})
                answer = onward.getresponse()
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.headers["Content-Type"])
                self.send_header("Connection", "close")
                self.end_headers()
                while piece := answer.read1(_PIECE):
                    self.wfile.write(piece)
                    self.wfile.flush()
            finally:
                onward.close()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{place.path}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
