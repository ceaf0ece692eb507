"""Findings folded into alerts: one incarnation an episode."""

from msgspec.structs import replace

from ward.alert import Ack, Alert, State
from ward.clock import SECOND, format_instant
from ward.config.config import Config
from ward.finding import Edge, Finding


def fold(alert: Alert | None, finding: Finding, config: Config) -> Alert:
    """The alert of an episode after one more finding of it; the same finding again changes nothing."""
    if alert is None:
        alert = _begin(finding, config)
    if finding.seen < alert.updated_at or not alert.active:
        return alert
    cleared = finding.edge is Edge.CLEARED
    return replace(
        alert,
        severity=finding.severity if not cleared else alert.severity,
        updated_at=finding.seen,
        state=State.ENDED if cleared else State.ACTIVE,
        ends_at=finding.at if cleared else None,
        ended=finding.ended,
        value=finding.value,
        limit=finding.limit,
        labels={**alert.labels, "severity": str(finding.severity if not cleared else alert.severity)},
        annotations=alert.annotations if cleared else {**alert.annotations, "summary": summary(finding, config)},
    )


def acknowledge(alert: Alert, ack: Ack) -> Alert:
    """The alert, taken by someone; the first one keeps it."""
    return alert if alert.ack is not None or not alert.active else replace(alert, ack=ack, updated_at=ack.at)


def summary(finding: Finding, config: Config) -> str:
    """`ICU bed 7: SpO2 84 % < 88 for 15 s`."""
    where = config.inventory.label(finding.bed) if finding.bed else f"{finding.ward} {finding.device}"
    return f"{where}: {finding.text}"


def _begin(finding: Finding, config: Config) -> Alert:
    labels = {
        "alertname": finding.rule, "severity": str(finding.severity), "kind": str(finding.kind), "ward": finding.ward,
        "bed": finding.bed, "patient_id": finding.patient, "device_id": finding.device, "metric": finding.signal,
    }  # fmt: skip
    return Alert(
        id=finding.episode,
        labels={name: value for name, value in labels.items() if value},
        annotations={
            "summary": summary(finding, config), "since": format_instant(finding.onset),
            "rule": finding.rule, "config": finding.config,
        },
        severity=finding.severity, kind=finding.kind, starts_at=finding.onset, updated_at=finding.seen,
        late=max(0.0, (finding.seen - finding.at) / SECOND),
    )  # fmt: skip
