"""An alert: a finding that concerns people, with what they did about it."""

from enum import StrEnum

import msgspec

from ward.action import ActionType
from ward.clock import Micros
from ward.finding import End, Kind, Severity
from ward.ids import digest

EXTERNAL = "external"  # the source of alerts that another system posted
DELIVERY = "delivery"  # the source of alerts about a channel that does not deliver; its name is their label `channel`


class State(StrEnum):
    """Where an alert stands. Whether someone has it (`ack`) is another question."""

    ACTIVE = "active"
    ENDED = "ended"


class Ack(msgspec.Struct, frozen=True, kw_only=True):
    """Who took this incarnation of an alert, and when."""

    by: str
    at: Micros
    note: str = ""


class ActionRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something a person did about an alert."""

    type: ActionType
    by: str
    at: Micros
    note: str = ""


class Alert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=1):
    """One incarnation of one alert.

    `id` is the episode it came from: an acknowledgement holds for it and for no other.
    `labels` and `annotations` are shaped as Alertmanager's users expect. `lost_since` says since
    when the signal that would tell whether it is over has been missing: such an alert is still
    active. `latched` says that its condition is over, or will never be told to be, and how; it
    stays active until somebody acknowledges it. `late` is how many seconds after the fact it was
    first known. `source` is the detector that found it, or `external` for one posted by another system.

    `reason` says in words what was last decided about telling people, `notified_at` when the first of
    them was told, `receivers` who is meant to be, `silenced_by` and `inhibited_by` what keeps it
    quiet now, and `actions` what people did about it, oldest first.
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
    ended: End | None = None
    ack: Ack | None = None
    lost_since: Micros | None = None
    late: float = 0.0
    value: float | None = None
    limit: float | None = None
    source: str = ""
    latched: End | None = None
    until: Micros | None = None
    reason: str = ""
    notified_at: Micros | None = None
    receivers: tuple[str, ...] = ()
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()
    actions: tuple[ActionRecord, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Follows from the labels that make an alert this one; equal for all its incarnations."""
        return fingerprint(self.labels)

    @property
    def active(self) -> bool:
        return self.state is State.ACTIVE


def fingerprint(labels: dict[str, str]) -> str:
    """Sixteen hex digits of the labels, whatever their order.

    Severity does not count: an alert that gets worse is the same alert, and is told so.
    """
    return digest(*(f"{name}={labels[name]}" for name in sorted(labels) if name != "severity"))
