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
        acked = _recorded(tracked.with_alert(ack=alert.ack or _ack(action), updated_at=now.wall), action)
        return end(acked, alert.latched, now.wall, now, config), Reason.ACK
    if alert.ack is not None:
        return _recorded(tracked, action), Reason.ACK_REPEATED
    return _recorded(tracked.with_alert(ack=_ack(action), updated_at=now.wall), action), Reason.ACK


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


def _ack(action: Action) -> Ack:
    return Ack(by=action.by, at=action.at, note=action.note)


def _recorded(tracked: TrackedAlert, action: Action) -> TrackedAlert:
    record = ActionRecord(type=action.type, by=action.by, at=action.at, note=action.note)
    return tracked.with_alert(actions=(*tracked.alert.actions, record)[-MOST_ACTIONS:])
