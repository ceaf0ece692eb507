"""How long the store keeps data, and which of its resolutions answers a query over a range of time.

    readings ─▶ autogen, 30 days ─▶ minutes, a year ─▶ hours, five years
    findings, alerts, days ─▶ facts, for ever        what screens show ─▶ overview, a day

A policy is a retention policy of the InfluxDB database, with the same name in InfluxQL on 1.x and 2.x. On 2.x it is
the bucket `ward/minutes` beside the bucket `ward`.
"""

from collections.abc import Mapping
from enum import StrEnum

DAY = 86_400.0
HOUR = 3_600.0
MINUTE = 60.0


class RetentionPolicy(StrEnum):
    """The retention policies of the store."""

    AUTOGEN = "autogen"
    MINUTES = "minutes"
    HOURS = "hours"
    FACTS = "facts"
    OVERVIEW = "overview"


# How long points are kept, in seconds; None is for ever.
RETENTION: Mapping[RetentionPolicy, float | None] = {
    RetentionPolicy.AUTOGEN: 30 * DAY,
    RetentionPolicy.MINUTES: 365 * DAY,
    RetentionPolicy.HOURS: 5 * 365 * DAY,
    RetentionPolicy.FACTS: None,
    RetentionPolicy.OVERVIEW: DAY,
}

# The range of time of one point of a roll-up, in seconds.
ROLLUP_WIDTHS: Mapping[RetentionPolicy, float] = {RetentionPolicy.MINUTES: MINUTE, RetentionPolicy.HOURS: HOUR}

# The measurements that are rolled up; every other one is in a single policy.
ROLLED_UP = ("vitals", "telemetry")
# Few points, kept for ever: findings, alerts, statistics by day, and facts about the store itself.
_FACTS = frozenset({
    "alerts", "episodes", "findings", "days", "ward_days", "trends", "resolutions", "rollups", "simulated_past",
})  # fmt: skip

# The parts of a roll-up: for `heart_rate` the fields `heart_rate` (the mean), `heart_rate_min`, …
ROLLUP_PARTS = ("min", "max", "count", "last")

# The width of a range, in seconds, from which on a resolution answers: the finest one that is fast enough.
QUERY_WIDTHS: Mapping[RetentionPolicy, float] = {
    RetentionPolicy.AUTOGEN: 0.0,
    RetentionPolicy.MINUTES: 6 * HOUR,
    RetentionPolicy.HOURS: 10 * DAY,
}

# Used only while they are new; in thirty days they would be larger than all readings.
_OVERVIEW = frozenset({"overview", "overview_wards"})


def file_span(keep: float | None) -> float:
    """How many seconds of points one file holds, as InfluxDB chooses it for a policy that keeps `keep` seconds.

    Points are deleted by whole files: an hour for less than two days, a day for less than half a year, else a week.
    """
    if keep is not None and keep < 2 * DAY:
        return HOUR
    return DAY if keep is not None and keep < 180 * DAY else 7 * DAY


def default_policy(measurement: str) -> RetentionPolicy:
    """The policy of a measurement where a call names none."""
    if measurement in _OVERVIEW:
        return RetentionPolicy.OVERVIEW
    return RetentionPolicy.FACTS if measurement in _FACTS else RetentionPolicy.AUTOGEN


def resolution(width: float, age: float, every: float) -> RetentionPolicy:
    """The policy that answers for a range of `width` s that began `age` s ago, in buckets of `every` s.

    It depends on the width. A coarser policy is used where the finer one does not go back so far, but none whose points
    are wider than the buckets or do not divide them.
    """
    usable = [RetentionPolicy.AUTOGEN, *(p for p, of in ROLLUP_WIDTHS.items() if every >= of and every % of == 0)]
    quick = max(i for i, policy in enumerate(usable) if width >= QUERY_WIDTHS[policy])
    return next((p for p in usable[quick:] if age <= (RETENTION[p] or age)), usable[-1])
