"""The events of an iCalendar file in a span of time, with recurrences, exceptions and time zones."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from ward.clock import SECOND, Micros
from ward.config.calendar.expansion import Attendee, CalendarEvent, CalendarNote, Expansion
from ward.config.calendar.lines import EventLines, event_lines
from ward.config.calendar.unreadable import UnreadableCalendar
from ward.ids import printable

MOST_EVENTS = 5000
_LINE = "X-WARDWATCH-LINE"
_OFTEN = ("BYHOUR", "BYMINUTE", "BYSECOND")
_DAY = 86_400 * SECOND
_ANY = Exception  # of libraries that raise many kinds of error at many places
_RULES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")


def expand(content: bytes, zone: str, start: Micros, end: Micros) -> Expansion:
    """The events of a file that touch [start, end); days and times without a zone are those of `zone`.

    Raises `UnreadableCalendar`. It may take very long for a malicious file: see `process.py`.
    """
    text = _decoded(content)
    lines = event_lines(text)
    try:
        calendar: Any = icalendar.Calendar.from_ical(text)
    except _ANY as error:
        raise UnreadableCalendar(1, f"is not a calendar: {_said(error)}") from error
    components = calendar.walk("VEVENT")
    if not components or len(components) != len(lines):
        raise UnreadableCalendar(1, "has no event" if not components else "has an event within another part")
    series: dict[str, list[Any]] = {}
    notes = []
    for component, place in zip(components, lines, strict=True):
        note = _fault(component, place)
        if note is not None:
            notes.append(note)
            continue
        component[_LINE] = icalendar.vText(str(place.begin))
        series.setdefault(str(component.get("UID", f"line {place.begin}")), []).append(component)
    events: list[CalendarEvent] = []
    for components in series.values():
        try:
            events += _occurrences(components, start, end, ZoneInfo(zone))
        except _ANY as error:
            notes.append(CalendarNote(int(components[0][_LINE]), f"the event cannot be read: {_said(error)}"))
        if len(events) > MOST_EVENTS:
            raise UnreadableCalendar(1, f"has more than {MOST_EVENTS} events in {(end - start) // _DAY} days")
    return Expansion(tuple(sorted(events, key=lambda event: (event.start, event.line))), tuple(notes))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UnreadableCalendar(line, "is not UTF-8") from None


def _fault(component: Any, lines: EventLines) -> CalendarNote | None:
    """Why an event cannot be used."""
    for name, words in component.errors:
        return CalendarNote(lines.of(name or ""), f"{name or 'a property'} cannot be read: {_said(words)}")
    if "DTSTART" not in component:
        return CalendarNote(lines.begin, "the event has no DTSTART")
    try:
        return _time_fault(component, lines) or _rule_fault(component, lines)
    except _ANY as error:
        return CalendarNote(lines.begin, f"the event cannot be read: {_said(error)}")


def _time_fault(component: Any, lines: EventLines) -> CalendarNote | None:
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        value = component.get(name)
        if isinstance(value, list):
            return CalendarNote(lines.of(name), f"the event has {name} twice")
        without_zone = value is not None and isinstance(value.dt, dt.datetime) and value.dt.tzinfo is None
        if without_zone and value.params.get("TZID"):
            return CalendarNote(lines.of(name), f"the time zone {_said(value.params['TZID'])} is not known")
    if component.start >= component.end:
        return CalendarNote(lines.of("DTEND"), "the event does not end after it begins")
    return None


def _rule_fault(component: Any, lines: EventLines) -> CalendarNote | None:
    """Rules without an end in themselves, or that give thousands of shifts, are not those of a plan of shifts."""
    rules = component.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        often = any(part in rule for part in _OFTEN) or str(rule.get("FREQ", [""])[0]).upper() not in _RULES
        if often or any(number < 1 for number in rule.get("INTERVAL", [1])):
            return CalendarNote(lines.of("RRULE"), f"RRULE is not of {', '.join(_RULES)} with an interval from 1")
    return None


def _occurrences(components: list[Any], start: Micros, end: Micros, zone: ZoneInfo) -> list[CalendarEvent]:
    """Those of one series: an event, and the changed ones of its occurrences."""
    calendar = icalendar.Calendar()
    for component in components:
        calendar.add_component(component)
    found = recurring_ical_events.of(calendar).between(_instant(start), _instant(end))
    return [event for occurrence in found if (event := _event(occurrence, zone)) is not None]


def _said(words: object) -> str:
    return printable(str(words), 100)


def _event(occurrence: Any, zone: ZoneInfo) -> CalendarEvent | None:
    if str(occurrence.get("STATUS", "")).upper() == "CANCELLED":
        return None
    start, end = (_micros(value, zone) for value in (occurrence.start, occurrence.end))
    if start >= end:
        return None
    summary = printable(str(occurrence.get("SUMMARY", "")), 200)
    return CalendarEvent(start, end, int(occurrence[_LINE]), summary, tuple(_attendees(occurrence)))


def _attendees(occurrence: Any) -> Iterator[Attendee]:
    """Those who have not declined; rooms and equipment are left out."""
    found = occurrence.get("ATTENDEE", [])
    for attendee in found if isinstance(found, list) else [found]:
        params = getattr(attendee, "params", {})
        declined = str(params.get("PARTSTAT", "")).upper() == "DECLINED"
        if not declined and str(params.get("CUTYPE", "")).upper() not in ("ROOM", "RESOURCE"):
            address = str(attendee)
            scheme, _, rest = address.partition(":")
            name = str(params.get("CN", ""))
            yield Attendee(printable(rest if scheme.lower() == "mailto" else address, 200), printable(name, 200))


def _micros(value: dt.date, zone: ZoneInfo) -> Micros:
    at = value if isinstance(value, dt.datetime) else dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001
    return round((at if at.tzinfo is not None else at.replace(tzinfo=zone)).timestamp()) * SECOND


def _instant(at: Micros) -> dt.datetime:
    return dt.datetime.fromtimestamp(at // SECOND, dt.UTC)
