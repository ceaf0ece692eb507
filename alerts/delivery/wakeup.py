"""A bell between parts of one process: the pipeline rings it, the senders wait for it."""

import contextlib
import socket


class Wakeup:
    """Can be waited for together with pipes and sockets. Rings that nobody heard yet count as one."""

    def __init__(self) -> None:
        self._hear, self._ring = socket.socketpair()
        self._hear.setblocking(False)
        self._ring.setblocking(False)

    def fileno(self) -> int:
        return self._hear.fileno()

    def ring(self) -> None:
        """Never blocks: a bell that was rung often enough is loud already."""
        with contextlib.suppress(BlockingIOError):
            self._ring.send(b"!")

    def hush(self) -> None:
        """Forget the rings so far."""
        with contextlib.suppress(BlockingIOError):
            while self._hear.recv(4096):
                pass

    def close(self) -> None:
        self._hear.close()
        self._ring.close()
