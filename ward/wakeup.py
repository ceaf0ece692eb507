"""Wakes a thread that waits for files and sockets."""

import socket
from contextlib import suppress


class Wakeup:
    """A pair of connected sockets: `select`, `poll` and `multiprocessing.connection.wait` can wait for it.

    Any thread may call `wake`; the thread that waits calls `clear` after each wait. Calls of `wake` before a `clear`
    count as one.
    """

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)

    def fileno(self) -> int:
        """The descriptor that becomes readable with `wake`."""
        return self._reader.fileno()

    def wake(self) -> None:
        """Never blocks, never raises: with a full buffer a wake-up is pending; after `close` no thread waits."""
        with suppress(OSError):
            self._writer.send(b"w")

    def clear(self) -> None:
        """Discard all wake-ups so far."""
        with suppress(BlockingIOError):
            while self._reader.recv(4096):
                pass

    def close(self) -> None:
        """Free both sockets."""
        self._reader.close()
        self._writer.close()
