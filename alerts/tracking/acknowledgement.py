"""Acknowledgements by people. All of them stay with the alert, and none is applied twice."""

from msgspec.structs import replace

from alerts.model.now import Now
from alerts.model.tracked_alert import TrackedAlert
from alerts.tracking.apply_finding import end
from ward.action import Action
from ward.alert import Ack, ActionRecord
from ward.config.config import Config
from ward.reason import Reason

MOST_ACTIONS = 50


def acknowledge(
    tracked: TrackedAlert | None, action: Action, now: Now, config: Config
) -> tuple[TrackedAlert | None, Reason]:
    """The alert, acknowledged; the first acknowledgement counts. A latched alert ends with it."""
    if tracked is None:
        return None, Reason.ACK_UNKNOWN
    alert = tracked.alert
    if not alert.active:
        return _recorded(tracked, action), Reason.ACK_ENDED
    if alert.latched is not None:
        acked = _recorded(tracked, action) if alert.ack else _acknowledged(tracked, action, now)
        return end(acked, alert.latched, now.wall, now, config), Reason.ACK
    if alert.ack is not None:
        return _recorded(tracked, action), Reason.ACK_REPEATED
    return _acknowledged(tracked, action, now), Reason.ACK


def take_over(
    tracked: TrackedAlert | None, action: Action, now: Now, config: Config
) -> tuple[TrackedAlert | None, Reason]:
    """The alert of another person, acknowledged by this one; both stay in its actions.

    What nobody has is not acknowledged by it: the alert may have got worse since this person saw it.
    """
    if tracked is None:
        return None, Reason.ACK_UNKNOWN
    alert = tracked.alert
    if not alert.active or alert.latched is not None:
        return acknowledge(tracked, action, now, config)
    if alert.ack is None:
        return _recorded(tracked, action), Reason.TAKE_OVER_NOBODY
    if alert.ack.by == action.by:
        return _recorded(tracked, action), Reason.TAKE_OVER_OWN
    return _acknowledged(tracked, action, now, taken_over_from=alert.ack.by), Reason.TAKE_OVER


def unacknowledge(tracked: TrackedAlert | None, action: Action, now: Now) -> tuple[TrackedAlert | None, Reason]:
    """The alert without its acknowledgement: it is repeated and escalated as if it had never had one."""
    if tracked is None:
        return None, Reason.ACK_UNKNOWN
    if not tracked.alert.active:
        return _recorded(tracked, action), Reason.ACK_ENDED
    if tracked.alert.ack is None:
        return _recorded(tracked, action), Reason.UNACK_WITHOUT_ACK
    after = _recorded(tracked.with_alert(ack=None, updated_at=now.wall), action)
    return replace(after, unacknowledged_since=now.steady), Reason.UNACK


def seen(tracked: TrackedAlert | None, action: Action) -> tuple[TrackedAlert | None, Reason]:
    """The alert with a record that a recipient has seen its message. Nothing else changes: others are notified."""
    if tracked is None:
        return None, Reason.ACK_UNKNOWN
    return _recorded(tracked, action), Reason.SEEN


def _acknowledged(tracked: TrackedAlert, action: Action, now: Now, *, taken_over_from: str = "") -> TrackedAlert:
    ack = Ack(by=action.by, at=action.at, note=action.note, taken_over_from=taken_over_from)
    return replace(_recorded(tracked.with_alert(ack=ack, updated_at=now.wall), action), acknowledged_since=now.steady)


def _recorded(tracked: TrackedAlert, action: Action) -> TrackedAlert:
    record = ActionRecord(type=action.type, by=action.by, at=action.at, note=action.note)
    return tracked.with_alert(actions=(*tracked.alert.actions, record)[-MOST_ACTIONS:])
