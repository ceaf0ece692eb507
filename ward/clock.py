"""Clocks. All programs read time from a `Clock` that is passed to them, so that tests can set it.

Instants are integers, microseconds since 1970-01-01T00:00:00Z (`Micros`): exact in comparisons and in JSON. Durations
are `float`, in seconds.
"""

import datetime as dt
import re
import time
from typing import Protocol

Micros = int
SECOND: Micros = 1_000_000

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,12}))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


class Clock(Protocol):
    """`now` is in microseconds since 1970, and may be stepped (NTP); `monotonic` is in seconds and never stepped."""

    def now(self) -> Micros:
        """Microseconds since 1970-01-01T00:00:00Z."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary instant, never stepped."""
        ...

    def wait(self, seconds: float) -> None:
        """Sleep for so many seconds."""
        ...


class SystemClock:
    """The clock of the operating system."""

    def now(self) -> Micros:
        return time.time_ns() // 1000

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)


class ManualClock:
    """A clock that moves only by `advance` and `step`, for tests and simulated time."""

    def __init__(self, now: Micros = 1_764_000_000 * SECOND) -> None:
        self._now = now
        self._monotonic = 0.0

    def now(self) -> Micros:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def wait(self, seconds: float) -> None:
        """Returns at once: time moves by `advance` only."""

    def advance(self, seconds: float) -> None:
        """Let time pass. Raises `ValueError` for a negative span: use `step` to set the wall clock back."""
        if seconds < 0:
            raise ValueError("time does not go backwards; use step() for a wall clock set back")
        self._now += round(seconds * SECOND)
        self._monotonic += seconds

    def step(self, seconds: float) -> None:
        """Set the wall clock forward or back, as an operator or NTP does; `monotonic` does not move."""
        self._now += round(seconds * SECOND)


def parse_instant(text: str) -> Micros:
    """RFC 3339 with a zone → `Micros`. Digits past the microsecond are cut off.

    Raises `ValueError` when the text is anything else: no zone, a 31st of June, 25 o'clock.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError("not an RFC 3339 time with a zone, such as 2026-11-21T15:00:00.250Z")
    day, clock, fraction, zone = match.groups()
    # A leap second has no `Micros` of its own: it becomes the last microsecond before it.
    leap = clock.endswith(":60")
    clock = clock[:-2] + "59" if leap else clock
    whole = dt.datetime.fromisoformat(f"{day}T{clock}{'+00:00' if zone in 'Zz' else zone}")
    micros = 999_999 if leap else int((fraction or "0")[:6].ljust(6, "0"))
    return (whole - _EPOCH) // dt.timedelta(seconds=1) * SECOND + micros


def format_instant(at: Micros) -> str:
    """`Micros` → RFC 3339 in UTC with milliseconds, or microseconds where there are any."""
    whole = _EPOCH + dt.timedelta(microseconds=at)
    return whole.isoformat(timespec="milliseconds" if at % 1000 == 0 else "microseconds").replace("+00:00", "Z")


def format_span(seconds: float) -> str:
    """A duration as text for people, rounded to the nearest: `15 s`, `2 min 45 s`, `14 min`, `2 h 5 min`, `3 d 4 h`.

    In seconds below 2 min, with seconds below 10 min, with minutes below 2 d, with hours from there: what is
    rounded off is a twentieth of the span at most. `span` of the screen (web/static/js/format.js) is the same.
    """
    size = 1 if seconds < 599.5 else 60 if seconds < 172_770 else 3600
    total = max(0, round(seconds / size)) * size
    if total < 120:
        return f"{total} s"
    if total < 7200:
        return _in_units(total // 60, "min", total % 60, "s")
    if total < 172_800:
        return _in_units(total // 3600, "h", total % 3600 // 60, "min")
    return _in_units(total // 86400, "d", total % 86400 // 3600, "h")


def _in_units(count: int, unit: str, rest: int, smaller: str) -> str:
    return f"{count} {unit} {rest} {smaller}" if rest else f"{count} {unit}"
