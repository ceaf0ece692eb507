"""The pipeline: findings and actions in, alerts and letters out.

log: findings ─┐
log: actions  ─┴▶ clerk ▸ book ▸ late ▸ inhibit ▸ silence ▸ route ▸ mute ▸ escalate ▸ group ▸ dedup ▸ deliver
                            │                                                                    │
                            └── one commit: alerts, groups, silences, positions, publications ───┴─ outbox ▸ senders
                                      └▶ log: alerts; then the positions of the group
"""

import logging
import pathlib
import threading

from msgspec import structs

from alerts.delivery.wakeup import Wakeup
from alerts.log_publisher import LogPublisher
from alerts.log_reader import Entry, LogReader, refused
from alerts.self_monitoring.heartbeats import HeartbeatMonitor
from alerts.self_monitoring.periodic_checks import PeriodicChecks
from alerts.stages.batch import Batch, Item, RouteMatches, chain
from alerts.stages.dedup import dedup
from alerts.stages.deliver import deliver
from alerts.stages.escalate import escalate
from alerts.stages.group import group
from alerts.stages.inhibit import inhibit
from alerts.stages.late import late
from alerts.stages.mute import mute
from alerts.stages.route import route
from alerts.stages.silence import silence
from alerts.steady_clock import SteadyClock
from alerts.tracking.alert_state import FILE, open_state
from alerts.tracking.event_handler import EventHandler
from alerts.tracking.rebuild import restore
from alerts.tracking.tracked_alert import Instant
from ward.clock import SECOND, Clock, Micros
from ward.config.live import LiveConfig
from ward.errors import LogUnavailable, WireError
from ward.finding import Finding, Severity
from ward.metrics import Metrics
from ward.ports import Log
from ward.reason import Reason
from ward.topics import QUARANTINE

log = logging.getLogger(__name__)

HEARTBEAT = 5 * SECOND
MOST_WAYS = 20_000
stages = chain(late, inhibit, silence, route, mute, escalate, group, dedup, deliver)


