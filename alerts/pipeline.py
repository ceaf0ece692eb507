"""The pipeline: findings and actions in, alerts and messages out.

log: findings ─┐
log: actions  ─┴▶ events ▸ state ▸ late ▸ inhibit ▸ silence ▸ route ▸ mute ▸ escalate ▸ group ▸ dedup ▸ deliver
                             │                                                                      │
                             └── one commit: alerts, groups, silences, positions, publications ─────┴─ outbox ▸ senders
                                       └▶ log: alerts
"""

import logging
import threading

from alerts.apply_decisions import apply_decisions
from alerts.config_approver import ConfigApprover
from alerts.log_publisher import LogPublisher
from alerts.log_reader import LogEvent, LogReader, quarantine
from alerts.model.now import Now
from alerts.ports.state_store import StateStore
from alerts.routing.alert_routes import RouteCache
from alerts.self_monitoring.heartbeats import HeartbeatMonitor
from alerts.self_monitoring.internal_finding import log_replaced, state_rebuilt
from alerts.self_monitoring.periodic_checks import PeriodicChecks
from alerts.stages.batch import AlertBatch, BatchItem, chain
from alerts.stages.dedup import dedup
from alerts.stages.deliver import deliver
from alerts.stages.escalate import escalate
from alerts.stages.group import group
from alerts.stages.inhibit import inhibit
from alerts.stages.inhibition_roles import InhibitionRoles
from alerts.stages.late import late
from alerts.stages.mute import mute
from alerts.stages.route import route
from alerts.stages.silence import silence
from alerts.stages.silence_matches import SilenceMatches
from alerts.steady_clock import SteadyClock
from alerts.tracking.alert_state import load_state
from alerts.tracking.channel_tests import ChannelTests
from alerts.tracking.event_handler import EventHandler
from alerts.tracking.rebuild import rebuild
from ward.clock import SECOND, Clock, Micros
from ward.config.live_config import LiveConfig
from ward.errors import LogUnavailable, WireError
from ward.finding import EndReason, Finding
from ward.metrics import Metrics
from ward.periodic import Periodic
from ward.ports import Log
from ward.topics import QUARANTINE
from ward.wakeup import Wakeup

log = logging.getLogger(__name__)

HEARTBEAT = 5.0
stages = chain(late, inhibit, silence, route, mute, escalate, group, dedup, deliver)


