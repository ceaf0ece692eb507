"""Log → minutes with new readings → raw readings from the store → roll-ups by minute and hour → commit."""

import logging
from collections.abc import Iterable

from rollups.hour_progress import HourProgress
from rollups.pending_minutes import PendingMinute, PendingMinutes
from rollups.points import HOURS
from rollups.reading_key import READING_KEY, ReadingKey
from rollups.writer import Devices, RollupWriter
from ward.backoff import Backoff
from ward.clock import SECOND, Clock, Micros
from ward.errors import StoreUnavailable
from ward.ids import printable
from ward.lag_metrics import publish_lag
from ward.metrics import Metrics
from ward.periodic import Periodic
from ward.ports import Log, Partition, Store
from ward.ports.log import Partitions
from ward.topics import READINGS

log = logging.getLogger(__name__)

GROUP = "rollups"
ARCHIVE = "archive"  # the consumer group whose committed offsets show what is in the store
MAX_PAUSE = 10.0  # seconds between attempts while the store does not answer
EVERY = 1.0  # seconds between two checks of what is due
_AT_ONCE = 120  # minutes rolled up before the next commit
_LATE = 180.0  # seconds; a minute is rolled up for the first time within so long of its beginning
_MAX_PENDING = 500_000  # with so many pending pairs of minute and device no more records are polled


class RollupWorker:
    """A part: writes the roll-ups by minute and hour of all readings that the archive has stored.

    A minute is computed from all its readings in the store, never added to: it may be computed twice, and a reading
    that is days late causes its own minute and hour to be computed again. A minute is computed when the archive has
    *committed* beyond its last record: then its readings are in the store. Several processes share the devices by the
    partitions of the log.
    """

    def __init__(self, log_: Log, store: Store, clock: Clock, metrics: Metrics) -> None:
        self._log = log_
        self._clock = clock
        self._metrics = metrics
        self._owned: set[Partition] = set()
        self._pending = PendingMinutes()
        self._hours: dict[Micros, set[str] | None] = {}
        self._writer = RollupWriter(store, metrics, self._owns)
        self._progress = HourProgress(store)
        self._consumer = log_.consumer((READINGS,), GROUP, self._assigned, self._revoked)
        self._backoff = Backoff(clock, 1.0, MAX_PAUSE)
        self._period = Periodic(clock, EVERY, first=EVERY)
        self._problem = ""

    def step(self, wait: float, limit: int = 20_000) -> int:
        """Poll at most `limit` records and roll up what is due. Returns how many of these it processed."""
        polled = self._poll(limit, wait) if len(self._pending) < _MAX_PENDING else 0
        if self._period.due():
            self._publish_metrics()
            if self._backoff.due():
                return polled + self._try_roll_up()
        return polled

    def close(self) -> None:
        self._consumer.close()

    def problem(self) -> str:
        return self._problem

    def _poll(self, limit: int, wait: float) -> int:
        batches = self._consumer.poll(limit, wait)
        for batch in batches:
            decoded = READING_KEY.decode_many(batch.values)
            keys = [key for key in decoded if isinstance(key, ReadingKey)]
            if unreadable := len(decoded) - len(keys):
                self._metrics.rollup_records_unreadable.inc(unreadable)
            self._pending.add(batch.partition, batch.offsets, keys, self._clock.monotonic())
        return sum(map(len, batches))

    def _try_roll_up(self) -> int:
        """Roll up what is due. When the store does not answer, the next attempt is made after a pause."""
        try:
            rolled = self._roll_up()
        except StoreUnavailable as error:
            pause = self._backoff.failed()
            self._problem = f"the roll-ups are not written: {printable(str(error), 300)}"
            log.warning("the roll-ups are not written, trying again in %.0f s: %s", pause, error)
            return 0
        self._backoff.succeeded()
        self._problem = ""
        return rolled

    def _roll_up(self) -> int:
        """Write minutes, hours, progress, and commit: in this order, so that a crash between any two loses nothing."""
        now = self._clock.now()
        for hour in self._progress.incomplete(self._owned, now):
            self._hours[hour] = None
        due = self._archived(self._pending.due(now, self._clock.monotonic())[:_AT_ONCE])
        changed: dict[Micros, Devices] = {minute.at: minute.devices for minute in due}
        self._writer.write_changed_minutes(changed)
        self._metrics.rollup_minutes_recomputed.inc(sum(len(m.devices) for m in due if self._is_late(m, now)))
        for minute in due:
            self._add_hour(minute)
        self._pending.done(due)
        over: dict[Micros, Devices] = {hour: of for hour, of in self._hours.items() if hour + HOURS <= now}
        self._writer.write_hours(over)
        for hour in over:
            del self._hours[hour]
        self._progress.record(self._owned, now)
        if due:
            self._consumer.commit(self._pending.positions())
        return len(due) + len(over)

    def _archived(self, due: Iterable[PendingMinute]) -> list[PendingMinute]:
        """Those minutes whose polled readings are all in the store."""
        done: dict[Partition, int] = {}
        found = []
        for minute in due:
            for partition in minute.after.keys() - done.keys():
                done[partition] = self._log.committed(ARCHIVE, partition) or 0
            if all(done[partition] >= after for partition, after in minute.after.items()):
                found.append(minute)
        return found

    def _add_hour(self, minute: PendingMinute) -> None:
        hour = minute.at - minute.at % HOURS
        known = self._hours.setdefault(hour, set())
        if known is not None:
            known |= minute.devices

    def _is_late(self, minute: PendingMinute, now: Micros) -> bool:
        """Whether it had been rolled up once before its new readings arrived."""
        return now - minute.at > (_LATE + self._clock.monotonic() - minute.since) * SECOND

    def _publish_metrics(self) -> None:
        publish_lag(self._metrics, GROUP, (READINGS,), self._consumer.lag())
        over = min(self._pending.minutes, default=None)
        age = 0.0 if over is None else (self._clock.now() - over) / SECOND - 60.0
        self._metrics.rollup_oldest_pending_age.set(max(0.0, age))

    def _owns(self, device: str) -> bool:
        return self._log.partition(READINGS, device) in self._owned

    def _assigned(self, partitions: Partitions) -> None:
        self._owned |= set(partitions)

    def _revoked(self, partitions: Partitions) -> None:
        self._owned -= set(partitions)
        self._pending.remove(partitions, self._owns)
