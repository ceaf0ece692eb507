"""Signals that the bridge derives from the delivery of readings; evaluated as if the device had measured them."""

from ward.clock import SECOND
from ward.reading import Flag, Reading

LOST, DUPLICATES, LATE, REBOOTS, SKEW = (
    "lost_readings", "duplicate_readings", "late_readings", "reboots", "clock_skew",
)  # fmt: skip
# Readings from the future; changes between two that send under one id; connections to the broker.
AHEAD, SOURCE_CHANGES, CONNECTIONS = "readings_ahead", "source_changes", "connections"
DERIVED_SIGNALS = frozenset({LOST, DUPLICATES, LATE, REBOOTS, SKEW, AHEAD, SOURCE_CHANGES, CONNECTIONS})
# From the status message of a device, or from its last will: 1 while it is connected, else 0.
ONLINE = "online"
# Before the name of a signal: the series of its implausible values, each counted as 1.
IMPLAUSIBLE_PREFIX = "?"

# As integers: an operation on a Flag costs a microsecond.
_SKEWED = int(Flag.CLOCK_SKEWED | Flag.CLOCK_AHEAD | Flag.CLOCK_BEHIND | Flag.CLOCK_STEPPED)
_COUNTED = (
    (int(Flag.OUT_OF_ORDER), LATE), (int(Flag.REBOOTED), REBOOTS), (int(Flag.CLOCK_AHEAD), AHEAD),
    (int(Flag.SOURCE_CHANGED), SOURCE_CHANGES),
)  # fmt: skip
_STATUS, _RETAINED = int(Flag.STATUS), int(Flag.RETAINED)
_DERIVED_FLAGS = _SKEWED | _STATUS | sum(flag for flag, _ in _COUNTED if not flag & _SKEWED)


def has_derived_values(reading: Reading) -> bool:
    """Whether `derived_values` has any entry for this reading."""
    return bool(reading.flags & _DERIVED_FLAGS or reading.implausible or reading.lost or reading.duplicates)


def derived_values(reading: Reading) -> dict[str, float]:
    """The derived values of one reading by series: counts, 1 for each implausible value, and the clock difference in
    seconds.

    >>> reading = Reading(device="m1", ward="icu", at=0, received_at=0, values={}, implausible={"spo2": 140.0}, lost=3)
    >>> derived_values(reading)
    {'?spo2': 1.0, 'lost_readings': 3.0}
    """
    found = {f"{IMPLAUSIBLE_PREFIX}{name}": 1.0 for name in reading.implausible}
    if reading.lost:
        found[LOST] = float(reading.lost)
    if reading.duplicates:
        found[DUPLICATES] = float(reading.duplicates)
    found.update({signal: 1.0 for flag, signal in _COUNTED if reading.flags & flag})
    if reading.flags & _STATUS and not reading.flags & _RETAINED and reading.values.get(ONLINE) == 1.0:
        found[CONNECTIONS] = 1.0
    if reading.flags & _SKEWED:
        found[SKEW] = (
            reading.received_at - (reading.at if reading.device_time is None else reading.device_time)
        ) / SECOND
    return found


def signal_of(series: str) -> str:
    """The signal that a series is about: `?spo2` are the implausible values of `spo2`.

    >>> signal_of("?spo2"), signal_of("spo2")
    ('spo2', 'spo2')
    """
    return series.lstrip(IMPLAUSIBLE_PREFIX)
