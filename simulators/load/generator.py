"""Load: many devices through a few connections, and a report of what was sent and acknowledged."""

import math
import threading
from collections.abc import Sequence

import msgspec
import numpy as np

from simulators.devices.instrument_error import add_instrument_noise, round_as_displayed
from simulators.load.report import LoadReport
from simulators.patients.patients import VITALS, Patients
from ward.clock import Clock, format_instant
from ward.errors import SettingsError
from ward.ids import digest
from ward.ports.gateway_connection import GatewayConnection

MOST_DEVICES, FASTEST, LONGEST = 100_000, 1_000_000, 86_400.0
BURST = 2000  # readings sent in one step at most, so that acknowledgements are read in between
_POOL, _ROWS = 64, 64


class LoadGenerator:
    """A part: `devices` devices, each with `rate` readings a second for `seconds`; done when all are acknowledged.

    Readings are sent evenly spaced. When a connection has no room they are sent late; those that cannot be
    sent within `seconds` are the shortfall. It waits at most `patience` seconds for the connections at the
    beginning, and as long for the last acknowledgement. Raises `SettingsError` for numbers out of range.
    """

    def __init__(
        self, connections: Sequence[GatewayConnection], clock: Clock, *, devices: int, rate: float, seconds: float,
        patience: float = 10.0, root: str = "ward", ward: str = "load", seed: int = 1,
    ) -> None:  # fmt: skip
        _check(devices, rate, seconds)
        self._connections = list(connections)
        self._clock = clock
        self._devices = devices
        self._pace = devices * rate
        self._requested = math.floor(self._pace * seconds)
        self._seconds = seconds
        self._patience = patience
        self._boot = digest("fleet", clock.now(), seed)[:8].encode()
        self._topics = [f"{root}/{ward}/load-{i:05}/readings" for i in range(devices)]
        self._device_by_topic = {f"{root}/{ward}/load-{i:05}/ack": i for i in range(devices)}
        self._values = _pool(seed)
        self._acknowledged = np.zeros(devices, dtype=np.int64)
        self._sent = 0
        self._first: float | None = None
        self._started: float | None = None
        self._stopped: float | None = None
        self._ended: float | None = None
        self._end = threading.Event()
        for connection in self._connections:
            connection.connect()

    @staticmethod
    def subscriptions(root: str = "ward", ward: str = "load") -> list[str]:
        """The topic filters of the acknowledgements."""
        return [f"{root}/{ward}/+/ack"]

    @property
    def done(self) -> bool:
        """Whether sending and waiting for acknowledgements have ended."""
        return self._ended is not None

    @property
    def report(self) -> LoadReport:
        """The counts so far."""
        now = self._clock.monotonic()
        started = now if self._started is None else self._started
        stopped = now if self._stopped is None else self._stopped
        ended = now if self._ended is None else self._ended
        confirmed = sum(connection.confirmed for connection in self._connections)
        acknowledged = int(self._acknowledged.sum())
        return LoadReport(
            self._requested, self._sent, confirmed, acknowledged, stopped - started, max(0.0, ended - stopped)
        )

    def step(self, wait: float) -> int:
        """Send what is due and read acknowledgements; when there is nothing, wait at most `wait` seconds."""
        if self.done:
            return 0
        now = self._clock.monotonic()
        if self._started is None and not self._begin(now):
            self._end.wait(min(wait, 0.02))
            return 0
        received = self._receive()
        sent = self._send(now) if self._stopped is None else 0
        self._check_end(now)
        if not sent and not received and wait > 0 and not self.done:
            self._end.wait(min(wait, 0.002 if self._stopped is None else 0.02))
        return sent + received

    def close(self) -> None:
        """Stop, finished or not."""
        self._end.set()
        for connection in self._connections:
            connection.close()

    def _begin(self, now: float) -> bool:
        """Whether the load has started: its time counts from when all connections are connected."""
        self._first = now if self._first is None else self._first
        if all(connection.connected for connection in self._connections):
            self._started = now
        elif now - self._first >= self._patience:
            self._started = self._stopped = self._ended = now
        return self._started is not None and not self.done

    def _send(self, now: float) -> int:
        since = now - (self._started or 0.0)
        due = min(self._requested, math.floor(min(since, self._seconds) * self._pace) + 1, self._sent + BURST)
        before = self._sent
        at = format_instant(self._clock.now() // 1000 * 1000).encode()
        while self._sent < due and self._publish(self._sent, at):
            self._sent += 1
        return self._sent - before

    def _publish(self, n: int, at: bytes) -> bool:
        turn, i = divmod(n, self._devices)
        values = self._values[(turn + i // _POOL) % _ROWS][i % _POOL]
        payload = b'{"v":1,"boot":"%b","seq":%d,"at":"%b","values":%b}' % (self._boot, turn + 1, at, values)
        return self._connections[i % len(self._connections)].publish(self._topics[i], payload)

    def _receive(self) -> int:
        received = 0
        for connection in self._connections:
            for topic, payload in connection.receive():
                i = self._device_by_topic.get(topic)
                seq = _acknowledged(payload, self._boot)
                if i is not None and seq > self._acknowledged[i]:
                    self._acknowledged[i] = min(seq, self._sent_by(i))
                received += 1
        return received

    def _sent_by(self, i: int) -> int:
        turns, rest = divmod(self._sent, self._devices)
        return turns + (i < rest)

    def _check_end(self, now: float) -> None:
        over = now - (self._started or 0.0) >= self._seconds
        if self._stopped is None and (over or self._sent == self._requested):
            self._stopped = now
        if self._stopped is not None:
            all_acknowledged = int(self._acknowledged.sum()) == self._sent
            if all_acknowledged or now - self._stopped >= self._patience:
                self._ended = now


def _check(devices: int, rate: float, seconds: float) -> None:
    if not 1 <= devices <= MOST_DEVICES:
        raise SettingsError(f"{devices} devices: must be from 1 to {MOST_DEVICES}")
    if not 0 < rate * devices <= FASTEST:
        raise SettingsError(f"{rate * devices:g} readings a second: must be more than 0 and at most {FASTEST}")
    if not 0 < seconds <= LONGEST:
        raise SettingsError(f"{seconds:g} s: must be more than 0 and at most {LONGEST:g}")


def _acknowledged(payload: bytes, boot: bytes) -> int:
    try:
        ack = msgspec.json.decode(payload)
        return int(ack["seq"]) if ack["boot"] == boot.decode() else 0
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError):
        return 0


def _pool(seed: int) -> list[list[bytes]]:
    """Encoded values of a few patients, computed once, so that the simulator costs little CPU."""
    patients = Patients([f"load {i}" for i in range(_POOL)], seed=seed)
    rows = round_as_displayed(add_instrument_noise(*patients.advance(_ROWS))).tolist()
    return [[msgspec.json.encode(dict(zip(VITALS, row, strict=True))) for row in step] for step in rows]
