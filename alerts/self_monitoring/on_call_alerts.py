"""The alert about a schedule by which nobody is on call, or nobody who has an address."""

from collections.abc import Iterable, Iterator, Sequence

from alerts.model.now import Now
from alerts.model.tracked_alert import TrackedAlert
from alerts.self_monitoring import texts
from alerts.self_monitoring.internal_finding import active_by, internal_finding
from alerts.text.limits import LONGEST_LINE
from ward.alert import ON_CALL
from ward.clock import Micros
from ward.config.alerting import Alerting, Receiver
from ward.config.config import Config
from ward.config.on_call import Schedule
from ward.config.schedules import next_change, on_call, reachable, used_schedules
from ward.finding import EndReason, Finding, Severity, Transition
from ward.ids import digest, printable
from ward.local_time import local_time

NOBODY_ON_CALL = "nobody-on-call"


def people_on_call(alerting: Alerting, at: Micros) -> dict[str, tuple[str, ...]]:
    """The people who are on call and have an address, by schedule; only schedules that a receiver names."""
    return {schedule.name: tuple(reachable(alerting, schedule, at)) for schedule, _ in used_schedules(alerting)}


def on_call_findings(alerts: Iterable[TrackedAlert], now: Now, config: Config) -> Iterator[Finding]:
    """Raised for a schedule by which nobody can be notified, cleared when somebody can, or it is not used any more."""
    known = active_by("schedule", NOBODY_ON_CALL, ON_CALL, alerts)
    missing = {
        schedule.name: (schedule, receivers)
        for schedule, receivers in used_schedules(config.alerting)
        if not _unread(schedule) and not reachable(config.alerting, schedule, now.wall)
    }
    for name, (schedule, receivers) in missing.items():
        if name not in known:
            yield internal_finding(
                NOBODY_ON_CALL, ON_CALL, digest(ON_CALL, name, now.wall), now, config, severity=Severity.MEDIUM,
                text=printable(_words(config.alerting, schedule, receivers, now.wall), LONGEST_LINE),
                labels={"schedule": name},
            )  # fmt: skip
    for name, tracked in known.items():
        if name not in missing:
            yield internal_finding(
                NOBODY_ON_CALL, ON_CALL, tracked.alert.id, now, config, severity=Severity.MEDIUM,
                transition=Transition.CLEARED, ended=EndReason.RECOVERED, text=texts.ON_CALL_AGAIN(schedule=name),
                labels={"schedule": name}, onset=tracked.alert.starts_at,
            )  # fmt: skip


def _unread(schedule: Schedule) -> bool:
    """Whether its calendar is new and has not been read, which takes a second or two."""
    return schedule.calendar is not None and not (schedule.events.read or schedule.events.problem)


def _words(alerting: Alerting, schedule: Schedule, receivers: Sequence[Receiver], at: Micros) -> str:
    names = " and ".join(receiver.name for receiver in receivers)
    channels = " and ".join(dict.fromkeys(channel for receiver in receivers for channel in receiver.channels))
    people = on_call(schedule, alerting.timezone, at)
    if people:
        return texts.NOBODY_REACHED_ON_CALL(
            people=" and ".join(people), schedule=schedule.name, receivers=names, channels=channels
        )
    change = next_change(schedule, alerting.timezone, at)
    until = texts.UNTIL(time=local_time(change[0], alerting.timezone, at)) if change is not None else ""
    return texts.NOBODY_ON_CALL(schedule=schedule.name, until=until, receivers=names, channels=channels)
