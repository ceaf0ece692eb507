"""Findings folded into cases: one alert an episode, whatever is repeated."""

from msgspec.structs import replace

from alerts.text import annotations
from alerts.tracking.tracked_alert import Instant, TrackedAlert
from ward.alert import EXTERNAL, Alert, State
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.finding import Edge, End, Finding, Kind
from ward.ids import printable
from ward.reason import Reason

# So many findings of one episode are told from replays; a replay reaches back less.
MOST_KNOWN = 256


def fold(
    case: TrackedAlert | None, finding: Finding, now: Instant, config: Config
) -> tuple[TrackedAlert | None, Reason]:
    """The case of an episode after one more finding of it, and what that was.

    A finding that is known already, or comes after the end, changes nothing. An end of something
    unknown invents nothing.
    """
    if case is None:
        if finding.edge is Edge.CLEARED:
            return None, Reason.END_OF_UNKNOWN
        return _begin(finding, now, config), Reason.BEGUN
    if not case.alert.active or finding.id in case.known:
        return case, Reason.REPLAYED
    if finding.detector != EXTERNAL:
        case = replace(case, known=(*case.known, finding.id)[-MOST_KNOWN:])
    if finding.edge is Edge.CLEARED:
        return part(case, finding.ended or End.RECOVERED, finding.at, now, config, finding.text)
    return _change(case, finding, now, config)


def part(
    case: TrackedAlert, ended: End, at: Micros, now: Instant, config: Config, text: str = ""
) -> tuple[TrackedAlert, Reason]:
    """The end of a condition: the alert ends too, unless somebody must see it first.

    A lost signal never ends a physiological alert, since nobody can tell that it is over: somebody
    must look, and acknowledge it once more. What another system no longer tells about, and what a
    policy latches, stays until somebody has it.
    """
    alert = case.alert
    unsure = ended is End.SIGNAL_LOST and (alert.kind is Kind.PHYSIOLOGICAL or alert.source == EXTERNAL)
    latch = config.alerting.latch
    latches = bool(latch) and all(matcher.holds(alert.labels) for matcher in latch)
    never = unsure and alert.kind is Kind.PHYSIOLOGICAL
    if never or ((unsure or latches) and alert.ack is None):
        since = at if unsure else alert.lost_since
        stays = case.with_alert(latched=ended, lost_since=since, updated_at=now.wall)
        return replace(stays, changed=now.steady), Reason.STAYS
    return end(case, ended, at, now, config, text), Reason.ENDED


def end(case: TrackedAlert, ended: End, at: Micros, now: Instant, config: Config, text: str = "") -> TrackedAlert:
    """The case, over. What it said of itself stays; how it ended is added."""
    alert = case.alert
    said = annotations.ending(ended, at, alert.starts_at, config.alerting.timezone)
    said = f"{said}: {printable(text, annotations.LONGEST)}" if text else said
    texts = {name: value for name, value in alert.annotations.items() if name != "signal_lost"} | {"ended": said}
    over = case.with_alert(
        state=State.ENDED, ends_at=at, ended=ended, updated_at=now.wall, annotations=texts,
        lost_since=None, latched=None,
    )  # fmt: skip
    return replace(over, changed=now.steady, known=())


def taken_over(case: TrackedAlert, older: TrackedAlert) -> tuple[TrackedAlert, TrackedAlert]:
    """What we find ourselves and another system has told of before: people know it, and whoever has it still does.

    Unless it is worse than what they were told. The older case ends without a word.
    """
    worse = case.alert.severity.rank > older.alert.severity.rank
    known = replace(
        case.with_alert(ack=None if worse else older.alert.ack), told=older.told, first_told=older.first_told,
        begun=older.begun, unowned=case.unowned if worse else older.unowned,
    )  # fmt: skip
    return known, replace(older, told={})


def _begin(finding: Finding, now: Instant, config: Config) -> TrackedAlert:
    late = max(0.0, (now.wall - finding.at) / SECOND)
    is_late = late >= config.alerting.late_after > 0
    alert = Alert(
        id=finding.episode, labels=labels(finding), annotations=annotations.of(finding, config),
        severity=finding.severity, kind=finding.kind, starts_at=finding.onset, updated_at=now.wall,
        late=late if is_late else 0.0, value=finding.value, limit=finding.limit, source=finding.detector,
        until=finding.until,
    )  # fmt: skip
    if is_late:
        alert = replace(alert, annotations={**alert.annotations, "late": annotations.late(alert)})
    return TrackedAlert(
        alert=alert, begun=now.steady, changed=now.steady, unowned=now.steady, seen=finding.seen,
        lapse=_lapse(finding, now),
        hold=now.steady + round(config.alerting.late_hold * SECOND) if is_late else 0,
        known=() if finding.detector == EXTERNAL else (finding.id,),
    )  # fmt: skip


def _change(case: TrackedAlert, finding: Finding, now: Instant, config: Config) -> tuple[TrackedAlert, Reason]:
    """Severity, value and words as they are now. Whoever has it gives it back when it gets worse."""
    alert = case.alert
    worse = finding.severity.rank > alert.severity.rank
    back = alert.latched is not None or alert.source == EXTERNAL
    changed = replace(
        alert,
        severity=finding.severity, updated_at=now.wall, value=finding.value, limit=finding.limit,
        labels={**alert.labels, "severity": str(finding.severity)},
        annotations=alert.annotations | annotations.of(finding, config) | {"since": alert.annotations["since"]},
        until=finding.until, latched=None, lost_since=None if back else alert.lost_since,
        ack=None if worse else alert.ack,
    )  # fmt: skip
    case = replace(case, alert=changed, seen=finding.seen, lapse=_lapse(finding, now))
    if finding.severity is not alert.severity:
        case = replace(case, changed=now.steady, unowned=now.steady if worse else case.unowned)
    return case, Reason.UNACKED_WORSE if worse and alert.ack is not None else Reason.CHANGED


def _lapse(finding: Finding, now: Instant) -> Micros:
    return 0 if finding.until is None else now.steady + finding.until - now.wall


def labels(finding: Finding) -> dict[str, str]:
    """The labels of the alert that a finding is about; empty ones are left out."""
    own = {
        "alertname": finding.rule, "severity": str(finding.severity), "kind": str(finding.kind), "ward": finding.ward,
        "bed": finding.bed, "patient_id": finding.patient, "device_id": finding.device, "metric": finding.signal,
    }  # fmt: skip
    return {name: value for name, value in (finding.labels | {k: v for k, v in own.items() if v}).items() if value}
