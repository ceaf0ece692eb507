"""Applies findings to tracked alerts: one alert for each episode, whatever is repeated."""

from collections.abc import Mapping

from msgspec.structs import replace

from alerts.model.now import Now
from alerts.model.tracked_alert import TrackedAlert
from alerts.text.annotations import annotations, ended_text, late_text, peak_summary
from alerts.text.limits import LONGEST_LINE
from alerts.tracking.course import continued, first_course
from ward.alert import EXTERNAL, Alert, State
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.finding import EndReason, Finding, Kind, Severity, Transition
from ward.grafana_labels import continues_ours
from ward.ids import printable
from ward.reason import Reason
from ward.severity_names import SENDER_SEVERITY, SEVERITY

# So many findings of one episode are recognised in a replay; a replay repeats fewer.
MOST_FINDING_IDS = 256
# These ends of an unacknowledged alert that `latch` matches leave it active: nobody knows of it yet.
LATCHED_ENDS = frozenset({EndReason.RECOVERED, EndReason.SIGNAL_LOST, EndReason.RULE_CHANGED, EndReason.PAUSED})


def apply_finding(
    tracked: TrackedAlert | None, finding: Finding, labels: Mapping[str, str], now: Now, config: Config
) -> tuple[TrackedAlert | None, Reason]:
    """The alert of an episode after one more finding of it, and what the finding was.

    `tracked` is the alert before, None for the first finding; `labels` are the finding's. A finding that is known
    already, or comes after the end, changes nothing. The end of an unknown episode makes no alert.
    """
    if tracked is None:
        if finding.transition is Transition.CLEARED:
            return None, Reason.UNKNOWN_ENDED
        return _new(finding, labels, now, config), Reason.RAISED
    updated = finding.transition is Transition.UPDATED
    if not tracked.alert.active or finding.id in tracked.finding_ids:
        return tracked, Reason.REPLAYED
    if updated and finding.received_at < tracked.received_at:
        return tracked, Reason.REPLAYED
    if finding.detector != EXTERNAL and not updated:
        tracked = replace(tracked, finding_ids=(*tracked.finding_ids, finding.id)[-MOST_FINDING_IDS:])
    if finding.transition is Transition.CLEARED:
        ended = finding.ended or EndReason.RECOVERED
        # The text of any other end only repeats the reason.
        text = finding.text if ended is EndReason.RECOVERED else ""
        tracked = replace(tracked, alert=continued(tracked.alert, finding, config))
        return end_or_latch(tracked, ended, finding.at, now, config, text)
    return _change(tracked, finding, now, config)


def end_or_latch(
    tracked: TrackedAlert, ended: EndReason, at: Micros, now: Now, config: Config, text: str = ""
) -> tuple[TrackedAlert, Reason]:
    """The alert after the end of its condition: it ends too, unless a person must acknowledge it first.

    A lost signal does not end a physiological alert, for it is not known whether the condition is over: a person must
    look, and acknowledge. An alert of another system that is not posted any more, and an alert that `latch` matches,
    stay active until they are acknowledged; not when the patient has left, or another alert takes its place.
    """
    alert = tracked.alert
    unknown = ended is EndReason.SIGNAL_LOST and (alert.kind is Kind.PHYSIOLOGICAL or alert.source == EXTERNAL)
    # The highest severity counts: an alert that was HIGH and ends as MEDIUM was HIGH.
    stays = latches({**alert.labels, SEVERITY: str(alert.peak_severity)}, ended, config)
    acknowledged_anew = unknown and alert.kind is Kind.PHYSIOLOGICAL
    if acknowledged_anew or ((unknown or stays) and alert.ack is None):
        latched = tracked.with_alert(
            latched=ended, latched_at=at, signal_lost_since=at if unknown else alert.signal_lost_since,
            updated_at=now.wall, annotations=_over(alert, ended, config, text),
        )  # fmt: skip
        return replace(latched, changed_at=now.steady), Reason.LATCHED
    return end(tracked, ended, at, now, config, text), Reason.ENDED


def latches(labels: Mapping[str, str], ended: EndReason, config: Config) -> bool:
    """Whether `latch` matches an alert that ends so; the severity of `labels` is the highest that it had."""
    latch = config.alerting.latch
    return ended in LATCHED_ENDS and bool(latch) and all(matcher.matches(labels) for matcher in latch)


def end(tracked: TrackedAlert, ended: EndReason, at: Micros, now: Now, config: Config, text: str = "") -> TrackedAlert:
    """The alert, ended. Its annotations stay; how it ended is added.

    What was latched lasted until its condition was over; the time of its closing is said where something else closes it
    than the acknowledgement it waited for.
    """
    alert = tracked.alert
    over_at = alert.latched_at or at
    texts, said_at = _over(alert, ended, config, text), over_at if ended is alert.latched else at
    texts["ended"] = ended_text(ended, said_at, alert.starts_at, config.alerting.timezone, text or texts.get("now", ""))
    after = tracked.with_alert(
        state=State.ENDED, ends_at=over_at, ended=ended, updated_at=now.wall, annotations=texts,
        signal_lost_since=None, latched=None, latched_at=None,
    )  # fmt: skip
    return replace(after, changed_at=now.steady, finding_ids=())


