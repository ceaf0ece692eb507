"""Applies findings and actions to the state."""

from collections.abc import Callable

from msgspec import structs

from alerts.model.internal_sources import INTERNAL_SOURCES
from alerts.model.now import Now
from alerts.model.timed_silence import TimedSilence
from alerts.model.tracked_alert import TrackedAlert
from alerts.tracking.acknowledgement import acknowledge, seen, take_over, unacknowledge
from alerts.tracking.alert_state import AlertState
from alerts.tracking.apply_finding import apply_finding, end, end_or_latch, replace_external
from alerts.tracking.channel_tests import ChannelTests
from alerts.tracking.course import with_course_of
from alerts.tracking.departed import has_left
from alerts.tracking.external_findings import resolve_external
from alerts.tracking.report import report_entries
from alerts.tracking.sender_limits import SenderLimits
from alerts.tracking.stale import mark_stale
from ward.action import Action, ActionType
from ward.alert import EXTERNAL, alert_labels
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.finding import EndReason, Finding
from ward.ids import digest
from ward.metrics import Metrics
from ward.reason import Reason

WARDWATCH = "wardwatch"
# How long the end of an alert of our own is remembered, for other systems that notice it later.
RECENT = 3600 * SECOND
# After a finding that was this there is nothing new to decide.
_NO_DECISION = frozenset({Reason.UPDATED, Reason.REPLAYED})


