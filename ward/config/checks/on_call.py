"""Cross checks of people and schedules: they exist, they are used, and somebody is on call all week."""

from collections.abc import Collection, Sequence

from ward.config.alerting import Alerting
from ward.config.calendar_people import names_of
from ward.config.on_call import OnCallOverride, OnCallShift
from ward.config.weekly_gaps import weekly_gaps
from ward.config.yaml.document import Document, KeyPath
from ward.config.yaml.fault_collector import FaultCollector
from ward.ids import printable


def check_on_call(
    alerting: Alerting, document: Document, written: Document, channels: Collection[str], faults: FaultCollector
) -> None:
    """Adds the faults. `written` is the document as it is in the file, with people and schedules by name."""
    people, schedules = ([name for name, _ in written.names(key)] for key in ("people", "schedules"))
    for i, receiver in enumerate(alerting.receivers):
        if receiver.schedule is not None and receiver.schedule not in schedules:
            faults.unknown(document, ("receivers", i, "schedule"), "schedule", receiver.schedule, schedules)
        if receiver.schedule is not None and not receiver.channels:
            words = "name the channels that are used while nobody is on call"
            faults.add(document, ("receivers", i, "channels"), words)
    for i, schedule in enumerate(alerting.schedules):
        path = ("schedules", i)
        _check_people(schedule.shifts, (*path, "shifts"), document, people, faults)
        _check_people(schedule.overrides, (*path, "overrides"), document, people, faults)
        if schedule.name not in {receiver.schedule for receiver in alerting.receivers}:
            words = f"no receiver has schedule '{printable(schedule.name, 64)}'"
            faults.add(document, path, words, key=True, warning=True)
        gaps = weekly_gaps(schedule) if schedule.calendar is None else []
        if gaps and len(schedule.shifts) >= _count(written, schedule.name):  # else a shift with a fault may fill it
            more = f", and in {len(gaps) - 1} more spans of the week" if len(gaps) > 1 else ""
            words = f"by the shifts nobody is on call {gaps[0]}{more}: then the channels of the receiver are used"
            faults.add(document, path, words, key=True, warning=True)
    _check_channels(alerting, document, channels, faults)
    _check_calendar_names(alerting, document, faults)


def _check_calendar_names(alerting: Alerting, document: Document, faults: FaultCollector) -> None:
    """One name in a calendar is one person."""
    owners: dict[str, str] = {}
    for i, person in enumerate(alerting.people):
        for name in names_of([person]):
            other = owners.setdefault(name, person.name)
            if other != person.name:
                words = f"in a calendar '{printable(name, 64)}' is '{printable(other, 64)}' too"
                faults.add(document, ("people", i), words, key=True)


def _count(written: Document, schedule: str) -> int:
    """How many shifts the file has for a schedule."""
    section = written.root.child("schedules")
    entry = section.child(schedule) if section is not None else None
    shifts = entry.child("shifts") if entry is not None else None
    return len(shifts.value) if shifts is not None and isinstance(shifts.value, list) else 0


def _check_channels(alerting: Alerting, document: Document, channels: Collection[str], faults: FaultCollector) -> None:
    addressed = {channel.name for channel in alerting.channels if channel.has_url}
    named = [entry.people for s in alerting.schedules for entry in s.shifts]
    named += [entry.people for s in alerting.schedules for entry in s.overrides]
    used = {name for people in named for name in people}
    for i, person in enumerate(alerting.people):
        name = printable(person.name, 64)
        for j, channel in enumerate(person.channels):
            if channel not in channels:
                faults.unknown(document, ("people", i, "channels", j), "channel", channel, channels)
        if not addressed & set(person.channels) and set(person.channels) <= set(channels):
            words = f"no channel of '{name}' has an address: this person counts as not on call"
            faults.add(document, ("people", i), words, key=True, warning=True)
        if person.name not in used and not any(schedule.calendar for schedule in alerting.schedules):
            faults.add(document, ("people", i), f"no schedule names '{name}'", key=True, warning=True)


def _check_people(
    entries: Sequence[OnCallShift] | Sequence[OnCallOverride], path: KeyPath, document: Document, known: Sequence[str],
    faults: FaultCollector,
) -> None:  # fmt: skip
    for i, people in enumerate([entry.people for entry in entries]):
        for j, name in enumerate(people):
            if name not in known:
                faults.unknown(document, (*path, i, "people", j), "person", name, known)
