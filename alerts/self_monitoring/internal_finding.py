"""Findings about Wardwatch itself."""

from collections.abc import Iterable

from alerts.model.now import Now
from alerts.model.tracked_alert import TrackedAlert
from alerts.self_monitoring import texts
from ward.alert import REBUILT
from ward.clock import Micros
from ward.config.config import Config
from ward.finding import EndReason, Finding, Kind, Severity, Transition
from ward.ids import digest, printable

STATE_REBUILT, LOG_REPLACED = "state-rebuilt", "log-replaced"


def internal_finding(
    rule: str,
    source: str,
    episode: str,
    now: Now,
    config: Config,
    *,
    text: str,
    severity: Severity = Severity.HIGH,
    transition: Transition = Transition.RAISED,
    ended: EndReason | None = None,
    labels: dict[str, str] | None = None,
    onset: Micros | None = None,
) -> Finding:
    """A technical finding; `onset` is `now` where it is not given."""
    return Finding(
        episode=episode, transition=transition, rule=rule, detector=source, kind=Kind.TECHNICAL, severity=severity,
        onset=now.wall if onset is None else onset, at=now.wall, received_at=now.wall, text=text, ended=ended,
        config=config.hash, labels=labels or {},
    )  # fmt: skip


def active_by(label: str, rule: str, source: str, alerts: Iterable[TrackedAlert]) -> dict[str, TrackedAlert]:
    """The active alerts of a rule about Wardwatch itself, by one of their labels."""
    return {
        tracked.alert.labels.get(label, ""): tracked
        for tracked in alerts
        if tracked.alert.active and tracked.alert.source == source and tracked.alert.labels.get("alertname") == rule
    }


def state_rebuilt(damaged_file: str, now: Now, config: Config) -> Finding:
    """The state of the alerts was missing, or damaged and moved to `damaged_file`, and was rebuilt from the log."""
    what = texts.DAMAGED(file=damaged_file) if damaged_file else "missing"
    return internal_finding(
        STATE_REBUILT, REBUILT, digest(REBUILT, now.wall), now, config,
        text=texts.STATE_REBUILT(what=what),
        severity=Severity.MEDIUM,
    )  # fmt: skip


def log_replaced(position: str, now: Now, config: Config) -> Finding:
    """The log is not the one that the state of the alerts follows, or lost its end; `position` says where."""
    return internal_finding(
        LOG_REPLACED, REBUILT, digest(LOG_REPLACED, now.wall), now, config,
        text=texts.LOG_REPLACED(position=printable(position, 150)),
        severity=Severity.MEDIUM,
    )  # fmt: skip
