"""An alert together with what the pipeline must remember about it."""

import msgspec
from msgspec.structs import replace

from alerts.model.route_match import RouteMatch
from ward.alert import Alert
from ward.clock import Micros
from ward.finding import Kind


class LastNotification(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The newest notification of an alert to one receiver: by which route, when (steady time), and what it said.

    `rank` is the severity's, `signal_lost` and `ended` say whether the notification reported that.
    """

    route: RouteMatch
    rank: int
    at: Micros
    signal_lost: bool = False
    ended: bool = False


class TrackedAlert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An alert and the pipeline's own memory of it. All times here but `received_at` are steady ones.

    `tracked_since`: when it became known. `changed_at`: when it last changed in a way that people are notified of.
    `unacknowledged_since`: since when nobody has it acknowledged. `acknowledged_since`: since when the person who has
    it has it. `held_until`: until when an alert that was detected late waits, in case it has already ended.
    `expires_at`: when an alert of another system ends unless it is posted again; 0 is never. `finding_ids`: the
    findings that are in it, so that a replay changes nothing. `notified`: the last notification by receiver.
    `first_notified`: when the first of them was sent. `unreached_at`: when a channel with receipts was found to have
    reached nobody with it, 0 if none was. `received_at`: when the bridge received the newest reading behind the alert,
    on the wall clock.
    """

    alert: Alert
    tracked_since: Micros
    changed_at: Micros
    unacknowledged_since: Micros
    acknowledged_since: Micros = 0
    held_until: Micros = 0
    expires_at: Micros = 0
    finding_ids: tuple[str, ...] = ()
    notified: dict[str, LastNotification] = {}
    first_notified: Micros | None = None
    unreached_at: Micros = 0
    received_at: Micros = 0

    @property
    def place(self) -> str:
        """The bed, or the device where there is no bed: the first alert of each place is sent immediately."""
        return self.alert.labels.get("bed") or self.alert.labels.get("device_id", "")

    @property
    def physiological(self) -> bool:
        """Whether it is about a patient, not about equipment."""
        return self.alert.kind is Kind.PHYSIOLOGICAL

    @property
    def unacknowledged(self) -> bool:
        """Whether it is active and nobody has acknowledged it."""
        return self.alert.active and self.alert.ack is None

    def with_alert(self, **changes: object) -> "TrackedAlert":
        """The tracked alert with some fields of its alert changed."""
        return replace(self, alert=replace(self.alert, **changes))
