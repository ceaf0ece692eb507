"""Local time of a site as numbers: seconds since the epoch plus the difference of its zone from UTC."""

import datetime as dt
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

import numpy as np

from detectors.base.columns import Floats

# All zones change at a multiple of it.
_QUARTER = 900.0
# From 1970 to 2200; outside, the difference of the nearer end.
_LAST_QUARTER = 230 * 365.25 * 86_400 / _QUARTER


@cache
def zone_names() -> tuple[str, ...]:
    """The names of all zones that are installed, sorted: the place of one in it is its number."""
    return tuple(sorted(available_timezones()))


def zone_number(name: str) -> float:
    """The number of a zone, -1 for UTC.

    Raises:
        ValueError: for a name that is no zone.

    >>> zone_number("UTC"), zone_names()[int(zone_number("Europe/Berlin"))]
    (-1.0, 'Europe/Berlin')
    """
    if name == "UTC":
        return -1.0
    if name not in zone_names():
        raise ValueError(f"not a time zone such as Europe/Berlin: {name}")
    return float(zone_names().index(name))


def local_seconds(t: Floats, zone: Floats) -> Floats:
    """The local times of instants in seconds, by the number of each one's zone.

    1 July 2024, 12:00 UTC in Berlin and in New York, as hours of the day:

    >>> zones = np.array([zone_number("Europe/Berlin"), zone_number("America/New_York")])
    >>> local_seconds(np.full(2, 1_719_835_200.0), zones) % 86_400 / 3600
    array([14.,  8.])
    """
    quarters = np.clip(np.floor(t / _QUARTER), 0.0, _LAST_QUARTER)
    pairs = list(zip(zone.tolist(), quarters.tolist(), strict=True))
    ahead = {pair: _seconds_ahead(*pair) for pair in set(pairs)}
    return np.asarray(t + np.array([ahead[pair] for pair in pairs]))


@lru_cache(maxsize=4096)
def _seconds_ahead(zone: float, quarter: float) -> float:
    if zone < 0:
        return 0.0
    there = dt.datetime.fromtimestamp(quarter * _QUARTER, ZoneInfo(zone_names()[int(zone)]))
    return (there.utcoffset() or dt.timedelta()).total_seconds()
