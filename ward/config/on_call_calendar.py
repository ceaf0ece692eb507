"""Who is on call by a calendar, as spans of time that do not overlap."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from ward.clock import SECOND, Micros

MOST_LINES = 10  # of a span: all of thousands of events at one time would take minutes, and a GB
_DAY = 86_400 * SECOND


class CalendarSpan(NamedTuple):
    """[start, end) in microseconds since 1970 with who is on call, and lines of the file that say so, some of many."""

    start: Micros
    end: Micros
    people: tuple[str, ...]
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OnCallCalendar:
    """What a calendar says from two days ago until `known_until`.

    `problem` is why the file cannot be read now: `spans` are those of its last good copy. `notes` are events that count
    for nothing. `read` is false until the file or a copy has been read once.
    """

    file: str = ""
    spans: tuple[CalendarSpan, ...] = ()
    known_until: Micros = 0
    problem: str = ""
    notes: tuple[str, ...] = ()
    read: bool = False

    def at(self, at: Micros) -> CalendarSpan | None:
        """The span that an instant is in."""
        place = bisect_right(self.spans, at, key=lambda span: span.start) - 1
        return self.spans[place] if place >= 0 and at < self.spans[place].end else None

    def bounds(self, after: Micros, last: Micros) -> Iterator[Micros]:
        """The instants in (after, last] at which a span begins or ends."""
        return (bound for span in self.spans for bound in span[:2] if after < bound <= last)

    @property
    def ends(self) -> Micros | None:
        """When its last span ends; None where there may be later ones."""
        last = self.spans[-1].end if self.spans else 0
        return last if last < self.known_until - 2 * _DAY else None


def joined(spans: Iterable[CalendarSpan]) -> tuple[CalendarSpan, ...]:
    """Spans that may overlap as spans that do not: who is in several at one time is on call with all of them.

    >>> joined([CalendarSpan(0, 5, ("ada",), (3,)), CalendarSpan(4, 9, ("ben",), (8,))])[1]
    CalendarSpan(start=4, end=5, people=('ada', 'ben'), lines=(3, 8))
    """
    edges: list[tuple[Micros, bool, int, CalendarSpan]] = []
    for number, span in enumerate(sorted(spans)):
        edges += [(span.start, True, number, span), (span.end, False, number, span)]
    edges.sort(key=lambda edge: edge[:3])
    found, active, people, since = [], dict[int, CalendarSpan](), Counter[str](), 0
    for at, begins, number, span in edges:
        if active and since < at:
            lines = dict.fromkeys(line for each in islice(active.values(), MOST_LINES) for line in each.lines)
            found.append(CalendarSpan(since, at, tuple(people), tuple(lines)))
        since = at
        if begins:
            active[number] = span
            people += Counter(span.people)
        else:
            del active[number]
            people -= Counter(span.people)
    return tuple(found)
