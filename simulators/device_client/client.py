"""A bedside monitor on the network: numbers its readings and stores them until the bridge acknowledges them.

           power on                 connected
      OFF ──────────▶ SEARCHING ─────────────▶ SENDING ──┐ acknowledged: delete, send what follows
       ▲                ▲   │ tries again        │ ▲─────┘ nothing acknowledged for long: the oldest again
       └── power off ───┴───┴── connection lost ─┘

In every state a reading goes to the buffer first, and from there, oldest first, to the network. So
the order is preserved, a backlog is sent before new readings, and a kill loses nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

import msgspec

from simulators.device_client.buffer import BufferedReading, DeviceBuffer
from simulators.device_client.connection import DeviceConnection
from simulators.device_client.payload_writer import PayloadWriter
from ward.backoff import Backoff
from ward.clock import Clock, Micros
from ward.topics import DeviceTopics

TransmitFilter = Callable[[list[BufferedReading]], list[BufferedReading]]

FIRST_PATIENCE, LONGEST_PATIENCE = 10.0, 60.0
FIRST_RETRY, LONGEST_RETRY = 1.0, 30.0
FIRST_WINDOW, WIDEST_WINDOW = 8, 64


class _Ack(msgspec.Struct):
    boot: str
    seq: int


_read_ack = msgspec.json.Decoder(_Ack).decode


@dataclass(slots=True)
class DeliveryCounts:
    """Counts of readings. `measured + recovered = acknowledged + buffered + overwritten` at any time.

    `recovered` were in the buffer from an earlier run. `sent` were sent for the first time, `resent` again;
    `ignored` are messages to the device that it does not understand.
    """

    recovered: int = 0
    measured: int = 0
    sent: int = 0
    resent: int = 0
    acknowledged: int = 0
    buffered: int = 0
    overwritten: int = 0
    ignored: int = 0

    def __add__(self, other: "DeliveryCounts") -> "DeliveryCounts":
        return DeliveryCounts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(DeliveryCounts)))

    @property
    def balanced(self) -> bool:
        """Whether every reading is accounted for."""
        return self.measured + self.recovered == self.acknowledged + self.buffered + self.overwritten


class DeviceClient:
    """One device on a connection. `exchange` must be called regularly; it never waits.

    At most a window of readings is in flight without an acknowledgement. The window widens while
    acknowledgements arrive; when none arrives for `patience` seconds, the oldest reading is sent again
    alone, at growing intervals.
    """

    def __init__(
        self, topics: DeviceTopics, connection: DeviceConnection, buffer: DeviceBuffer, clock: Clock,
        transmit: TransmitFilter | None = None, patience: float = FIRST_PATIENCE,
    ) -> None:  # fmt: skip
        self._topics = topics
        self._connection = connection
        self._buffer = buffer
        self._clock = clock
        self._transmit = transmit or (lambda messages: messages)
        self._numbering = PayloadWriter(topics.device, buffer.next_boot)
        self._counts = DeliveryCounts(recovered=buffer.count(topics.device))
        self._on = self._plugged = self._online = False
        self._backoff = Backoff(clock, FIRST_RETRY, LONGEST_RETRY)
        self._newest = 0  # the last position that this run has sent
        self._position = 0  # the last position in flight
        self._in_flight = 0
        self._window = FIRST_WINDOW
        self._ack_timeout = Backoff(clock, patience, max(patience, LONGEST_PATIENCE))
        self._progressed_at = clock.monotonic()

    @property
    def id(self) -> str:
        return self._topics.device

    @property
    def boot(self) -> str:
        """The name of the current boot; empty before the first."""
        return self._numbering.boot

    @property
    def counts(self) -> DeliveryCounts:
        counts = self._counts + DeliveryCounts()
        counts.buffered = self._buffer.count(self.id)
        counts.overwritten = self._buffer.overwritten(self.id)
        return counts

    def power(self, on: bool, at: Micros | None = None) -> None:
        """Switch on, which begins a new boot, or off, which the network sees only by the last will.

        `at` is when, by default now.
        """
        if on and not self._on:
            self._numbering.start(self._clock.now() if at is None else at)
            self._backoff.reset()
        self._on = on

    def plug(self, in_: bool) -> None:
        """Put the network cable in, or pull it out."""
        if in_ and not self._plugged:
            self._backoff.reset()
        self._plugged = in_

    def measure(self, at: Micros, values: Mapping[str, float]) -> None:
        """Store a reading; it is sent in its turn. Does nothing while switched off, or without any value."""
        if not self._on or not values:
            return
        overwritten = self._buffer.overwritten(self.id)
        payload = self._numbering.write(at, values)
        self._buffer.add(self.id, self._numbering.boot, self._numbering.seq, payload)
        # The overwritten reading was the oldest one, so it was in flight if any was.
        self._in_flight = max(0, self._in_flight - (self._buffer.overwritten(self.id) - overwritten))
        self._counts.measured += 1

    def exchange(self) -> int:
        """Read acknowledgements, maintain the connection, send what may be sent. Returns how many were sent."""
        for topic, payload in self._connection.receive():
            self._handle(topic, payload)
        if not (self._on and self._plugged):
            if self._connection.connected:
                self._connection.drop()
            self._online = False
            return 0
        if not self._connection.connected:
            self._online = False
            self._reconnect()
            if not self._connection.connected:
                return 0
        if not self._online:
            self._online = True
            self._backoff.succeeded()
            self._ack_timeout.succeeded()
            self._rewind(FIRST_WINDOW)
        elif self._in_flight and self._clock.monotonic() - self._progressed_at > self._patience():
            self._ack_timeout.failed()
            self._rewind(1)
        return self._send()

    def close(self) -> None:
        """Disconnect cleanly. The buffered readings stay in the buffer."""
        self._connection.close()

    def _reconnect(self) -> None:
        if self._backoff.due():
            self._connection.connect()
            self._backoff.failed()

    def _patience(self) -> float:
        """Seconds without an acknowledgement after which the oldest reading is sent again."""
        return self._ack_timeout.pause(self._ack_timeout.failures)

    def _rewind(self, window: int) -> None:
        """Send again from the oldest reading."""
        self._position = self._in_flight = 0
        self._window = window
        self._progressed_at = self._clock.monotonic()

    def _send(self) -> int:
        room = min(self._window, self._buffer.count(self.id)) - self._in_flight
        if room <= 0:
            return 0
        messages = self._buffer.after(self.id, self._position, room)
        if not messages:
            return 0
        if not self._in_flight:
            self._progressed_at = self._clock.monotonic()
        for message in self._transmit(messages):
            self._connection.publish(self._topics.readings, message.payload)
        self._position = messages[-1].position
        self._in_flight += len(messages)
        fresh = sum(m.position > self._newest for m in messages)
        self._newest = max(self._newest, self._position)
        self._counts.sent += fresh
        self._counts.resent += len(messages) - fresh
        return len(messages)

    def _handle(self, topic: str, payload: bytes) -> None:
        try:
            ack = _read_ack(payload) if topic == self._topics.ack else None
        except msgspec.MsgspecError:
            ack = None
        if ack is None:
            self._counts.ignored += 1
            return
        removed = self._buffer.remove(self.id, ack.boot, ack.seq)
        if removed:
            self._counts.acknowledged += removed
            self._in_flight = max(0, self._in_flight - removed)
            self._window = min(WIDEST_WINDOW, 2 * self._window)
            self._ack_timeout.succeeded()
            self._progressed_at = self._clock.monotonic()