def _over(alert: Alert, ended: EndReason, config: Config, text: str) -> dict[str, str]:
    """The annotations of an alert whose condition is over: the condition at its worst, and what is true now."""
    texts = {name: value for name, value in alert.annotations.items() if name != "signal_lost"}
    texts["summary"] = peak_summary(alert, config)
    if text and ended is EndReason.RECOVERED:
        texts["now"] = printable(text, LONGEST_LINE)
    return texts


def replace_external(tracked: TrackedAlert, external: TrackedAlert) -> tuple[TrackedAlert, TrackedAlert]:
    """Our own alert and another system's alert about the same, after ours has taken its place.

    The other one ends without a notification, and ours is new: people are notified of it. If the sender of the other
    one may continue our alerts, receivers know of ours already. Then an acknowledgement holds, too, but never for a
    more severe alert of ours, and never for a HIGH one.
    """
    ended = replace(external, notified={})
    if not continues_ours(external.alert.annotations):
        return tracked, ended
    severity, ack = tracked.alert.severity, external.alert.ack
    acknowledged_less = ack is not None and severity is Severity.HIGH
    anew = severity.rank > external.alert.severity.rank or acknowledged_less
    own = replace(
        tracked.with_alert(ack=None if anew else ack),
        notified=external.notified, first_notified=external.first_notified, tracked_since=external.tracked_since,
        unacknowledged_since=tracked.unacknowledged_since if anew else external.unacknowledged_since,
        acknowledged_since=external.acknowledged_since,
    )  # fmt: skip
    return own, ended


def _new(finding: Finding, labels: Mapping[str, str], now: Now, config: Config) -> TrackedAlert:
    late = max(0.0, (now.wall - finding.at) / SECOND)
    is_late = late >= config.alerting.late_after > 0
    texts = annotations(finding, config) | ({"detected_late": late_text(late)} if is_late else {})
    alert = Alert(
        id=finding.episode, labels=dict(labels), annotations=texts,
        severity=finding.severity, kind=finding.kind, starts_at=finding.onset, updated_at=now.wall,
        detected_late_s=late if is_late else 0.0, value=finding.value, value_at=_value_at(finding), limit=finding.limit,
        source=finding.detector, until=finding.until, **first_course(finding),
    )  # fmt: skip
    return TrackedAlert(
        alert=alert, tracked_since=now.steady, changed_at=now.steady, unacknowledged_since=now.steady,
        received_at=finding.received_at, expires_at=_expires_at(finding, now),
        held_until=now.steady + round(config.alerting.late_hold * SECOND) if is_late else 0,
        finding_ids=() if finding.detector == EXTERNAL else (finding.id,),
    )  # fmt: skip


def _change(tracked: TrackedAlert, finding: Finding, now: Now, config: Config) -> tuple[TrackedAlert, Reason]:
    """Severity, value and texts as they are now. A higher severity removes the acknowledgement."""
    alert = tracked.alert
    worse = finding.severity.rank > alert.severity.rank
    signal_back = alert.latched is not None or alert.source == EXTERNAL
    changed = replace(
        continued(alert, finding, config),
        severity=finding.severity, value=finding.value, value_at=_value_at(finding), limit=finding.limit,
        updated_at=alert.updated_at if finding.transition is Transition.UPDATED else now.wall,
        labels=_labels(alert, finding),
        annotations=alert.annotations | annotations(finding, config) | {"since": alert.annotations["since"]},
        until=finding.until, latched=None, latched_at=None,
        signal_lost_since=None if signal_back else alert.signal_lost_since,
        ack=None if worse else alert.ack,
    )  # fmt: skip
    tracked = replace(tracked, alert=changed, received_at=finding.received_at, expires_at=_expires_at(finding, now))
    if finding.severity is not alert.severity:
        since = now.steady if worse else tracked.unacknowledged_since
        tracked = replace(tracked, changed_at=now.steady, unacknowledged_since=since)
    elif finding.transition is Transition.UPDATED and alert.latched is None:
        return tracked, Reason.UPDATED
    return tracked, Reason.ACK_REMOVED if worse and alert.ack is not None else Reason.CHANGED


def _labels(alert: Alert, finding: Finding) -> dict[str, str]:
    """The labels with the severity that the finding gives; the sender's name of it goes or comes with it."""
    others = {name: value for name, value in alert.labels.items() if name != SENDER_SEVERITY}
    sent = {name: value for name, value in finding.labels.items() if name == SENDER_SEVERITY}
    return {**others, SEVERITY: str(finding.severity), **sent}


def _value_at(finding: Finding) -> Micros | None:
    return None if finding.value is None else finding.at


def _expires_at(finding: Finding, now: Now) -> Micros:
    return 0 if finding.until is None else now.steady + finding.until - now.wall
