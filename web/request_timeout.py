"""An HTTP protocol that closes connections whose request head does not arrive in time."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from web.idle_connections import IdleConnections

TIMEOUT = 10.0


class RequestTimeoutH11(H11Protocol):
    """Closes a connection that has not sent a whole request head within `TIMEOUT` seconds, and the oldest of very many.

    uvicorn limits the time between two requests and the size of a head, but not the time in which a head
    arrives: a few hundred slow clients would use up all connections.
    """

    idle: IdleConnections  # those of one server
    _deadline: asyncio.TimerHandle | None = None

    @classmethod
    def of_one_server(cls) -> type["RequestTimeoutH11"]:
        """The class for the connections of a server, which uvicorn makes."""
        return type(cls.__name__, (cls,), {"idle": IdleConnections()})

    def close_idle(self) -> None:
        """Close the connection, on which no request is being answered."""
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        before: Any = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._stop_timer()

    def on_response_complete(self) -> None:
        self._start_timer()
        super().on_response_complete()

    def _start_timer(self) -> None:
        self._stop_timer()
        if not self.transport.is_closing():
            self.idle.add(self._client_address(), self)
        self._deadline = self.loop.call_later(TIMEOUT, self._time_out)

    def _stop_timer(self) -> None:
        self.idle.discard(self._client_address(), self)
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _client_address(self) -> str:
        return self.client[0] if self.client else ""

    def _time_out(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()
