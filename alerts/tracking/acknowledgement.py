"""What people do about alerts. Everything is kept, and nothing is done twice."""

from msgspec.structs import replace

from alerts.tracking.fold import end
from alerts.tracking.tracked_alert import Instant, TimedSilence, TrackedAlert
from ward.action import Action
from ward.alert import Ack, ActionRecord
from ward.clock import Micros
from ward.config.config import Config
from ward.reason import Reason
from ward.silence import Silence

MOST_DONE = 50


def acknowledge(
    case: TrackedAlert | None, action: Action, now: Instant, config: Config
) -> tuple[TrackedAlert | None, Reason]:
    """Somebody takes this incarnation; the first one keeps it. One that only waited for this ends."""
    if case is None:
        return None, Reason.ACK_UNKNOWN
    alert = case.alert
    if not alert.active:
        return _noted(case, action), Reason.ACK_ENDED
    if alert.latched is not None:
        taken = _noted(case.with_alert(ack=alert.ack or _ack(action), updated_at=now.wall), action)
        return end(taken, alert.latched, now.wall, now, config), Reason.ACK
    if alert.ack is not None:
        return _noted(case, action), Reason.ACK_AGAIN
    return _noted(case.with_alert(ack=_ack(action), updated_at=now.wall), action), Reason.ACK


def unacknowledge(case: TrackedAlert | None, action: Action, now: Instant) -> tuple[TrackedAlert | None, Reason]:
    """Somebody gives it back: it is told again, and further, as if nobody had ever had it."""
    if case is None:
        return None, Reason.ACK_UNKNOWN
    if not case.alert.active:
        return _noted(case, action), Reason.ACK_ENDED
    if case.alert.ack is None:
        return _noted(case, action), Reason.UNACK_NOBODY
    back = _noted(case.with_alert(ack=None, updated_at=now.wall), action)
    return replace(back, unowned=now.steady), Reason.UNACK


def keep(silence: Silence, now: Instant) -> TimedSilence:
    """A silence, with its span as it was meant when it was asked for."""
    return TimedSilence(silence=silence, start=_steady(silence.starts_at, now), end=_steady(silence.ends_at, now))


def expire(kept: TimedSilence, now: Instant) -> TimedSilence:
    """A silence, over now."""
    return replace(kept, silence=kept.silence.expired(now.wall), end=min(kept.end, now.steady))


def _steady(wall: Micros, now: Instant) -> Micros:
    return now.steady + wall - now.wall


def _ack(action: Action) -> Ack:
    return Ack(by=action.by, at=action.at, note=action.note)


def _noted(case: TrackedAlert, action: Action) -> TrackedAlert:
    record = ActionRecord(type=action.type, by=action.by, at=action.at, note=action.note)
    return case.with_alert(actions=(*case.alert.actions, record)[-MOST_DONE:])
