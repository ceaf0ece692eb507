"""The clerk: enters into the book what has been found and what people did."""

from collections.abc import Callable

from msgspec import structs

from alerts.self_monitoring.delivery_alerts import REBUILT
from alerts.self_monitoring.program_alerts import PROGRAMS
from alerts.tracking.acknowledgement import acknowledge, expire, keep, unacknowledge
from alerts.tracking.alert_state import AlertState
from alerts.tracking.fold import end, fold, labels, part, taken_over
from alerts.tracking.stale import mark_stale
from alerts.tracking.tracked_alert import Instant, TrackedAlert
from ward.action import Action, ActionType
from ward.alert import DELIVERY, EXTERNAL, fingerprint
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.finding import Edge, End, Finding
from ward.grafana_labels import OURS, REACH
from ward.ids import digest
from ward.metrics import Metrics
from ward.reason import Reason

OURSELVES = "wardwatch"
# Another system that looks at the store may notice an end so much later; and for so long it is remembered.
LATE = 120 * SECOND
FORGOTTEN = 3600 * SECOND


class EventHandler:
    """Every entry is counted with a reason; entering the same thing twice changes nothing.

    `patient_until` (steady) is when we will have been there for long enough to tell what is missing.
    """

    def __init__(self, book: AlertState, metrics: Metrics, patient_until: Micros = 0) -> None:
        self._book = book
        self._metrics = metrics
        self.patient_until = patient_until
        for case in [case for case in book.cases.values() if not case.told]:
            book.put(self._patient(case))

    def finding(self, finding: Finding, now: Instant, config: Config) -> None:
        """A finding, folded into its case. A new incarnation of a series ends the one before it."""
        if finding.detector == EXTERNAL:
            told = self._second_hand(finding, now)
            if isinstance(told, Reason):
                self._count(told)
                return
            finding = told
        before = self._book.case(finding.episode)
        case, reason = fold(before, finding, now, config)
        self._count(reason)
        if case is None:
            self._book.note_orphan(finding)
            return
        if before is None:
            case = self._patient(case) if now.steady < self.patient_until else case
        older = self._book.active(case.alert.fingerprint) if before is None else None
        if older is not None and older.alert.source == EXTERNAL and finding.detector != EXTERNAL:
            case, older = taken_over(case, older)
        if older is not None:
            self._over(older, end(older, End.SUPERSEDED, finding.at, now, config))
        if before is None:
            self._metrics.alerts.labels("begun").inc()
        self._over(before, case)

    def action(self, action: Action, now: Instant, config: Config) -> None:
        """A action, kept for good and done once."""
        if self._book.done(action):
            self._count(Reason.ACTION_AGAIN)
            return
        self._book.note(action)
        actions: dict[ActionType, Callable[[], Reason]] = {
            ActionType.ACKNOWLEDGE: lambda: self._deed(action, *acknowledge(self._case(action), action, now, config)),
            ActionType.UNACKNOWLEDGE: lambda: self._deed(action, *unacknowledge(self._case(action), action, now)),
            ActionType.SILENCE: lambda: self._silence(action, now),
            ActionType.EXPIRE: lambda: self._expire(action, now),
        }
        self._count(actions[action.type]())

    def pass_time(self, now: Instant, config: Config) -> bool:
        """What happens by itself: other systems fall silent, silences end. Whether anything did."""
        changed = False
        for case in list(self._book.cases.values()):
            alert = case.alert
            if alert.active and 0 < case.lapse <= now.steady and alert.latched is None:
                at = alert.until if alert.until is not None else now.wall
                parted, reason = part(case, End.SIGNAL_LOST, at, now, config, "its sender tells no more")
                self._count(reason)
                self._over(case, parted)
                changed = True
        for key in [key for key, at in self._book.ended.items() if now.wall - at > FORGOTTEN]:
            self._book.forget_end(key)
        for kept in list(self._book.silences.values()):
            bound = self._book.case(kept.silence.alert) if kept.silence.alert else None
            if bound is not None and not bound.alert.active:
                note = f"its alert is over: {bound.alert.ended}"
                id_ = digest("expire", kept.silence.id, bound.alert.id)
                self._book.say(
                    Action(
                        id=id_, type=ActionType.EXPIRE, subject=kept.silence.id, by=OURSELVES, at=now.wall, note=note
                    )
                )
                self._book.keep(expire(kept, now), now)
                self._count(Reason.EXPIRE)
                changed = True
            elif kept.end <= now.steady:
                self._book.keep(kept, now)
                changed = True
        return changed

    def mark_lost(self, now: Instant, config: Config) -> bool:
        """Say with every alert whether what would tell about it is missing. Whether any mark is another one now."""
        marked = list(mark_stale(self._book.cases.values(), now, config))
        for case in marked:
            self._book.put(case)
        return bool(marked)

    def _second_hand(self, finding: Finding, now: Instant) -> Finding | Reason:
        """Another system's alert has no episode: it is the active one with its labels, or else a new one.

        What we found ourselves it does not change, but for what Grafana's safety net sees get worse; and what we
        know to be just over it does not begin again.
        """
        key = fingerprint(labels(finding))
        active, raised = self._book.active(key), finding.edge is Edge.RAISED
        if active is not None and active.alert.source != EXTERNAL:
            worse = raised and finding.severity.rank > active.alert.severity.rank
            if not worse or finding.annotations.get(REACH) != OURS:
                return Reason.ALSO
            return structs.replace(finding, episode=active.alert.id, edge=Edge.CHANGED, until=None)
        ended = self._book.ended.get(key) if active is None and raised else None
        if ended is not None and (finding.onset <= ended or now.wall - ended < LATE):
            return Reason.ECHO
        if active is not None:
            return structs.replace(finding, episode=active.alert.id)
        if raised and self._book.case(finding.episode) is not None:
            return structs.replace(finding, episode=digest(finding.episode, finding.at))
        return finding

    def _patient(self, case: TrackedAlert) -> TrackedAlert:
        """Equipment that fails when we have just begun, or just before we went, waits for its end: it may have been
        away with us."""
        if case.physiological or case.alert.source in (DELIVERY, PROGRAMS, REBUILT, EXTERNAL):
            return case
        return structs.replace(case, hold=max(case.hold, self.patient_until))

    def _over(self, before: TrackedAlert | None, after: TrackedAlert) -> None:
        if not after.alert.active and (before is None or before.alert.active):
            self._metrics.alerts.labels("ended").inc()
            if after.alert.source != EXTERNAL:
                self._book.note_end(after.alert)
        self._book.put(after)

    def _case(self, action: Action) -> TrackedAlert | None:
        return self._book.case(action.subject)

    def _deed(self, action: Action, case: TrackedAlert | None, reason: Reason) -> Reason:
        if case is not None:
            self._over(self._case(action), case)
        return reason

    def _silence(self, action: Action, now: Instant) -> Reason:
        if action.silence is None:
            return Reason.SILENCE_EMPTY
        self._book.keep(keep(action.silence, now), now)
        return Reason.SILENCE

    def _expire(self, action: Action, now: Instant) -> Reason:
        kept = self._book.silences.get(action.subject)
        if kept is None:
            return Reason.EXPIRE_UNKNOWN
        self._book.keep(expire(kept, now), now)
        return Reason.EXPIRE

    def _count(self, reason: Reason) -> None:
        self._metrics.decisions.labels(reason.label).inc()
