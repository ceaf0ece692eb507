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
        self.refused: set[str] = set()
        for tracked in alerts:
            self.note(tracked)

    def note(self, tracked: TrackedAlert) -> None:
        """An alert as it is now."""
        alert = tracked.alert
        if alert.source == EXTERNAL:
            active = self._active[alert.annotations.get(SENDER, "")]
            (active.add if alert.active else active.discard)(alert.id)

    def allows(self, finding: Finding, most: int) -> bool:
        """Whether a finding that begins an alert may. That of our own always may."""
        if finding.detector != EXTERNAL or finding.transition is not Transition.RAISED:
            return True
        sender = finding.annotations.get(SENDER, "")
        if len(self._active[sender]) < most:
            return True
        self.refused.add(sender)
        return False

    def clear(self, most: int) -> None:
        """Forget the refusals of senders that have room again."""
        self.refused = {sender for sender in self.refused if len(self._active[sender]) >= most}
