"""In which lines of an iCalendar file its events and their properties are; a file that is cut off is found here."""

from collections.abc import Iterator
from typing import NamedTuple

from ward.config.calendar.unreadable import UnreadableCalendar
from ward.ids import printable


class EventLines(NamedTuple):
    """The line in which an event begins, and those of its properties by name; lines count from 1."""

    begin: int
    properties: dict[str, int]

    def of(self, name: str) -> int:
        """The line of a property, or of the event where it has none of that name."""
        return self.properties.get(name, self.begin)


def event_lines(text: str) -> list[EventLines]:
    """The events of a calendar in their order.

    Raises `UnreadableCalendar` for a text whose parts do not end: no file is taken that somebody is still writing.
    """
    open_parts: list[tuple[str, int]] = []
    events: list[EventLines] = []
    number, seen = 0, False
    for number, name, value in _properties(text):
        if name == "BEGIN":
            if not open_parts and (value != "VCALENDAR" or seen):
                break
            seen = True
            open_parts.append((value, number))
            if value == "VEVENT":
                events.append(EventLines(number, {}))
        elif not open_parts:
            break
        elif name == "END":
            if value != open_parts[-1][0]:
                part, line = open_parts[-1]
                words = f"END:{printable(value, 40)} within {printable(part, 40)}, begun in line {line}"
                raise UnreadableCalendar(number, words)
            open_parts.pop()
        elif open_parts[-1][0] == "VEVENT":
            events[-1].properties.setdefault(name, number)
    else:
        if open_parts:
            value, begun = open_parts[-1][0], open_parts[-1][1]
            raise UnreadableCalendar(
                number, f"the file is cut off: {printable(value, 40)} of line {begun} does not end"
            )
        if not number:
            raise UnreadableCalendar(1, "the file is empty")
        return events
    raise UnreadableCalendar(number, "the file is not one calendar, from BEGIN:VCALENDAR to END:VCALENDAR")


def _properties(text: str) -> Iterator[tuple[int, str, str]]:
    """Each property with the number of its first line; lines that continue one are not shown."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and line[0] not in " \t":
            head, _, value = line.partition(":")
            yield number, head.partition(";")[0].strip().upper(), value.strip().upper()
