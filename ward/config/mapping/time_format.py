"""Formats of instants in payloads of vendors, and how they are read."""

import datetime as dt
import re
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from ward.clock import SECOND, Micros, parse_instant

# Format → how many microseconds its unit has, as a numerator and a denominator.
EPOCHS = {"epoch_s": (SECOND, 1), "epoch_ms": (1000, 1), "epoch_us": (1, 1), "epoch_ns": (1, 1000)}
NAMED = ("rfc3339", *EPOCHS)

_LATEST = 2**33 * SECOND  # the year 2242: a later time is wrong
_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)
_KNOWN = "YymdHIMSfpjbBzaA%"
_NUMBER = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,9})?", re.ASCII)
_ZONELESS = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?", re.ASCII)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def format_problem(form: str, zone: str | None) -> str:
    """Why a format with this zone is invalid; empty for a valid one."""
    if form in EPOCHS:
        return f"{form} counts from 1970 in UTC: take `zone` out" if zone else ""
    if form == "rfc3339":
        return ""
    letters = _DIRECTIVE.findall(form)
    if not letters:
        return f"is none of {', '.join(NAMED)}, and no format such as %d.%m.%Y %H:%M:%S"
    unknown = [letter for letter in letters if not letter or letter not in _KNOWN]
    if unknown:
        return f"has %{unknown[0]}, which is not read: there are {', '.join('%' + letter for letter in _KNOWN[:-1])}"
    if not _complete(set(letters)):
        return "does not say the whole time: year, month, day (or %j), hour and minute are needed"
    if len(letters) - letters.count("%") > len(set(letters) - {"%"}):
        return "has one of its letters twice"
    if ("z" in letters) == bool(zone):
        return "has its zone in %z: take `zone` out" if zone else "needs `zone`, such as Europe/Berlin or UTC"
    return ""


def zones() -> set[str]:
    """The names of all time zones."""
    return available_timezones()


def read_time(value: object, form: str, zone: str | None) -> Micros | None:
    """The instant in microseconds since 1970; None for a time that occurs twice, in the night when summer time ends.

    Raises `ValueError`, with a text for people, for a value that is no instant.
    """
    if form in EPOCHS:
        return _counted(value, *EPOCHS[form])
    if not isinstance(value, str) or len(value) > 80:
        raise ValueError("is no text, as this format wants")
    if form == "rfc3339":
        if zone is None or not _ZONELESS.fullmatch(value):
            return parse_instant(value)
        return _local(dt.datetime.fromisoformat(value), _zone(zone))
    try:
        found = dt.datetime.strptime(value, form)  # noqa: DTZ007 - the zone follows
    except ValueError as error:
        raise ValueError(f"is not written as {form}") from error
    return _micros(found) if found.tzinfo else _local(found, _zone(zone or "UTC"))


def _complete(letters: set[str]) -> bool:
    day = ({"d"} <= letters and bool(letters & set("mbB"))) or "j" in letters
    hour = "H" in letters or {"I", "p"} <= letters
    return bool(letters & set("Yy")) and day and hour and "M" in letters


def _counted(value: object, micros: int, per: int) -> Micros:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value) if "." in value else int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("is no number, as this format wants")
    # Whole numbers stay integers: a float of nanoseconds since 1970 is not exact to a microsecond.
    if not 0 <= value < _LATEST * per:
        raise ValueError("is no time since 1970")
    at = value * micros // per if isinstance(value, int) else round(value * micros / per)
    if at >= _LATEST:
        raise ValueError("is later than the year 2242: is the format right?")
    return at


@lru_cache(64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _local(naive: dt.datetime, zone: ZoneInfo) -> Micros | None:
    first, second = (naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    before, after = first.utcoffset(), second.utcoffset()
    if before is None or after is None or before == after:
        return _micros(first)
    if before < after:
        raise ValueError(f"is skipped by the clocks of {zone.key}, in the night summer time begins")
    return None


def _micros(at: dt.datetime) -> Micros:
    return (at - _EPOCH) // dt.timedelta(microseconds=1)
