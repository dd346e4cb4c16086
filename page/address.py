"""Where the page is served."""

import errno
import os
import socket

from page.errors import PageError

_PORTS_TRIED = 100
_LAST_PORT = 65535


def free_port(host: str, port: int) -> int:
    """The first port from `port` on that nothing else serves at this host.

    Raises PageError where the host is not one of this machine's or none of the next 100 ports is free.
    """
    for candidate in range(port, min(port + _PORTS_TRIED, _LAST_PORT + 1)):
        try:
            _bind(host, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise PageError(
                    f"The page cannot be served at {host}, port {candidate} ({error.strerror or error}). Choose "
                    "an address of this machine, such as 127.0.0.1, and a port above 1023."
                ) from error
        else:
            return candidate
    raise PageError(f"No port from {port} on is free at {host}. Choose another.")


def _bind(host: str, port: int) -> None:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        if os.name == "posix":  # elsewhere the option would let two programs share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)


def bypass_proxies(host: str) -> None:
    """Keep this process from asking its own page through an HTTP proxy, as it otherwise would on starting."""
    exceptions = os.environ.get("no_proxy") or os.environ.get("NO_PROXY", "")
    os.environ["no_proxy"] = ",".join(dict.fromkeys([*filter(None, exceptions.split(",")), host, "localhost"]))
