"""The course of an alert: which severities it had and when, its worst value, and the condition at its worst."""

from typing import Any

from msgspec.structs import replace

from ward.alert import Alert, SeverityChange
from ward.config.config import Config
from ward.finding import Finding, Kind, Severity, Transition

# Of more changes the first one and the newest are kept.
MOST_CHANGES = 50


def first_course(finding: Finding) -> dict[str, Any]:
    """The fields of a new alert."""
    return {
        "worst": finding.worst, "worst_at": finding.worst_at, "peak_severity": finding.severity,
        "peak_text": finding.text, "course": (SeverityChange(severity=finding.severity, at=finding.at),),
    }  # fmt: skip


def continued(alert: Alert, finding: Finding, config: Config) -> Alert:
    """The alert with the worst value, the peak and the course after one more finding of it."""
    over = finding.transition is Transition.CLEARED
    severity = alert.severity if over else finding.severity
    worse = finding.worst is not None and finding.worst != alert.worst
    changed = (
        alert.course
        if severity is alert.severity
        else (*alert.course, SeverityChange(severity=severity, at=finding.at))
    )
    return replace(
        alert,
        worst=finding.worst if worse else alert.worst, worst_at=finding.worst_at if worse else alert.worst_at,
        peak_severity=max(severity, alert.peak_severity, key=lambda one: one.rank),
        peak_text=_peak_text(alert, finding, severity, config, worse=worse) or alert.peak_text,
        course=_bounded(changed),
    )  # fmt: skip


def _peak_text(alert: Alert, finding: Finding, severity: Severity, config: Config, *, worse: bool) -> str:
    """The condition where it is at its worst now, or was since the finding before; else empty."""
    peak, over = alert.peak_severity.rank, finding.transition is Transition.CLEARED
    if severity.rank > peak:
        return finding.text
    if finding.worst is None or finding.kind is Kind.TECHNICAL:
        return finding.text if severity.rank == peak and not over else ""
    if not worse or max(severity.rank, alert.severity.rank) < peak:
        return ""
    if finding.value == finding.worst and not over:
        return finding.text
    return _worst_text(finding, config) if finding.limit is not None else ""


def with_course_of(older: Alert, alert: Alert) -> Alert:
    """A new alert that takes the place of one that nobody has acknowledged: what that one was at its worst stays."""
    course = (*older.course, *alert.course)
    if older.peak_severity.rank <= alert.peak_severity.rank:
        return replace(alert, course=_bounded(course))
    return replace(alert, peak_severity=older.peak_severity, peak_text=older.peak_text, course=_bounded(course))


def _bounded(course: tuple[SeverityChange, ...]) -> tuple[SeverityChange, ...]:
    return course if len(course) <= MOST_CHANGES else (course[0], *course[1 - MOST_CHANGES :])


def _worst_text(finding: Finding, config: Config) -> str:
    """`SpO2 54 %`: the worst value was between two findings, so that it has no text of its own."""
    assert finding.worst is not None
    signal = config.catalogue.known(finding.signal)
    return f"{signal.label} {signal.show(finding.worst)} {signal.display}".strip()
