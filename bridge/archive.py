"""Log → store, then commit.

A batch is written until the store has it: the store may be away for a day. A batch that the store
*refuses* is halved until the points it will never take stand alone; they go to quarantine with the
store's own words, and everything else is stored.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from bridge.draft import Reason, Refused
from bridge.points import ReadingPoints, alert_points, finding_points, health_points, score_points
from bridge.quarantine import Quarantine
from ward.clock import SECOND, Clock, Micros
from ward.config.config import Config
from ward.config.live import Live
from ward.errors import StoreRefused, StoreUnavailable, WireError
from ward.ids import printable
from ward.metrics import Metrics
from ward.ports import Batch, Log, Partition, Point, Receipt, Store
from ward.reading import Reading
from ward.topics import ALERTS, FINDINGS, HEALTH, QUARANTINE, READINGS, SCORES
from ward.wire import ALERT, FINDING, HEALTH_WIRE, QUARANTINED, READING, SCORE, Wire

log = logging.getLogger(__name__)

GROUP = "archive"
TOPICS = (READINGS, FINDINGS, ALERTS, SCORES, HEALTH)
LONGEST_PAUSE = 10.0

Makers = Mapping[str, tuple[Wire[Any], Callable[[Any], Iterable[Point]]]]


class Archive:
    """One part of the bridge: takes a batch, writes it until it is stored, commits."""

    def __init__(self, log_: Log, store: Store, live: Live, clock: Clock, metrics: Metrics) -> None:
        self._log = log_
        self._store = store
        self._live = live
        self._clock = clock
        self._metrics = metrics
        self._quarantine = Quarantine("archive", metrics)
        self._consumer = log_.consumer(TOPICS, GROUP)
        self._batches: list[Batch] = []
        self._points: list[Point] = []
        self._refused: list[tuple[str, bytes]] = []
        self._receipts: list[Receipt] = []
        self._seen: Micros | None = None  # when the bridge saw the oldest reading of what is being stored
        self._pause = 0.0
        self._not_before = 0.0
        self._trouble = ""
        self._configure(live.config)

    def step(self, wait: float, limit: int = 5000) -> int:
        if not self._batches and not self._take(wait, limit):
            return 0
        if (early := self._not_before - self._clock.monotonic()) > 0:
            self._clock.wait(min(wait, early))
            return 0
        if not self._write():
            return 0
        return self._commit(wait)

    def close(self) -> None:
        self._consumer.close()

    def trouble(self) -> str:
        return self._trouble

    def _configure(self, config: Config) -> None:
        self._config = config
        self._makers: Makers = {
            READINGS: (READING, ReadingPoints(config).points),
            FINDINGS: (FINDING, finding_points),
            ALERTS: (ALERT, alert_points),
            SCORES: (SCORE, score_points),
            HEALTH: (HEALTH_WIRE, health_points),
        }

    def _take(self, wait: float, limit: int) -> bool:
        if self._live.config is not self._config:
            self._configure(self._live.config)
        self._batches = self._consumer.poll(limit, wait)
        self._points = [point for batch in self._batches for point in self._of(batch)]
        return bool(self._batches)

    def _of(self, batch: Batch) -> Iterator[Point]:
        wire, make = self._makers[batch.partition.topic]
        for value, message in zip(batch.values, wire.decode_many(batch.values), strict=True):
            if isinstance(message, WireError):
                self._set_aside(batch.partition.topic, value, Reason.WIRE, str(message))
            else:
                if isinstance(message, Reading):
                    self._seen = min(self._seen or message.seen, message.seen)
                yield from make(message)

    def _write(self) -> bool:
        """Whether all points are in the store or set aside. What is done is not done again."""
        try:
            for point, why in self._store_or_halve(self._points):
                self._set_aside(f"store/{point.series.measurement}", repr(point).encode(), Reason.STORE, why)
        except StoreUnavailable as error:
            self._pause = min(LONGEST_PAUSE, self._pause * 2 or 0.5)
            self._not_before = self._clock.monotonic() + self._pause
            self._metrics.store_retries.inc()
            self._metrics.store_up.set(0)
            self._trouble = f"the store takes nothing: {printable(str(error))}"
            log.warning("the store takes nothing, trying again in %.1f s: %s", self._pause, error)
            return False
        self._points = []
        self._pause = self._not_before = 0.0
        self._trouble = ""
        self._metrics.store_up.set(1)
        return True

    def _store_or_halve(self, points: Sequence[Point]) -> Iterator[tuple[Point, str]]:
        try:
            if points:
                self._store.write(points)
        except StoreRefused as error:
            if len(points) == 1:
                yield points[0], str(error)
                return
            half = len(points) // 2
            yield from self._store_or_halve(points[:half])
            yield from self._store_or_halve(points[half:])

    def _commit(self, wait: float) -> int:
        if self._refused:
            self._receipts.append(self._log.send(QUARANTINE, self._refused))
            self._refused = []
        if not all(receipt.settled(wait) for receipt in self._receipts):
            return 0
        positions: dict[Partition, int] = {b.partition: b.offsets[-1] + 1 for b in self._batches}
        self._consumer.commit(positions)
        done = sum(len(batch) for batch in self._batches)
        for batch in self._batches:
            self._metrics.archived.labels(batch.partition.topic).inc(len(batch))
        if self._seen is not None:
            self._metrics.delay.labels("store").observe(max(0, self._clock.now() - self._seen) / SECOND)
            self._seen = None
        self._batches, self._receipts = [], []
        return done

    def _set_aside(self, topic: str, payload: bytes, reason: Reason, why: str) -> None:
        record = self._quarantine.record(topic, payload, Refused(reason, why), self._clock.now())
        self._refused.append((record.device, QUARANTINED.encode(record)))