class Pipeline:
    """A part: all alerts from beginning to end. Each step reads events, decides, commits, and publishes.

    It can be killed between any two of these: what was committed is published again, and what was not is read again.
    Only one pipeline may use a store. `wakeup` is woken when there is something to send. For `grace` seconds after a
    start nothing is reported missing: equipment may be missing only because Wardwatch was down. `publisher` is given
    where other processes follow this one. The pipeline closes `store`. `state` holds all alerts, silences and groups,
    for reading only.
    """

    def __init__(
        self, log_: Log, live: LiveConfig, store: StateStore, clock: Clock, metrics: Metrics,
        wakeup: Wakeup | None = None, grace: float = 0.0, publisher: LogPublisher | None = None,
    ) -> None:  # fmt: skip
        self._log = log_
        self._live = live
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._wakeup = wakeup
        self.state = load_state(store)
        self._steady = SteadyClock(clock, self.state.anchor)
        self._reader = LogReader(log_, self.state.positions)
        self._publisher = publisher or LogPublisher(log_, store)
        tests = ChannelTests(self.state, store)
        self._events = EventHandler(self.state, metrics, tests, self._steady.now() + round(grace * SECOND))
        self._heartbeats = HeartbeatMonitor(log_, metrics, grace)
        self._checks = PeriodicChecks(self.state, store, self._events, tests, self._heartbeats, clock, metrics)
        self._approver = ConfigApprover(log_)
        self._config = live.config
        self._routes = RouteCache(self._config.alerting)
        self._silence_matches, self._inhibition_roles = SilenceMatches(), InhibitionRoles()
        self._anchor_due = Periodic(clock, HEARTBEAT)
        self._wake_at: Micros = 0
        self._caught_up = self._started = False
        self._idle = threading.Event()

    def step(self, wait: float, limit: int = 1000) -> int:
        """One round; waits at most `wait` seconds for events and takes at most `limit`. Returns how many it took."""
        events = self._read(limit, self._longest_wait(wait))
        now = Now(self._clock.now(), self._steady.now())
        config = self._live.config  # read once: another thread may replace it at any time
        reloaded, self._config = config is not self._config, config
        if reloaded:
            self._routes = RouteCache(self._config.alerting)
        decisive = False
        for event in events:
            decisive |= self._apply(event, now)
        if self._caught_up and not self._started:
            self._start(now)
        if self._started:  # before that, active alerts may be unknown
            self._approver.consider(self._live.waiting, self.state.alerts.values(), now)
        changed = self._checks.run(now, self._config, new_events=decisive)
        if decisive or changed or reloaded or now.steady >= self._wake_at:
            self._decide(now)
        self._commit(now)
        self._observe_delay(events)
        return len(events)

    def close(self) -> None:
        self._checks.close()
        self._reader.close()
        self._heartbeats.close()
        self._store.close()

    def _read(self, limit: int, wait: float) -> list[LogEvent]:
        """New events. While there is no log there are none, and known alerts are still repeated and escalated."""
        try:
            if self._caught_up:
                return self._reader.poll(limit, wait)
            events = self._reader.catch_up()
        except LogUnavailable as error:
            self._warn(error)
            self._idle.wait(wait)
            return []
        self._caught_up = True
        return events

    def _longest_wait(self, wait: float) -> float:
        """`wait` seconds, or less if something is due before."""
        return max(0.0, min(wait, (self._wake_at - self._steady.now()) / SECOND))

    def _start(self, now: Now) -> None:
        """An empty state is filled from the log, and another log from the state; an alert says which was lost."""
        if not self.state.positions:
            known = rebuild(self._log, self.state, now)
            if known or self._store.damaged_file:
                self._report(state_rebuilt(self._store.damaged_file, now, self._config), now)
        elif self._reader.replaced:
            self.state.publish_again(now)
            self._report(log_replaced(self._reader.replaced, now, self._config), now)
        self._started = True

    def _report(self, finding: Finding, now: Now) -> None:
        self._events.finding(finding, now, self._config)
        tracked = self.state.tracked(finding.episode)
        if tracked is not None:  # its condition is over at once: it stays until it is acknowledged
            self.state.put(tracked.with_alert(latched=EndReason.RECOVERED))

    def _apply(self, event: LogEvent, now: Now) -> bool:
        """One event into the state. One that cannot be used, for whatever reason, is quarantined and stops no other.

        Returns whether the stages must decide again.
        """
        try:
            if isinstance(event.message, WireError):
                raise event.message
            if isinstance(event.message, Finding):
                return self._events.finding(event.message, now, self._config)
            self._events.action(event.message, now, self._config)
        except WireError as error:
            self._quarantine(event, "record", str(error), now)
        except (ValueError, TypeError, LookupError, ArithmeticError) as error:
            log.exception("an event could not be applied")
            self._quarantine(event, "failed", repr(error), now)
        return True

    def _quarantine(self, event: LogEvent, reason: str, detail: str, now: Now) -> None:
        self.state.publish(QUARANTINE, "", quarantine(event, reason, detail, now.wall, self._metrics))

    def _decide(self, now: Now) -> None:
        """All open alerts through the stages; what they decided goes into the state."""
        batch = stages(
            AlertBatch(
                now=now, config=self._config, routes=self._routes,
                items=tuple(BatchItem(tracked=tracked) for tracked in self.state.alerts.values()),
                silences=tuple(self.state.silences.values()), silence_matches=self._silence_matches,
                inhibition_roles=self._inhibition_roles, group_states=self.state.groups,
            )
        )  # fmt: skip
        apply_decisions(batch, self.state, self._metrics)
        self._wake_at = batch.wake_at
        self._checks.publish_counts()

    def _commit(self, now: Now) -> None:
        """One commit of everything that was decided; only then are the senders woken and the log written."""
        anchor, due = self._steady.anchor(now.wall), self._anchor_due.due()
        changes = self.state.take_changes(now, self._reader.positions, self._durable(), anchor, heartbeat=due)
        if changes:
            self._anchor_due.restart()
            self._store.write(changes)
        if changes.outbox and self._wakeup is not None:
            self._wakeup.wake()
        try:
            if changes.publications or self._publisher.shared or not self._publisher.up_to_date:
                self._publisher.send()
        except LogUnavailable as error:
            self._warn(error)

    def _durable(self) -> int:
        """Up to which publication the log is durable. When it gave some up, all that are not are sent again."""
        try:
            return self._publisher.durable()
        except LogUnavailable as error:
            self._warn(error)
            self._publisher.start_over()
            return 0

    def _warn(self, error: LogUnavailable) -> None:
        log.warning("the log does not answer; known alerts are still repeated and escalated: %s", error)

    def _observe_delay(self, events: list[LogEvent]) -> None:
        """From when the bridge received a reading until what follows from it was decided and durable."""
        now = self._clock.now()
        for event in events:
            if isinstance(event.message, Finding):
                self._metrics.delay.labels("alerts").observe(max(0, now - event.message.received_at) / SECOND)
