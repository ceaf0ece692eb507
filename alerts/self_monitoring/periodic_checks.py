"""What the pipeline checks once a second: expiries, channels, programs, missing signals; and what it deletes."""

from collections import Counter

from alerts.model.now import Now
from alerts.model.state_changes import ChannelBacklog
from alerts.ports.state_store import StateStore
from alerts.self_monitoring import texts
from alerts.self_monitoring.calendar_alerts import calendar_findings
from alerts.self_monitoring.channel_alerts import channel_findings
from alerts.self_monitoring.clock_alerts import clock_findings
from alerts.self_monitoring.heartbeats import HeartbeatMonitor
from alerts.self_monitoring.on_call_alerts import on_call_findings, people_on_call
from alerts.self_monitoring.program_alerts import program_findings
from alerts.self_monitoring.sender_alerts import sender_findings
from alerts.tracking.alert_state import AlertState
from alerts.tracking.channel_tests import ChannelTests
from alerts.tracking.event_handler import EventHandler
from alerts.tracking.phone_receipts import note_receipts
from ward.clock import SECOND, Clock
from ward.config.config import Config
from ward.finding import Severity, Transition
from ward.metrics import Metrics
from ward.periodic import Periodic

CHECK_EVERY = 1.0
CLEAR_EVERY = 3600.0
KEEP_CLOSED = 30 * 86400 * SECOND
KEEP_GROUPS = 3600 * SECOND


class PeriodicChecks:
    """Checks once a second, and the cheap ones whenever an event has come."""

    def __init__(
        self, state: AlertState, store: StateStore, events: EventHandler, tests: ChannelTests,
        heartbeats: HeartbeatMonitor, clock: Clock, metrics: Metrics,
    ) -> None:  # fmt: skip
        self._state = state
        self._store = store
        self._events = events
        self._tests = tests
        self._heartbeats = heartbeats
        self._metrics = metrics
        self._check = Periodic(clock, CHECK_EVERY)
        self._clear = Periodic(clock, CLEAR_EVERY)
        self._channels: frozenset[str] = frozenset()
        self._on_call: dict[str, tuple[str, ...]] = {}

    def run(self, now: Now, config: Config, *, new_events: bool) -> bool:
        """Run the checks that are due. Returns whether any changed the state, so that the stages must decide again."""
        due = self._check.due()
        if not (due or new_events):
            return False
        changed = self._events.expire_due(now, config)
        if due:
            changed |= self._events.end_departed(now, config)
            changed |= self._check_channels(now, config)
            changed |= self._check_programs(now, config)
            changed |= self._check_senders(now, config)
            changed |= self._check_on_call(now, config)
            self._tests.check(now)
            self._clear_up(now)
        return self._events.mark_stale(now, config) or changed

    def publish_counts(self) -> None:
        """Set the metrics of active and of unacknowledged alerts."""
        active = [tracked for tracked in self._state.alerts.values() if tracked.alert.active]
        by_severity = Counter(tracked.alert.severity for tracked in active)
        for severity in Severity:
            self._metrics.alerts_active.labels(severity).set(by_severity[severity])
        self._metrics.alerts_unacknowledged.set(sum(tracked.unacknowledged for tracked in active))

    def close(self) -> None:
        """Another process may count from now on: this one counts nothing."""
        for severity in Severity:
            self._metrics.alerts_active.labels(severity).set(0)
        self._metrics.alerts_unacknowledged.set(0)
        for channel in self._channels:
            self._metrics.outbox_notifications.labels(channel).set(0)
            self._metrics.outbox_oldest_age.labels(channel).set(0)

    def _check_channels(self, now: Now, config: Config) -> bool:
        known = frozenset(channel.name for channel in config.alerting.channels if channel.has_url)
        backlogs = self._store.backlogs()
        self._withdraw([backlog for backlog in backlogs if backlog.channel not in known])
        backlogs = [backlog for backlog in backlogs if backlog.channel in known]
        receipts = self._store.receipts()  # before the recipients, whose state is set together with these
        recipients = [recipient for recipient in self._store.recipients() if recipient.channel in known]
        self._publish_backlogs(known, backlogs, now)
        findings = channel_findings(backlogs, recipients, self._state.alerts.values(), now, config)
        # Messages that waited while Wardwatch was down do not show that a channel fails: senders get time after a
        # start.
        grace_over = now.steady >= self._events.grace_until
        applied = [finding for finding in findings if grace_over or finding.transition is not Transition.RAISED]
        for finding in applied:
            self._events.finding(finding, now, config)
        return note_receipts(receipts, recipients, self._state, now) or bool(applied)

    def _withdraw(self, removed: list[ChannelBacklog]) -> None:
        if removed:
            why = texts.WITHDRAWN
            self._store.withdraw([backlog.channel for backlog in removed], why)
        for backlog in removed:
            self._metrics.notification_attempts.labels(backlog.channel, "withdrawn").inc(backlog.waiting)

    def _check_programs(self, now: Now, config: Config) -> bool:
        self._heartbeats.read(now)
        alerts = self._state.alerts.values()
        findings = [
            *program_findings(self._heartbeats, alerts, now, config),
            *clock_findings(self._heartbeats, alerts, now, config),
        ]
        for finding in findings:
            self._events.finding(finding, now, config)
        return bool(findings)

    def _check_senders(self, now: Now, config: Config) -> bool:
        senders = self._events.senders
        full = senders.full(config.alerting.external_limit)
        findings = list(sender_findings(senders.refused, full, self._state.alerts.values(), now, config))
        for finding in findings:
            self._events.finding(finding, now, config)
        return bool(findings)

    def _check_on_call(self, now: Now, config: Config) -> bool:
        """Whether others are on call now, or nobody: then the stages must decide again."""
        alerts = self._state.alerts.values()
        findings = [*on_call_findings(alerts, now, config), *calendar_findings(alerts, now, config)]
        for finding in findings:
            self._events.finding(finding, now, config)
        before, self._on_call = self._on_call, people_on_call(config.alerting, now.wall)
        return bool(findings) or before != self._on_call

    def _publish_backlogs(self, known: frozenset[str], backlogs: list[ChannelBacklog], now: Now) -> None:
        by_channel = {backlog.channel: backlog for backlog in backlogs}
        for channel in known | self._channels:
            backlog = by_channel.get(channel)
            self._metrics.outbox_notifications.labels(channel).set(backlog.waiting if backlog else 0)
            age = max(0, now.steady - backlog.oldest) / SECOND if backlog else 0.0
            self._metrics.outbox_oldest_age.labels(channel).set(age)
        self._channels = known

    def _clear_up(self, now: Now) -> None:
        """Remove groups without alerts, and what has been closed for a month."""
        in_use = {last.route.group for tracked in self._state.alerts.values() for last in tracked.notified.values()}
        for group in list(self._state.groups.values()):
            if group.key not in in_use and now.steady - group.notified_at > KEEP_GROUPS:
                self._state.remove_group(group.key)
        if self._clear.due():
            self._store.delete_closed(now.wall - KEEP_CLOSED)
