"""Who is on call by each schedule, until when, and who is next: as lines and as JSON data."""

from collections.abc import Iterator
from typing import Any

from ward.clock import Micros, format_instant
from ward.config.alerting import Alerting
from ward.config.config import Config
from ward.config.on_call import Schedule
from ward.config.schedules import duty, next_change, reachable
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
        now = duty(schedule, alerting.timezone, at)
        by = f" by {now.source}" if schedule.calendar and now.source else ""
        yield f"  now   {_people(alerting, now.people)}{by}{until}"
        if change:
            yield f"  next  {_people(alerting, change[1])}"
        yield from (f"  {words}" for words in _calendar_lines(schedule, at, alerting.timezone))
        receivers = [r for r in alerting.receivers if r.schedule == schedule.name]
        if receivers and not reachable(alerting, schedule, at):
            used = "; ".join(f"{r.name}: {', '.join(r.channels)}" for r in receivers)
            yield f"  nobody can be notified by this schedule; channels that are used instead: {used}"


def _people(alerting: Alerting, names: tuple[str, ...]) -> str:
    """`ada (sms, mail)`, or `nobody`."""
    channels = {person.name: ", ".join(person.channels) for person in alerting.people}
    return ", ".join(f"{name} ({channels.get(name, '')})" for name in names) or "nobody"


def _schedule(alerting: Alerting, schedule: Schedule, at: Micros) -> dict[str, Any]:
    change, now = next_change(schedule, alerting.timezone, at), duty(schedule, alerting.timezone, at)
    return {
        "schedule": schedule.name,
        "receivers": [receiver.name for receiver in alerting.receivers if receiver.schedule == schedule.name],
        "on_call": list(now.people),
        "source": now.source,
        "reached": {name: list(found) for name, found in reachable(alerting, schedule, at).items()},
        "until": format_instant(change[0]) if change else None,
        "next": list(change[1]) if change else None,
        "calendar": _calendar(schedule),
    }


def _calendar(schedule: Schedule) -> dict[str, Any] | None:
    """Null without a calendar; `ends` is null where it has later entries than are looked at."""
    if schedule.calendar is None:
        return None
    events = schedule.events
    ends = format_instant(events.ends) if events.ends and events.spans else None
    return {"file": schedule.calendar, "problem": events.problem, "ends": ends, "notes": list(events.notes)}


def _calendar_lines(schedule: Schedule, at: Micros, zone: str) -> Iterator[str]:
    """What is wrong with the calendar, and when it ends."""
    events = schedule.events
    if schedule.calendar is None:
        return
    if events.problem:
        copy = "its last good copy is used" if events.read else "there is no earlier copy of it"
        yield f"calendar {events.problem}; {copy}"
    elif events.ends is not None and events.ends <= at:
        yield f"calendar {schedule.calendar} names nobody any more"
    elif events.ends is not None:
        yield f"calendar {schedule.calendar} names nobody after {local_time(events.ends, zone)}"
    yield from (f"calendar {note}" for note in events.notes)
