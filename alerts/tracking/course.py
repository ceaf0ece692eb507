"""The course of an alert: which severities it had and when, its worst value, and the condition at its worst."""

from typing import Any

from msgspec.structs import replace

from ward.alert import Alert, SeverityChange
from ward.config.config import Config
from ward.finding import Finding, Transition

# Of more changes the first one and the newest are kept.
MOST_CHANGES = 50


def first_course(finding: Finding) -> dict[str, Any]:
    """The fields of a new alert."""
    return {
        "worst": finding.value if finding.worst is None else finding.worst,
        "worst_at": _worst_at(finding), "peak_severity": finding.severity, "peak_text": finding.text,
        "course": (SeverityChange(severity=finding.severity, at=finding.at),),
    }  # fmt: skip


def continued(alert: Alert, finding: Finding, config: Config) -> Alert:
    """The alert with the worst value, the peak and the course after one more finding of it."""
    over = finding.transition is Transition.CLEARED
    severity = alert.severity if over else finding.severity
    higher = severity.rank > alert.peak_severity.rank
    worse = finding.worst is not None and finding.worst != alert.worst
    text = alert.peak_text
    if higher or (worse and finding.value == finding.worst and not over):
        text = finding.text
    elif worse:
        text = _worst_text(alert, finding, config)
    changed = (
        alert.course
        if severity is alert.severity
        else (*alert.course, SeverityChange(severity=severity, at=finding.at))
    )
    return replace(
        alert,
        worst=finding.worst if worse else alert.worst, worst_at=finding.worst_at if worse else alert.worst_at,
        peak_severity=severity if higher else alert.peak_severity, peak_text=text,
        course=changed if len(changed) <= MOST_CHANGES else (changed[0], *changed[2:]),
    )  # fmt: skip


def _worst_at(finding: Finding) -> int | None:
    return finding.worst_at if finding.worst is not None else None if finding.value is None else finding.at


def _worst_text(alert: Alert, finding: Finding, config: Config) -> str:
    """`SpO2 54 %`: the worst value was between two findings, so that it has no text of its own."""
    assert finding.worst is not None
    signal = config.catalogue.known(finding.signal)
    return f"{signal.label} {signal.show(finding.worst)} {signal.display}".strip() or alert.peak_text