class EventHandler:
    """Every event is counted with a reason; applying the same event twice changes nothing.

    `grace_until` (steady time) is the end of the start-up grace period: only then may something be reported missing.
    `senders` counts the alerts of other systems.
    """

    def __init__(self, state: AlertState, metrics: Metrics, tests: ChannelTests, grace_until: Micros = 0) -> None:
        self._state = state
        self._tests = tests
        self._metrics = metrics
        self.grace_until = grace_until
        self.senders = SenderLimits(state.alerts.values())
        for tracked in [tracked for tracked in state.alerts.values() if not tracked.notified]:
            state.put(self._held(tracked))

    def finding(self, finding: Finding, now: Now, config: Config) -> bool:
        """Apply a finding to its alert. A new alert of a series ends the one before it.

        Returns whether the stages must decide again: not after new numbers alone.
        """
        labels = alert_labels(finding)
        if finding.detector == EXTERNAL:
            resolved = resolve_external(finding, labels, self._state, now)
            if isinstance(resolved, Reason):
                self._count(resolved)
                return True
            finding = resolved
        before = self._state.tracked(finding.episode)
        if before is None and not self.senders.allows(finding, config.alerting.external_limit):
            self._count(Reason.EXTERNAL_LIMIT)
            return True
        after, reason = apply_finding(before, finding, labels, now, config)
        self._count(reason)
        if after is None:
            self._state.add_unknown_end(finding)
        elif before is None:
            self._add(after, finding, now, config)
        elif after is not before:  # a closed alert that nothing changes is not opened again
            self._put(before, after)
        return reason not in _NO_DECISION

    def action(self, action: Action, now: Now, config: Config) -> None:
        """Store an action for good and apply it once."""
        if self._state.has_action(action):
            self._count(Reason.ACTION_REPEATED)
            return
        self._state.add_action(action)
        appliers: dict[ActionType, Callable[[], Reason]] = {
            ActionType.ACKNOWLEDGE: lambda: self._acknowledge(action, now, config),
            ActionType.TAKE_OVER: lambda: self._take_over(action, now, config),
            ActionType.SEEN: lambda: self._seen(action),
            ActionType.UNACKNOWLEDGE: lambda: self._unacknowledge(action, now),
            ActionType.SILENCE: lambda: self._silence(action, now),
            ActionType.EXPIRE: lambda: self._expire(action, now),
            ActionType.REPORT: lambda: self._report(action, now, config),
            ActionType.TEST: lambda: self._tests.add(action, now, config),
            ActionType.TEST_RESULT: lambda: Reason.TEST_RESULT,
            ActionType.OBSERVE: lambda: Reason.OBSERVATION,
        }
        self._count(appliers[action.type]())

    def expire_due(self, now: Now, config: Config) -> bool:
        """Apply what time alone changes: alerts of other systems expire, silences end. Returns whether any did."""
        expired = [self._expire_external(tracked, now, config) for tracked in list(self._state.alerts.values())]
        for key in [key for key, at in self._state.recent_ends.items() if now.wall - at > RECENT]:
            self._state.remove_recent_end(key)
        ended = [self._end_silence(timed, now) for timed in list(self._state.silences.values())]
        return any(expired) or any(ended)

    def end_departed(self, now: Now, config: Config) -> bool:
        """End the latched alerts whose patient has left the bed. Returns whether there was any."""
        departed = [tracked for tracked in self._state.alerts.values() if has_left(tracked.alert, now, config)]
        for tracked in departed:
            self._put(tracked, end(tracked, EndReason.DISCHARGED, now.wall, now, config))
            self._count(Reason.ENDED)
        return bool(departed)

    def mark_stale(self, now: Now, config: Config) -> bool:
        """Mark the alerts whose signal is missing. Returns whether any mark has changed."""
        marked = list(mark_stale(self._state.alerts.values(), now, config))
        for tracked in marked:
            self._state.put(tracked)
        return bool(marked)

    def _add(self, tracked: TrackedAlert, finding: Finding, now: Now, config: Config) -> None:
        """A new alert. An active one with the same labels ends; if nobody has acknowledged that, its peak is kept."""
        tracked = self._held(tracked) if now.steady < self.grace_until else tracked
        older = self._state.active(tracked.alert.fingerprint)
        if older is not None and older.alert.source == EXTERNAL and finding.detector != EXTERNAL:
            tracked, older = replace_external(tracked, older)
        if older is not None:
            if older.alert.latched is EndReason.RECOVERED and older.alert.ack is None:
                tracked = structs.replace(tracked, alert=with_course_of(older.alert, tracked.alert))
            self._put(older, end(older, EndReason.SUPERSEDED, finding.at, now, config))
        self._metrics.alerts.labels("started").inc()
        self._put(None, tracked)

    def _held(self, tracked: TrackedAlert) -> TrackedAlert:
        """An alert about equipment that is raised just after a start, or was not sent before it, waits until
        `grace_until`: the equipment may be missing only because Wardwatch was down."""
        if tracked.physiological or tracked.alert.source in INTERNAL_SOURCES or tracked.alert.source == EXTERNAL:
            return tracked
        return structs.replace(tracked, held_until=max(tracked.held_until, self.grace_until))

    def _put(self, before: TrackedAlert | None, after: TrackedAlert) -> None:
        if not after.alert.active and (before is None or before.alert.active):
            self._metrics.alerts.labels("ended").inc()
            if after.alert.source != EXTERNAL:
                self._state.add_recent_end(after.alert)
        self.senders.note(after)
        self._state.put(after)

    def _expire_external(self, tracked: TrackedAlert, now: Now, config: Config) -> bool:
        alert = tracked.alert
        if not alert.active or not 0 < tracked.expires_at <= now.steady or alert.latched is not None:
            return False
        at = alert.until if alert.until is not None else now.wall
        why = "its sender has stopped reporting it"
        after, reason = end_or_latch(tracked, EndReason.SIGNAL_LOST, at, now, config, why)
        self._count(reason)
        self._put(tracked, after)
        return True

    def _end_silence(self, timed: TimedSilence, now: Now) -> bool:
        """A silence ends at its time, or with the alert it is bound to."""
        bound = self._state.tracked(timed.silence.alert) if timed.silence.alert else None
        if bound is not None and not bound.alert.active:
            self._state.add_own_action(
                Action(
                    id=digest("expire", timed.silence.id, bound.alert.id), type=ActionType.EXPIRE,
                    subject=timed.silence.id, by=WARDWATCH, at=now.wall,
                    note=f"its alert has ended: {bound.alert.ended}",
                )
            )  # fmt: skip
            self._state.put_silence(timed.expired(now), now)
            self._count(Reason.SILENCE_EXPIRED)
            return True
        if timed.end <= now.steady:
            self._state.put_silence(timed, now)
            return True
        return False

    def _acknowledge(self, action: Action, now: Now, config: Config) -> Reason:
        before = self._state.tracked(action.subject)
        return self._apply(before, *acknowledge(before, action, now, config))

    def _take_over(self, action: Action, now: Now, config: Config) -> Reason:
        before = self._state.tracked(action.subject)
        return self._apply(before, *take_over(before, action, now, config))

    def _seen(self, action: Action) -> Reason:
        before = self._state.tracked(action.subject)
        return self._apply(before, *seen(before, action))

    def _unacknowledge(self, action: Action, now: Now) -> Reason:
        before = self._state.tracked(action.subject)
        return self._apply(before, *unacknowledge(before, action, now))

    def _apply(self, before: TrackedAlert | None, after: TrackedAlert | None, reason: Reason) -> Reason:
        if after is not None:
            self._put(before, after)
        return reason

    def _silence(self, action: Action, now: Now) -> Reason:
        if action.silence is None:
            return Reason.SILENCE_EMPTY
        self._state.put_silence(TimedSilence.of(action.silence, now), now)
        return Reason.SILENCE

    def _expire(self, action: Action, now: Now) -> Reason:
        timed = self._state.silences.get(action.subject)
        if timed is None:
            return Reason.SILENCE_UNKNOWN
        self._state.put_silence(timed.expired(now), now)
        return Reason.SILENCE_EXPIRED

    def _report(self, action: Action, now: Now, config: Config) -> Reason:
        entries, reason = report_entries(action, now, config)
        self._state.enqueue(entries)
        return reason

    def _count(self, reason: Reason) -> None:
        self._metrics.notification_decisions.labels(reason.label).inc()
