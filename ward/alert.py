"""An alert: what people are notified of, and what they did about it."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from ward.action import ActionType
from ward.clock import Micros
from ward.finding import EndReason, Finding, Kind, Severity
from ward.ids import digest
from ward.severity_names import SENDER_SEVERITY, SEVERITY

ABSENT = "absent"  # the `source` of alerts about a missing device or signal: the name of their detector
EXTERNAL = "external"  # the `source` of alerts that another system posted
SENDER = "sender"  # the annotation that names the system that posted an alert
DELIVERY = "delivery"  # the `source` of alerts about a channel that does not deliver; label `channel` names it
REBUILT = "alerts"  # the `source` of a report that the state of the alerts was lost and rebuilt from the log
ON_CALL = "on-call"  # the `source` of alerts about a schedule or its calendar; label `schedule` names it


class State(StrEnum):
    """Whether an alert is active. Whether it is acknowledged is `Alert.ack`."""

    ACTIVE = "active"
    ENDED = "ended"


class Ack(msgspec.Struct, frozen=True, kw_only=True):
    """Who has an alert, since when, and the person from whom it was taken over, "" without one."""

    by: str
    at: Micros
    note: str = ""
    taken_over_from: str = ""


class ActionRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One action of a person about an alert."""

    type: ActionType
    by: str
    at: Micros
    note: str = ""


class SeverityChange(msgspec.Struct, frozen=True, kw_only=True):
    """From when on an alert had a severity: the time of the reading that decided."""

    severity: Severity
    at: Micros


class SentTo(msgspec.Struct, frozen=True, kw_only=True):
    """The messages about an alert to one receiver: by which channels, when the first and when the last."""

    receiver: str
    channels: tuple[str, ...]
    first: Micros
    last: Micros


class ReceiptState(StrEnum):
    """What is known of a message after its service accepted it."""

    DELIVERED = "delivered"  # the phone has it
    FAILED = "failed"  # the service says that the phone will not have it
    MISSING = "missing"  # nothing is known, and should be by now


class PhoneReceipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of the last message about an alert at one phone, noted at `at`, with the gateway's `reply`."""

    channel: str
    recipient: str
    state: ReceiptState
    at: Micros
    reply: str = ""


class Alert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=6):
    """One episode of one alert, from its beginning to its end.

    `id` is the episode of the findings: an acknowledgement holds for it and for no other. `labels` and `annotations`
    are as in Alertmanager. `signal_lost_since` is since when the signal has been missing that would show whether the
    alert has ended; such an alert is still active. `latched` is how its condition ended, or that this will never be
    known, at `latched_at`: the alert stays active until it is acknowledged. `detected_late_s` is how many seconds late
    it was detected. `updated_at` is when anything but its numbers changed. `value` was measured at `value_at` and
    compared with `limit`; `worst`, at `worst_at`, is the worst value since the beginning. `peak_severity` is the
    highest severity so far, never below `severity`, and `peak_text` the condition at its worst. `course` are the
    severities it has had, oldest first; of many, the first and the newest. `source` is the detector that raised it, or
    `external` for an alert of another system; such an alert holds until `until`.

    `reason` is the last decision about notifications, `notified_at` when the first one was sent, `receivers` which
    receivers its routes lead to, `sent_to` those that were sent messages, `receipts` what became of these at phones,
    `silenced_by` and `inhibited_by` what mutes it now, and `actions` what people did about it, oldest first. Times are
    microseconds since 1970.
    """

    id: str
    labels: dict[str, str]
    annotations: dict[str, str]
    severity: Severity
    kind: Kind
    starts_at: Micros
    updated_at: Micros
    state: State = State.ACTIVE
    ends_at: Micros | None = None
    ended: EndReason | None = None
    ack: Ack | None = None
    signal_lost_since: Micros | None = None
    detected_late_s: float = 0.0
    value: float | None = None
    value_at: Micros | None = None
    limit: float | None = None
    worst: float | None = None
    worst_at: Micros | None = None
    peak_severity: Severity = Severity.LOW
    peak_text: str = ""
    course: tuple[SeverityChange, ...] = ()
    source: str = ""
    latched: EndReason | None = None
    latched_at: Micros | None = None
    until: Micros | None = None
    reason: str = ""
    notified_at: Micros | None = None
    receivers: tuple[str, ...] = ()
    sent_to: tuple[SentTo, ...] = ()
    receipts: tuple[PhoneReceipt, ...] = ()
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()
    actions: tuple[ActionRecord, ...] = ()

    def __post_init__(self) -> None:
        if self.peak_severity.rank < self.severity.rank:
            msgspec.structs.force_setattr(self, "peak_severity", self.severity)

    @property
    def fingerprint(self) -> str:
        """Identifies the alert by its labels; the same for all its episodes."""
        return fingerprint(self.labels)

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return self.state is State.ACTIVE

    @property
    def is_over(self) -> bool:
        """Whether its condition has ended, and it is only active until somebody acknowledges it. What may not have
        ended, as where a signal was lost, is not over; nor is a report about one moment."""
        return self.active and self.latched is EndReason.RECOVERED and self.source != REBUILT


def alert_labels(finding: Finding) -> dict[str, str]:
    """The labels of the alert that a finding is about, without empty ones. Our own replace those of another system."""
    own = {
        "alertname": finding.rule, "severity": str(finding.severity), "kind": str(finding.kind), "ward": finding.ward,
        "bed": finding.bed, "patient_id": finding.patient, "device_id": finding.device, "metric": finding.signal,
    }  # fmt: skip
    return {name: value for name, value in (finding.labels | {k: v for k, v in own.items() if v}).items() if value}


def fingerprint(labels: Mapping[str, str]) -> str:
    """Sixteen hex digits of the labels without the severity, in any order: an alert that gets worse is the same one."""
    return digest(*(f"{name}={labels[name]}" for name in sorted(labels) if name not in (SEVERITY, SENDER_SEVERITY)))
