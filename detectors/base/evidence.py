"""What a detector is given besides values: what a series is, the time without values, and the facts for a text."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from detectors.base.columns import Floats, Rows
from ward.config.rule import Decision, DetectorParams
from ward.finding import Kind
from ward.signals import Signal

P = TypeVar("P", bound=DetectorParams)


@dataclass(frozen=True, slots=True)
class SeriesInfo:
    """What signal catalogue and inventory say of one series; a signal without a name stands for the whole device.

    `period` is the expected time between its values in seconds, where it is known; `silent_after` the time in
    seconds without any message after which its device counts as missing; `expected` whether the inventory expects
    the series, None where the inventory does not know it. `timezone` is that of the site.
    """

    signal: Signal
    period: float | None = None
    silent_after: float | None = None
    expected: bool | None = None
    timezone: str = "UTC"


# What is known of each part of a vector.
Parts = tuple[SeriesInfo, ...]


@dataclass(frozen=True, slots=True)
class IdleTimes:
    """The time without values of some rows, as arrays of one length.

    `now` is in seconds since the epoch; `age` the seconds since the last value of the series, `device_age` since the
    last message of its device; `count` the number of values so far, and `interval` the mean time between them in
    seconds, 0 for fewer than two.
    """

    now: Floats
    age: Floats
    device_age: Floats
    count: Floats
    interval: Floats

    def row(self, index: int) -> "IdleTimes":
        """The same of one row, as arrays of one."""
        i = slice(index, index + 1)
        return IdleTimes(self.now[i], self.age[i], self.device_age[i], self.count[i], self.interval[i])


@dataclass(frozen=True, slots=True)
class Evidence(Generic[P]):
    """One row whose level changed, with all that its text needs.

    `level` is the rank of the severity in question: the new one, or when the episode is over the last one. `x` is
    the value that decided, NaN where time alone did, as `idle` says. `state` and `p` are the row's columns and
    parameters as arrays of one. `onset` is when the episode began and `since` how long the new level has been due, both
    in seconds of the device's clock. `device` is what people call such a device, such as `Bedside monitor`. `t` is when
    the value that decided was measured, in seconds. Of a vector `x` is NaN, and `parts` are its signals in the order of
    `state.value`.
    """

    params: P
    p: Rows
    state: Rows
    decision: Decision
    kind: Kind
    signal: Signal
    device: str
    level: int
    x: float
    score: float
    onset: float
    since: float
    idle: IdleTimes | None = None
    t: float = float("nan")
    parts: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """The text about one row for people, with the value that decided and the limit it is compared with.

    Both are in the unit of the signal, so that people may read them as its value and its limit: a score, a slope, a
    standard deviation, a duration and a mean to hold are in the text alone.
    How long it has been so is not in the text: that is computed when the text is shown.
    """

    value: float | None
    limit: float | None
    text: str
