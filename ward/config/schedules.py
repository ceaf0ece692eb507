"""Reads schedules: who is on call at an instant, who is next, and what that makes of a receiver."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ward.clock import SECOND, Micros
from ward.config.alerting import Alerting, Channel, Receiver
from ward.config.mute_time import WEEKDAYS
from ward.config.on_call import Schedule
from ward.config.shift import instant_of_day, local_day

_AHEAD = 15  # days in which a change is looked for


class Recipient(NamedTuple):
    """Who a receiver is at one instant: a person on call as `on_call (ada)`, or the receiver itself."""

    name: str
    channels: tuple[str, ...]


class _Span(NamedTuple):
    """[start, end) in microseconds since 1970, with who is on call."""

    start: Micros
    end: Micros
    people: tuple[str, ...]


class Duty(NamedTuple):
    """Who is on call at an instant, and what says so: a place in a calendar, `overrides` or `shifts`."""

    people: tuple[str, ...]
    source: str


def duty(schedule: Schedule, zone: str, at: Micros) -> Duty:
    """Who is on call at an instant, and by what; nobody is where nothing names somebody."""
    if people := _named(_overrides(schedule, zone), at):
        return Duty(people, "overrides")
    if (span := schedule.events.at(at)) is not None:
        lines = ", ".join(map(str, span.lines))
        return Duty(span.people, f"{schedule.events.file}:{lines}")
    people = _named(_shifts(schedule, zone, local_day(zone, at), 1), at)
    return Duty(people, "shifts" if people else "")


def on_call(schedule: Schedule, zone: str, at: Micros) -> tuple[str, ...]:
    """The names of those on call at an instant; empty where nobody is."""
    return duty(schedule, zone, at).people


def next_change(schedule: Schedule, zone: str, at: Micros) -> tuple[Micros, tuple[str, ...]] | None:
    """When others will be on call, and who; None where nothing changes in two weeks."""
    last = at + _AHEAD * 86_400 * SECOND
    spans = [*_overrides(schedule, zone), *_shifts(schedule, zone, local_day(zone, at), _AHEAD)]
    bounds = {bound for span in spans for bound in span[:2] if at < bound <= last}
    now = set(on_call(schedule, zone, at))
    changes = (
        (bound, on_call(schedule, zone, bound)) for bound in sorted(bounds | set(schedule.events.bounds(at, last)))
    )
    return next(((bound, people) for bound, people in changes if set(people) != now), None)


def first_gap(schedule: Schedule, zone: str, at: Micros) -> Micros | None:
    """The first instant from `at` on, within two weeks, at which nobody is on call."""
    last = at + _AHEAD * 86_400 * SECOND
    while at <= last:
        if not on_call(schedule, zone, at):
            return at
        change = next_change(schedule, zone, at)
        if change is None:
            return None
        at = change[0]
    return None


def schedule_of(alerting: Alerting, receiver: Receiver) -> Schedule | None:
    """The schedule that a receiver names."""
    return next((schedule for schedule in alerting.schedules if schedule.name == receiver.schedule), None)


def used_schedules(alerting: Alerting) -> list[tuple[Schedule, list[Receiver]]]:
    """The schedules that receivers name, each with its receivers."""
    named = [(schedule_of(alerting, receiver), receiver) for receiver in alerting.receivers]
    used = {schedule.name: schedule for schedule, _ in named if schedule is not None}
    return [(schedule, [r for r in alerting.receivers if r.schedule == name]) for name, schedule in used.items()]


def reachable(alerting: Alerting, schedule: Schedule, at: Micros) -> dict[str, tuple[str, ...]]:
    """The people on call at an instant with their channels, without those of whom no channel has an address."""
    addressed = {channel.name for channel in alerting.channels if channel.has_url}
    channels = {person.name: person.channels for person in alerting.people}
    names = on_call(schedule, alerting.timezone, at)
    return {name: channels[name] for name in names if addressed & set(channels.get(name, ()))}


def recipients(alerting: Alerting, receiver: Receiver, at: Micros) -> tuple[Recipient, ...]:
    """Each person on call; the receiver itself with its own channels where it has no schedule, or nobody is reached."""
    schedule = schedule_of(alerting, receiver)
    people = reachable(alerting, schedule, at) if schedule is not None else {}
    found = tuple(Recipient(_name(receiver, person), channels) for person, channels in people.items())
    return found or (Recipient(receiver.name, receiver.channels),)


def addressed_channels(alerting: Alerting, names: Iterable[str], at: Micros) -> list[Channel]:
    """The channels with an address that receivers have at an instant, each once. An unknown receiver has none."""
    receivers = [receiver for receiver in alerting.receivers if receiver.name in set(names)]
    people = [person for receiver in receivers for person in recipients(alerting, receiver, at)]
    found = {channel for person in people for channel in person.channels}
    return [channel for channel in alerting.channels if channel.name in found and channel.has_url]


def channels_by_name(alerting: Alerting) -> dict[str, tuple[str, ...]]:
    """The channels of every receiver, and of every person as a recipient of one with a schedule."""
    found = {receiver.name: receiver.channels for receiver in alerting.receivers}
    on_duty = [receiver for receiver in alerting.receivers if receiver.schedule]
    return found | {_name(r, person.name): person.channels for r in on_duty for person in alerting.people}


def possible_channels(alerting: Alerting, receiver: Receiver) -> tuple[str, ...]:
    """All channels that a receiver may lead to, with those of everybody whom its schedule names."""
    schedule = schedule_of(alerting, receiver)
    names = {name for entry in schedule.shifts for name in entry.people} if schedule is not None else set()
    names |= {name for entry in schedule.overrides for name in entry.people} if schedule is not None else set()
    if schedule is not None and schedule.calendar is not None:  # it may name everybody
        names |= {person.name for person in alerting.people}
    people = (channel for person in alerting.people if person.name in names for channel in person.channels)
    return tuple(dict.fromkeys((*people, *receiver.channels)))


def _named(spans: Iterator[_Span], at: Micros) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for span in spans if span.start <= at < span.end for name in span.people))


def _name(receiver: Receiver, person: str) -> str:
    return f"{receiver.name} ({person})"


def _overrides(schedule: Schedule, zone: str) -> Iterator[_Span]:
    for override in schedule.overrides:
        yield _Span(_minute(override.from_, zone), _minute(override.until, zone), override.people)


def _shifts(schedule: Schedule, zone: str, today: dt.date, days: int) -> Iterator[_Span]:
    """The shifts that begin from yesterday to `days` days from today."""
    for day in (today + dt.timedelta(days=n) for n in range(-1, days + 1)):
        for shift in schedule.shifts:
            if not shift.weekdays or WEEKDAYS[day.weekday()] in shift.weekdays:
                last = day if shift.until > shift.from_ else day + dt.timedelta(days=1)
                start, end = instant_of_day(day, shift.from_, zone), instant_of_day(last, shift.until, zone)
                yield _Span(start, end, shift.people)


def _minute(text: str, zone: str) -> Micros:
    day, time = text.split(" ")
    return instant_of_day(dt.date.fromisoformat(day), time, zone)
