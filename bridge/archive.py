"""Log → time-series store, then commit.

A batch is written until the store has it, however long the store is away. A batch that the store *refuses* is halved
until the points that it never accepts are found; they go to quarantine with the store's error, and all others are
stored.
"""

import logging
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from bridge.quarantine import Quarantine
from bridge.refusal import RefusalReason, Refused
from bridge.store_points.alerts import alert_points
from bridge.store_points.bed_scores import bed_score_points
from bridge.store_points.detector_curves import detector_curve_points
from bridge.store_points.fast_path import FastPath
from bridge.store_points.findings import finding_points
from bridge.store_points.health import health_points
from bridge.store_points.quarantine_samples import sample_points
from bridge.store_points.readings import FACTS, ReadingPoints
from bridge.store_points.topic_points import TopicPoints
from ward.backoff import Backoff
from ward.clock import SECOND, Clock, Micros
from ward.config.config import Config
from ward.config.live_config import LiveConfig
from ward.errors import StoreRefused, StoreUnavailable
from ward.ids import printable
from ward.lag_metrics import publish_lag
from ward.metrics import Metrics
from ward.periodic import Periodic
from ward.ports import Batch, Log, Partition, Point, PointColumns, Receipt, Store
from ward.reading import Reading
from ward.topics import ALERTS, BED_SCORES, DETECTOR_CURVES, FINDINGS, HEARTBEATS, QUARANTINE, READINGS
from ward.wire import (
    ALERT_WIRE,
    BED_SCORE_WIRE,
    DETECTOR_CURVE_WIRE,
    FINDING_WIRE,
    HEARTBEAT_WIRE,
    QUARANTINED_WIRE,
    READING_WIRE,
)

log = logging.getLogger(__name__)

GROUP = "archive"
TOPICS = (READINGS, FINDINGS, ALERTS, BED_SCORES, DETECTOR_CURVES, HEARTBEATS, QUARANTINE)
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0  # seconds between attempts to write while the store is away
LAG_EVERY = 1.0  # seconds
DECODED_AT_ONCE = 1000  # records: so few, and what is made of them, stay in the processor's cache
MOST_BATCHES = 3  # one stored and not committed yet, one being written, one being decoded

Refusals = list[tuple[Point, str]]


@dataclass(slots=True)
class _PendingBatch:
    """Records polled together, their points, and when the bridge received the oldest of their readings.

    `writing` is the attempt to store the points that another thread is making.
    """

    batches: Sequence[Batch]
    points: Sequence[Point] = field(default_factory=PointColumns)
    received_at: Micros | None = None
    writing: "Future[Refusals] | None" = None

    @property
    def readings_only(self) -> bool:
        """Whether no later record changes a point of this batch, so that the next batch may be stored before it."""
        return all(batch.partition.topic == READINGS for batch in self.batches)


