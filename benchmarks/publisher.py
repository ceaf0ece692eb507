"""Sends MQTT packets faster than the bridge can receive them, with little CPU of its own."""

import select
import socket
import time
from collections.abc import Sequence

_CHUNK = 256
_PATIENCE = 20.0  # seconds


class Publisher:
    """A bare socket to a broker. PUBACKs are read and counted by their bytes; nothing is repeated."""

    def __init__(self, port: int, client_id: str = "bench-publisher") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 5)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        name = client_id.encode()
        body = b"\x00\x04MQTT\x04\x02\x00\x3c" + len(name).to_bytes(2) + name
        self._socket.sendall(b"\x10" + bytes([len(body)]) + body)
        welcome = self._socket.recv(4)
        assert welcome == b"\x20\x02\x00\x00", f"the broker refuses the connection: {welcome!r}"
        self._socket.setblocking(False)
        self._acknowledged_bytes = 0

    @property
    def confirmed(self) -> int:
        """How many packets the broker has confirmed (PUBACK)."""
        return self._acknowledged_bytes // 4

    def send(self, packets: Sequence[bytes]) -> None:
        """Send all packets, and read PUBACKs meanwhile."""
        for first in range(0, len(packets), _CHUNK):
            left = memoryview(b"".join(packets[first : first + _CHUNK]))
            while left:
                readable, writable, _ = select.select([self._socket], [self._socket], [], _PATIENCE)
                assert readable or writable, f"the broker has taken nothing for {_PATIENCE:.0f} s"
                if readable:
                    self._read()
                if writable:
                    left = left[self._socket.send(left) :]

    def settle(self, count: int, within: float = 30.0) -> None:
        """Wait until the broker has confirmed `count` packets since the beginning."""
        until = time.monotonic() + within
        while self.confirmed < count:
            assert time.monotonic() < until, f"the broker confirmed {self.confirmed} of {count} packets"
            if select.select([self._socket], [], [], 0.5)[0]:
                self._read()

    def close(self) -> None:
        self._socket.close()

    def _read(self) -> None:
        data = self._socket.recv(1 << 16)
        assert data, "the broker closed the connection"
        self._acknowledged_bytes += len(data)
