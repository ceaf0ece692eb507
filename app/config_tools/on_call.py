"""Who is on call by each schedule, until when, and who is next: as lines and as JSON data."""

from collections.abc import Iterator
from typing import Any

from ward.clock import Micros, format_instant
from ward.config.alerting import Alerting
from ward.config.config import Config
from ward.config.on_call import Schedule
from ward.config.schedules import next_change, on_call, reachable
from ward.local_time import local_time


def on_call_data(config: Config, at: Micros) -> dict[str, Any]:
    """All schedules as JSON data: `until` and `next` are null where nothing changes within two weeks."""
    alerting = config.alerting
    return {
        "config": config.hash, "at": format_instant(at), "timezone": alerting.timezone,
        "schedules": [_schedule(alerting, schedule, at) for schedule in alerting.schedules],
    }  # fmt: skip


def on_call_lines(config: Config, at: Micros) -> Iterator[str]:
    """A few lines for each schedule, times in the zone of the site."""
    alerting = config.alerting
    if not alerting.schedules:
        yield "alerts.yaml has no schedules: receivers are reached by their channels alone"
    for schedule in alerting.schedules:
        change = next_change(schedule, alerting.timezone, at)
        until = f" until {local_time(change[0], alerting.timezone)}" if change else ""
        yield f"{schedule.name} at {local_time(at, alerting.timezone)}"
        yield f"  now   {_people(alerting, on_call(schedule, alerting.timezone, at))}{until}"
        if change:
            yield f"  next  {_people(alerting, change[1])}"
        receivers = [r for r in alerting.receivers if r.schedule == schedule.name]
        if receivers and not reachable(alerting, schedule, at):
            used = "; ".join(f"{r.name}: {', '.join(r.channels)}" for r in receivers)
            yield f"  nobody can be notified by this schedule; channels that are used instead: {used}"


def _people(alerting: Alerting, names: tuple[str, ...]) -> str:
    """`ada (sms, mail)`, or `nobody`."""
    channels = {person.name: ", ".join(person.channels) for person in alerting.people}
    return ", ".join(f"{name} ({channels.get(name, '')})" for name in names) or "nobody"


def _schedule(alerting: Alerting, schedule: Schedule, at: Micros) -> dict[str, Any]:
    change = next_change(schedule, alerting.timezone, at)
    return {
        "schedule": schedule.name,
        "receivers": [receiver.name for receiver in alerting.receivers if receiver.schedule == schedule.name],
        "on_call": list(on_call(schedule, alerting.timezone, at)),
        "reached": {name: list(found) for name, found in reachable(alerting, schedule, at).items()},
        "until": format_instant(change[0]) if change else None,
        "next": list(change[1]) if change else None,
    }
