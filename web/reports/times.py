"""Times in reports: short, in the zone of the site, with the day where it is not that of the report."""

import datetime as dt
from zoneinfo import ZoneInfo

from ward.clock import SECOND, Micros, format_span, parse_instant


def seconds_between(start: str, end: str) -> float:
    """Seconds from one instant of the API to another, at least 0."""
    return max(0.0, (parse_instant(end) - parse_instant(start)) / SECOND)


class ReportTimes:
    """Writes instants of the API's schemas for people, as seen at `now`."""

    def __init__(self, zone: str, now: Micros) -> None:
        self.zone = zone
        self.now = now
        self._tz = ZoneInfo(zone)
        self._today = self._there(now).date()

    def short(self, at: str | None) -> str:
        """`06:41`, `Sun 29 Nov 06:41` of another day, also with its year; `an unknown time` for None."""
        return "an unknown time" if at is None else self.at(parse_instant(at))

    def at(self, at: Micros) -> str:
        """An instant, as in `short`."""
        there = self._there(at)
        if there.date() == self._today:
            return there.strftime("%H:%M")
        return there.strftime("%a %d %b %H:%M" if there.year == self._today.year else "%d %b %Y %H:%M")

    def span(self, start: str, end: str) -> str:
        """`Sun 29 Nov 23:14 to 23:24`: the day once where it is the same one."""
        first, last = self._there(parse_instant(start)), self._there(parse_instant(end))
        same = first.date() == last.date()
        return f"{self.short(start)} to {last.strftime('%H:%M') if same else self.short(end)}"

    def long(self, at: str) -> str:
        """`Mon 30 Nov 2026 07:00 CET`."""
        return self._there(parse_instant(at)).strftime("%a %d %b %Y %H:%M %Z")

    def between(self, start: str, end: str | None) -> str:
        """How long it was from one instant to another, or until now: `12 min`."""
        until = self.now if end is None else parse_instant(end)
        return format_span((until - parse_instant(start)) / SECOND)

    def _there(self, at: Micros) -> dt.datetime:
        return dt.datetime.fromtimestamp(at // SECOND, self._tz)
