"""The door of the embedded broker: it passes MQTT 3.1.1 on, and refuses other versions so that clients understand.

    device ──▶ gate ── version 3.1.1 ──▶ embedded broker
                 └──── any other ──────▶ CONNACK with the reason, a line in the log

The broker itself closes such a connection without an answer, so that a device looks as if the network were broken.
"""

import logging
import selectors
import socket
from contextlib import suppress
from dataclasses import dataclass, field

from app.runtime.mqtt_version import MqttVersion, version_of
from ward.clock import Clock

log = logging.getLogger(__name__)

MOST_WAITING = 256 * 1024  # bytes for one side: more is not read from the other until they are sent
CONNECT_WITHIN = 10.0  # seconds
REFUSED_FOR = 1.0  # seconds without new connections after one that could not be accepted
LOG_EVERY = 60.0  # seconds between two lines about one address
MOST_ADDRESSES = 1000
_AT_ONCE = 65536


@dataclass(eq=False, slots=True)
class _End:
    """One side of a connection. `waiting` are bytes to be sent to it; `other` is None until the version is known."""

    sock: socket.socket
    since: float
    address: str = ""
    other: "_End | None" = None
    waiting: bytearray = field(default_factory=bytearray)
    ended: bool = False  # nothing comes any more: it is closed when `waiting` is sent


class MqttGate:
    """A part: accepts connections on a port of loopback, and passes them on to the broker's port.

    Raises `OSError` when the port cannot be used.
    """

    def __init__(self, port: int, broker_port: int, clock: Clock) -> None:
        self._broker = ("127.0.0.1", broker_port)
        self._clock = clock
        self._ends: set[_End] = set()
        self._logged: dict[str, float] = {}
        self._selector = selectors.DefaultSelector()
        self._accept_at = 0.0
        self._listener = socket.create_server(("127.0.0.1", port), backlog=1024)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ, None)

    def step(self, wait: float) -> int:
        """Returns how many sockets had something to do."""
        if self._accept_at and self._clock.monotonic() >= self._accept_at:
            self._accept_at = 0.0
            self._selector.register(self._listener, selectors.EVENT_READ, None)
        ready = self._selector.select(wait)
        for key, events in ready:
            if key.data is None:
                self._accept()
            elif key.data in self._ends:
                self._serve(key.data, events)
        self._close_silent()
        return len(ready)

    def close(self) -> None:
        for end in list(self._ends):
            self._drop(end)
        self._selector.close()
        self._listener.close()

    def _accept(self) -> None:
        try:
            sock, address = self._listener.accept()
        except OSError as error:
            log.warning("a connection to the MQTT port could not be accepted: %s", error.strerror)
            # Such as *too many open files*: the connection stays in the backlog, so the next look would fail at once.
            self._selector.unregister(self._listener)
            self._accept_at = self._clock.monotonic() + REFUSED_FOR
            return
        self._add(_End(sock, self._clock.monotonic(), address[0]))

    def _add(self, end: _End) -> None:
        end.sock.setblocking(False)
        end.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._ends.add(end)
        self._selector.register(end.sock, selectors.EVENT_READ, end)

    def _serve(self, end: _End, events: int) -> None:
        """What goes wrong on one connection ends that one only."""
        try:
            if events & selectors.EVENT_READ:
                self._read(end)
            if end in self._ends and events & selectors.EVENT_WRITE:
                self._send(end)
        except OSError:
            self._drop(end)

    def _read(self, end: _End) -> None:
        data = end.sock.recv(_AT_ONCE)
        if not data:
            self._drop(end)
        elif end.other is not None:
            end.other.waiting += data
            self._send(end.other)
        else:
            end.waiting += data
            version = version_of(bytes(end.waiting))
            if version is not None:
                self._open(end, version)

    def _open(self, end: _End, version: MqttVersion) -> None:
        """Pass a connection on, or refuse it."""
        if version.refusal is not None:
            self._refuse(end, version)
            return
        broker = _End(socket.create_connection(self._broker, 5.0), end.since, other=end)
        broker.waiting, end.waiting, end.other = end.waiting, bytearray(), broker
        self._add(broker)
        self._send(broker)

    def _refuse(self, end: _End, version: MqttVersion) -> None:
        now = self._clock.monotonic()
        if now - self._logged.get(end.address, -LOG_EVERY) >= LOG_EVERY:
            if len(self._logged) >= MOST_ADDRESSES:
                self._logged.clear()
            self._logged[end.address] = now
            log.warning(
                "a client at %s was refused: it speaks %s, and the embedded broker MQTT 3.1.1 only; "
                "set the client to version 3.1.1 (4), or use Mosquitto",
                end.address, version.name,
            )  # fmt: skip
        with suppress(OSError):
            end.sock.send(version.refusal or b"")
        self._drop(end)

    def _send(self, end: _End) -> None:
        if end.waiting:
            with suppress(BlockingIOError):
                del end.waiting[: end.sock.send(end.waiting)]
        if end.ended and not end.waiting:
            self._drop(end)
            return
        self._watch(end)
        if end.other is not None and end.other in self._ends:
            self._watch(end.other)

    def _watch(self, end: _End) -> None:
        """Read from a side while the other one keeps up, and write to it while something waits for it."""
        room = not end.ended and (end.other is None or len(end.other.waiting) < MOST_WAITING)
        events = selectors.EVENT_READ * room | selectors.EVENT_WRITE * bool(end.waiting)
        known = self._selector.get_map().get(end.sock)
        if known is not None and events and known.events != events:
            self._selector.modify(end.sock, events, end)
        elif known is not None and not events:
            self._selector.unregister(end.sock)
        elif known is None and events:
            self._selector.register(end.sock, events, end)

    def _drop(self, end: _End) -> None:
        """Close one side; the other one is closed when all that waits for it is sent."""
        if end not in self._ends:
            return
        self._ends.discard(end)
        with suppress(KeyError):
            self._selector.unregister(end.sock)
        end.sock.close()
        other, end.other = end.other, None
        if other is not None and other in self._ends:
            other.other, other.ended = None, True
            try:
                self._send(other)
            except OSError:
                self._drop(other)

    def _close_silent(self) -> None:
        """Close connections that do not say their version in time."""
        late = self._clock.monotonic() - CONNECT_WITHIN
        for end in [e for e in self._ends if e.other is None and not e.ended and e.since < late]:
            self._drop(end)
