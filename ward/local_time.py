"""Times in the time zone of the site, for display."""

import datetime as dt
from zoneinfo import ZoneInfo

from ward.clock import SECOND, Micros


def local_time(at: Micros, zone: str, now: Micros | None = None) -> str:
    """`14:02:15 CET`; with the date where `at` is on another day than `now`, or `now` is not given."""
    tz = ZoneInfo(zone)
    there = dt.datetime.fromtimestamp(at // SECOND, tz)
    today = now is not None and dt.datetime.fromtimestamp(now // SECOND, tz).date() == there.date()
    return there.strftime("%H:%M:%S %Z" if today else "%Y-%m-%d %H:%M:%S %Z")