class Archive:
    """A part: polls a batch, writes it until it is stored, commits.

    Where more records wait in the log, the next batches are decoded and handed to the store while it works on the
    first, since a store spends most of a write outside of Python. They are committed in their order all the same, and
    nothing is written beside or before a record that a later one may change, such as an alert.
    """

    def __init__(self, log_: Log, store: Store, live: LiveConfig, clock: Clock, metrics: Metrics) -> None:
        self._log = log_
        self._store = store
        self._live = live
        self._clock = clock
        self._metrics = metrics
        self._quarantine = Quarantine("archive", metrics)
        self._consumer = log_.consumer(TOPICS, GROUP)
        self._writers = ThreadPoolExecutor(MOST_BATCHES - 1, "archive-writer")  # threads start with the first backlog
        self._pending: deque[_PendingBatch] = deque()
        self._refused: list[tuple[str, bytes]] = []
        self._receipts: list[Receipt] = []
        self._backoff = Backoff(clock, FIRST_PAUSE, LONGEST_PAUSE)
        self._lag_period = Periodic(clock, LAG_EVERY)
        self._problem = ""
        self._configure(live.config)

    def step(self, wait: float, limit: int = 20_000) -> int:
        """Returns how many records were stored and committed; 0 while the store or the log does not answer."""
        if self._lag_period.due():
            self._publish_lag()
        if not self._pending and not self._poll(limit, wait):
            return 0
        if (pause := self._backoff.seconds_left()) > 0:
            self._clock.wait(min(wait, pause))
            return 0
        if not self._write(limit):
            return 0
        return self._commit(wait)

    def close(self) -> None:
        self._writers.shutdown()
        self._consumer.close()

    def problem(self) -> str:
        return self._problem or self._store.problem()

    def _publish_lag(self) -> None:
        """How many records are not stored yet: those in the log, and those that are polled and not committed."""
        lags = Counter(self._consumer.lag())
        for batch in (batch for pending in self._pending for batch in pending.batches):
            lags[batch.partition] += len(batch)
        publish_lag(self._metrics, GROUP, TOPICS, lags)

    def _configure(self, config: Config) -> None:
        self._config = config
        vitals = (signal.name for signal in config.catalogue.vitals())
        self._points: Mapping[str, TopicPoints[Any] | FastPath] = {
            READINGS: FastPath(ReadingPoints(config), vitals),
            FINDINGS: TopicPoints(FINDING_WIRE, finding_points),
            ALERTS: TopicPoints(ALERT_WIRE, alert_points),
            BED_SCORES: TopicPoints(BED_SCORE_WIRE, bed_score_points),
            DETECTOR_CURVES: TopicPoints(DETECTOR_CURVE_WIRE, detector_curve_points),
            HEARTBEATS: TopicPoints(HEARTBEAT_WIRE, health_points),
            QUARANTINE: TopicPoints(QUARANTINED_WIRE, sample_points),
        }

    def _poll(self, limit: int, wait: float) -> bool:
        """Decode one more batch, if there are records."""
        batches = self._consumer.poll(limit, wait)
        if batches:
            self._pending.append(self._decoded(batches))
        return bool(batches)

    def _decoded(self, batches: Sequence[Batch]) -> _PendingBatch:
        if self._live.config is not self._config:
            self._configure(self._live.config)
        points = PointColumns()
        for batch in batches:
            self._add(batch, points)
        return _PendingBatch(batches, points, _oldest_seen(batches))

    def _add(self, batch: Batch, points: PointColumns) -> None:
        topic = batch.partition.topic
        for start in range(0, len(batch), DECODED_AT_ONCE):
            for value, error in self._points[topic].add(batch.values[start : start + DECODED_AT_ONCE], points):
                self._refuse(topic, value, RefusalReason.RECORD, str(error))

    def _write(self, limit: int) -> bool:
        """Whether all points of the first pending batch are stored or refused. They are not written again."""
        try:
            refusals = self._store_first(limit)
        except StoreUnavailable as error:
            pause = self._backoff.failed()
            self._metrics.store_retries.inc()
            self._metrics.store_up.set(0)
            self._problem = f"the store accepts no points: {printable(str(error))}"
            log.warning("the store accepts no points, trying again in %.1f s: %s", pause, error)
            return False
        for point, why in refusals:
            self._refuse(f"store/{point.series.measurement}", repr(point).encode(), RefusalReason.STORE, why)
        self._pending[0].points = ()
        self._backoff.succeeded()
        self._problem = ""
        self._metrics.store_up.set(1)
        return True

    def _store_first(self, limit: int) -> Refusals:
        """Write the first pending batch. Where more records wait in the log, decode and write those as well."""
        while self._may_write_ahead() and (batches := self._consumer.poll(limit, 0)):
            for pending in self._pending:
                pending.writing = pending.writing or self._writers.submit(self._stored, pending.points)
            self._pending.append(self._decoded(batches))
        first = self._pending[0]
        writing, first.writing = first.writing, None
        return self._stored(first.points) if writing is None else writing.result()

    def _may_write_ahead(self) -> bool:
        return len(self._pending) < MOST_BATCHES and self._pending[-1].readings_only

    def _stored(self, points: Sequence[Point]) -> Refusals:
        """Write all points. Those that the store refuses are found by halving, and returned with its error."""
        try:
            if points:
                self._store.write(points)
        except StoreRefused as error:
            if len(points) == 1:
                return self._stored_in_part(points[0], str(error))
            half = len(points) // 2
            return self._stored(points[:half]) + self._stored(points[half:])
        return []

    def _stored_in_part(self, point: Point, why: str) -> Refusals:
        """Store a refused point without its fields that the catalogue does not have: the store may have too many names
        already, and a device that invents some must not cost the others."""
        names = self._config.catalogue
        known = {f: x for f, x in point.fields.items() if f.removesuffix("_implausible") in names or f in FACTS}
        if not known or len(known) == len(point.fields):
            return [(point, why)]
        unknown = {field: value for field, value in point.fields.items() if field not in known}
        return [*self._stored([Point(point.series, point.at, known)]), (Point(point.series, point.at, unknown), why)]

    def _commit(self, wait: float) -> int:
        if self._refused:
            self._receipts.append(self._log.send(QUARANTINE, self._refused))
            self._refused = []
        if not all(receipt.acked(wait) for receipt in self._receipts):
            return 0
        pending = self._pending[0]
        batches = pending.batches
        positions: dict[Partition, int] = {b.partition: b.offsets[-1] + 1 for b in batches}
        self._consumer.commit(positions)
        for batch in batches:
            self._metrics.records_stored.labels(batch.partition.topic).inc(len(batch))
        if pending.received_at is not None:
            self._metrics.delay.labels("store").observe(max(0, self._clock.now() - pending.received_at) / SECOND)
        self._pending.popleft()
        self._receipts = []
        return sum(map(len, batches))

    def _refuse(self, topic: str, payload: bytes, reason: RefusalReason, why: str) -> None:
        record = self._quarantine.record(topic, payload, [Refused(reason, why)], self._clock.now())
        self._refused.append((record.device, QUARANTINED_WIRE.encode(record)))


def _oldest_seen(batches: Iterable[Batch]) -> Micros | None:
    """When the bridge received the oldest reading: within a batch they are in the order in which it received them."""
    firsts = (READING_WIRE.decode_many(b.values[:1])[0] for b in batches if b.partition.topic == READINGS)
    return min((first.received_at for first in firsts if isinstance(first, Reading)), default=None)
