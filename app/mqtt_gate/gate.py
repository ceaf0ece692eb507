"""The gate before the embedded broker: it refuses what the broker cannot serve, and reads no device faster than fair.

    device ──▶ gate ── version 3.1.1 ──▶ embedded broker ──▶ bridge
                 └──── any other ──────▶ CONNACK with the reason, a line in the log

The broker closes a connection of another version without an answer, so that a device looks as if the network were
broken. And it has one queue for all devices: what one of them sends faster than the bridge receives delays all others.
So the gate reads such a connection more slowly, which TCP passes on to the sender; nothing is lost.
"""

import logging
import selectors
import socket
from contextlib import suppress

from app.mqtt_gate.allowance import Allowance
from app.mqtt_gate.connection_end import End, Flow
from app.mqtt_gate.intake_window import IntakeWindow, units
from app.mqtt_gate.packets import MalformedPacket, PublishScanner
from app.mqtt_gate.version import MqttVersion, version_of
from ward.clock import Clock
from ward.periodic import Periodic

log = logging.getLogger(__name__)

MOST_WAITING = 256 * 1024  # bytes for one side: more is not read from the other until they are sent, nor received
MOST_CONNECTIONS = 1000
CONNECT_WITHIN = 10.0  # seconds
REFUSED_FOR = 1.0  # seconds without new connections after one that could not be accepted
LOG_EVERY = 60.0  # seconds between two lines about one address
MOST_ADDRESSES = 1000
MOST_BYTES = 300_000  # of an MQTT packet: above the 64 KiB of a payload, plus what MQTT adds
_AT_ONCE = 65536
_AT_ONCE_OF_DEVICE = 4096  # then it is the turn of the next device
_HELD_WAIT = 0.005  # seconds until connections that are not read now are looked at again