class Pipeline:
    """A part: the life of all alerts. A step takes what has come, decides, commits, and publishes.

    It can be killed between any two of these: what was committed is published again, and what was
    not is read again. Only one may run on a file. `bell` is rung when there is something to send. For `grace`
    seconds after a start nobody is told that something else is missing: it may have been away with us.
    """

    def __init__(
        self, log_: Log, live: LiveConfig, data: pathlib.Path, clock: Clock, metrics: Metrics,
        bell: Wakeup | None = None, grace: float = 0.0,
    ) -> None:  # fmt: skip
        self._log = log_
        self._live = live
        self._clock = clock
        self._metrics = metrics
        self._bell = bell
        self._file, self._book, self._damage = open_state(data / FILE, clock.now())
        self._steady = SteadyClock(clock, self._book.mark)
        self._reader = LogReader(log_, self._book.positions, metrics)
        self._press = LogPublisher(log_, self._file)
        self._clerk = EventHandler(self._book, metrics, self._steady.now() + round(grace * SECOND))
        self._pulses = HeartbeatMonitor(log_, metrics, grace)
        self._watch = PeriodicChecks(self._book, self._file, self._clerk, self._pulses, metrics)
        self._config = live.config
        self._ways: dict[tuple[str, Severity], RouteMatches] = {}
        self._wake: Micros = 0
        self._beat: Micros = 0
        self._caught_up = self._started = False
        self._idle = threading.Event()

    def step(self, wait: float, limit: int = 1000) -> int:
        entries = self._read(limit, self._patience(wait))
        now = Instant(self._clock.now(), self._steady.now())
        renewed, self._config = self._live.config is not self._config, self._live.config
        if renewed or len(self._ways) > MOST_WAYS:
            self._ways = {}
        for entry in entries:
            self._take(entry, now)
        if self._caught_up and not self._started:
            self._start(now)
        changed = self._watch.look(now, self._config, news=bool(entries))
        if entries or changed or renewed or now.steady >= self._wake:
            self._decide(now)
        self._commit(now)
        self._observe(entries)
        return len(entries)

    def close(self) -> None:
        self._reader.close()
        self._pulses.close()
        self._file.close()

    def _read(self, limit: int, wait: float) -> list[Entry]:
        """What is new in the log. While there is no log, what is known already is still repeated and escalated."""
        try:
            if self._caught_up:
                return self._reader.poll(limit, wait)
            missed = self._reader.missed()
        except LogUnavailable as error:
            self._warn(error)
            self._idle.wait(wait)
            return []
        self._caught_up = True
        return missed

    def _patience(self, wait: float) -> float:
        """Not longer than until the next thing is due."""
        return max(0.0, min(wait, (self._wake - self._steady.now()) / SECOND))

    def _start(self, now: Instant) -> None:
        """An empty book takes from the log what its readings no longer tell, and says that it was empty."""
        if not self._book.positions:
            restore(self._log, self._book, self._clerk, self._damage, now, self._config)
        self._started = True

    def _take(self, entry: Entry, now: Instant) -> None:
        """One message into the book; one that cannot be used, for whatever reason, harms no other."""
        try:
            if isinstance(entry.message, WireError):
                raise entry.message
            if isinstance(entry.message, Finding):
                self._clerk.finding(entry.message, now, self._config)
            else:
                self._clerk.action(entry.message, now, self._config)
        except WireError as error:
            self._book.publish(QUARANTINE, "", refused(entry, "wire", str(error), now.wall, self._metrics))
        except (ValueError, TypeError, LookupError, ArithmeticError) as error:
            log.exception("a message could not be entered")
            self._book.publish(QUARANTINE, "", refused(entry, "failed", repr(error), now.wall, self._metrics))

    def _decide(self, now: Instant) -> None:
        """All open cases through the chain; what it decided goes into the book."""
        batch = stages(
            Batch(
                now=now.steady, wall=now.wall, config=self._config,
                items=tuple(Item(case=case) for case in self._book.cases.values()),
                silences=tuple(self._book.silences.values()), groups=self._book.groups, ways=self._ways,
            )
        )  # fmt: skip
        told = [(member.item.case.alert.id, reason) for t in batch.tellings for member, reason in t.news]
        for _, reason in told:
            self._metrics.decisions.labels(reason.label).inc()
        ids = frozenset(id_ for id_, _ in told)
        for item in batch.items:
            self._enter(item, now, ids)
        for telling in batch.tellings:
            self._book.put_group(batch.groups[telling.group.key], now)
        self._book.tell(batch.letters)
        self._wake = batch.wake
        self._watch.count()

    def _enter(self, item: Item, now: Instant, told: frozenset[str]) -> None:
        """A case as it left the chain: with its last reason, and closed when nothing of it will ever be told."""
        alert = item.case.alert
        same = item.reason is None or (item.reason is Reason.TOLD and alert.reason in _TELLING)
        reason = alert.reason if same else str(item.reason)
        if item.reason is not None and reason != alert.reason and alert.id not in told:
            self._metrics.decisions.labels(item.reason.label).inc()
        after = structs.replace(
            alert, reason=reason, silenced_by=item.silenced_by, inhibited_by=item.inhibited_by,
            receivers=tuple(path.receiver for path in item.paths) if alert.active else alert.receivers,
        )  # fmt: skip
        if after != alert:
            after = structs.replace(after, updated_at=now.wall)
        self._book.put(structs.replace(item.case, alert=after))
        if not alert.active and not item.waiting:
            self._book.close(alert.id)

    def _commit(self, now: Instant) -> None:
        """One commit for everything that was decided; only then do the senders and the log hear of it."""
        beat = now.steady - self._beat > HEARTBEAT
        mark = self._steady.mark(now.wall)
        changes = self._book.changes(now, self._reader.positions, self._settled(), mark, beat=beat)
        if changes:
            self._beat = now.steady
            self._file.write(changes)
        if changes.letters and self._bell is not None:
            self._bell.ring()
        try:
            if changes.publish or not self._press.up_to_date:
                self._press.send()
            self._press.commit(self._reader, self._book.positions)
        except LogUnavailable as error:
            self._warn(error)

    def _settled(self) -> int:
        """Up to which publication the log is durable. When it gave some up, all that are not are sent again."""
        try:
            return self._press.settle()
        except LogUnavailable as error:
            self._warn(error)
            self._press = LogPublisher(self._log, self._file)
            return 0

    def _warn(self, error: LogUnavailable) -> None:
        log.warning("the log does not answer; alerts go on with what is known: %s", error)

    def _observe(self, entries: list[Entry]) -> None:
        """How long after the bridge saw a reading what follows from it was decided and safe."""
        now = self._clock.now()
        for entry in entries:
            if isinstance(entry.message, Finding):
                self._metrics.delay.labels("alerts").observe(max(0, now - entry.message.seen) / SECOND)


_TELLING = frozenset(str(reason) for reason in Reason if reason.tells)
