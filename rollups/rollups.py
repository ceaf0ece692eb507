"""Log → which minutes are touched → raw readings from the store → minutes, hours → commit."""

import logging
from collections.abc import Iterable

from rollups.marks import Marks
from rollups.pending import Minute, Pending
from rollups.points import HOURS
from rollups.roller import Devices, Roller
from rollups.touch import TOUCH, Touch
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
ARCHIVE = "archive"  # the group whose positions say what is in the store
LONGEST_PAUSE = 10.0
LOOK = 1.0  # seconds between two looks at what is due
_AT_ONCE = 120  # minutes rolled before the next commit
_LATE = 180.0  # seconds after its beginning a minute has been rolled once
_MOST = 500_000  # minutes of devices that wait, before no more is taken


class Rollups:
    """A part: keeps `minutes` and `hours` of everything that is archived.

    A minute is made anew from what the store has, never added to: so it may be made twice, and a reading that is days
    late makes just its own minute and hour again. It is made when the archive has *committed* beyond the last record
    that touched it; then its readings are in the store. Several processes share the devices, as the log's partitions.
    """

    def __init__(self, log_: Log, store: Store, clock: Clock, metrics: Metrics) -> None:
        self._log = log_
        self._clock = clock
        self._metrics = metrics
        self._held: set[Partition] = set()
        self._pending = Pending()
        self._hours: dict[Micros, set[str] | None] = {}
        self._roller = Roller(store, metrics, self._mine)
        self._marks = Marks(store)
        self._consumer = log_.consumer((READINGS,), GROUP, self._assigned, self._revoked)
        self._backoff = Backoff(clock, 1.0, LONGEST_PAUSE)
        self._period = Periodic(clock, LOOK, first=LOOK)
        self._problem = ""

    def step(self, wait: float, limit: int = 20_000) -> int:
        taken = self._take(limit, wait) if len(self._pending) < _MOST else 0
        if self._period.due():
            self._watch()
            if self._backoff.due():
                return taken + self._try()
        return taken

    def close(self) -> None:
        self._consumer.close()

    def problem(self) -> str:
        return self._problem

    def _take(self, limit: int, wait: float) -> int:
        batches = self._consumer.poll(limit, wait)
        for batch in batches:
            decoded = TOUCH.decode_many(batch.values)
            touches = [touch for touch in decoded if isinstance(touch, Touch)]
            if unreadable := len(decoded) - len(touches):
                self._metrics.rollup_records_unreadable.inc(unreadable)
            self._pending.take(batch.partition, batch.offsets, touches, self._clock.monotonic())
        return sum(map(len, batches))

    def _try(self) -> int:
        """Roll what is due, unless the store is away: then again, less and less often."""
        try:
            rolled = self._roll()
        except StoreUnavailable as error:
            pause = self._backoff.failed()
            self._problem = f"the store cannot be rolled up: {printable(str(error), 300)}"
            log.warning("the store cannot be rolled up, trying again in %.0f s: %s", pause, error)
            return 0
        self._backoff.succeeded()
        self._problem = ""
        return rolled

    def _roll(self) -> int:
        """Minutes, hours, marks, commit: in this order, so that a death between any two of them costs nothing."""
        now = self._clock.now()
        for hour in self._marks.open(self._held, now):
            self._hours[hour] = None
        due = self._stored(self._pending.due(now, self._clock.monotonic())[:_AT_ONCE])
        touched: dict[Micros, Devices] = {minute.at: minute.devices for minute in due}
        self._roller.minutes(touched)
        self._metrics.rollup_minutes_recomputed.inc(sum(len(m.devices) for m in due if self._is_late(m, now)))
        for minute in due:
            self._add_hour(minute)
        self._pending.done(due)
        over: dict[Micros, Devices] = {hour: of for hour, of in self._hours.items() if hour + HOURS <= now}
        self._roller.hours(over)
        for hour in over:
            del self._hours[hour]
        self._marks.put(self._held, now)
        if due:
            self._consumer.commit(self._pending.positions())
        return len(due) + len(over)

    def _stored(self, due: Iterable[Minute]) -> list[Minute]:
        """Those whose readings the archive has stored, as far as we have seen them."""
        done: dict[Partition, int] = {}
        found = []
        for minute in due:
            for partition in minute.after.keys() - done.keys():
                done[partition] = self._log.committed(ARCHIVE, partition) or 0
            if all(done[partition] >= after for partition, after in minute.after.items()):
                found.append(minute)
        return found

    def _add_hour(self, minute: Minute) -> None:
        hour = minute.at - minute.at % HOURS
        known = self._hours.setdefault(hour, set())
        if known is not None:
            known |= minute.devices

    def _is_late(self, minute: Minute, now: Micros) -> bool:
        """Whether it was over long before it was touched."""
        return now - minute.at > (_LATE + self._clock.monotonic() - minute.since) * SECOND

    def _watch(self) -> None:
        publish_lag(self._metrics, GROUP, (READINGS,), self._consumer.lag())
        over = min(self._pending.minutes, default=None)
        age = 0.0 if over is None else (self._clock.now() - over) / SECOND - 60.0
        self._metrics.rollup_oldest_pending_age.set(max(0.0, age))

    def _mine(self, device: str) -> bool:
        return self._log.partition(READINGS, device) in self._held

    def _assigned(self, partitions: Partitions) -> None:
        self._held |= set(partitions)

    def _revoked(self, partitions: Partitions) -> None:
        self._held -= set(partitions)
        self._pending.forget(partitions, self._mine)
