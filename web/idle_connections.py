"""The connections that wait for a request: so many of a client, and so many in all."""

from collections import defaultdict
from typing import Protocol

MOST_OF_A_CLIENT = 500
MOST = 900


class IdleConnection(Protocol):
    """A connection on which no request is being answered."""

    def close_idle(self) -> None:
        """Close the connection. It calls `discard` then."""


class IdleConnections:
    """Closes the longest idle connection of a client with more than `of_a_client`, and of the client with most when
    there are more than `most` in all. So no client takes the connections of others by holding them.

    A client is an address: behind a proxy, all people are one client, so the limit is far above what a proxy keeps
    open. For one thread, as an event loop is.
    """

    def __init__(self, of_a_client: int = MOST_OF_A_CLIENT, most: int = MOST) -> None:
        self._of_a_client = of_a_client
        self._most = most
        self._idle: dict[str, dict[IdleConnection, None]] = defaultdict(dict)
        self._count = 0

    def add(self, client: str, connection: IdleConnection) -> None:
        """A connection waits for a request from now on."""
        waiting = self._idle[client]
        if connection not in waiting:
            waiting[connection] = None
            self._count += 1
        if len(waiting) > self._of_a_client:
            self._close_oldest(client)
        elif self._count > self._most:
            self._close_oldest(max(self._idle, key=lambda name: len(self._idle[name])))

    def discard(self, client: str, connection: IdleConnection) -> None:
        """A connection waits no more: a request has come, or it is closed."""
        waiting = self._idle.get(client, {})
        if connection in waiting:
            del waiting[connection]
            self._count -= 1
        if not waiting:
            self._idle.pop(client, None)

    def _close_oldest(self, client: str) -> None:
        oldest = next(iter(self._idle[client]))
        self.discard(client, oldest)
        oldest.close_idle()
