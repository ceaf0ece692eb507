"""Log → store, then commit.

A batch is written until the store has it: the store may be away for a day. A batch that the store
*refuses* is halved until the points it will never take stand alone; they go to quarantine with the
store's own words, and everything else is stored.
"""

import logging
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from bridge.decoded_reading import RefusalReason, Refused
from bridge.fast_path import FastPath
from bridge.points import ReadingPoints, alert_points, finding_points, health_points, score_points
from bridge.quarantine import Quarantine
from bridge.quarantine_samples import sample_points
from bridge.records import Records
from ward.clock import SECOND, Clock, Micros
from ward.config.config import Config
from ward.config.live import LiveConfig
from ward.errors import StoreRefused, StoreUnavailable
from ward.ids import printable
from ward.lag import set_lags
from ward.metrics import Metrics
from ward.ports import Batch, Log, Partition, Point, PointColumns, Receipt, Store
from ward.reading import Reading
from ward.topics import ALERTS, FINDINGS, HEALTH, QUARANTINE, READINGS, SCORES
from ward.wire import ALERT, FINDING, HEALTH_WIRE, QUARANTINED, READING, SCORE

log = logging.getLogger(__name__)

GROUP = "archive"
TOPICS = (READINGS, FINDINGS, ALERTS, SCORES, HEALTH, QUARANTINE)
LONGEST_PAUSE = 10.0
LOOK = 1.0  # seconds between two looks at the lag
AT_ONCE = 1000  # records decoded: what is made of them is made while they are in the processor's cache
DEEP = 3  # batches at a time: one stored, one written, one made ready

Refusals = list[tuple[Point, str]]


@dataclass(slots=True)
class _Load:
    """What was taken from the log in one go, what it becomes in the store, and when the bridge saw the oldest of it.

    `writing` is the attempt to store it that is under way.
    """

    batches: Sequence[Batch] = ()
    points: Sequence[Point] = field(default_factory=PointColumns)
    seen: Micros | None = None
    writing: "Future[Refusals] | None" = None


