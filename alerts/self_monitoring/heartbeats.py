"""The heartbeats of all programs, as the alerts read them from the log."""

import logging
from collections.abc import Iterable

from alerts.model.now import Now
from alerts.self_monitoring import texts
from alerts.self_monitoring.program_health import FORGOTTEN_AFTER, MIN_PROBLEM_TIME, ProgramHealth
from ward.clock import SECOND, Micros
from ward.errors import LogUnavailable, OffsetOutOfRange
from ward.ids import is_id, printable
from ward.metrics import Metrics
from ward.ports import Consumer, Log
from ward.topics import HEARTBEATS
from ward.wire import HEARTBEAT_WIRE, Heartbeat

log = logging.getLogger(__name__)

# The program this code runs in. It cannot report that it is down; the ward screen shows that.
ALERTS_PROGRAM = "alerts"
# After a longer pause heartbeats may have been missed.
LONGEST_PAUSE = 5 * SECOND
MOST_INSTANCES = 500
MOST_AT_ONCE = 2000


class HeartbeatMonitor:
    """Follows the health topic from its beginning, which is short: it is compacted.

    The age of a heartbeat counts from when it was read, as the clocks of machines differ. Only for heartbeats that were
    in the log before, their own time counts; then nothing is reported missing for `grace` seconds.
    """

    def __init__(self, log_: Log, metrics: Metrics, grace: float) -> None:
        self._log = log_
        self._metrics = metrics
        self._grace = round(grace * SECOND)
        self._consumer: Consumer | None = None
        self._instances: dict[tuple[str, str], ProgramHealth] = {}
        self._complete_since: Micros | None = None
        self._last_read: Micros | None = None

    def read(self, now: Now) -> None:
        """Take the heartbeats that have come. While there is no log, the alerts themselves have a problem."""
        paused = self._last_read is not None and now.steady - self._last_read > LONGEST_PAUSE
        self._last_read = now.steady
        try:
            more = self._take(now)
            problem = self._log.problem()
        except OffsetOutOfRange:  # compaction has removed the position: what is there now is newer
            self._stop_reading()
            more, problem = True, ""
        except LogUnavailable as error:
            self._stop_reading()
            more, problem = False, str(error)
        if problem:
            self._complete_since = None
        elif self._complete_since is None or more or (paused and self._grace):
            self._complete_since = now.steady
        self._add_own(problem, now)
        self._forget(now)

    def grace_over(self, now: Now) -> bool:
        """Whether heartbeats have been read for `grace` without a gap, so that a missing one may be reported."""
        return self._complete_since is not None and now.steady - self._complete_since >= self._grace

    def programs(self) -> dict[str, list[ProgramHealth]]:
        """All instances by program, sorted by their last heartbeat."""
        found: dict[str, list[ProgramHealth]] = {}
        order = sorted(self._instances.items(), key=lambda item: (item[0][0], item[1].last_heartbeat))
        for (program, _), instance in order:
            found.setdefault(program, []).append(instance)
        return found

    def close(self) -> None:
        self._stop_reading()

    def _take(self, now: Now) -> bool:
        """Returns whether there may be more."""
        if self._consumer is None:
            self._consumer = self._log.follow([HEARTBEATS])
        count = 0
        for batch in self._consumer.poll(MOST_AT_ONCE, 0):
            count += len(batch)
            newest = dict(zip(batch.keys, batch.values, strict=True))
            self._add_all(newest.values(), now)
        return count >= MOST_AT_ONCE

    def _add_all(self, records: Iterable[bytes], now: Now) -> None:
        for health in HEARTBEAT_WIRE.decode_many(list(records)):
            if isinstance(health, Heartbeat) and is_id(health.program):
                self._add(health, now)
            else:
                self._metrics.heartbeats_unreadable.inc()

    def _add(self, health: Heartbeat, now: Now) -> None:
        key = health.program, health.instance
        instance = self._instances.get(key)
        age = 0 if instance is not None or self.grace_over(now) else max(0, now.wall - health.at)
        came = now.steady - age
        if instance is None or not instance.is_up(now):
            if instance is None and len(self._instances) >= MOST_INSTANCES:
                del self._instances[min(self._instances, key=lambda k: self._instances[k].last_heartbeat)]
            instance = self._instances[key] = ProgramHealth(health, came, came)
        instance.health, instance.last_heartbeat = health, came
        if health.problems:
            if came - instance.last_problem >= MIN_PROBLEM_TIME:
                instance.problem_since, instance.problem_since_wall = came, health.at
            instance.problems = tuple(printable(text, 200) for text in health.problems[:3])
            instance.last_problem = came

    def _add_own(self, problem: str, now: Now) -> None:
        """The program's own heartbeat needs no log."""
        problems = [texts.NO_LOG(problem=problem)] if problem else []
        self._add(
            Heartbeat(program=ALERTS_PROGRAM, instance="", at=now.wall, started=0, config="", problems=problems), now
        )
        self._instances[ALERTS_PROGRAM, ""].without_log = bool(problem)

    def _forget(self, now: Now) -> None:
        for key, instance in list(self._instances.items()):
            if now.steady - instance.last_heartbeat >= FORGOTTEN_AFTER:
                del self._instances[key]

    def _stop_reading(self) -> None:
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None
