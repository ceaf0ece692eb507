"""The labels of an alert."""

from ward.finding import Finding


def alert_labels(finding: Finding) -> dict[str, str]:
    """The labels of the alert that a finding is about, without empty ones. Our own replace those of another system."""
    own = {
        "alertname": finding.rule, "severity": str(finding.severity), "kind": str(finding.kind), "ward": finding.ward,
        "bed": finding.bed, "patient_id": finding.patient, "device_id": finding.device, "metric": finding.signal,
    }  # fmt: skip
    return {name: value for name, value in (finding.labels | {k: v for k, v in own.items() if v}).items() if value}
