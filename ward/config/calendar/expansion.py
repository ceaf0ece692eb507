"""What a calendar has in a span of time."""

import msgspec

from ward.clock import Micros


class Attendee(msgspec.Struct, frozen=True):
    """Who takes part in an event: an address without `mailto:`, and a name."""

    address: str
    name: str


class CalendarEvent(msgspec.Struct, frozen=True):
    """One occurrence of an event, [start, end) in microseconds since 1970, and the line in which the event begins."""

    start: Micros
    end: Micros
    line: int
    summary: str
    attendees: tuple[Attendee, ...]


class CalendarNote(msgspec.Struct, frozen=True):
    """What is wrong with one event, which is left out, in a line of the file."""

    line: int
    words: str


class Expansion(msgspec.Struct, frozen=True):
    """What a calendar has in a span of time, in order of time."""

    events: tuple[CalendarEvent, ...] = ()
    notes: tuple[CalendarNote, ...] = ()
