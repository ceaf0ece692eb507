"""A bedside monitor on the network: numbers its readings and keeps them until somebody else has them.

           power on                 connected
      OFF ──────────▶ SEARCHING ─────────────▶ SENDING ──┐ acknowledged: forget, send what follows
       ▲                ▲   │ tries again        │ ▲─────┘ nothing acknowledged for long: the oldest again
       └── power off ───┴───┴── connection lost ─┘

Whatever state it is in, what it measures goes to its memory first, and from there, oldest first, to
the network. So the order is kept, a backlog comes before what is new, and a kill loses nothing.
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

WireFilter = Callable[[list[BufferedReading]], list[BufferedReading]]

FIRST_PATIENCE, LONGEST_PATIENCE = 10.0, 60.0
FIRST_RETRY, LONGEST_RETRY = 1.0, 30.0
FIRST_WINDOW, WIDEST_WINDOW = 8, 64


class _Ack(msgspec.Struct):
    boot: str
    seq: int


_read_ack = msgspec.json.Decoder(_Ack).decode


@dataclass(slots=True)
class DeliveryCounts:
    """What became of readings. `measured + found = acknowledged + kept + overwritten`, always.

    `found` were kept from an earlier run. `sent` went out for the first time, `resent` again;
    `ignored` are messages to the device that it does not understand.
    """

    found: int = 0
    measured: int = 0
    sent: int = 0
    resent: int = 0
    acknowledged: int = 0
    kept: int = 0
    overwritten: int = 0
    ignored: int = 0

    def __add__(self, other: "DeliveryCounts") -> "DeliveryCounts":
        return DeliveryCounts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(DeliveryCounts)))

    @property
    def balanced(self) -> bool:
        """Whether every reading is accounted for."""
        return self.measured + self.found == self.acknowledged + self.kept + self.overwritten


class DeviceClient:
    """One device on a link. `attend` must be called now and then: it never waits.

    No flood: at most a window of readings is under way without an acknowledgement. It widens while
    acknowledgements come; when none comes for `patience` seconds, the oldest is sent again alone, at
    growing intervals.
    """

    def __init__(
        self, topics: DeviceTopics, link: DeviceConnection, kept: DeviceBuffer, clock: Clock,
        wire: WireFilter | None = None, patience: float = FIRST_PATIENCE,
    ) -> None:  # fmt: skip
        self._topics = topics
        self._link = link
        self._kept = kept
        self._clock = clock
        self._wire = wire or (lambda messages: messages)
        self._numbering = PayloadWriter(topics.device, kept.starts)
        self._counts = DeliveryCounts(found=kept.count(topics.device))
        self._on = self._plugged = self._online = False
        self._backoff = Backoff(clock, FIRST_RETRY, LONGEST_RETRY)
        self._newest = 0  # the last place that was ever sent by this run
        self._place = 0  # the last one under way
        self._under_way = 0
        self._window = FIRST_WINDOW
        self._ack_timeout = Backoff(clock, patience, max(patience, LONGEST_PATIENCE))
        self._moved = clock.monotonic()

    @property
    def id(self) -> str:
        return self._topics.device

    @property
    def boot(self) -> str:
        """The name of the present boot; empty before the first."""
        return self._numbering.boot

    @property
    def counts(self) -> DeliveryCounts:
        counts = self._counts + DeliveryCounts()
        counts.kept = self._kept.count(self.id)
        counts.overwritten = self._kept.overwritten(self.id)
        return counts

    def power(self, on: bool, at: Micros | None = None) -> None:
        """Switch on, which begins a new boot, or off, which the network notices by the last will alone.

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
        """Keep a reading, and send it when its turn comes. Does nothing while switched off, or without any value."""
        if not self._on or not values:
            return
        overwritten = self._kept.overwritten(self.id)
        payload = self._numbering.write(at, values)
        self._kept.add(self.id, self._numbering.boot, self._numbering.seq, payload)
        # What had to make room was the oldest, so it was under way if anything was.
        self._under_way = max(0, self._under_way - (self._kept.overwritten(self.id) - overwritten))
        self._counts.measured += 1

    def attend(self) -> int:
        """Hear acknowledgements, mind the connection, send what may be sent. Returns how many were sent."""
        for topic, payload in self._link.receive():
            self._hear(topic, payload)
        if not (self._on and self._plugged):
            if self._link.connected:
                self._link.drop()
            self._online = False
            return 0
        if not self._link.connected:
            self._online = False
            self._search()
            if not self._link.connected:
                return 0
        if not self._online:
            self._online = True
            self._backoff.succeeded()
            self._ack_timeout.succeeded()
            self._rewind(FIRST_WINDOW)
        elif self._under_way and self._clock.monotonic() - self._moved > self._patience():
            self._ack_timeout.failed()
            self._rewind(1)
        return self._send()

    def close(self) -> None:
        """Say goodbye to the network. What is kept stays kept."""
        self._link.close()

    def _search(self) -> None:
        if self._backoff.due():
            self._link.connect()
            self._backoff.failed()

    def _patience(self) -> float:
        """Seconds without an acknowledgement after which the oldest reading is sent again."""
        return self._ack_timeout.pause(self._ack_timeout.failures)

    def _rewind(self, window: int) -> None:
        """Begin again with the oldest."""
        self._place = self._under_way = 0
        self._window = window
        self._moved = self._clock.monotonic()

    def _send(self) -> int:
        room = min(self._window, self._kept.count(self.id)) - self._under_way
        if room <= 0:
            return 0
        messages = self._kept.after(self.id, self._place, room)
        if not messages:
            return 0
        if not self._under_way:
            self._moved = self._clock.monotonic()
        for message in self._wire(messages):
            self._link.publish(self._topics.readings, message.payload)
        self._place = messages[-1].place
        self._under_way += len(messages)
        fresh = sum(m.place > self._newest for m in messages)
        self._newest = max(self._newest, self._place)
        self._counts.sent += fresh
        self._counts.resent += len(messages) - fresh
        return len(messages)

    def _hear(self, topic: str, payload: bytes) -> None:
        try:
            ack = _read_ack(payload) if topic == self._topics.ack else None
        except msgspec.MsgspecError:
            ack = None
        if ack is None:
            self._counts.ignored += 1
            return
        forgotten = self._kept.forget(self.id, ack.boot, ack.seq)
        if forgotten:
            self._counts.acknowledged += forgotten
            self._under_way = max(0, self._under_way - forgotten)
            self._window = min(WIDEST_WINDOW, 2 * self._window)
            self._ack_timeout.succeeded()
            self._moved = self._clock.monotonic()
