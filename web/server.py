"""The HTTP server."""

import socket
import threading

import uvicorn
from starlette.types import ASGIApp

from ward.errors import SettingsError
from web.request_timeout import RequestTimeoutH11

_MAX_CONNECTIONS = 1000


def bind(host: str, port: int) -> socket.socket:
    """The listening socket, bound before anything else starts; port 0 is any free port.

    Raises `SettingsError` that names the port and the setting.
    """
    if not 0 <= port <= 65_535:
        raise SettingsError(f"HTTP port {port} is invalid: set WARDWATCH_HTTP_PORT or --http-port to 0 to 65535")
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(
            f"HTTP port {port} on {host} does not open ({reason}): set WARDWATCH_HTTP_PORT or --http-port to a free one"
        ) from error


class Server:
    """A part: serves an application on a bound socket, on its own thread, until it is closed.

    It duplicates the socket, so that the server that replaces it after a crash listens on the same port.
    """

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        config = uvicorn.Config(
            app, http=RequestTimeoutH11.of_one_server(), ws="none", lifespan="off", access_log=False,
            log_config=None, log_level="warning", server_header=False, limit_concurrency=_MAX_CONNECTIONS,
            timeout_keep_alive=8, timeout_graceful_shutdown=1, h11_max_incomplete_event_size=64 * 1024,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._listener = listener.dup()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)
        self._thread.start()

    def step(self, wait: float) -> int:
        """Wait. Raises `RuntimeError` when the server thread has ended."""
        if self._ended.wait(wait):
            raise RuntimeError("the HTTP server has ended unexpectedly")
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
