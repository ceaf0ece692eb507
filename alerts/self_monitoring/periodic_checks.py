"""What the pipeline looks after between messages: time that passes, channels and programs that fail, numbers,
clearing up."""

from collections import Counter

from alerts.self_monitoring.delivery_alerts import delivery_problems
from alerts.self_monitoring.heartbeats import HeartbeatMonitor
from alerts.self_monitoring.program_alerts import program_findings
from alerts.storage.state_file import Backlog, StateFile
from alerts.tracking.alert_state import AlertState
from alerts.tracking.event_handler import EventHandler
from alerts.tracking.tracked_alert import Instant
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.finding import Edge, Severity
from ward.metrics import Metrics

EVERY = 1 * SECOND
CLEAR_EVERY = 3600 * SECOND
KEEP = 30 * 86400 * SECOND
GROUP_KEEP = 3600 * SECOND


class PeriodicChecks:
    """Looks once a second, and whenever something has come in."""

    def __init__(
        self, book: AlertState, file: StateFile, clerk: EventHandler, pulses: HeartbeatMonitor, metrics: Metrics
    ) -> None:
        self._book = book
        self._file = file
        self._clerk = clerk
        self._pulses = pulses
        self._metrics = metrics
        self._looked: Micros = 0
        self._cleared: Micros = 0
        self._channels: frozenset[str] = frozenset()

    def look(self, now: Instant, config: Config, *, news: bool) -> bool:
        """Whether anything changed by itself that the chain must see."""
        due = now.steady - self._looked >= EVERY
        if not (due or news):
            return False
        changed = self._clerk.pass_time(now, config)
        if due:
            self._looked = now.steady
            changed |= self._channel_problems(now, config)
            changed |= self._program_problems(now, config)
            self._forget(now)
        return self._clerk.mark_lost(now, config) or changed

    def count(self) -> None:
        """How many alerts are active, and how many of them nobody has."""
        active = [case for case in self._book.cases.values() if case.alert.active]
        by_severity = Counter(case.alert.severity for case in active)
        for severity in Severity:
            self._metrics.active.labels(severity).set(by_severity[severity])
        self._metrics.unacked.set(sum(case.alert.ack is None for case in active))

    def _channel_problems(self, now: Instant, config: Config) -> bool:
        known = frozenset(channel.name for channel in config.alerting.channels if channel.addressed)
        backlogs = self._file.backlogs()
        gone = [backlog.channel for backlog in backlogs if backlog.channel not in known]
        if gone:
            self._file.withdraw(gone, "withdrawn: the channel is no longer configured, or has no address")
            for backlog in backlogs:
                if backlog.channel in gone:
                    self._metrics.notified.labels(backlog.channel, "withdrawn").inc(backlog.waiting)
        backlogs = [backlog for backlog in backlogs if backlog.channel in known]
        self._publish(known, backlogs, now)
        found = delivery_problems(backlogs, self._book.cases.values(), now, config)
        # What has waited since before our start could not be sent by anybody: the senders get a moment.
        findings = [f for f in found if f.edge is not Edge.RAISED or now.steady >= self._clerk.patient_until]
        for finding in findings:
            self._clerk.finding(finding, now, config)
        return bool(findings)

    def _program_problems(self, now: Instant, config: Config) -> bool:
        self._pulses.listen(now)
        findings = list(program_findings(self._pulses, self._book.cases.values(), now, config))
        for finding in findings:
            self._clerk.finding(finding, now, config)
        return bool(findings)

    def _publish(self, known: frozenset[str], backlogs: list[Backlog], now: Instant) -> None:
        waiting = {backlog.channel: backlog for backlog in backlogs}
        for channel in known | self._channels:
            backlog = waiting.get(channel)
            self._metrics.outbox.labels(channel).set(backlog.waiting if backlog else 0)
            age = max(0, now.steady - backlog.oldest) / SECOND if backlog else 0.0
            self._metrics.outbox_age.labels(channel).set(age)
        self._channels = known

    def _forget(self, now: Instant) -> None:
        """Groups that nobody is in any more, and what has been closed for a month."""
        in_use = {said.path.group for case in self._book.cases.values() for said in case.told.values()}
        for group in list(self._book.groups.values()):
            if group.key not in in_use and now.steady - group.notified_at > GROUP_KEEP:
                self._book.drop_group(group.key)
        if now.steady - self._cleared > CLEAR_EVERY:
            self._cleared = now.steady
            self._file.clear(now.wall - KEEP)
