"""The alert about a calendar of a schedule that cannot be read, ends soon, or names somebody who is unknown."""

from collections.abc import Iterable, Iterator

from alerts.model.now import Now
from alerts.model.tracked_alert import TrackedAlert
from alerts.self_monitoring import texts
from alerts.self_monitoring.internal_finding import active_by, internal_finding
from alerts.text.limits import LONGEST_LINE
from ward.alert import ON_CALL
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.config.on_call import Schedule
from ward.config.schedules import used_schedules
from ward.finding import EndReason, Finding, Severity, Transition
from ward.ids import digest, printable
from ward.local_time import local_time

ON_CALL_CALENDAR = "on-call-calendar"
SOON = 7 * 86_400 * SECOND  # before its end: over a long weekend somebody notices


def calendar_findings(alerts: Iterable[TrackedAlert], now: Now, config: Config) -> Iterator[Finding]:
    """Raised and changed for each schedule whose calendar has a problem, cleared when it has none, or is not used."""
    known = active_by("schedule", ON_CALL_CALENDAR, ON_CALL, alerts)
    zone = config.alerting.timezone
    used = {schedule.name: schedule for schedule, _ in used_schedules(config.alerting)}
    found = {name: problem for name, schedule in used.items() if (problem := _problem(schedule, zone, now.wall))}
    for name, (severity, text) in found.items():
        tracked = known.get(name)
        if tracked is None:
            episode = digest(ON_CALL_CALENDAR, name, now.wall)
            yield internal_finding(
                ON_CALL_CALENDAR, ON_CALL, episode, now, config, text=text, severity=severity,
                labels={"schedule": name},
            )  # fmt: skip
        elif (tracked.alert.severity, tracked.alert.annotations.get("summary")) != (severity, text):
            yield internal_finding(
                ON_CALL_CALENDAR, ON_CALL, tracked.alert.id, now, config, text=text, severity=severity,
                transition=Transition.CHANGED, labels={"schedule": name}, onset=tracked.alert.starts_at,
            )  # fmt: skip
    for name, tracked in known.items():
        if name not in found:
            yield internal_finding(
                ON_CALL_CALENDAR, ON_CALL, tracked.alert.id, now, config, severity=tracked.alert.severity,
                transition=Transition.CLEARED, ended=EndReason.RECOVERED, text=texts.CALENDAR_WELL(schedule=name),
                labels={"schedule": name}, onset=tracked.alert.starts_at,
            )  # fmt: skip


def _problem(schedule: Schedule, zone: str, at: Micros) -> tuple[Severity, str] | None:
    """How severe it is, and in words; None while all is well, and before the calendar has been read."""
    events, name = schedule.events, schedule.name
    file = printable(schedule.calendar or "", 100)
    ends = local_time(events.ends, zone) if events.ends is not None else ""
    if schedule.calendar is None or not (events.read or events.problem):
        return None
    if events.problem:
        used = texts.LAST_COPY_UNTIL(end=ends) if ends else texts.LAST_COPY() if events.read else texts.NO_COPY()
        found = Severity.MEDIUM, texts.CALENDAR_UNREADABLE(schedule=name, problem=events.problem, used=used)
    elif events.ends is not None and events.ends <= at:
        since = f" {texts.SINCE(end=ends)}" if events.spans else ""
        found = Severity.MEDIUM, texts.CALENDAR_OVER(file=file, schedule=name, since=since)
    elif events.ends is not None and events.ends - at < SOON:
        found = Severity.LOW, texts.CALENDAR_ENDS(file=file, schedule=name, end=ends)
    elif events.notes:
        more = texts.MORE_ENTRIES(count=len(events.notes) - 1) if len(events.notes) > 1 else ""
        found = Severity.LOW, texts.CALENDAR_ENTRIES(schedule=name, note=events.notes[0], more=more)
    else:
        return None
    return found[0], printable(found[1], LONGEST_LINE)
