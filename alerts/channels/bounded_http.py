"""One HTTP request to a service that is not trusted to answer well: bounded in time and size, no redirect followed."""

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import NamedTuple
from urllib.parse import urlsplit

from ward.config.disk_reader import DiskHangs, DiskReader

MOST_BYTES = 64 * 1024


class HttpRequest(NamedTuple):
    """A request to a URL."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


class HttpAnswer(NamedTuple):
    """An answer; `problem` says why there is none that can be used, and `code` is 0 where there is no answer."""

    code: int
    body: bytes = b""
    problem: str = ""

    def json(self) -> object:
        """The body as JSON; None where it is something else."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


def exchange(request: HttpRequest, seconds: float) -> HttpAnswer:
    """Send a request.

    Takes `seconds` each to look up the host and to connect to one of its addresses, and `seconds` for the whole answer,
    also of one sent byte by byte.
    """
    parts = urlsplit(request.url)
    make = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = make(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.sock = _connected(connection, seconds)
        with _deadline(connection.sock, seconds) as over:
            target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            connection.request(request.method, target, request.body, dict(request.headers))
            answer = _read(connection.getresponse())
            return HttpAnswer(0, problem="no answer in time") if over.is_set() else answer
    except (OSError, HTTPException, ValueError) as error:  # ValueError: a name that is none, a socket closed meanwhile
        return HttpAnswer(0, problem=f"no answer ({type(error).__name__})")
    except DiskHangs:
        return HttpAnswer(0, problem="no answer (its name is not found in time)")
    finally:
        connection.close()


def _connected(connection: HTTPConnection, seconds: float) -> socket.socket:
    """A socket to the host. A look-up has no time limit of its own: one that hangs is left in a thread as a hanging
    read of a disk is."""
    host, port = connection.host, connection.port
    found = DiskReader(seconds).call(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    opened = _open_first([(str(address[0]), port) for *_, address in found], seconds)
    if not isinstance(connection, HTTPSConnection):
        return opened
    return ssl.create_default_context().wrap_socket(opened, server_hostname=host)


def _open_first(addresses: Sequence[tuple[str, int]], seconds: float) -> socket.socket:
    """A socket to the first of some addresses that answers."""
    for address in addresses[:-1]:
        with contextlib.suppress(OSError):
            return socket.create_connection(address, seconds)
    return socket.create_connection(addresses[-1], seconds)


def _read(response: HTTPResponse) -> HttpAnswer:
    body = response.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return HttpAnswer(response.status, problem=f"its answer is longer than {MOST_BYTES // 1024} KiB")
    return HttpAnswer(response.status, body)


class _deadline(contextlib.AbstractContextManager[threading.Event]):  # noqa: N801 - used as a function
    """Ends the connection of a socket after so many seconds: a time-out of its own is for each byte only."""

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self._sock = sock
        self._over = threading.Event()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> threading.Event:
        self._timer.start()
        return self._over

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
