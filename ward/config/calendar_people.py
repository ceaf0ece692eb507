"""Which people an event of a calendar names."""

import re
from collections.abc import Mapping, Sequence

from ward.clock import Micros
from ward.config.calendar.expansion import CalendarEvent, Expansion
from ward.config.on_call import Person
from ward.config.on_call_calendar import CalendarSpan, OnCallCalendar, joined
from ward.ids import printable

_SEPARATORS = re.compile(r"[,;/&+]")
_MOST_NOTES = 50


def calendar_of(
    file: str, expansion: Expansion | None, known_until: Micros, people: Sequence[Person], problem: str = ""
) -> OnCallCalendar:
    """A calendar with its events as spans of people; events of nobody are notes."""
    if expansion is None:
        return OnCallCalendar(file, problem=problem)
    known = names_of(people)
    notes = [f"{file}:{note.line}: {note.words}" for note in expansion.notes]
    spans = []
    for event in expansion.events:
        found, unknown = people_of(event, known)
        notes += [f"{file}:{event.line}: '{printable(name, 80)}' is nobody of `people`" for name in unknown]
        if found:
            spans.append(CalendarSpan(event.start, event.end, found, (event.line,)))
    return OnCallCalendar(file, joined(spans), known_until, problem, tuple(dict.fromkeys(notes))[:_MOST_NOTES], True)


def names_of(people: Sequence[Person]) -> dict[str, str]:
    """The names by which a calendar may name people, as they are compared, with the person of each."""
    return {_compared(name): person.name for person in people for name in (person.name, *person.calendar_names)}


def people_of(event: CalendarEvent, known: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who is on call by an event, and names in it that are nobody's.

    Those whom an ATTENDEE names, by address or name; if there is none, those whom SUMMARY names, which is one name as a
    whole or several with a comma, semicolon, slash, & or + between them.
    """
    attendees = [
        known[name]
        for attendee in event.attendees
        if (name := next((n for n in map(_compared, (attendee.address, attendee.name)) if n in known), ""))
    ]
    if attendees:
        return tuple(dict.fromkeys(attendees)), ()
    if (whole := _compared(event.summary)) in known:
        return (known[whole],), ()
    parts = [part.strip() for part in _SEPARATORS.split(event.summary) if part.strip()]
    found = dict.fromkeys(known[_compared(part)] for part in parts if _compared(part) in known)
    unknown = dict.fromkeys(part for part in parts if _compared(part) not in known)
    if not found:
        return (), (event.summary or (event.attendees[0].address if event.attendees else ""),)
    return tuple(found), tuple(unknown)


def _compared(name: str) -> str:
    return " ".join(name.split()).casefold()
