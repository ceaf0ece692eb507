"""A tracked alert on its way to one receiver."""

import msgspec

from alerts.model.route_match import RouteMatch
from alerts.model.tracked_alert import LastNotification, TrackedAlert
from ward.clock import Micros
from ward.reason import Reason

NEVER: Micros = 1 << 62


class RoutedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """A tracked alert and one of its routes; `dedup` adds what it decided, and why.

    `muted` is why the receiver may not be notified at all. `due` (steady time) is from when on the receiver is to be
    notified for `reason`; `NEVER` where the reason is one not to notify.
    """

    tracked: TrackedAlert
    route: RouteMatch
    muted: Reason | None = None
    reason: Reason | None = None
    due: Micros = NEVER

    @property
    def id(self) -> str:
        """The id of the alert."""
        return self.tracked.alert.id

    @property
    def last_notification(self) -> LastNotification | None:
        """The last notification of this alert to this receiver."""
        return self.tracked.notified.get(self.route.receiver)

    @property
    def is_update(self) -> bool:
        """Whether it belongs into the next notification of its group."""
        return self.due < NEVER or self.reason is Reason.SIGNAL_BACK

    @property
    def still_active(self) -> bool:
        """Whether the receiver was notified of it, and it is still active."""
        return self.tracked.alert.active and self.last_notification is not None and self.muted is None
