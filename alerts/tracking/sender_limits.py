"""How many alerts each other system has active, and which of them have had alerts refused."""

from collections import defaultdict
from collections.abc import Iterable

from alerts.model.tracked_alert import TrackedAlert
from ward.alert import EXTERNAL, SENDER
from ward.finding import Finding, Transition


class SenderLimits:
    """Counts active alerts by sender, which the web names in an annotation.

    `refused` are the senders that had an alert refused and still have as many active as they may.
    """

    def __init__(self, alerts: Iterable[TrackedAlert]) -> None:
        self._active: dict[str, set[str]] = defaultdict(set)
        self._sender_of: dict[str, str] = {}
        self.refused: set[str] = set()
        for tracked in alerts:
            self.note(tracked)

    def note(self, tracked: TrackedAlert) -> None:
        """An alert as it is now."""
        alert = tracked.alert
        if alert.source != EXTERNAL:
            return
        before = self._sender_of.pop(alert.id, None)
        if before is not None:
            self._active[before].discard(alert.id)
        if alert.active:  # it counts for the sender that posted it last
            self._sender_of[alert.id] = alert.annotations.get(SENDER, "")
            self._active[self._sender_of[alert.id]].add(alert.id)

    def allows(self, finding: Finding, most: int) -> bool:
        """Whether a finding that begins an alert may. That of our own always may."""
        if finding.detector != EXTERNAL or finding.transition is not Transition.RAISED:
            return True
        sender = finding.annotations.get(SENDER, "")
        if len(self._active[sender]) < most:
            return True
        self.refused.add(sender)
        return False

    def full(self, most: int) -> set[str]:
        """The senders that have as many active as they may. The refusals of others are forgotten."""
        full = {sender for sender, active in self._active.items() if len(active) >= most}
        self.refused &= full
        return full
