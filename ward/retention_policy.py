"""How long the store keeps what, and which of its resolutions answers a question about a stretch of time.

    readings ─▶ autogen, 30 days ─▶ minutes, a year ─▶ hours, five years
    verdicts ─▶ facts, for ever        what screens show ─▶ overview, a day

A policy is a retention policy of InfluxDB's database, the same word in InfluxQL on 1.x and 2.x. On 2.x it is the
bucket `ward/minutes` beside the bucket `ward`.
"""

from collections.abc import Mapping
from enum import StrEnum

DAY = 86_400.0
HOUR = 3_600.0
MINUTE = 60.0


class RetentionPolicy(StrEnum):
    """Where in the store a point is."""

    AUTOGEN = "autogen"
    MINUTES = "minutes"
    HOURS = "hours"
    FACTS = "facts"
    OVERVIEW = "overview"


# Seconds; None: for ever.
RETENTION: Mapping[RetentionPolicy, float | None] = {
    RetentionPolicy.AUTOGEN: 30 * DAY,
    RetentionPolicy.MINUTES: 365 * DAY,
    RetentionPolicy.HOURS: 5 * 365 * DAY,
    RetentionPolicy.FACTS: None,
    RetentionPolicy.OVERVIEW: DAY,
}

# Seconds: how much of time one point of a roll-up stands for.
ROLLUP_WIDTHS: Mapping[RetentionPolicy, float] = {RetentionPolicy.MINUTES: MINUTE, RetentionPolicy.HOURS: HOUR}

# What is rolled up; everything else is in one policy only, its home.
ROLLED_UP = ("vitals", "telemetry")
# Few and worth keeping: what was found, who was told, and what is known of the store itself.
_FACTS = frozenset({
    "alerts", "episodes", "findings", "days", "ward_days", "trends", "resolutions", "rollups", "simulated_past",
})  # fmt: skip

# The parts of a roll-up: for `heart_rate` the fields `heart_rate` (the mean), `heart_rate_min`, …
ROLLUP_PARTS = ("min", "max", "count", "last")

# From which width of a range on, in seconds, a resolution answers: the finest one that is still quick to read.
QUERY_WIDTHS: Mapping[RetentionPolicy, float] = {
    RetentionPolicy.AUTOGEN: 0.0,
    RetentionPolicy.MINUTES: 6 * HOUR,
    RetentionPolicy.HOURS: 10 * DAY,
}

# Looked at while they are new, and in thirty days more than all readings.
_OVERVIEW = frozenset({"overview", "overview_wards"})


def default_policy(measurement: str) -> RetentionPolicy:
    """The policy a measurement is in when nobody says otherwise."""
    if measurement in _OVERVIEW:
        return RetentionPolicy.OVERVIEW
    return RetentionPolicy.FACTS if measurement in _FACTS else RetentionPolicy.AUTOGEN


def resolution(width: float, age: float, every: float) -> RetentionPolicy:
    """Which policy answers for a range of `width` s that began `age` s ago, in buckets of `every` s.

    By its width; by a coarser one where the finer is not kept so long; but never by points that are
    wider than the buckets, or cut by them.
    """
    usable = [RetentionPolicy.AUTOGEN, *(p for p, of in ROLLUP_WIDTHS.items() if every >= of and every % of == 0)]
    quick = max(i for i, policy in enumerate(usable) if width >= QUERY_WIDTHS[policy])
    return next((p for p in usable[quick:] if age <= (RETENTION[p] or age)), usable[-1])
