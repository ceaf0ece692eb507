"""iCalendar files as tests write them."""

import datetime as dt
from pathlib import Path

from ward.clock import SECOND, Micros

ADA = "DTSTART;TZID=Europe/Berlin:20251124T070000|DTEND;TZID=Europe/Berlin:20251124T190000|RRULE:FREQ=DAILY|SUMMARY:Ada"


def calendar(*events: str) -> bytes:
    """A calendar of events, each with its properties between `|`; the first one begins in line 3."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for number, event in enumerate(events):
        uid = [] if "UID:" in event else [f"UID:{number}"]
        lines += ["BEGIN:VEVENT", *event.split("|"), *uid, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def shift(start: Micros, hours: float, summary: str) -> str:
    """An event in UTC."""
    end = start + round(hours * 3600) * SECOND
    return f"DTSTART:{utc(start)}|DTEND:{utc(end)}|SUMMARY:{summary}"


def utc(at: Micros) -> str:
    return dt.datetime.fromtimestamp(at // SECOND, dt.UTC).strftime("%Y%m%dT%H%M%SZ")


def write(file: Path, content: bytes) -> None:
    """Write a file as a whole, so that its time of change and inode are new."""
    new = file.with_suffix(".new")
    new.write_bytes(content)
    new.replace(file)
