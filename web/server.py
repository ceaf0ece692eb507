"""The HTTP server."""

import socket
import threading

import uvicorn
from starlette.types import ASGIApp

from ward.errors import SettingsError
from web.request_timeout import PatientH11

_MOST_CONNECTIONS = 1000


def bind(host: str, port: int) -> socket.socket:
    """The socket to serve on, bound before anything else starts; port 0 is any free one.

    Raises `SettingsError` that names the port and the setting.
    """
    if not 0 <= port <= 65_535:
        raise SettingsError(f"HTTP port {port} is none: set WARDWATCH_HTTP_PORT or --http-port to one from 0 to 65535")
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(
            f"HTTP port {port} on {host} cannot be had ({reason}): set WARDWATCH_HTTP_PORT or --http-port to a free one"
        ) from error


class Server:
    """A part: serves an application on a bound socket, from a thread of its own, until it is closed.

    The socket stays its owner's, so that a server made anew after a crash serves on the same port.
    """

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        config = uvicorn.Config(
            app, http=PatientH11, ws="none", lifespan="off", access_log=False, log_config=None, log_level="warning",
            server_header=False, limit_concurrency=_MOST_CONNECTIONS, timeout_keep_alive=8,
            timeout_graceful_shutdown=1, h11_max_incomplete_event_size=64 * 1024,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._listener = listener.dup()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)
        self._thread.start()

    def step(self, wait: float) -> int:
        """Nothing but noticing that the thread has died."""
        if self._ended.wait(wait):
            raise RuntimeError("the HTTP server has ended by itself")
        return 0

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(3)
        self._listener.close()

    def _serve(self) -> None:
        try:
            self._server.run(sockets=[self._listener])
        finally:
            self._ended.set()