class Archive:
    """One part of the bridge: takes a batch, writes it until it is stored, commits.

    Where more is waiting in the log, the next batches are made ready and handed to the store while it works on the
    first: a store spends most of a write outside of Python. They are committed in their order all the same.
    """

    def __init__(self, log_: Log, store: Store, live: LiveConfig, clock: Clock, metrics: Metrics) -> None:
        self._log = log_
        self._store = store
        self._live = live
        self._clock = clock
        self._metrics = metrics
        self._quarantine = Quarantine("archive", metrics)
        self._consumer = log_.consumer(TOPICS, GROUP)
        self._writers = ThreadPoolExecutor(DEEP - 1, "archive-writer")  # threads begin with the first backlog
        self._loads: deque[_Load] = deque()
        self._refused: list[tuple[str, bytes]] = []
        self._receipts: list[Receipt] = []
        self._pause = 0.0
        self._not_before = 0.0
        self._problem = ""
        self._looked = -LOOK
        self._configure(live.config)

    def step(self, wait: float, limit: int = 20_000) -> int:
        self._watch_lag()
        if not self._loads and not self._take(limit, wait):
            return 0
        if (early := self._not_before - self._clock.monotonic()) > 0:
            self._clock.wait(min(wait, early))
            return 0
        if not self._write(limit):
            return 0
        return self._commit(wait)

    def close(self) -> None:
        self._writers.shutdown()
        self._consumer.close()

    def problem(self) -> str:
        return self._problem

    def _watch_lag(self) -> None:
        """Publish now and then how much is not stored yet, in the log or in hand."""
        if (now := self._clock.monotonic()) - self._looked < LOOK:
            return
        self._looked = now
        lags = Counter(self._consumer.lag())
        for batch in (batch for load in self._loads for batch in load.batches):
            lags[batch.partition] += len(batch)
        set_lags(self._metrics, GROUP, TOPICS, lags)

    def _configure(self, config: Config) -> None:
        self._config = config
        vitals = (signal.name for signal in config.catalogue.vitals())
        self._records: Mapping[str, Records[Any] | FastPath] = {
            READINGS: FastPath(ReadingPoints(config), vitals),
            FINDINGS: Records(FINDING, finding_points),
            ALERTS: Records(ALERT, alert_points),
            SCORES: Records(SCORE, score_points),
            HEALTH: Records(HEALTH_WIRE, health_points),
            QUARANTINE: Records(QUARANTINED, sample_points),
        }

    def _take(self, limit: int, wait: float) -> bool:
        """Make one more batch ready, if there is one."""
        batches = self._consumer.poll(limit, wait)
        if batches:
            self._loads.append(self._ready(batches))
        return bool(batches)

    def _ready(self, batches: Sequence[Batch]) -> _Load:
        if self._live.config is not self._config:
            self._configure(self._live.config)
        points = PointColumns()
        for batch in batches:
            self._add(batch, points)
        return _Load(batches, points, _seen(batches))

    def _add(self, batch: Batch, points: PointColumns) -> None:
        topic = batch.partition.topic
        for start in range(0, len(batch), AT_ONCE):
            for value, error in self._records[topic].add(batch.values[start : start + AT_ONCE], points):
                self._set_aside(topic, value, RefusalReason.WIRE, str(error))

    def _write(self, limit: int) -> bool:
        """Whether all points are in the store or set aside. What is done is not done again."""
        try:
            refused = self._stored_meanwhile(limit)
        except StoreUnavailable as error:
            self._pause = min(LONGEST_PAUSE, self._pause * 2 or 0.5)
            self._not_before = self._clock.monotonic() + self._pause
            self._metrics.store_retries.inc()
            self._metrics.store_up.set(0)
            self._problem = f"the store takes nothing: {printable(str(error))}"
            log.warning("the store takes nothing, trying again in %.1f s: %s", self._pause, error)
            return False
        for point, why in refused:
            self._set_aside(f"store/{point.series.measurement}", repr(point).encode(), RefusalReason.STORE, why)
        self._loads[0].points = ()
        self._pause = self._not_before = 0.0
        self._problem = ""
        self._metrics.store_up.set(1)
        return True

    def _stored_meanwhile(self, limit: int) -> Refusals:
        """Write the first; and where more is waiting in the log, write and make ready that too meanwhile."""
        while len(self._loads) < DEEP and (batches := self._consumer.poll(limit, 0)):
            for load in self._loads:
                load.writing = load.writing or self._writers.submit(self._stored, load.points)
            self._loads.append(self._ready(batches))
        first = self._loads[0]
        writing, first.writing = first.writing, None
        return self._stored(first.points) if writing is None else writing.result()

    def _stored(self, points: Sequence[Point]) -> Refusals:
        """Write all points; those that the store refuses are found by halving, and returned with its words."""
        try:
            if points:
                self._store.write(points)
        except StoreRefused as error:
            if len(points) == 1:
                return [(points[0], str(error))]
            half = len(points) // 2
            return self._stored(points[:half]) + self._stored(points[half:])
        return []

    def _commit(self, wait: float) -> int:
        if self._refused:
            self._receipts.append(self._log.send(QUARANTINE, self._refused))
            self._refused = []
        if not all(receipt.settled(wait) for receipt in self._receipts):
            return 0
        load = self._loads[0]
        batches = load.batches
        positions: dict[Partition, int] = {b.partition: b.offsets[-1] + 1 for b in batches}
        self._consumer.commit(positions)
        for batch in batches:
            self._metrics.archived.labels(batch.partition.topic).inc(len(batch))
        if load.seen is not None:
            self._metrics.delay.labels("store").observe(max(0, self._clock.now() - load.seen) / SECOND)
        self._loads.popleft()
        self._receipts = []
        return sum(map(len, batches))

    def _set_aside(self, topic: str, payload: bytes, reason: RefusalReason, why: str) -> None:
        record = self._quarantine.record(topic, payload, Refused(reason, why), self._clock.now())
        self._refused.append((record.device, QUARANTINED.encode(record)))


def _seen(batches: Iterable[Batch]) -> Micros | None:
    """When the bridge saw the oldest reading: in a batch they lie in the order of its sight."""
    firsts = (READING.decode_many(b.values[:1])[0] for b in batches if b.partition.topic == READINGS)
    return min((first.seen for first in firsts if isinstance(first, Reading)), default=None)