class MqttGate:
    """A part: accepts connections on a port of loopback, and passes them on to the broker's port.

    `window` is what the bridge has not received of it. Of more than `most` connections the one is closed that has sent
    nothing for longest, and first one that publishes nothing: a client that opens more and more takes none from devices
    that send. Raises `OSError` when the port cannot be used.
    """

    def __init__(
        self, port: int, broker_port: int, clock: Clock, window: IntakeWindow, most: int = MOST_CONNECTIONS
    ) -> None:
        self._broker = ("127.0.0.1", broker_port)
        self._clock = clock
        self._window = window
        self._most = most
        self._devices: set[End] = set()
        self._held: dict[End, None] = {}  # devices that are not read now, the one that has waited longest first
        self._ends: set[End] = set()
        self._logged: dict[str, float] = {}
        self._selector = selectors.DefaultSelector()
        self._accept_at = 0.0
        self._silent = Periodic(clock, 1.0)
        self._listener = socket.create_server(("127.0.0.1", port), backlog=1024)
        # So that a sender notices soon that it is read more slowly, and what it sends then is not older than needed.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, MOST_WAITING)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ, None)

    def step(self, wait: float) -> int:
        """Returns how many sockets had something to do."""
        if self._accept_at and self._clock.monotonic() >= self._accept_at:
            self._accept_at = 0.0
            self._selector.register(self._listener, selectors.EVENT_READ, None)
        ready = self._selector.select(min(wait, _HELD_WAIT) if self._held else wait)
        self._release()  # before those that are ready: each has waited longer
        for key, events in ready:
            if key.data is None:
                self._accept()
            elif key.data in self._ends:
                self._serve(key.data, events)
        if self._silent.due():
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
        now = self._clock.monotonic()
        device = End(sock, now, now, address[0], Flow(PublishScanner(MOST_BYTES), Allowance(now)))
        self._add(device)
        self._devices.add(device)
        if len(self._devices) > self._most:
            quiet = min(self._devices, key=lambda end: (end.publishes(now), end.heard))
            self._log(quiet, "a client at %s was disconnected: there are more than %s connections", self._most)
            self._drop(quiet)

    def _add(self, end: End) -> None:
        end.sock.setblocking(False)
        end.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._ends.add(end)
        self._selector.register(end.sock, selectors.EVENT_READ, end)

    def _serve(self, end: End, events: int) -> None:
        """What goes wrong on one connection ends that one only."""
        try:
            if events & selectors.EVENT_READ and not end.ended:
                self._read(end)
            if end in self._ends and events & selectors.EVENT_WRITE:
                self._send(end)
        except OSError:
            self._drop(end)
        except MalformedPacket as error:
            self._log(end, "a client at %s was disconnected: %s", error)
            self._drop(end)

    def _release(self) -> None:
        """Read from the devices whose turn has come."""
        for end in list(self._held):
            if self._may_read(end):
                del self._held[end]
                self._serve(end, selectors.EVENT_READ)
                if end in self._ends:
                    self._watch(end)

    def _may_read(self, end: End) -> bool:
        flow = end.flow
        return flow is None or flow.allowance.open(self._clock.monotonic(), room=self._window.room)

    def _read(self, end: End) -> None:
        if not self._may_read(end):
            self._held[end] = None
            self._watch(end)
            return
        data = end.sock.recv(_AT_ONCE if end.flow is None else _AT_ONCE_OF_DEVICE)
        end.heard = self._clock.monotonic()
        if end.flow is not None:
            self._count(data, end.flow)
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

    def _count(self, data: bytes, flow: Flow) -> None:
        now = self._clock.monotonic()
        for topic, size in flow.scanner.feed(data):
            flow.allowance.use(topic, units(size))
            self._window.passed(topic.decode("utf-8", "replace"), units(size), now)

    def _open(self, end: End, version: MqttVersion) -> None:
        """Pass a connection on, or refuse it."""
        if version.refusal is not None:
            self._refuse(end, version)
            return
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(self._broker)  # what waits is sent when it is connected: others do not wait for that
        broker = End(sock, end.since, end.heard, other=end)
        broker.waiting, end.waiting, end.other = end.waiting, bytearray(), broker
        self._add(broker)
        self._send(broker)

    def _refuse(self, end: End, version: MqttVersion) -> None:
        self._log(
            end, "a client at %s was refused: it speaks %s, and the embedded broker MQTT 3.1.1 only; "
            "set the client to version 3.1.1 (4), or use Mosquitto", version.name,
        )  # fmt: skip
        with suppress(OSError):
            end.sock.send(version.refusal or b"")
        self._drop(end)

    def _log(self, end: End, text: str, what: object) -> None:
        """A line about an address, once in `LOG_EVERY`."""
        now = self._clock.monotonic()
        if now - self._logged.get(end.address, -LOG_EVERY) >= LOG_EVERY:
            if len(self._logged) >= MOST_ADDRESSES:
                self._logged.clear()
            self._logged[end.address] = now
            log.warning(text, end.address, what)

    def _send(self, end: End) -> None:
        if end.waiting:
            with suppress(BlockingIOError):
                del end.waiting[: end.sock.send(end.waiting)]
        if end.ended and not end.waiting:
            self._drop(end)
            return
        self._watch(end)
        if end.other is not None and end.other in self._ends:
            self._watch(end.other)

    def _watch(self, end: End) -> None:
        """Read from a side while the other one keeps up, and write to it while something waits for it."""
        room = not end.ended and end not in self._held and (end.other is None or len(end.other.waiting) < MOST_WAITING)
        events = selectors.EVENT_READ * room | selectors.EVENT_WRITE * bool(end.waiting)
        known = self._selector.get_map().get(end.sock)
        if known is not None and events and known.events != events:
            self._selector.modify(end.sock, events, end)
        elif known is not None and not events:
            self._selector.unregister(end.sock)
        elif known is None and events:
            self._selector.register(end.sock, events, end)

    def _drop(self, end: End) -> None:
        """Close one side; the other one is closed when all that waits for it is sent."""
        if end not in self._ends:
            return
        self._ends.discard(end)
        self._devices.discard(end)
        self._held.pop(end, None)
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
