"""Turns points of the store back into readings, as far as the store has their data."""

from collections.abc import Iterable, Mapping

from detectors.base.derived_signals import AHEAD, CONNECTIONS, DUPLICATES, LATE, LOST, REBOOTS, SKEW, SOURCE_CHANGES
from ward.clock import SECOND, Micros
from ward.ports import Row
from ward.reading import Flag, Reading

MEASUREMENTS = ("vitals", "telemetry")
# Suffix of the field of an implausible value.
IMPLAUSIBLE = "_implausible"
# Signals that the bridge computes and that are not stored.
NOT_STORED = frozenset({LATE, REBOOTS, AHEAD, SOURCE_CHANGES, CONNECTIONS})

Values = dict[str, float]


def readings(rows: Iterable[Row]) -> list[Reading]:
    """One reading for each device and time, oldest first. `received_at` is the time of measurement."""
    found: dict[tuple[Micros, str], tuple[Mapping[str, str], Values]] = {}
    for row in rows:
        device = row.tags.get("device", "")
        numbers = {name: value for name, value in row.fields.items() if not isinstance(value, str)}
        if device and numbers:
            found.setdefault((row.at, device), (row.tags, {}))[1].update(numbers)
    return [_reading(device, at, tags, numbers) for (at, device), (tags, numbers) in found.items()]


def _reading(device: str, at: Micros, tags: Mapping[str, str], numbers: Values) -> Reading:
    lost, duplicates = round(numbers.pop(LOST, 0)), round(numbers.pop(DUPLICATES, 0))
    skew = numbers.pop(SKEW, None)
    return Reading(
        device=device, ward=tags.get("ward", ""), at=at, received_at=at, device_kind=tags.get("device_kind", ""),
        attached=tags.get("imaging_device", ""), lost=lost, duplicates=duplicates,
        device_time=None if skew is None else at - round(skew * SECOND),
        flags=0 if skew is None else int(Flag.CLOCK_SKEWED),
        values={name: value for name, value in numbers.items() if not name.endswith(IMPLAUSIBLE)},
        implausible={
            name.removesuffix(IMPLAUSIBLE): value for name, value in numbers.items() if name.endswith(IMPLAUSIBLE)
        },
    )  # fmt: skip
