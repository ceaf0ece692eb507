"""The base class of config models, and the types of durations and instants as they are written in YAML."""

import datetime as dt
import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from ward.clock import SECOND, Micros, parse_instant

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_SPAN = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|min|s|m|h|d|w))+", re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|min|s|m|h|d|w)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class ConfigModel(BaseModel):
    """A frozen model: an unknown key is an error, and a number is not made from a string."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False, populate_by_name=True)


def parse_duration(text: object) -> object:
    """`90s`, `1h30m`, `21d` → seconds. Raises `ValueError` for other text and for a number without a unit."""
    if not isinstance(text, str):
        if isinstance(text, int | float) and not isinstance(text, bool) and text != 0:
            raise ValueError("a span needs its unit, such as 15s, 5m, 2h or 21d")
        return text
    if len(text) > 64 or _SPAN.fullmatch(text) is None:
        raise ValueError("not a span such as 15s, 5m, 1h30m or 21d")
    return sum(float(amount) * _UNITS[unit] for amount, unit in _PART.findall(text))


def instant(text: object) -> Micros:
    """`2026-11-21T15:00:00Z` → microseconds since 1970. Raises `ValueError` for anything else."""
    if not isinstance(text, str):
        raise ValueError("not an instant such as 2026-11-21T15:00:00Z")
    return parse_instant(text)


def day_or_instant(text: object) -> Micros:
    """`2026-12-31` → the end of that day in UTC, which is the usual meaning of *until*; else as `instant`."""
    if isinstance(text, str) and _DAY.fullmatch(text):
        following = dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC) + dt.timedelta(days=1)
        return int(following.timestamp()) * SECOND
    if not isinstance(text, str):
        raise ValueError("not a day such as 2026-12-31, nor an instant such as 2026-12-31T08:00:00Z")
    return parse_instant(text)


def text_list(value: object) -> object:
    """A single text in the place of a list is a list of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


# A duration, written with its unit in YAML; its value is in seconds.
Seconds = Annotated[float, BeforeValidator(parse_duration)]
# An instant, written as RFC 3339 with its zone; its value is in microseconds since 1970.
Instant = Annotated[Micros, BeforeValidator(instant)]
# The same; a day without a time is the end of that day.
Until = Annotated[Micros, BeforeValidator(day_or_instant)]
# A list of texts; a single one needs no brackets.
TextList = Annotated[tuple[str, ...], BeforeValidator(text_list)]
